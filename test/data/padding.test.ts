import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { paddedWidth, padWindow, resolveMaxLen, slidingWindows, truncated } from '../../src/data/padding.ts';
import type { MaxLen, Side } from '../../src/data/padding.ts';

const side = fc.constantFrom<Side>('post', 'pre');
const row = fc.array(fc.integer({ min: 0, max: 2 ** 31 - 1 }), { maxLength: 40 });

/** One row through truncating and padding. */
function pad(tokens: readonly number[], maxLen: number, padding: Side, truncating: Side, value = 0): number[] {
  const out = new Int32Array(maxLen);
  padWindow(out, Int32Array.from(tokens), truncated(tokens.length, maxLen, truncating), padding, value);
  return [...out];
}

function maxLenOf(maxLen: MaxLen, lengths: readonly number[]): number {
  const offsets = Int32Array.from([0, ...lengths]);
  for (let i = 1; i < offsets.length; i++) offsets[i] += offsets[i - 1];
  return resolveMaxLen(maxLen, offsets);
}

describe('padding one row', () => {
  test("the lecture's rows at 7: 43,96,2,78,43 gains two zeros, 11,51,9,52,6,1,75,29 loses its last token", () => {
    expect(pad([43, 96, 2, 78, 43], 7, 'post', 'post')).toEqual([43, 96, 2, 78, 43, 0, 0]);
    expect(pad([11, 51, 9, 52, 6, 1, 75, 29], 7, 'post', 'post')).toEqual([11, 51, 9, 52, 6, 1, 75]);
  });

  test('pre and post differ at both steps: the 4 ways at length 3', () => {
    expect(pad([1, 2], 3, 'pre', 'post')).toEqual([0, 1, 2]);
    expect(pad([1, 2], 3, 'post', 'post')).toEqual([1, 2, 0]);
    expect(pad([1, 2, 3, 4], 3, 'post', 'pre')).toEqual([2, 3, 4]);
    expect(pad([1, 2, 3, 4], 3, 'post', 'post')).toEqual([1, 2, 3]);
  });

  test('the result has the length, the kept tokens in order, and the value everywhere else', () => {
    fc.assert(
      fc.property(row, fc.integer({ min: 1, max: 50 }), side, side, fc.integer(), (tokens, maxLen, padding, truncating, value) => {
        const result = pad(tokens, maxLen, padding, truncating, value);
        const kept = truncating === 'post' ? tokens.slice(0, maxLen) : tokens.slice(-maxLen);
        const filling = Array<number>(maxLen - kept.length).fill(value);
        expect(result).toEqual(padding === 'post' ? [...kept, ...filling] : [...filling, ...kept]);
      }),
    );
  });

  test('padding what is padded to the same length changes nothing', () => {
    fc.assert(
      fc.property(row, fc.integer({ min: 1, max: 50 }), side, side, (tokens, maxLen, padding, truncating) => {
        const once = pad(tokens, maxLen, padding, truncating);
        expect(pad(once, maxLen, padding, truncating)).toEqual(once);
      }),
    );
  });

  test('the row that is padded stays as it was', () => {
    const tokens = Int32Array.of(5, 6, 7);
    padWindow(new Int32Array(2), tokens, truncated(3, 2, 'pre'), 'pre', 9);
    expect(tokens).toEqual(Int32Array.of(5, 6, 7));
  });
});

describe('windows', () => {
  test('9 tokens in windows of 4 that share 2 begin at 0, 2, 4 and, the last, 6 with 3 tokens', () => {
    expect(slidingWindows(9, 4, 'post', 2)).toEqual([0, 2, 4, 6].map((begin) => ({ begin, end: Math.min(begin + 4, 9) })));
  });

  test('counted from the end, the short window is the first: 0–3, 1–5, 3–7, 5–9', () => {
    expect(slidingWindows(9, 4, 'pre', 2)).toEqual([
      { begin: 0, end: 3 },
      { begin: 1, end: 5 },
      { begin: 3, end: 7 },
      { begin: 5, end: 9 },
    ]);
  });

  test('a row that fits, or is empty, is one window', () => {
    expect(slidingWindows(4, 4, 'post', 3)).toEqual([{ begin: 0, end: 4 }]);
    expect(slidingWindows(0, 4, 'pre', 0)).toEqual([{ begin: 0, end: 0 }]);
  });

  test('windows cover every token, share exactly the stride, and are no more than needed', () => {
    const sizes = fc.integer({ min: 1, max: 20 }).chain((maxLen) => fc.tuple(fc.constant(maxLen), fc.integer({ min: 0, max: maxLen - 1 })));
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 200 }), sizes, side, (length, [maxLen, stride], truncating) => {
        const windows = slidingWindows(length, maxLen, truncating, stride);
        expect(windows[0].begin).toBe(0);
        expect(windows.at(-1)!.end).toBe(length);
        for (let i = 1; i < windows.length; i++) expect(windows[i - 1].end - windows[i].begin).toBe(stride);
        expect(windows.every(({ begin, end }) => end - begin <= maxLen)).toBe(true);
        const short = truncating === 'post' ? windows.slice(0, -1) : windows.slice(1);
        expect(short.every(({ begin, end }) => end - begin === maxLen)).toBe(true);
      }),
    );
  });
});

describe('lengths', () => {
  test('7 rounded up to a multiple of 8 is 8, of 7 is 7, of 1 is 7', () => {
    expect([8, 7, 1].map((multiple) => paddedWidth(7, multiple))).toEqual([8, 7, 7]);
  });

  test('percentiles are nearest-rank: of 15 20 35 40 50, p5 p30 p40 p50 p100 are 15 20 20 35 50', () => {
    const lengths = [50, 15, 40, 20, 35];
    expect((['p5', 'p30', 'p40', 'p50', 'p100'] as const).map((p) => maxLenOf(p, lengths))).toEqual([15, 20, 20, 35, 50]);
    expect(maxLenOf('longest', lengths)).toBe(50);
  });

  test('rows that are all empty are padded to 1, since a table without columns has no rows to see', () => {
    expect(maxLenOf('longest', [0, 0])).toBe(1);
    expect(maxLenOf('p95', [0])).toBe(1);
  });

  test('at least Q of 100 rows keep all their tokens at pQ, and one token less would be too short', () => {
    const lengths = fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1, maxLength: 60 });
    fc.assert(
      fc.property(lengths, fc.integer({ min: 1, max: 100 }), (all, percent) => {
        const maxLen = maxLenOf(`p${percent}`, all);
        const share = (limit: number): number => (100 * all.filter((length) => length <= limit).length) / all.length;
        expect(share(maxLen)).toBeGreaterThanOrEqual(percent);
        expect(share(maxLen - 1)).toBeLessThan(percent);
      }),
    );
  });
});

describe('the cases of Keras pad_sequences', () => {
  test('[[], [1, 2]] becomes [[0, 0], [1, 2]]: an empty row is all padding', () => {
    expect([[], [1, 2]].map((tokens) => pad(tokens, 2, 'pre', 'pre'))).toEqual([
      [0, 0],
      [1, 2],
    ]);
  });

  test('its defaults, pre and pre, keep the last tokens and pad in front', () => {
    expect([[1], [2, 3], [4, 5, 6]].map((tokens) => pad(tokens, 2, 'pre', 'pre'))).toEqual([
      [0, 1],
      [2, 3],
      [5, 6],
    ]);
  });
});
