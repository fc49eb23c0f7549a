// Each measure against the plain way to take it.
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DuplicateRows } from '../../../src/data/inspect/duplicates.ts';
import { LengthCounts } from '../../../src/data/inspect/length-counts.ts';
import { TargetStats } from '../../../src/data/inspect/target-stats.ts';
import { TokenCounts, vocabularyOf } from '../../../src/data/inspect/token-counts.ts';
import { resolveMaxLen } from '../../../src/data/padding.ts';

const lengths = fc.array(fc.oneof(fc.nat(30), fc.nat(5000)), { minLength: 1, maxLength: 60 });

function counted(all: readonly number[]): LengthCounts {
  const counts = new LengthCounts();
  for (const length of all) counts.add(length);
  return counts;
}

describe('lengths', () => {
  test('percentiles are those of rnn pad --max-len', () => {
    fc.assert(
      fc.property(lengths, fc.integer({ min: 1, max: 100 }), (all, percent) => {
        const offsets = new Int32Array(all.length + 1);
        all.forEach((length, i) => (offsets[i + 1] = offsets[i] + length));
        expect(Math.max(1, counted(all).percentile(percent))).toBe(resolveMaxLen(`p${percent}`, offsets));
      }),
    );
  });

  test('a cut counts the rows that are longer and the tokens beyond', () => {
    fc.assert(
      fc.property(lengths, fc.nat(5000), (all, maxLen) => {
        const longer = all.filter((length) => length > maxLen);
        expect(counted(all).cut(maxLen)).toEqual({ maxLen, rows: longer.length, tokens: longer.reduce((sum, n) => sum + n - maxLen, 0) });
      }),
    );
  });

  test('bins are neighbours of one width, few enough, and hold every row', () => {
    fc.assert(
      fc.property(lengths, fc.integer({ min: 1, max: 20 }), (all, most) => {
        const bins = counted(all).bins(most);
        expect(bins.length).toBeLessThanOrEqual(most);
        const width = bins[0].to - bins[0].from + 1;
        bins.forEach(({ from, to, rows }, i) => {
          expect([from, to - from + 1]).toEqual([bins[0].from + i * width, width]);
          expect(rows).toBe(all.filter((length) => length >= from && length <= to).length);
        });
        expect(bins.reduce((sum, { rows }) => sum + rows, 0)).toBe(all.length);
      }),
    );
  });

  test('a count is up to date when lengths come after a question', () => {
    const counts = counted([3]);
    expect(counts.longest).toBe(3);
    counts.add(9);
    expect([counts.longest, counts.rows, counts.tokens]).toEqual([9, 2, 12]);
  });
});

test('tokens are counted whether their IDs are small or huge, and the vocabulary names the holes', () => {
  const id = fc.oneof(fc.nat(20), fc.nat(3000), fc.integer({ min: (1 << 20) - 3, max: (1 << 20) + 3 }), fc.constant(2147483647));
  fc.assert(
    fc.property(fc.array(fc.array(id, { maxLength: 20 }), { minLength: 1, maxLength: 8 }), (chunks) => {
      const all = chunks.flat();
      fc.pre(all.length > 0);
      const counts = new TokenCounts();
      for (const chunk of chunks) counts.add(Int32Array.from(chunk));
      const { size, distinct, unused, unusedFrom, frequent } = vocabularyOf(counts, 3)!;
      const unique = [...new Set(all)].sort((a, b) => a - b);
      expect([size, distinct, unused]).toEqual([unique.at(-1)! + 1, unique.length, unique.at(-1)! + 1 - unique.length]);
      for (const [first, last] of unusedFrom) {
        expect(unique.some((token) => token >= first && token <= last)).toBe(false);
        expect(first === 0 || unique.includes(first - 1)).toBe(true);
        expect(unique.includes(last + 1)).toBe(true);
      }
      const count = (token: number): number => all.filter((other) => other === token).length;
      expect(frequent.map((each) => each.count)).toEqual(
        unique
          .map(count)
          .sort((a, b) => b - a)
          .slice(0, 3),
      );
      for (const each of frequent) expect([each.count, each.share]).toEqual([count(each.token), count(each.token) / all.length]);
    }),
    { numRuns: 50 },
  );
});

describe('duplicates', () => {
  const rows = fc.array(fc.tuple(fc.array(fc.nat(2), { maxLength: 4 }), fc.nat(1)), { maxLength: 3000 });

  test('are the rows that an earlier one equals, and those of them with other targets', () => {
    fc.assert(
      fc.property(rows, (all) => {
        const duplicates = new DuplicateRows();
        const first = new Map<string, number>();
        const expected = { rows: 0, otherTargets: 0, forgotten: 0 };
        for (const [row, target] of all) {
          // What stands around the row is not looked at.
          duplicates.add(Int32Array.of(7, ...row, 8), 1, 1 + row.length, Float64Array.of(target));
          const key = row.join();
          if (!first.has(key)) first.set(key, target);
          else {
            expected.rows++;
            if (first.get(key) !== target) expected.otherTargets++;
          }
        }
        expect(duplicates.counts).toEqual(expected);
      }),
      { numRuns: 30 },
    );
  });

  test('10 000 distinct rows are 0 duplicates, and all are found again', () => {
    const duplicates = new DuplicateRows();
    for (let pass = 0; pass < 2; pass++) {
      for (let i = 0; i < 10_000; i++) duplicates.add(Int32Array.of(i % 100, Math.floor(i / 100)), 0, 2, new Float64Array(0));
    }
    expect(duplicates.counts).toEqual({ rows: 10_000, otherTargets: 0, forgotten: 0 });
  });

  test('beyond the bound new rows are counted as forgotten, those before are still found', () => {
    const duplicates = new DuplicateRows(2);
    for (const token of [1, 2, 3, 3, 1]) duplicates.add(Int32Array.of(token), 0, 1, new Float64Array(0));
    expect(duplicates.counts).toEqual({ rows: 1, otherTargets: 0, forgotten: 2 });
  });
});

describe('targets', () => {
  function summarized(values: readonly number[], name: string, task?: 'classification' | 'regression') {
    const stats = new TargetStats();
    for (const value of values) stats.add(value);
    return stats.summary(name, task);
  }

  test('mean and deviation of one pass are those of two, to 1e-12 relative, far from 0 too', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: 1 }), fc.constantFrom(0, 1e6), (values, offset) => {
        const shifted = values.map((value) => value + offset);
        const mean = shifted.reduce((a, b) => a + b, 0) / shifted.length;
        const deviation = Math.sqrt(shifted.reduce((sum, y) => sum + (y - mean) ** 2, 0) / shifted.length);
        const summary = summarized(shifted, 'y');
        if (summary.kind !== 'numbers') throw new Error('expected numbers');
        expect(Math.abs(summary.mean - mean)).toBeLessThanOrEqual(1e-12 * (1 + offset));
        expect(Math.abs(summary.deviation - deviation)).toBeLessThanOrEqual(1e-12 * (1 + offset));
        expect([summary.min, summary.max]).toEqual([Math.min(...shifted), Math.max(...shifted)]);
      }),
    );
  });

  test('whole numbers are classes under the name label or where the task says so, and numbers else', () => {
    const classes = {
      kind: 'classes',
      classes: [
        { label: 0, rows: 1, share: 0.25 },
        { label: 2, rows: 3, share: 0.75 },
      ],
    };
    expect(summarized([2, 0, 2, 2], 'label')).toMatchObject(classes);
    expect(summarized([2, 0, 2, 2], 'y', 'classification')).toMatchObject(classes);
    expect(summarized([2, 0, 2, 2], 'y')).toMatchObject({ kind: 'numbers', mean: 1.5 });
    expect(summarized([2, 0, 2, 2], 'label', 'regression')).toMatchObject({ kind: 'numbers' });
    expect(summarized([2, 0.5], 'label')).toMatchObject({ kind: 'numbers', mean: 1.25, deviation: 0.75 });
  });
});
