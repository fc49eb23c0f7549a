// Tensors in an engine's memory with guards around them: what a kernel changes outside its outputs is found.
import { expect } from 'vitest';
import { createReferenceEngine } from '../../src/engine/reference.ts';
import { createWasmEngine } from '../../src/engine/wasm/engine.ts';
import { furtherKinds } from '../support/kinds.ts';
import type { Address, Engine } from '../../src/engine/kernels.ts';

const SIZE = 1 << 20;
const GUARD = 12345.625;

/** Every engine that the suite holds to the same claims; `epsilon` is its rounding unit, 2^−53 or 2^−24. */
export const engines: readonly { name: string; engine: Engine; epsilon: number }[] = [
  { name: 'reference float64', engine: createReferenceEngine(SIZE, 'float64'), epsilon: 2 ** -53 },
  { name: 'reference float32', engine: createReferenceEngine(SIZE, 'float32'), epsilon: 2 ** -24 },
  { name: 'wasm', engine: createWasmEngine(SIZE), epsilon: 2 ** -24 },
  ...furtherKinds.map((kind) => ({ name: kind.name, engine: kind.create(SIZE), epsilon: 2 ** -24 })),
];

/** A seeded generator (mulberry32) of numbers in [0, 1). */
export function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Numbers in [−1, 1) that float32 holds exactly. */
export function randomFloats(random: () => number, count: number): number[] {
  return Array.from({ length: count }, () => Math.fround(2 * random() - 1));
}

export function randomInts(random: () => number, count: number, below: number): number[] {
  return Array.from({ length: count }, () => Math.floor(random() * below));
}

export interface Arena {
  /** Places numbers, with a guard of 1 to 8 elements before them, so that every alignment occurs. */
  floats(values: ArrayLike<number>): Address;
  ints(values: ArrayLike<number>): Address;
  read(at: Address, count: number): number[];
  readInts(at: Address, count: number): number[];
  /** Checks that the elements that have changed since the last placement all lie within the outputs [address, count]. */
  expectOnlyChanged(...outputs: readonly (readonly [Address, number])[]): void;
}

export function createArena({ memory }: Engine, random: () => number): Arena {
  const { floats, ints } = memory;
  const sharedBytes = floats.buffer === ints.buffer;
  floats.fill(GUARD, 0, floats.length);
  let end = 0;
  let before: { floats: typeof floats; ints: Int32Array } | undefined;
  const take = (count: number): Address => {
    const at = end + 1 + Math.floor(random() * 8);
    end = at + count + 8;
    if (end > floats.length) throw new RangeError(`the test needs ${end} elements`);
    before = undefined;
    return at;
  };
  const snapshot = () => (before ??= { floats: floats.slice(0, end), ints: ints.slice(0, end) });
  return {
    floats(values) {
      const at = take(values.length);
      floats.set(values, at);
      snapshot();
      return at;
    },
    ints(values) {
      const at = take(values.length);
      ints.set(values, at);
      snapshot();
      return at;
    },
    read: (at, count) => Array.from(floats.subarray(at, at + count)),
    readInts: (at, count) => Array.from(ints.subarray(at, at + count)),
    expectOnlyChanged(...outputs) {
      const old = snapshot();
      const isOutput = new Uint8Array(end);
      for (const [at, count] of outputs) isOutput.fill(1, at, at + count);
      const changed: number[] = [];
      for (let i = 0; i < end; i++) {
        const same = ints[i] === old.ints[i] && (sharedBytes || Object.is(floats[i], old.floats[i]));
        if (!same && isOutput[i] === 0) changed.push(i);
      }
      expect(changed, 'elements written outside the outputs').toEqual([]);
    },
  };
}

/** The largest |got − want| / scale (scale: |want| unless given); NaN where one of the two is NaN and the other not. */
export function worstError(got: readonly number[], want: readonly number[], scale: readonly number[] = want): number {
  if (got.length !== want.length) throw new RangeError(`${got.length} elements, not ${want.length}`);
  const errors = want.map((value, i) => (Object.is(got[i], value) ? 0 : Math.abs(got[i] - value) / (Math.abs(scale[i]) || 1)));
  return errors.reduce((worst, error) => Math.max(worst, error), 0);
}

/** Distance of `got` from `want` in units of the last place of a float32 near `want`. */
export function ulps(got: number, want: number): number {
  if (Object.is(got, want) || (Number.isNaN(got) && Number.isNaN(want))) return 0;
  if (!Number.isFinite(got)) return Math.abs(want) >= 2 ** 128 * (1 - 2 ** -25) ? 0 : Infinity;
  const exponent = Math.max(-126, Math.floor(Math.log2(Math.abs(want))));
  return Math.abs(got - want) / 2 ** (exponent - 23);
}
