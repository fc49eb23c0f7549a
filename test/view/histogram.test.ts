import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { displayWidth } from '../../src/view/display-width.ts';
import { histogram } from '../../src/view/histogram.ts';

const bars = fc.array(fc.record({ label: fc.string({ unit: 'grapheme-ascii', maxLength: 8 }), value: fc.nat(2_000_000) }), {
  minLength: 1,
  maxLength: 12,
});

test('a bar is as long as its share of the largest, to an eighth of a column, and what is not 0 shows', () => {
  expect(
    histogram(
      [
        { label: '1-9', value: 100 },
        { label: '10-19', value: 50 },
        { label: '20-29', value: 1 },
        { label: '30', value: 0 },
      ],
      { width: 22, unicode: true },
    ),
  ).toEqual(['  1-9  ███████████ 100', '10-19  █████▌ 50', '20-29  ▏ 1', '   30  0']);
});

test('without UTF-8 it is ASCII', () => {
  expect(
    histogram(
      [
        { label: 'a', value: 8 },
        { label: 'b', value: 4 },
        { label: 'c', value: 1 },
      ],
      { width: 13, unicode: false },
    ),
  ).toEqual(['a  ######## 8', 'b  #### 4', 'c  # 1']);
});

test('no line is wider than asked for, unless label and number alone are', () => {
  fc.assert(
    fc.property(bars, fc.integer({ min: 1, max: 200 }), fc.boolean(), (given, width, unicode) => {
      const least = Math.max(...given.map(({ label }) => displayWidth(label))) + 2 + 9;
      for (const line of histogram(given, { width, unicode })) expect(displayWidth(line)).toBeLessThanOrEqual(Math.max(width, least));
    }),
  );
});
