import { describe, expect, it } from 'vitest';
import { createArena, createRandom, engines, worstError, randomFloats, randomInts } from './arena.ts';
import type { Engine } from '../../src/engine/kernels.ts';

const tails = [1, 3, 4, 5, 17, 33];
const everyTail = tails.flatMap((m) => tails.flatMap((k) => tails.map((n) => [m, k, n] as const)));
/** Beyond each block size of the fast kernels: 256 terms, 256 rows, 64 rows aside, 128 columns in place. */
const beyondBlocks = [
  [2, 257, 16],
  [3, 600, 24],
  [130, 7, 40],
  [65, 300, 9],
  [257, 3, 31],
  [300, 259, 17],
  [1, 1000, 48],
] as const;
const random = createRandom(1);
const someSizes = Array.from({ length: 40 }, () => [1, 1, 1].map(() => 1 + Math.floor(random() * 70)) as [number, number, number]);

interface Product {
  readonly got: number[];
  readonly want: number[];
  /** |C| + Σ |a·b|, what rounding is relative to. */
  readonly scale: number[];
}

/** C + A·B on random matrices, with B given by rows or transposed, packed in the ranges that begin at `cuts`. */
function multiply(engine: Engine, [m, k, n]: readonly [number, number, number], transposed: boolean, cuts = [0]): Product {
  const values = createRandom(m * 10000 + k * 100 + n);
  const arena = createArena(engine, values);
  const [A, B, C] = [randomFloats(values, m * k), randomFloats(values, k * n), randomFloats(values, m * n)];
  const given = transposed ? Array.from(B, (_, i) => B[(i % k) * n + Math.floor(i / k)]) : B;
  const [atA, atB, atC] = [arena.floats(A), arena.floats(given), arena.floats(C)];
  const packedSize = engine.kernels.packedSize(k, n);
  const packed = arena.floats(new Float32Array(packedSize));
  cuts.forEach((from, i) => engine.kernels.pack(packed, atB, k, n, transposed, from, cuts[i + 1] ?? n));
  engine.kernels.multiply(atC, atA, packed, m, k, n);
  arena.expectOnlyChanged([packed, packedSize], [atC, m * n]);
  const want = C.slice();
  const scale = C.map(Math.abs);
  for (let i = 0; i < m * n; i++) {
    const [row, column] = [Math.floor(i / n), i % n];
    for (let l = 0; l < k; l++) {
      const product = A[row * k + l] * B[l * n + column];
      want[i] += product;
      scale[i] += Math.abs(product);
    }
  }
  return { got: arena.read(atC, m * n), want, scale };
}

/** C + Aᵀ·B[index] on random matrices, rows of C in the ranges that begin at `cuts`. */
function multiplyTransposed(engine: Engine, [p, m, n]: readonly [number, number, number], cuts = [0]): Product {
  const values = createRandom(p * 10000 + m * 100 + n);
  const arena = createArena(engine, values);
  const rowsOfB = p + 3;
  const [A, B, C] = [randomFloats(values, p * m), randomFloats(values, rowsOfB * n), randomFloats(values, m * n)];
  const index = randomInts(values, p, rowsOfB);
  const [atA, atB, atC, atIndex] = [arena.floats(A), arena.floats(B), arena.floats(C), arena.ints(index)];
  cuts.forEach((from, i) => engine.kernels.multiplyTransposed(atC, atA, atB, atIndex, p, m, n, from, cuts[i + 1] ?? m));
  arena.expectOnlyChanged([atC, m * n]);
  const want = C.slice();
  const scale = C.map(Math.abs);
  for (let i = 0; i < m * n; i++) {
    const [row, column] = [Math.floor(i / n), i % n];
    for (let l = 0; l < p; l++) {
      const product = A[l * m + row] * B[index[l] * n + column];
      want[i] += product;
      scale[i] += Math.abs(product);
    }
  }
  return { got: arena.read(atC, m * n), want, scale };
}

describe.each(engines)('products of the $name engine', ({ name, engine, epsilon }) => {
  // Worst case k·ε, in practice √k·ε: 16 ε holds to k = 1000.
  const tolerance = 16 * epsilon;
  /** How far apart two results may be that are the same: no bit; from a BLAS, which promises no bits, 16 ε of the largest. */
  const apart = (got: readonly number[], want: readonly number[]): number => {
    const largest = want.reduce((a, b) => Math.max(a, Math.abs(b)), Number.MIN_VALUE);
    const scale = want.map(() => largest);
    return name === 'blas' && worstError(got, want, scale) <= tolerance ? 0 : worstError(got, want, scale);
  };

  it('multiply is C + A·B within 16 ε of Σ|a·b| at every tail size', () => {
    for (const size of everyTail) {
      const { got, want, scale } = multiply(engine, size, false);
      expect(worstError(got, want, scale)).toBeLessThanOrEqual(tolerance);
    }
  });

  it('multiply is the same with B given transposed, at every tail size', () => {
    for (const size of everyTail) expect(apart(multiply(engine, size, true).got, multiply(engine, size, false).got), size.join()).toBe(0);
  });

  it('multiply and multiplyTransposed hold 16 ε beyond every block size and at 40 random sizes', () => {
    for (const size of [...beyondBlocks, ...someSizes]) {
      for (const { got, want, scale } of [multiply(engine, size, true), multiplyTransposed(engine, size)]) {
        expect(worstError(got, want, scale)).toBeLessThanOrEqual(tolerance);
      }
    }
  });

  it('multiplyTransposed is C + Aᵀ·B[index] within 16 ε of Σ|a·b| at every tail size', () => {
    for (const size of everyTail) {
      const { got, want, scale } = multiplyTransposed(engine, size);
      expect(worstError(got, want, scale)).toBeLessThanOrEqual(tolerance);
    }
  });

  it('a product of no rows or no terms changes nothing', () => {
    for (const size of [
      [0, 3, 5],
      [3, 0, 5],
      [4, 0, 17],
    ] as const) {
      for (const { got, want } of [multiply(engine, size, false), multiplyTransposed(engine, size)]) expect(got).toEqual(want);
    }
  });

  it('packing by ranges of whole tiles gives the bits of packing at once', () => {
    const { tile } = engine.kernels;
    for (const n of [1, 16, 17, 33, 70]) {
      const cuts = Array.from({ length: Math.ceil(n / tile) }, (_, i) => i * tile);
      for (const transposed of [false, true]) {
        expect(multiply(engine, [5, 19, n], transposed, cuts).got).toEqual(multiply(engine, [5, 19, n], transposed).got);
      }
    }
  });

  it('multiply row by row gives the bits of all rows at once', () => {
    const values = createRandom(7);
    for (const [m, k, n] of [
      [7, 300, 33],
      [66, 5, 21],
      [5, 17, 8],
    ] as const) {
      const arena = createArena(engine, values);
      const C = randomFloats(values, m * n);
      const [A, B] = [arena.floats(randomFloats(values, m * k)), arena.floats(randomFloats(values, k * n))];
      const packed = arena.floats(new Float32Array(engine.kernels.packedSize(k, n)));
      engine.kernels.pack(packed, B, k, n, false, 0, n);
      const [whole, byRows] = [arena.floats(C), arena.floats(C)];
      engine.kernels.multiply(whole, A, packed, m, k, n);
      for (let i = 0; i < m; i++) engine.kernels.multiply(byRows + i * n, A + i * k, packed, 1, k, n);
      expect(apart(arena.read(byRows, m * n), arena.read(whole, m * n))).toBe(0);
    }
  });

  it('multiplyFrom is a row + A·B, whatever C held, with the bits that multiply gives on that row', () => {
    const values = createRandom(11);
    for (const [m, k, n] of [...beyondBlocks, [5, 3, 4], [130, 520, 33]] as const) {
      const arena = createArena(engine, values);
      const row = randomFloats(values, n);
      const rows = Float32Array.from({ length: m * n }, (_, i) => row[i % n]);
      const [A, B] = [arena.floats(randomFloats(values, m * k)), arena.floats(randomFloats(values, k * n))];
      const packed = arena.floats(new Float32Array(engine.kernels.packedSize(k, n)));
      engine.kernels.pack(packed, B, k, n, false, 0, n);
      const [atRow, added, made] = [arena.floats(row), arena.floats(rows), arena.floats(new Float32Array(m * n).fill(NaN))];
      engine.kernels.multiply(added, A, packed, m, k, n);
      engine.kernels.multiplyFrom(made, atRow, A, packed, m, k, n);
      expect(apart(arena.read(made, m * n), arena.read(added, m * n)), `${m} ${k} ${n}`).toBe(0);
    }
  });

  it('multiplyTransposed by ranges of rows gives the bits of the whole, wherever they are cut', () => {
    for (const size of [
      [300, 33, 17],
      [7, 150, 40],
      [260, 290, 9],
    ] as const) {
      const whole = multiplyTransposed(engine, size).got;
      const m = size[1];
      for (const cut of [1, 2, 5, 16, m - 1])
        expect(apart(multiplyTransposed(engine, size, [0, cut]).got, whole), `${size.join()} at ${cut}`).toBe(0);
    }
  });

  it('NaN and Infinity reach the elements of their row and column, and no other', () => {
    const [m, k, n] = [5, 6, 21];
    const values = createRandom(3);
    const arena = createArena(engine, values);
    const A = randomFloats(values, m * k);
    const B = randomFloats(values, k * n);
    A[2 * k + 3] = NaN;
    B[4 * n + 20] = Infinity;
    const [atA, atB, C] = [arena.floats(A), arena.floats(B), arena.floats(new Float32Array(m * n))];
    const packed = arena.floats(new Float32Array(engine.kernels.packedSize(k, n)));
    engine.kernels.pack(packed, atB, k, n, false, 0, n);
    engine.kernels.multiply(C, atA, packed, m, k, n);
    const got = arena.read(C, m * n);
    const rowOf = (i: number) => Math.floor(i / n);
    expect(got.map(Number.isNaN), name).toEqual(got.map((_, i) => rowOf(i) === 2));
    expect(got.map(Number.isFinite), name).toEqual(got.map((_, i) => rowOf(i) !== 2 && i % n !== 20));
  });
});
