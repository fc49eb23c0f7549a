import { describe, expect, it } from 'vitest';
import { createArena, createRandom, engines, worstError, randomFloats, randomInts } from './arena.ts';

const sizes = [1, 3, 4, 5, 8, 17, 33, 70];
const shapes = sizes.flatMap((rows) => sizes.map((n) => [rows, n] as const));

describe.each(engines)('rows on the $name engine', ({ engine, epsilon }) => {
  const k = engine.kernels;

  it('gather copies rows bit for bit at every tail size', () => {
    const random = createRandom(11);
    for (const [rows, n] of shapes) {
      const arena = createArena(engine, random);
      const table = randomFloats(random, 9 * n);
      const ids = randomInts(random, rows, 9);
      const [out, atTable, atIds] = [arena.floats(new Float32Array(rows * n)), arena.floats(table), arena.ints(ids)];
      k.gather(out, atTable, atIds, rows, n);
      arena.expectOnlyChanged([out, rows * n]);
      expect(arena.read(out, rows * n)).toEqual(ids.flatMap((id) => table.slice(id * n, id * n + n)));
    }
  });

  it('scatterAdd sums rows that share an id, within 3 ε a term, the same bits in any ranges of columns', () => {
    const random = createRandom(12);
    for (const [rows, n] of shapes) {
      const arena = createArena(engine, random);
      const table = randomFloats(random, 5 * n);
      const A = randomFloats(random, rows * n);
      const ids = randomInts(random, rows, 5);
      const [whole, atA, atIds, byRanges] = [arena.floats(table), arena.floats(A), arena.ints(ids), arena.floats(table)];
      k.scatterAdd(whole, atA, atIds, rows, n, 0, n);
      for (let j = 0; j < n; j += 3) k.scatterAdd(byRanges, atA, atIds, rows, n, j, Math.min(j + 3, n));
      arena.expectOnlyChanged([whole, 5 * n], [byRanges, 5 * n]);
      const want = table.slice();
      for (let i = 0; i < rows * n; i++) want[ids[Math.floor(i / n)] * n + (i % n)] += A[i];
      expect(
        worstError(
          arena.read(whole, 5 * n),
          want,
          want.map(() => 1),
        ),
      ).toBeLessThanOrEqual(3 * epsilon * rows);
      expect(arena.read(byRanges, 5 * n)).toEqual(arena.read(whole, 5 * n));
    }
  });

  it('addRow adds one row to every row, correctly rounded', () => {
    const random = createRandom(13);
    for (const [rows, n] of shapes) {
      const arena = createArena(engine, random);
      const [out, row] = [randomFloats(random, rows * n), randomFloats(random, n)];
      const [atOut, atRow] = [arena.floats(out), arena.floats(row)];
      k.addRow(atOut, atRow, rows, n);
      arena.expectOnlyChanged([atOut, rows * n]);
      const round = epsilon < 1e-10 ? (x: number) => x : Math.fround;
      expect(arena.read(atOut, rows * n)).toEqual(out.map((x, i) => round(x + row[i % n])));
    }
  });

  it('columnSums is within 2 ε of the sum in float64 over 3000 rows, the same bits in any ranges of columns', () => {
    const random = createRandom(14);
    for (const [rows, n] of [...shapes, [3000, 37] as const]) {
      const arena = createArena(engine, random);
      const A = randomFloats(random, rows * n);
      const out = randomFloats(random, n);
      const [whole, atA, byRanges] = [arena.floats(out), arena.floats(A), arena.floats(out)];
      k.columnSums(whole, atA, rows, n, 0, n);
      for (let j = 0; j < n; j += 5) k.columnSums(byRanges, atA, rows, n, j, Math.min(j + 5, n));
      arena.expectOnlyChanged([whole, n], [byRanges, n]);
      const sums = out.map(() => 0);
      for (let i = 0; i < rows * n; i++) sums[i % n] += A[i];
      const want = out.map((x, j) => x + sums[j]);
      expect(
        worstError(
          arena.read(whole, n),
          want,
          want.map((x, j) => Math.abs(x) + Math.abs(sums[j])),
        ),
      ).toBeLessThanOrEqual(2 * epsilon);
      expect(arena.read(byRanges, n)).toEqual(arena.read(whole, n));
    }
  });

  it('argmax finds the first largest, passes over NaN, and takes 0 where the first is NaN', () => {
    const random = createRandom(15);
    const rowsOf = (n: number) => [
      randomFloats(random, n),
      randomInts(random, n, 3),
      Array.from({ length: n }, (_, j) => (j === n - 1 ? -1 : -2 - j)),
      Array.from({ length: n }, () => -Infinity),
      Array.from({ length: n }, (_, j) => (j % 3 === 1 ? NaN : -j)),
      Array.from({ length: n }, (_, j) => (j === 0 ? NaN : j)),
    ];
    for (const n of sizes) {
      const arena = createArena(engine, random);
      const rows = rowsOf(n);
      const y = arena.floats(rows.flat());
      const out = arena.ints(rows.map(() => 99));
      k.argmax(out, y, rows.length, n);
      arena.expectOnlyChanged([out, rows.length]);
      const want = rows.map((row) => row.reduce((best, x, j) => (x > row[best] ? j : best), 0));
      expect(arena.readInts(out, rows.length)).toEqual(want);
    }
  });
});

describe.each(engines)('vectors on the $name engine', ({ engine, epsilon }) => {
  const k = engine.kernels;
  const round = epsilon < 1e-10 ? (x: number) => x : Math.fround;

  it('fill writes the value and nothing beside it', () => {
    for (const count of sizes) {
      const arena = createArena(engine, createRandom(count));
      const x = arena.floats(new Float32Array(count));
      k.fill(x, count, 0.75);
      arena.expectOnlyChanged([x, count]);
      expect(arena.read(x, count)).toEqual(Array.from({ length: count }, () => 0.75));
    }
  });

  it('copy moves every element, also where the ranges overlap by any distance in either direction', () => {
    for (const count of sizes) {
      for (const distance of [-33, -4, -3, -1, 0, 1, 3, 4, 33]) {
        const arena = createArena(engine, createRandom(count));
        const values = Array.from({ length: count }, (_, i) => i + 1);
        const x = arena.floats([...new Float32Array(33), ...values, ...new Float32Array(33)]) + 33;
        k.copy(x + distance, x, count);
        arena.expectOnlyChanged([x + distance, count]);
        expect(arena.read(x + distance, count)).toEqual(values);
      }
    }
  });

  it('sum and sumOfSquares are within 4e-16 a term of float64, and pass NaN on', () => {
    const random = createRandom(31);
    for (const count of [...sizes, 1000, 65537]) {
      const arena = createArena(engine, random);
      const values = randomFloats(random, count);
      const x = arena.floats(values);
      const squares = values.reduce((total, value) => total + value * value, 0);
      const total = values.reduce((partial, value) => partial + value, 0);
      expect(Math.abs(k.sum(x, count) - total)).toBeLessThanOrEqual(4e-16 * count);
      expect(Math.abs(k.sumOfSquares(x, count) - squares)).toBeLessThanOrEqual(4e-16 * count * count);
      engine.memory.floats[x + count - 1] = NaN;
      expect([k.sum(x, count), k.sumOfSquares(x, count)]).toEqual([NaN, NaN]);
    }
    expect([k.sum(0, 0), k.sumOfSquares(0, 0)]).toEqual([0, 0]);
  });

  it('scale and clamp round once, at every tail size; clamp leaves NaN as it is', () => {
    const random = createRandom(32);
    for (const count of sizes) {
      const arena = createArena(engine, random);
      const values = randomFloats(random, count);
      values[count >> 1] = NaN;
      values[count - 1] = -Infinity;
      const [scaled, clamped] = [arena.floats(values), arena.floats(values)];
      k.scale(scaled, count, 0.3125);
      k.clamp(clamped, count, 0.5);
      arena.expectOnlyChanged([scaled, count], [clamped, count]);
      expect(arena.read(scaled, count)).toEqual(values.map((x) => round(x * 0.3125)));
      expect(arena.read(clamped, count)).toEqual(values.map((x) => (Number.isNaN(x) ? x : Math.min(Math.max(x, -0.5), 0.5))));
    }
  });

  it('blend, blendSquares and blendByRoot agree with float64 within 4 ε of their terms at every tail size', () => {
    const random = createRandom(33);
    const [a, b, s, eps] = [0.875, -0.1, 1.5, 1e-8].map(Math.fround) as [number, number, number, number];
    for (const count of sizes) {
      const arena = createArena(engine, random);
      const [y, x] = [randomFloats(random, count), randomFloats(random, count)];
      const v = randomFloats(random, count).map(Math.abs);
      v[0] = 0;
      x[0] = 0;
      const [blended, squares, root, atX, atV] = [arena.floats(y), arena.floats(y), arena.floats(y), arena.floats(x), arena.floats(v)];
      k.blend(blended, atX, count, a, b);
      k.blendSquares(squares, atX, count, a, b);
      k.blendByRoot(root, atX, atV, count, a, b, s, eps);
      arena.expectOnlyChanged([blended, count], [squares, count], [root, count]);
      const check = (at: number, second: (i: number) => number) => {
        const want = y.map((value, i) => a * value + second(i));
        expect(
          worstError(
            arena.read(at, count),
            want,
            y.map((value, i) => Math.abs(a * value) + Math.abs(second(i))),
          ),
        ).toBeLessThanOrEqual(4 * epsilon);
      };
      check(blended, (i) => b * x[i]);
      check(squares, (i) => b * x[i] * x[i]);
      check(root, (i) => (b * x[i]) / (s * Math.sqrt(v[i]) + eps));
    }
  });
});
