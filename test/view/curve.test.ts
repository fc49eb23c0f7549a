import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { curve } from '../../src/view/curve.ts';
import { displayWidth } from '../../src/view/display-width.ts';
import type { Point } from '../../src/view/points.ts';

const falling = Array.from({ length: 300 }, (_, i): Point => ({ x: i + 1, y: 4 - i / 100 }));

test('no line is wider than the width, from 20 to 200 columns, for any points', () => {
  const anyPoint = fc.record({ x: fc.integer({ min: -1e9, max: 1e12 }), y: fc.oneof(fc.double(), fc.double({ min: 0, max: 10 })) });
  fc.assert(
    fc.property(fc.array(anyPoint, { maxLength: 300 }), fc.integer({ min: 20, max: 200 }), fc.boolean(), (points, width, unicode) => {
      for (const line of curve(points, { width, unicode }).split('\n')) expect(displayWidth(line)).toBeLessThanOrEqual(width);
    }),
  );
});

test('has as many lines as asked for, then the caption, with the highest value above and the lowest below', () => {
  const lines = curve(falling, { width: 80, height: 6, unicode: true }).split('\n');
  expect(lines).toHaveLength(7);
  expect(lines[0]).toMatch(/^4\.000 ┤/);
  expect(lines[5]).toMatch(/^1\.010 ┤/);
  expect(lines[6]).toBe('step 1 to 300: first 4.000, last 1.010, lowest 1.010 at step 300');
});

test('a falling loss runs from the upper left to the lower right, one dot column after the other', () => {
  const rows = curve(falling, { width: 47, height: 8, unicode: false }).split('\n').slice(0, 8);
  const columns = rows.map((row) => row.indexOf('*'));
  expect(columns[0]).toBe(7);
  expect(columns).toEqual(columns.toSorted((a, b) => a - b));
  expect(rows.at(-1)!.length).toBe(47);
});

test('is ASCII alone where the terminal speaks no UTF-8', () => {
  expect(curve(falling, { width: 60, unicode: false })).toMatch(/^[\x20-\x7e\n]+$/);
});

test('leaves a gap for a point that is not finite', () => {
  const points = [1, 2, NaN, NaN, NaN, NaN, 7, 8].map((y, x): Point => ({ x, y: Number.isNaN(y) ? NaN : 1 }));
  const row = curve(points, { width: 47, height: 3, unicode: false }).split('\n')[1];
  expect(row).toMatch(/\*+ {15,}\*+$/);
});

test('draws one point, a constant curve and a wide range, and says so where nothing is finite', () => {
  expect(curve([{ x: 5, y: 2 }], { width: 40, unicode: false })).toMatch(/\*[^]*\nstep 5: 2\.000$/);
  expect(
    curve(
      [1, 2, 3].map((x) => ({ x, y: 0.5 })),
      { width: 40, unicode: false },
    ),
  ).toMatch(/0\.5000 \+\*{32}\n/);
  expect(
    curve(
      [
        { x: 1, y: 1000 },
        { x: 2, y: 0.1 },
      ],
      { width: 90, unicode: true },
    ),
  ).toMatch(/\(log scale\)$/);
  expect(curve([{ x: 1, y: NaN }], { width: 40, unicode: true })).toBe('no finite value to draw');
});

test('draws 100 000 points as the dots that they fall on', () => {
  const saw = (points: number): string => {
    const all = Array.from({ length: points }, (_, i): Point => ({ x: i / (points - 1), y: i % 2 }));
    return curve(all, { width: 60, unicode: true, height: 4 }).split('\n').slice(0, 4).join('\n');
  };
  expect(saw(100_000)).toBe(saw(10_000));
  expect(saw(100_000)).toMatch(/┤⣿{53}\n/);
});
