import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { npyData, npyHeader } from '../../src/formats/npy.ts';

/** Reads the header by the format's own rules. */
function parseHeader(header: Uint8Array): { dictionary: string; dataAt: number } {
  const view = new DataView(header.buffer, header.byteOffset);
  const dataAt = 10 + view.getUint16(8, true);
  return { dictionary: Buffer.from(header.subarray(10, dataAt)).toString('latin1'), dataAt };
}

test('the header is what numpy 2 writes for an int32 array of shape (2, 7), byte for byte', () => {
  const expected = `\x93NUMPY\x01\x00\x76\x00{'descr': '<i4', 'fortran_order': False, 'shape': (2, 7), }`.padEnd(127) + '\n';
  expect(Buffer.from(npyHeader([2, 7])).toString('latin1')).toBe(expected);
});

test('a shape of one dimension has the comma of a Python tuple: (3,)', () => {
  expect(parseHeader(npyHeader([3])).dictionary).toContain("'shape': (3,), }");
});

test('the data begin at a multiple of 64 bytes after a line end, whatever the shape', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(), { minLength: 1, maxLength: 12 }), (shape) => {
      const header = npyHeader(shape);
      const { dictionary, dataAt } = parseHeader(header);
      expect(header.length).toBe(dataAt);
      expect(dataAt % 64).toBe(0);
      expect(dictionary.endsWith('\n')).toBe(true);
    }),
  );
});

test('numbers are 4 bytes each, least significant first: −100 is 9c ff ff ff', () => {
  expect([...npyData(Int32Array.of(1, -100))]).toEqual([1, 0, 0, 0, 0x9c, 0xff, 0xff, 0xff]);
});
