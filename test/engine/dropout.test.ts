import { describe, expect, it } from 'vitest';
import { bitsOf } from '../../src/engine/hash.ts';
import { createArena, createRandom, engines, randomFloats } from './arena.ts';

const sizes = [1, 3, 4, 5, 8, 17, 33];
const [low, high] = [0x9abcdef0, 0x12345678];

describe.each(engines)('dropout on the $name engine', ({ engine, epsilon }) => {
  const k = engine.kernels;

  it('gives x / (1 − share) within 2 ε where the bits of (row ID, unit) reach share · 2³² and 0 elsewhere, at every tail size', () => {
    const random = createRandom(51);
    for (const n of sizes) {
      for (const share of [0, 0.1, 0.5, 0.99]) {
        const arena = createArena(engine, random);
        const ids = [7, 0, 3, 1_000_000];
        const x = randomFloats(random, ids.length * n).map((value) => Math.fround(value + 2));
        const [y, atX, atIds] = [arena.floats(x.map(() => 9)), arena.floats(x), arena.ints(ids)];
        k.dropout(y, atX, atIds, ids.length, n, low, high, share);
        arena.expectOnlyChanged([y, x.length]);
        const want = x.map((value, i) => {
          const kept = bitsOf(low, high, ids[Math.floor(i / n)], i % n) >= share * 2 ** 32;
          return kept ? value / (1 - share) : 0;
        });
        arena.read(y, x.length).forEach((got, i) => {
          expect(Math.abs(got - want[i])).toBeLessThanOrEqual(2 * epsilon * want[i]);
        });
      }
    }
  });

  it('gives the same bits in place, and for a row whatever rows stand beside it', () => {
    const random = createRandom(52);
    for (const n of sizes) {
      const arena = createArena(engine, random);
      const x = randomFloats(random, 4 * n);
      const [y, atX, ids] = [arena.floats(x.map(() => 9)), arena.floats(x), arena.ints([4, 2, 9, 0])];
      k.dropout(y, atX, ids, 4, n, low, high, 0.4);
      const whole = arena.read(y, 4 * n);
      for (let r = 3; r >= 0; r--) k.dropout(atX + r * n, atX + r * n, ids + r, 1, n, low, high, 0.4);
      expect(arena.read(atX, 4 * n)).toEqual(whole);
    }
  });

  it('share 0 copies; a NaN stays, kept or not', () => {
    const arena = createArena(engine, createRandom(53));
    const x = randomFloats(createRandom(54), 64);
    const [y, atX, ids] = [arena.floats(x.map(() => 9)), arena.floats(x), arena.ints([0, 1])];
    k.dropout(y, atX, ids, 2, 32, low, high, 0);
    expect(arena.read(y, 64)).toEqual(x);
    engine.memory.floats.fill(NaN, atX, atX + 64);
    k.dropout(y, atX, ids, 2, 32, low, high, 0.5);
    expect(arena.read(y, 64)).toEqual(x.map(() => NaN));
  });
});

describe('the bits of masks', () => {
  const draws = 1 << 16;
  const mask = (key: number, row: number): number[] =>
    Array.from({ length: 256 }, (_, unit) => (bitsOf(key, ~key, row, unit) >= 2 ** 31 ? 1 : -1));
  /** Correlation of two masks over `draws` units; its standard deviation is 1/√draws. */
  const correlation = (a: (i: number) => number[], b: (i: number) => number[]): number => {
    let sum = 0;
    for (let i = 0; i < draws / 256; i++) {
      const [x, y] = [a(i), b(i)];
      for (let unit = 0; unit < 256; unit++) sum += x[unit] * y[unit];
    }
    return sum / draws;
  };

  it('65 536 draws lie below share · 2³² as often as share says, within 4 standard deviations', () => {
    for (const share of [0.05, 0.2, 0.5, 0.9]) {
      let below = 0;
      for (let i = 0; i < draws; i++) if (bitsOf(3, 4, i >> 8, i & 255) < share * 2 ** 32) below++;
      expect(Math.abs(below - share * draws)).toBeLessThan(4 * Math.sqrt(draws * share * (1 - share)));
    }
  });

  it('each of the 32 bits is set in half of the draws, within 4 standard deviations', () => {
    const set = Array.from({ length: 32 }, () => 0);
    for (let i = 0; i < draws; i++) {
      const bits = bitsOf(3, 4, i >> 8, i & 255);
      for (let b = 0; b < 32; b++) set[b] += (bits >>> b) & 1;
    }
    for (const count of set) expect(Math.abs(count - draws / 2)).toBeLessThan(4 * Math.sqrt(draws / 4));
  });

  it('masks of neighbouring rows, of neighbouring keys, and of a mask against itself shifted have no correlation beyond 4 standard deviations', () => {
    const limit = 4 / Math.sqrt(draws);
    expect(
      Math.abs(
        correlation(
          (i) => mask(i, 0),
          (i) => mask(i, 1),
        ),
      ),
    ).toBeLessThan(limit);
    expect(
      Math.abs(
        correlation(
          (i) => mask(5, i),
          (i) => mask(5, i + 1),
        ),
      ),
    ).toBeLessThan(limit);
    expect(
      Math.abs(
        correlation(
          (i) => mask(i, 3),
          (i) => mask(i + 1, 3),
        ),
      ),
    ).toBeLessThan(limit);
    expect(
      Math.abs(
        correlation(
          (i) => mask(5, i),
          (i) => [...mask(5, i).slice(1), 1],
        ),
      ),
    ).toBeLessThan(limit);
  });
});
