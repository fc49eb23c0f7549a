// The order in which rows reach the model. It is a function of the seed and the epoch alone; the last short batch runs too.
import type { Batch } from '../model/batch.ts';
import { createRandom, permutation, purposes } from '../model/random.ts';
import { UserError } from '../errors.ts';
import type { Prepared } from './prepare.ts';
import { rowCount, rowLength } from './rows.ts';

export interface BatchStep {
  readonly batch: Batch;
  /** Whether H_0 of the batch is what the batch before it left. */
  readonly carried: boolean;
}

export interface Batches {
  readonly stepsPerEpoch: number;
  /** Tokens read in one epoch. */
  readonly tokensPerEpoch: number;
  /** The most that one batch holds. */
  readonly limits: { readonly rows: number; readonly steps: number; readonly positions: number };
  /** Tokens that no batch reads: the remainder of a stream. */
  readonly leftOver: number;
  /** Whether states pass from batch to batch. */
  readonly carries: boolean;
  /** The batches of an epoch (from 1). The object is reused: what it holds is right until the next one is taken. */
  epoch(epoch: number): Iterable<BatchStep>;
}

export interface RowBatchOptions {
  readonly batchSize: number;
  /** Absent: the order of the file. */
  readonly shuffleSeed?: number;
}

/** Batches of whole rows. */
export function rowBatches(data: Prepared, { batchSize, shuffleSeed }: RowBatchOptions): Batches {
  const rows = rowCount(data.rows);
  const { task, targets: allTargets, targetWidth } = data;
  const extra = task === 'next-token' ? 1 : 0;
  const lengthsOfAll = Int32Array.from({ length: rows }, (_, row) => rowLength(data.rows, row) - extra);
  const size = Math.min(batchSize, rows);
  const targets = task === 'next-token' ? undefined : new Float64Array(size * targetWidth);
  const batch = { tokens: data.rows.tokens, begins: new Int32Array(size), lengths: new Int32Array(size), rows: 0, targets };
  const sorted = lengthsOfAll.toSorted().reverse();

  function* inOrder(epoch: number): Iterable<BatchStep> {
    const order =
      shuffleSeed === undefined
        ? Int32Array.from({ length: rows }, (_, row) => row)
        : permutation(rows, createRandom(shuffleSeed, purposes.shuffle, epoch));
    for (let from = 0; from < rows; from += size) {
      batch.rows = Math.min(size, rows - from);
      for (let i = 0; i < batch.rows; i++) {
        const row = order[from + i];
        batch.begins[i] = data.rows.offsets[row]!;
        batch.lengths[i] = lengthsOfAll[row]!;
        if (targets) for (let j = 0; j < targetWidth; j++) targets[i * targetWidth + j] = allTargets[row * targetWidth + j]!;
      }
      yield { batch, carried: false };
    }
  }

  return {
    stepsPerEpoch: Math.ceil(rows / size),
    tokensPerEpoch: lengthsOfAll.reduce((a, b) => a + b, 0),
    limits: { rows: size, steps: sorted[0], positions: sorted.subarray(0, size).reduce((a, b) => a + b, 0) },
    leftOver: 0,
    carries: false,
    epoch: inOrder,
  };
}

/**
 * All rows joined into one stream of n tokens and cut into B parallel ones, read in windows: stream i holds tokens
 * i·S … (i+1)·S, S = ⌊(n−1)/B⌋. The state passes from window to window; the last window of an epoch may be shorter.
 */
export function streamBatches(data: Prepared, { batchSize, window }: { readonly batchSize: number; readonly window: number }): Batches {
  const { tokens } = data.rows;
  const S = Math.floor((tokens.length - 1) / batchSize);
  if (S < 1) {
    throw new UserError(
      `${data.file}: ${tokens.length} tokens are too few for ${batchSize} parallel streams`,
      `lower --batch-size to at most ${tokens.length - 1}, or give more data`,
    );
  }
  const batch = {
    tokens,
    begins: new Int32Array(batchSize),
    lengths: new Int32Array(batchSize),
    rows: batchSize,
    targets: undefined,
  };

  function* inWindows(): Iterable<BatchStep> {
    for (let from = 0; from < S; from += window) {
      batch.lengths.fill(Math.min(window, S - from));
      for (let i = 0; i < batchSize; i++) batch.begins[i] = i * S + from;
      yield { batch, carried: from > 0 };
    }
  }

  const steps = Math.min(window, S);
  return {
    stepsPerEpoch: Math.ceil(S / window),
    tokensPerEpoch: S * batchSize,
    limits: { rows: batchSize, steps, positions: batchSize * steps },
    leftOver: tokens.length - 1 - S * batchSize,
    carries: true,
    epoch: inWindows,
  };
}
