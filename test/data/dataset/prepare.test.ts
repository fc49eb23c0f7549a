import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { prepare, requireTwoClasses } from '../../../src/data/dataset/prepare.ts';
import { vocabularySize } from '../../../src/data/dataset/vocabulary.ts';
import type { Prepared } from '../../../src/data/dataset/prepare.ts';
import { splitRows } from '../../../src/data/dataset/split.ts';
import { createRandom, permutation } from '../../../src/model/random.ts';
import { asRead, datasetOf, preparedRows } from '../../support/prepared.ts';

function rowsOf({ rows }: Prepared): number[][] {
  return Array.from({ length: rows.offsets.length - 1 }, (_, i) => [...rows.tokens.subarray(rows.offsets[i], rows.offsets[i + 1])]);
}

describe('the task, where none is asked for', () => {
  test.each([
    ['no target', undefined, 'next-token'],
    ['whole numbers named label', { name: 'label', values: [0, 1] }, 'classification'],
    ['numbers named label', { name: 'label', values: [0.5, 1] }, 'regression'],
    ['a negative label', { name: 'label', values: [-1, 1] }, 'regression'],
    ['whole numbers named y', { name: 'y', values: [0, 1] }, 'regression'],
  ])('%s → %s', (_what, targets, task) => {
    expect(
      prepare(
        datasetOf(
          [
            [1, 2],
            [3, 4],
          ],
          targets,
        ),
        asRead,
      ).task,
    ).toBe(task);
  });
});

test('padding is taken off by value at the end only, then rows are cut: a 0 inside stays', () => {
  const data = datasetOf([
    [5, 0, 7, 0, 0],
    [1, 2, 3, 4, 5],
  ]);
  const prepared = prepare(data, { ...asRead, padValue: 0, maxLen: 4 });
  expect(rowsOf(prepared)).toEqual([
    [5, 0, 7],
    [1, 2, 3, 4],
  ]);
  expect(prepared.counts).toMatchObject({ paddingRemoved: 2, truncatedRows: 1, tokensCut: 1 });
});

test('without --pad-value a trailing 0 is a token', () => {
  expect(rowsOf(prepare(datasetOf([[5, 0, 0]]), asRead))).toEqual([[5, 0, 0]]);
});

test('padding pre takes leading padding off, truncating pre keeps the end of the row', () => {
  const prepared = prepare(datasetOf([[0, 0, 7, 8, 9]]), { truncating: 'pre', padding: 'pre', noMask: false, padValue: 0, maxLen: 2 });
  expect(rowsOf(prepared)).toEqual([[8, 9]]);
});

test('a row of nothing but padding is an error that names its line', () => {
  expect(() => prepare(datasetOf([[1], [0, 0]]), { ...asRead, padValue: 0 })).toThrow(/rows\.csv:2: the row holds only padding/);
});

test('--no-mask pads every row to the longest, or to --max-len, on the asked side', () => {
  const data = datasetOf([[1, 2, 3], [4]], { name: 'y', values: [0, 1] });
  expect(rowsOf(prepare(data, { ...asRead, noMask: true }))).toEqual([
    [1, 2, 3],
    [4, 0, 0],
  ]);
  expect(rowsOf(prepare(data, { ...asRead, noMask: true, padding: 'pre', padValue: 9, maxLen: 4 }))).toEqual([
    [9, 1, 2, 3],
    [9, 9, 9, 4],
  ]);
});

test('next-token leaves out rows of one token, and counts them', () => {
  const prepared = preparedRows([[1], [2, 3], [4]]);
  expect(rowsOf(prepared)).toEqual([[2, 3]]);
  expect(prepared.counts.tooShort).toBe(2);
});

test('only rows of one token are nothing to learn from', () => {
  expect(() => preparedRows([[1], [2]])).toThrow(/no row has two tokens/);
});

test('a class ID that is not a whole number names its line', () => {
  const data = datasetOf([[1], [2]], { name: 'label', values: [0, 1.5] });
  expect(() => prepare(data, { ...asRead, task: 'classification' })).toThrow(/rows\.csv:2: label 1\.5 is not a class ID/);
});

test('one class only is nothing to learn from', () => {
  const data = datasetOf([[1], [2]], { name: 'label', values: [1, 1] });
  expect(() => requireTwoClasses(prepare(data, asRead))).toThrow(/every row has class 1/);
});

describe('the vocabulary', () => {
  test('is one more than the largest token of all parts', () => {
    expect(vocabularySize([preparedRows([[1, 4]]), preparedRows([[7, 2]])], undefined)).toBe(8);
  });

  test('a token outside --vocab-size is named by line and column of the file, also behind a cut and a padding', () => {
    const cut = prepare(
      datasetOf([
        [1, 2],
        [9, 9, 5, 64, 1],
      ]),
      { ...asRead, truncating: 'pre', maxLen: 3 },
    );
    expect(() => vocabularySize([cut], 64)).toThrow(/rows\.csv:2:4: token 64 is outside the vocabulary 0\.\.63/);
    const padded = prepare(datasetOf([[1], [2, 70, 3]], { name: 'y', values: [0, 1] }), { ...asRead, noMask: true, padding: 'pre' });
    expect(() => vocabularySize([padded], 64)).toThrow(/rows\.csv:2:2: token 70/);
  });

  test('a stray huge token is not taken for a vocabulary of gigabytes', () => {
    expect(() => vocabularySize([preparedRows([[1, 2147483647]])], undefined)).toThrow(
      /rows\.csv:1:2: token 2147483647 would make a vocabulary/,
    );
  });
});

describe('the split', () => {
  test('no row is lost or doubled, and each class keeps its share within one row', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(2), { minLength: 12, maxLength: 60 }), fc.nat(99), (labels, seed) => {
        const data = prepare(
          datasetOf(
            labels.map((label, i) => [i, label]),
            { name: 'label', values: labels },
          ),
          asRead,
        );
        const order = permutation(labels.length, createRandom(seed, 3));
        const { training, validation } = splitRows(data, 0.25, order);
        expect([...rowsOf(training), ...rowsOf(validation)].toSorted((a, b) => a[0] - b[0])).toEqual(rowsOf(data));
        for (const label of [0, 1, 2]) {
          const count = (values: ArrayLike<number>): number => Array.from(values).filter((value) => value === label).length;
          expect(Math.abs(count(validation.targets) - 0.25 * count(labels))).toBeLessThanOrEqual(0.5);
        }
      }),
    );
  });

  test('a row keeps its target and its line', () => {
    const labels = [0, 1, 0, 1, 0, 1, 0, 1];
    const data = prepare(
      datasetOf(
        labels.map((label, i) => [10 * i + label]),
        { name: 'label', values: labels },
      ),
      asRead,
    );
    const { training } = splitRows(data, 0.5, permutation(8, createRandom(1, 3)));
    rowsOf(training).forEach(([token], i) => {
      expect(training.targets[i]).toBe(token % 10);
      expect(training.sourceRows[i]).toBe(Math.floor(token / 10));
    });
  });

  test('a share that leaves a side empty is an error with both counts', () => {
    expect(() =>
      splitRows(
        preparedRows([
          [1, 2],
          [3, 4],
        ]),
        0.01,
        Int32Array.of(0, 1),
      ),
    ).toThrow(/leaves 2 to train on and 0 to validate/);
  });
});
