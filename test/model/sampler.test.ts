import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createRandom, purposes } from '../../src/model/random.ts';
import type { Random } from '../../src/model/random.ts';
import { createSampler } from '../../src/model/sampler.ts';
import type { Sampling } from '../../src/model/sampler.ts';

const logits = [0, Math.log(2), Math.log(4), Math.log(1)]; // probabilities 1/8, 2/8, 4/8, 1/8

function drawMany(sampling: Sampling, times = 8000, y: readonly number[] = logits): number[] {
  const draw = createSampler(y.length, sampling);
  const random = createRandom(1, purposes.generate);
  const counts = y.map(() => 0);
  for (let i = 0; i < times; i++) counts[draw(y, 0, random)]++;
  return counts.map((n) => n / times);
}

/** A generator that always gives the same u. */
function always(u: number): Random {
  return { ...createRandom(1, 1), uniform: () => u };
}

describe('the sampler', () => {
  test('draws each token as often as its probability says, within 0.02 in 8000 draws', () => {
    const shares = drawMany({ temperature: 1 });
    for (const [j, p] of [0.125, 0.25, 0.5, 0.125].entries()) expect(Math.abs(shares[j] - p)).toBeLessThan(0.02);
  });

  test('temperature 2 takes the root of the odds', () => {
    const roots = [1, Math.SQRT2, 2, 1];
    const total = roots.reduce((a, b) => a + b);
    for (const [j, share] of drawMany({ temperature: 2 }).entries()) expect(Math.abs(share - roots[j] / total)).toBeLessThan(0.02);
  });

  test('temperature 0 draws the first of the largest, and takes nothing from the generator', () => {
    const draw = createSampler(4, { temperature: 0 });
    const random = { ...createRandom(1, 1), uniform: () => expect.unreachable() };
    expect(draw([1, 3, 3, 2], 0, random)).toBe(1);
  });

  test('top-k leaves the k most probable, of equals the first', () => {
    expect(drawMany({ temperature: 1, topK: 2 }).map((share) => share > 0)).toEqual([false, true, true, false]);
    expect(drawMany({ temperature: 1, topK: 3 }).map((share) => share > 0)).toEqual([true, true, true, false]);
  });

  test.each([
    [0.4, [false, false, true, false]],
    [0.6, [false, true, true, false]],
    [0.8, [true, true, true, false]],
    [1, [true, true, true, true]],
  ])('top-p %f leaves the fewest that hold that share', (topP, expected) => {
    expect(drawMany({ temperature: 1, topP }).map((share) => share > 0)).toEqual(expected);
  });

  test('top-p after top-k is the share of what top-k left', () => {
    expect(drawMany({ temperature: 1, topK: 2, topP: 0.6 }).map((share) => share > 0)).toEqual([false, false, true, false]);
  });

  test('rounding never draws past the end: even u = 1 gives a token, the last that has a probability', () => {
    expect(createSampler(4, { temperature: 1 })([0, 0, 0, -Infinity], 0, always(1))).toBe(2);
  });

  test.each([[NaN], [Infinity]])('a logit of %d is refused', (bad) => {
    expect(() => createSampler(3, { temperature: 1 })([0, bad, 1], 0, always(0.5))).toThrow(/states overflow/);
    expect(() => createSampler(3, { temperature: 0 })([0, bad, 1], 0, always(0.5))).toThrow(/states overflow/);
  });

  test('any finite logits and any temperature give a token of the vocabulary, within top-k', () => {
    const finite = fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e30, max: 1e30 });
    const positive = fc.double({ min: 1e-300, max: 1e308, noNaN: true });
    fc.assert(
      fc.property(
        fc.array(finite, { minLength: 1, maxLength: 300 }),
        positive,
        fc.integer({ min: 1, max: 400 }),
        fc.double({ min: 0.001, max: 1, noNaN: true }),
        fc.nat(),
        (y, temperature, topK, topP, seed) => {
          const token = createSampler(y.length, { temperature, topK, topP })(y, 0, createRandom(seed, purposes.generate));
          expect(token).toBeGreaterThanOrEqual(0);
          expect(y.filter((other) => other > y[token]).length).toBeLessThan(topK);
        },
      ),
    );
  });
});
