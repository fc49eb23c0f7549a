import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { count, duration, plural, position, significant } from '../../src/view/numbers.ts';

describe('significant', () => {
  test.each([
    [1.5642, 4, '1.564'],
    [1.5, 4, '1.500'],
    [9.99961, 4, '10.00'],
    [0.0012345, 3, '0.00123'],
    [12345.678, 4, '12346'],
    [-0.5, 2, '-0.50'],
    [3.14e-10, 2, '3.1e-10'],
    [6.02e23, 3, '6.02e23'],
    [0, 4, '0'],
    [-0, 4, '0'],
    [NaN, 4, 'NaN'],
    [-Infinity, 4, '-Infinity'],
  ])('shows %f in %d digits as %s', (x, digits, text) => {
    expect(significant(x, digits)).toBe(text);
  });

  test('is within half a unit of the last of 4 digits, and at most 11 characters, for every number up to 1e300', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, min: -1e300, max: 1e300 }), (x) => {
        const text = significant(x, 4);
        expect(Math.abs(Number(text) - x)).toBeLessThanOrEqual(Math.abs(x) * 0.000501);
        expect(text.length).toBeLessThanOrEqual(11);
      }),
    );
  });
});

test.each([
  [0, '0'],
  [9999, '9999'],
  [10_000, '10 000'],
  [1_234_567.4, '1 234 567'],
  [-12_345, '-12 345'],
  [9999.6, '10 000'],
  [1e21, '1e+21'],
])('count shows %d as %s', (n, text) => {
  expect(count(n)).toBe(text);
});

test('position groups whole numbers and rounds others to 4 digits', () => {
  expect([position(12_000), position(0.12345)]).toEqual(['12 000', '0.1235']);
});

test('plural takes the singular for 1 alone', () => {
  expect([plural(0, 'row'), plural(1, 'row'), plural(20_000, 'row'), plural(2, 'class', 'classes')]).toEqual([
    '0 rows',
    '1 row',
    '20 000 rows',
    '2 classes',
  ]);
});

test.each([
  [0, '0 ms'],
  [0.0123, '12 ms'],
  [0.9996, '1.0 s'],
  [9.96, '10 s'],
  [59.6, '1 min 0 s'],
  [75, '1 min 15 s'],
  [3599.7, '1 h 0 min'],
  [86_399, '1 d 0 h'],
  [100_000, '1 d 4 h'],
  [Infinity, 'unknown time'],
])('duration shows %f seconds as %s', (seconds, text) => {
  expect(duration(seconds)).toBe(text);
});
