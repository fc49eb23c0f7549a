import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { paddingShare, rowBatches, streamBatches } from '../../../src/data/dataset/batches.ts';
import type { Batches } from '../../../src/data/dataset/batches.ts';
import { preparedRows } from '../../support/prepared.ts';

/** Every (token, next token or row) that an epoch reads, as text. */
function readIn(batches: Batches, epoch: number): string[] {
  const read: string[] = [];
  for (const { batch } of batches.epoch(epoch)) {
    for (let i = 0; i < batch.rows; i++) read.push(batch.tokens.slice(batch.begins[i], batch.begins[i] + batch.lengths[i] + 1).join(' '));
  }
  return read;
}

const ragged = fc.array(fc.array(fc.nat(20), { minLength: 2, maxLength: 9 }), { minLength: 1, maxLength: 40 });

const sizes = fc.record({ batchSize: fc.integer({ min: 1, max: 50 }), bucket: fc.integer({ min: 1, max: 5 }), shuffleSeed: fc.nat(1000) });

test('every row is read once an epoch, the last short batch too, whatever the batch size, bucket and seed', () => {
  fc.assert(
    fc.property(ragged, sizes, fc.integer({ min: 1, max: 3 }), (rows, options, epoch) => {
      const batches = rowBatches(preparedRows(rows), options);
      expect(readIn(batches, epoch).toSorted()).toEqual(rows.map((row) => row.join(' ')).toSorted());
      expect([...batches.epoch(epoch)].length).toBe(batches.stepsPerEpoch);
    }),
  );
});

test('the order is a function of seed and epoch: the same again, another in the next epoch and for another seed', () => {
  const data = preparedRows(Array.from({ length: 30 }, (_, i) => [i, i + 1]));
  const batches = rowBatches(data, { batchSize: 7, shuffleSeed: 1 });
  expect(readIn(batches, 2)).toEqual(readIn(batches, 2));
  expect(readIn(batches, 1)).not.toEqual(readIn(batches, 2));
  expect(readIn(rowBatches(data, { batchSize: 7, shuffleSeed: 2 }), 1)).not.toEqual(readIn(batches, 1));
});

test('in buckets the order is still a function of seed and epoch, and the batches are no longer in the order of their lengths', () => {
  const data = preparedRows(Array.from({ length: 60 }, (_, i) => Array.from({ length: 2 + (i % 15) }, () => i)));
  const options = { batchSize: 4, shuffleSeed: 1, bucket: 15 };
  const batches = rowBatches(data, options);
  expect(readIn(batches, 1)).toEqual(readIn(rowBatches(data, options), 1));
  expect(readIn(batches, 1)).not.toEqual(readIn(batches, 2));
  const longest = Array.from(batches.epoch(1), ({ batch }) => batch.lengths[0]);
  expect(longest).not.toEqual(longest.toSorted((a, b) => b - a));
});

test('padding to the longest row of a batch: 3 of 8 places for rows of 4 and 1, none in buckets that sort them apart', () => {
  const rows = Array.from({ length: 40 }, (_, i) => Array.from({ length: i % 2 === 0 ? 5 : 2 }, () => i));
  const share = (bucket: number): number => paddingShare(rowBatches(preparedRows(rows), { batchSize: 2, shuffleSeed: 3, bucket }));
  expect(paddingShare(rowBatches(preparedRows(rows), { batchSize: 2 }))).toBe(3 / 8);
  expect(share(20)).toBe(0);
  expect(share(1)).toBeGreaterThan(0.1);
});

test('without a seed the rows come in the order of the file', () => {
  const rows = Array.from({ length: 10 }, (_, i) => [i, i + 1]);
  expect(readIn(rowBatches(preparedRows(rows), { batchSize: 3 }), 1)).toEqual(rows.map((row) => row.join(' ')));
});

test('the limits are the longest row, and the tokens of the batchSize longest rows', () => {
  const { limits } = rowBatches(
    preparedRows([
      [1, 2],
      [1, 2, 3, 4],
      [1, 2, 3],
      [5, 6, 7, 8, 9],
    ]),
    { batchSize: 2 },
  );
  expect(limits).toEqual({ rows: 2, steps: 4, positions: 7 });
});

test('stream i of B over n tokens holds tokens i·S … (i+1)·S with S = ⌊(n−1)/B⌋, in windows, the last one shorter', () => {
  const data = preparedRows([
    [0, 1, 2, 3, 4],
    [5, 6, 7, 8, 9, 10, 11],
  ]);
  const batches = streamBatches(data, { batchSize: 2, window: 2 });
  expect(readIn(batches, 1)).toEqual(['0 1 2', '5 6 7', '2 3 4', '7 8 9', '4 5', '9 10']);
  expect([...batches.epoch(1)].map(({ carried }) => carried)).toEqual([false, true, true]);
  expect(batches.leftOver).toBe(1);
  expect(batches.tokensPerEpoch).toBe(10);
});

test('more streams than tokens is an error that says how many there can be', () => {
  expect(() => streamBatches(preparedRows([[1, 2, 3]]), { batchSize: 3, window: 5 })).toThrow(
    /3 tokens are too few for 3 parallel streams/,
  );
});
