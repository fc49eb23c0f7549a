import * as fc from 'fast-check';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readDataset } from '../../../src/data/dataset/dataset.ts';
import { describePadding, looksPadded } from '../../../src/data/pad/looks-padded.ts';
import type { LikelyPadding } from '../../../src/data/pad/looks-padded.ts';
import { padWindow } from '../../../src/data/padding.ts';
import { synthTasks } from '../../../src/data/synth/tasks.ts';
import type { SynthTask } from '../../../src/data/synth/tasks.ts';
import { createRandom } from '../../../src/model/random.ts';
import { bin, chunked, folder, run } from '../../support/run.ts';

function look(rows: readonly (readonly number[])[]): LikelyPadding | undefined {
  const offsets = new Int32Array(rows.length + 1);
  rows.forEach((row, i) => (offsets[i + 1] = offsets[i] + row.length));
  return looksPadded({ tokens: Int32Array.from(rows.flat()), offsets });
}

function padded(rows: readonly (readonly number[])[], width: number, side: 'post' | 'pre', value: number): number[][] {
  return rows.map((row) => {
    const out = new Int32Array(width);
    padWindow(out, Int32Array.from(row), { begin: 0, end: row.length }, side, value);
    return [...out];
  });
}

describe('rows of many lengths that are padded with an ID of its own', () => {
  const ragged = fc.array(fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1, maxLength: 10 }), { minLength: 4, maxLength: 50 });

  test('are known by value, side, rows and tokens', () => {
    fc.assert(
      fc.property(ragged, fc.constantFrom('post', 'pre'), fc.constantFrom(0, 99), (rows, side, value) => {
        const short = rows.filter((row) => row.length < 10);
        fc.pre(new Set(short.map((row) => row.length)).size >= 3 && short.length >= 0.1 * rows.length);
        const tokens = rows.reduce((sum, row) => sum + 10 - row.length, 0);
        const found = look(padded(rows, 10, side, value));
        // A token that begins or ends many rows might look like more padding still.
        fc.pre(found?.value === value);
        expect(found).toEqual({ value, side, rows: short.length, tokens, length: 10 });
      }),
    );
  });

  test('are asked about with the flags that take it off', () => {
    const rows = [[1, 2, 3, 4], [5], [6, 7], [8, 9, 3], [2]];
    const post = look(padded(rows, 4, 'post', 0))!;
    expect(describePadding(post, 5)).toBe('80% of the rows end in 0 and all have 4 tokens: are they padded? --pad-value 0 takes it off');
    const pre = look(padded(rows, 5, 'pre', 0))!;
    expect(describePadding(pre, 5)).toBe(
      'all rows begin with 0 and all have 5 tokens: are they padded? --pad-value 0 --padding pre takes it off',
    );
  });

  test('are known where 1 row in 100 holds the ID as a token, and not where 1 in 10 does', () => {
    const rows = Array.from({ length: 200 }, (_, i) => Array.from({ length: 1 + (i % 9) }, () => 1 + (i % 7)));
    const withZeros = (every: number): number[][] =>
      padded(rows, 10, 'post', 0).map((row, i) => (i % every === 0 ? [0, 1, ...row.slice(2)] : row));
    expect(look(withZeros(100))?.value).toBe(0);
    expect(look(withZeros(10))).toBeUndefined();
  });
});

describe('rows that are not padded stay unsuspected:', () => {
  test('every fixture', async () => {
    const fixtures = ['lecture.csv', 'lecture.json', 'verse.csv', 'words.csv', 'words-test.csv'];
    for (const name of fixtures) {
      const { rows } = await readDataset(join(bin, '../../fixtures', name), {}, { stdin: chunked([]) });
      expect(looksPadded(rows), name).toBeUndefined();
    }
  });

  test.each(Object.entries<SynthTask>(synthTasks))('synthetic rows of one length: %s', (_name, task) => {
    const sizes = { vocabSize: task.vocabSize, lag: task.lag ?? 0 };
    const random = createRandom(1, 0);
    const rows = Array.from({ length: 500 }, () => {
      const row = new Int32Array(20 + sizes.lag);
      task.draw(row, sizes, random);
      return [...row];
    });
    expect(look(rows)).toBeUndefined();
  });

  test('an end token once in every row', () => {
    expect(look(Array.from({ length: 50 }, (_, i) => [5 + (i % 3), 6, 7 + (i % 5), 1]))).toBeUndefined();
  });

  test('one suffix in every row, whose length never changes', () => {
    expect(look(Array.from({ length: 50 }, (_, i) => [5 + (i % 3), 7 + (i % 5), 0, 0, 0]))).toBeUndefined();
  });

  test('random rows of one length, of any vocabulary', () => {
    for (const vocabulary of [2, 3, 10, 1000]) {
      const random = createRandom(vocabulary, 0);
      for (const width of [2, 3, 5, 20]) {
        const rows = Array.from({ length: 300 }, () => Array.from({ length: width }, () => random.below(vocabulary)));
        expect(look(rows), `${vocabulary} ${width}`).toBeUndefined();
      }
    }
  });

  test('padded rows of several widths, fewer than four rows, rows without tokens', () => {
    expect(
      look([
        [1, 0, 0, 0],
        [1, 2, 0, 0],
        [1, 2, 3, 0],
        [1, 2, 3, 4, 5],
      ]),
    ).toBeUndefined();
    expect(
      look([
        [1, 0, 0],
        [1, 2, 0],
        [1, 2, 3],
      ]),
    ).toBeUndefined();
    expect(look([[], [], [], [], []])).toBeUndefined();
  });
});

test('rnn train asks about rows that look padded, and is quiet where a flag speaks of it or nothing is padded', async () => {
  const words = readFileSync(join(bin, '../../fixtures/words.csv'), 'utf8');
  const path = folder({ 'a.csv': words.split('\n').slice(0, 200).join('\n') });
  for (const side of ['post', 'pre']) await run(['pad', '--padding', side, join(path, 'a.csv'), '-o', join(path, `${side}.csv`)]);
  const notes = async (...argv: string[]): Promise<string[]> => {
    const { code, stderr } = await run([
      'train',
      ...argv,
      '--epochs',
      '1',
      '--hidden',
      '4',
      '--threads',
      '1',
      '--force',
      '--out',
      join(path, 'run'),
    ]);
    expect(code).toBe(0);
    return stderr.split('\n').filter((line) => line.includes('padded?'));
  };
  expect(await notes(join(path, 'post.csv'))).toEqual([
    expect.stringMatching(/^note: \d\d% of the rows end in 0 and all have 14 tokens: are they padded\? --pad-value 0 takes it off$/),
  ]);
  expect(await notes(join(path, 'pre.csv'))).toEqual([
    expect.stringMatching(/^note: \d\d% of the rows begin with 0 and .* --pad-value 0 --padding pre takes it off$/),
  ]);
  expect(await notes(join(path, 'post.csv'), '--pad-value', '0')).toEqual([]);
  expect(await notes(join(path, 'post.csv'), '--no-mask')).toEqual([]);
  expect(await notes(join(path, 'post.csv'), '--quiet')).toEqual([]);
  expect(await notes(join(path, 'a.csv'))).toEqual([]);
  writeFileSync(join(path, 'lengths.csv'), (await run(['pad', '--lengths', join(path, 'a.csv')])).stdout);
  expect(await notes(join(path, 'lengths.csv'))).toEqual([]);
});
