// The order in which rows reach the model. It is a function of the seed and the epoch alone; the last short batch runs too.
import type { Batch } from '../../model/batch.ts';
import { createRandom, permutation, purposes } from '../../model/random.ts';
import { UserError } from '../../errors.ts';
import type { Prepared } from './prepare.ts';
import { rowCount, rowLength } from '../rows/rows.ts';

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
  /** Batches in a pool, within which shuffled rows are put together by length; 1, or absent: as the shuffle has them. */
  readonly bucket?: number;
}

/** Batches of whole rows. */
export function rowBatches(data: Prepared, { batchSize, shuffleSeed, bucket = 1 }: RowBatchOptions): Batches {
  const rows = rowCount(data.rows);
  const { task, targets: allTargets, targetWidth } = data;
  const extra = task === 'next-token' ? 1 : 0;
  const lengthsOfAll = Int32Array.from({ length: rows }, (_, row) => rowLength(data.rows, row) - extra);
  const size = Math.min(batchSize, rows);
  const targets = task === 'next-token' ? undefined : new Float64Array(size * targetWidth);
  const batch = { tokens: data.rows.tokens, begins: new Int32Array(size), lengths: new Int32Array(size), rows: 0, targets };
  const sorted = lengthsOfAll.toSorted().reverse();

  function* inOrder(epoch: number): Iterable<BatchStep> {
    for (const members of orderOf(epoch)) {
      batch.rows = members.length;
      for (let i = 0; i < batch.rows; i++) {
        const row = members[i];
        batch.begins[i] = data.rows.offsets[row]!;
        batch.lengths[i] = lengthsOfAll[row]!;
        if (targets) for (let j = 0; j < targetWidth; j++) targets[i * targetWidth + j] = allTargets[row * targetWidth + j]!;
      }
      yield { batch, carried: false };
    }
  }

  /** The rows of each batch. */
  function orderOf(epoch: number): Int32Array[] {
    if (shuffleSeed === undefined)
      return cut(
        Int32Array.from({ length: rows }, (_, row) => row),
        size,
      );
    const random = createRandom(shuffleSeed, purposes.shuffle, epoch);
    const shuffled = permutation(rows, random);
    if (bucket <= 1) return cut(shuffled, size);
    const batches = cut(shuffled, size * bucket).flatMap((pool) =>
      cut(
        pool.sort((a, b) => lengthsOfAll[b] - lengthsOfAll[a]),
        size,
      ),
    );
    return Array.from(permutation(batches.length, random), (i) => batches[i]);
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

/** The first batch of the first epoch, as an epoch of its own each time. `batches` themselves are not to be read beside it. */
export function firstBatchAlone(batches: Batches): Batches {
  const [only] = batches.epoch(1);
  const { lengths, rows } = only.batch;
  return {
    ...batches,
    stepsPerEpoch: 1,
    tokensPerEpoch: lengths.subarray(0, rows).reduce((a, b) => a + b, 0),
    carries: false,
    epoch: () => [only],
  };
}

/** Parts of `size` values, the last one shorter. */
function cut(values: Int32Array, size: number): Int32Array[] {
  return Array.from({ length: Math.ceil(values.length / size) }, (_, i) => values.subarray(i * size, (i + 1) * size));
}

/**
 * 1 − Σ tokens / Σ (rows · longest row) over the batches of an epoch: the share that padding each batch to its longest row would take.
 * The engine skips it; but the shorter rows of a batch leave its last steps few rows to work on together.
 */
export function paddingShare(batches: Batches, epoch = 1): number {
  let real = 0;
  let padded = 0;
  for (const { batch } of batches.epoch(epoch)) {
    let longest = 0;
    for (let i = 0; i < batch.rows; i++) {
      longest = Math.max(longest, batch.lengths[i]);
      real += batch.lengths[i];
    }
    padded += longest * batch.rows;
  }
  return 1 - real / padded;
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
