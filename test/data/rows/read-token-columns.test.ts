import { expect, test } from 'vitest';
import { describeTokenColumns } from '../../../src/data/rows/token-columns.ts';
import { readText } from '../../support/read.ts';

const described = (tokenNames: readonly string[]): string | undefined => describeTokenColumns({ kind: 'wide', tokenNames, tokenCells: [] });
const numbered = (stem: string, count: number): string[] => Array.from({ length: count }, (_, i) => `${stem}${i + 1}`);

test('up to 3 columns are named one by one, 12 that are numbered are a count and a range', () => {
  expect(described(['t1'])).toBe('tokens: column t1');
  expect(described(['t1', 't2', 't3'])).toBe('tokens: columns t1, t2, t3');
  expect(described(numbered('t', 12))).toBe('tokens: 12 columns, t1 … t12');
  expect(described(['t08', 't09', 't10', 't11'])).toBe('tokens: 4 columns, t08 … t11');
});

test('a column that does not belong stands beside the range, wherever it is', () => {
  expect(described(['id', ...numbered('t', 12)])).toBe('tokens: 13 columns, id, t1 … t12');
  expect(described(['t1', 't2', 'age', 't3', 't4'])).toBe('tokens: 5 columns, t1 … t2, age, t3 … t4');
});

test('of many names without order the first 3 and the last are shown', () => {
  expect(described(['a', 'b', 'c', 'd', 'e', 'z'])).toBe('tokens: 6 columns, a, b, c … z');
});

test('names with spaces or control characters are quoted and escaped', () => {
  expect(described(['t 1', '\u001b[31m', '\u009b'])).toBe('tokens: columns "t 1", "\\u001b[31m", "\\x9b"');
});

test('only wide rows have token columns to name', async () => {
  for (const text of ['1,2\n', 'tokens\n1 2\n', '[[1,2]]', '{"tokens":[1]}\n', '{"sequences":[[1]]}']) {
    expect(describeTokenColumns((await readText(text)).input.layout)).toBeUndefined();
  }
  expect(describeTokenColumns((await readText('id,t1,label,mask_1,mask_2\n1,2,0,1,1\n')).input.layout)).toBe('tokens: columns id, t1');
});
