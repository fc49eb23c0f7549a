import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { float32Text, resultTable } from '../../../src/data/write/result-table.ts';

test('every float32 reads back from its text as the same float32, in at most nine digits', () => {
  fc.assert(
    fc.property(fc.float({ noNaN: true, noDefaultInfinity: true }), (x) => {
      const text = float32Text(x);
      expect(Math.fround(Number(text))).toBe(x === 0 ? 0 : x);
      expect(text.replace(/e.*|[-.]/g, '').replace(/^0+/, '').length).toBeLessThanOrEqual(Math.abs(x) >= 1e9 ? 22 : 9 + 1);
    }),
  );
  expect(float32Text(Math.fround(0.1))).toBe('0.1');
});

test('the columns are the same in CSV, which quotes, and in JSONL', () => {
  const values = [0.5, 'a,"b"', undefined] as const;
  const csv = resultTable('csv', undefined, ['word'], ['p', 'name', 'none']);
  expect(csv.begin + csv.row(3, values, ['x\ny'])).toBe('line,word,p,name,none\n3,"x\ny",0.5,"a,""b""",\n');
  const jsonl = resultTable('jsonl', undefined, ['word'], ['p', 'name', 'none']);
  expect(JSON.parse(jsonl.begin + jsonl.row(3, values, ['"x\\ny"']))).toEqual({ line: 3, word: 'x\ny', p: 0.5, name: 'a,"b"', none: null });
});

test('0 is a number, not a missing one, in JSONL', () => {
  expect(resultTable('jsonl', undefined, [], ['p']).row(1, [0])).toBe('{"line":1,"p":0}\n');
});

test('a column that comes twice is refused', () => {
  expect(() => resultTable('csv', undefined, ['p'], ['p'])).toThrow(/a column "p" of their own/);
});
