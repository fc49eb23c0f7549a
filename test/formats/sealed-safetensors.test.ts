import { expect, test } from 'vitest';
import { UserError } from '../../src/errors.ts';
import { readSafetensors } from '../../src/formats/safetensors.ts';
import { readSealed, writeSealed } from '../../src/formats/sealed-safetensors.ts';

const bytes = writeSealed(
  [
    { name: 'W', dtype: 'F32', shape: [2, 2], data: Float32Array.of(1, -0, NaN, 1e-45) },
    { name: 'sha256', dtype: 'F64', shape: [3], data: Float64Array.of(0.1, Infinity, 5e-324) },
  ],
  { tricky: '"sha256":"0000', format: 'test' },
);

function errorOf(damaged: Uint8Array): string {
  try {
    readSealed(damaged, 'file');
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return error.report();
  }
  return 'no error';
}

test('what is written is read, bit for bit, here and by a plain reader of safetensors', () => {
  for (const { tensors, metadata } of [readSealed(bytes, 'file'), readSafetensors(bytes, 'file')]) {
    expect([...new Uint32Array((tensors.get('W')!.data as Float32Array).buffer)]).toEqual([0x3f800000, 0x80000000, 0x7fc00000, 1]);
    expect([...(tensors.get('sha256')!.data as Float64Array)]).toEqual([0.1, Infinity, 5e-324]);
    expect(metadata).toMatchObject({ tricky: '"sha256":"0000', format: 'test' });
  }
});

test('any one bit that is flipped, in any byte, is an error with a hint', () => {
  for (let i = 0; i < bytes.length * 8; i++) {
    const damaged = bytes.slice();
    damaged[i >> 3] ^= 1 << (i & 7);
    expect(errorOf(damaged), `bit ${i & 7} of byte ${i >> 3}`).toMatch(/^file: .*\nhint: /);
  }
});

test('any length that the file is cut to, and any byte behind it, is an error', () => {
  for (let length = 0; length < bytes.length; length++)
    expect(errorOf(bytes.subarray(0, length)), `${length} bytes`).toMatch(/^file: .*\nhint: /);
  expect(errorOf(Uint8Array.of(...bytes, 0))).toMatch(/^file: /);
});
