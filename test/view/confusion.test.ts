import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { confusionTable } from '../../src/view/confusion.ts';
import { displayWidth } from '../../src/view/display-width.ts';

/** What a table says, line by line and cell by cell. */
function cells(table: string): string[][] {
  return table.split('\n').map((line) => line.trim().split(/ {2,}/));
}

test('shows true classes as rows, predicted ones as columns, and the recall of each row', () => {
  const table = confusionTable(
    [
      [3, 1, 0],
      [0, 12_345, 0],
      [0, 0, 0],
    ],
    ['cat', 'dog', 'owl'],
  );
  expect(cells(table)).toEqual([
    ['Rows: true class. Columns: predicted class.'],
    ['cat', 'dog', 'owl', 'recall'],
    ['cat', '3', '1', '0', '75.0%'],
    ['dog', '0', '12 345', '0', '100.0%'],
    ['owl', '0', '0', '0', '-'],
  ]);
});

test('every line but the caption has one width, at most the width asked for, for any counts and names', () => {
  const anyName = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 30 });
  const anyCase = fc.integer({ min: 1, max: 24 }).chain((size) =>
    fc.record({
      counts: fc.array(fc.array(fc.oneof(fc.constant(0), fc.nat(1_000_000)), { minLength: size, maxLength: size }), {
        minLength: size,
        maxLength: size,
      }),
      names: fc.array(anyName, { minLength: size, maxLength: size }),
      width: fc.integer({ min: 60, max: 160 }),
    }),
  );
  fc.assert(
    fc.property(anyCase, ({ counts, names, width }) => {
      const [caption, ...lines] = confusionTable(counts, names, { width }).split('\n');
      expect(caption).toMatch(/\.$/);
      const widths = new Set(lines.map(displayWidth));
      expect(widths.size).toBeLessThanOrEqual(1);
      for (const lineWidth of widths) expect(lineWidth).toBeLessThanOrEqual(width);
    }),
  );
});

test('shortens headers to the width, and numbers the classes where short names would look alike', () => {
  const counts = [
    [1, 0],
    [0, 1],
  ];
  expect(cells(confusionTable(counts, ['a very long name', 'quite another name'], { width: 40 }))[1]).toEqual([
    'a very l…',
    'quite an…',
    'recall',
  ]);
  expect(cells(confusionTable(counts, ['class number one', 'class number two'], { width: 40 })).slice(1)).toEqual([
    ['0', '1', 'recall'],
    ['0 class n…', '1', '0', '100.0%'],
    ['1 class n…', '0', '1', '100.0%'],
  ]);
});

test('of 30 classes it shows the pairs most often taken for one another, the most frequent first', () => {
  const counts = Array.from({ length: 30 }, (_, i) => Float64Array.from({ length: 30 }, (_unused, j) => (i === j ? 90 : 0)));
  counts[4][7] = 10;
  counts[7][4] = 30;
  const table = confusionTable(
    counts,
    Array.from({ length: 30 }, (_, i) => `c${i}`),
  );
  expect(cells(table)).toEqual([
    ['The most frequent of 2 mistakes between 30 classes.'],
    ['true class', 'predicted as', 'times', 'of its rows'],
    ['c7', 'c4', '30', '25.0%'],
    ['c4', 'c7', '10', '10.0%'],
  ]);
  counts[4][7] = counts[7][4] = 0;
  expect(confusionTable(counts, [])).toBe('30 classes, none taken for another.');
});

test('escapes control characters in names', () => {
  expect(confusionTable([[1]], ['\u001b[2Jcat'])).not.toContain('\u001b');
});
