import { versions } from 'node:process';
import { afterEach, describe, expect, test, vi } from 'vitest';
import type * as RunEngine from '../../src/run/engine.ts';
import { wasmKind } from '../../src/engine/engines.ts';

const joins = process.arch === 'x64' && Number.parseInt(versions.v8, 10) >= 13;

/** The module anew, with no trial made yet. */
async function fresh(): Promise<typeof RunEngine> {
  vi.resetModules();
  return import('../../src/run/engine.ts');
}

test('a short run keeps the engine that it has', async () => {
  const { fasterForTheSameBytes, WORTH_A_TRIAL } = await fresh();
  expect(await fasterForTheSameBytes(wasmKind, WORTH_A_TRIAL - 1)).toBe(wasmKind);
});

test.skipIf(joins)('a long run keeps it too, on a Node that joins no vectors', async () => {
  const { fasterForTheSameBytes } = await fresh();
  expect(await fasterForTheSameBytes(wasmKind, Infinity)).toBe(wasmKind);
});

describe.skipIf(!joins)('on a Node that joins vectors', () => {
  afterEach(() => void vi.unstubAllEnvs());

  test('a long run takes wasm-wide', async () => {
    const { fasterForTheSameBytes, WORTH_A_TRIAL } = await fresh();
    expect((await fasterForTheSameBytes(wasmKind, WORTH_A_TRIAL)).name).toBe('wasm-wide');
  });

  test('where the trial ends badly, --engine wasm-wide says so, and a long run keeps wasm', async () => {
    vi.stubEnv('NODE_OPTIONS', '--no-such-flag');
    const { fasterForTheSameBytes, openEngine } = await fresh();
    await expect(openEngine('wasm-wide', undefined)).rejects.toMatchObject({
      message: `--engine wasm-wide: Node ${versions.node} fails at joining vectors (exit code 9)`,
      hint: 'use --engine wasm',
    });
    expect(await fasterForTheSameBytes(wasmKind, Infinity)).toBe(wasmKind);
  });
});
