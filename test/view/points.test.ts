import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decimate, extentOf, inOrder, isDrawable, wantsLogScale } from '../../src/view/points.ts';
import type { Point } from '../../src/view/points.ts';

const anyPoints = fc
  .array(fc.double({ min: -1e3, max: 1e3 }), { minLength: 1, maxLength: 500 })
  .map((ys) => ys.map((y, x): Point => ({ x: x + 1, y })));

describe('decimate', () => {
  test('keeps at most 4 points a column, in order, with the first, the last, the lowest and the highest', () => {
    fc.assert(
      fc.property(anyPoints, fc.integer({ min: 1, max: 40 }), (points, columns) => {
        const kept = decimate(points, columns);
        const drawable = points.filter(isDrawable);
        const keptDrawable = kept.filter(isDrawable);
        expect(kept.length).toBeLessThanOrEqual(Math.max(4 * columns, 1));
        expect(kept.every((point) => points.includes(point))).toBe(true);
        expect(kept.map(({ x }) => x)).toEqual(kept.map(({ x }) => x).sort((a, b) => a - b));
        expect([keptDrawable[0], keptDrawable.at(-1)]).toEqual([drawable[0], drawable.at(-1)]);
        expect(extentOf(keptDrawable.map(({ y }) => y))).toEqual(extentOf(drawable.map(({ y }) => y)));
      }),
    );
  });

  test('returns up to 4 points a column as they are', () => {
    const points = Array.from({ length: 40 }, (_, x): Point => ({ x, y: x % 3 === 0 ? NaN : x }));
    expect(decimate(points, 10)).toBe(points);
  });

  test('keeps a gap where a column has no point that can be drawn', () => {
    const points = Array.from({ length: 1000 }, (_, x): Point => ({ x, y: x >= 400 && x < 600 ? NaN : 1 }));
    const kept = decimate(points, 10);
    expect(kept.some((point) => !isDrawable(point) && point.x >= 400 && point.x < 600)).toBe(true);
  });

  test('keeps 4 points of any number that all have the same x', () => {
    expect(
      decimate(
        Array.from({ length: 100 }, (_, y) => ({ x: 7, y })),
        5,
      ).length,
    ).toBeLessThanOrEqual(4);
  });
});

test('inOrder sorts by x without touching its input, and leaves out points without a place', () => {
  const points = [
    { x: 3, y: 1 },
    { x: NaN, y: 1 },
    { x: 1, y: NaN },
  ];
  expect(inOrder(points)).toEqual([
    { x: 1, y: NaN },
    { x: 3, y: 1 },
  ]);
  expect(points[0].x).toBe(3);
});

test('a log scale is for positive values whose largest is more than 20 times the smallest', () => {
  expect([wantsLogScale({ min: 1, max: 20 }), wantsLogScale({ min: 1, max: 20.1 }), wantsLogScale({ min: 0, max: 9 })]).toEqual([
    false,
    true,
    false,
  ]);
  expect(wantsLogScale({ min: -1, max: 100 })).toBe(false);
});
