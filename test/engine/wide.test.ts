import { versions } from 'node:process';
import { expect, test } from 'vitest';
import { loadEngine } from '../../src/engine/engines.ts';

const joins = process.arch === 'x64' && Number.parseInt(versions.v8, 10) >= 13;

test.skipIf(joins)('--engine wasm-wide on a Node that joins no vectors names the Node that does, and loads nothing', async () => {
  await expect(loadEngine('wasm-wide')).rejects.toMatchObject({
    message: '--engine wasm-wide: this Node has no vectors of 256 bits',
    hint: 'use Node 24 or newer on x86-64, or --engine wasm, which gives the same bytes',
  });
});

test.skipIf(!joins)('--engine wasm-wide promises the bytes of wasm, and its code is not that of wasm', async () => {
  const [wide, plain] = await Promise.all([loadEngine('wasm-wide'), loadEngine('wasm')]);
  expect(wide.bitsDependOn).toBe(undefined);
  expect(wide.create(1000)).toMatchObject({ name: 'wasm-wide' });
  expect(wide.create(1000).module).toBe(wide.create(1000).module);
  expect(wide.create(1000).module).not.toBe(plain.create(1000).module);
});
