import { expect, test } from 'vitest';
import { createRandom, permutation, purposes } from '../../src/model/random.ts';

test('the first numbers of seed 1 are these, on every machine', () => {
  const random = createRandom(1, purposes.initialize);
  expect([random.next(), random.next(), random.next()]).toEqual([4199182817, 208031281, 4243285606]);
});

test('another seed, purpose or index gives another sequence', () => {
  const first = (seed: number, purpose: number, index?: number): number => createRandom(seed, purpose, index).next();
  const drawn = [first(1, 1), first(2, 1), first(1, 2), first(1, 1, 1), first(1, 1, 2), first(1 + 2 ** 32, 1), first(0, 1)];
  expect(new Set(drawn).size).toBe(drawn.length);
});

test('100 000 uniform numbers have mean 0.5 and variance 1/12 within 4 standard errors, and stay in [0, 1)', () => {
  const random = createRandom(7, purposes.sample);
  const n = 100_000;
  const draws = Array.from({ length: n }, () => random.uniform());
  const mean = draws.reduce((a, b) => a + b, 0) / n;
  const variance = draws.reduce((a, b) => a + (b - mean) ** 2, 0) / n;
  expect(Math.abs(mean - 0.5)).toBeLessThan(4 * Math.sqrt(1 / 12 / n));
  expect(Math.abs(variance - 1 / 12)).toBeLessThan(4 * Math.sqrt(1 / 180 / n));
  expect(draws.every((x) => x >= 0 && x < 1)).toBe(true);
});

test('100 000 normal numbers have mean 0, variance 1 and kurtosis 3 within 4 standard errors', () => {
  const random = createRandom(8, purposes.sample);
  const n = 100_000;
  const draws = Array.from({ length: n }, () => random.normal());
  const moment = (k: number): number => draws.reduce((a, b) => a + b ** k, 0) / n;
  expect(Math.abs(moment(1))).toBeLessThan(4 / Math.sqrt(n));
  expect(Math.abs(moment(2) - 1)).toBeLessThan(4 * Math.sqrt(2 / n));
  expect(Math.abs(moment(4) - 3)).toBeLessThan(4 * Math.sqrt(96 / n));
});

test('below(6) gives each face of a die a sixth of 60 000 throws, within 4 standard deviations', () => {
  const random = createRandom(9, purposes.sample);
  const counts = [0, 0, 0, 0, 0, 0];
  for (let i = 0; i < 60_000; i++) counts[random.below(6)] += 1;
  for (const count of counts) expect(Math.abs(count - 10_000)).toBeLessThan(4 * Math.sqrt((60_000 * 5) / 36));
});

test('a permutation of n holds each of 0 … n − 1 once, also for 0 and 1', () => {
  for (const n of [0, 1, 2, 17, 1000]) {
    const order = permutation(n, createRandom(n, purposes.shuffle));
    expect([...order].toSorted((a, b) => a - b)).toEqual(Array.from({ length: n }, (_, i) => i));
  }
});
