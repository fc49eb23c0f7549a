// Which rows are held out, by seed: a stratified draw for classes, so that each class keeps its share in every part. `rnn train` and
// `rnn split` draw alike.
import { UserError } from '../../errors.ts';
import { rowCount, rowLength } from '../rows/rows.ts';
import type { Prepared } from './prepare.ts';

/** The rows of `data` in two parts. `shuffled` is a random order of its rows; the held-out ones come first of each class. */
export function splitRows(data: Prepared, share: number, shuffled: Int32Array): { training: Prepared; validation: Prepared } {
  const { task, targets } = data;
  const parts = drawParts(shuffled, task === 'classification' ? (row) => targets[row] : () => 0, [share]);
  const all = Array.from({ length: rowCount(data.rows) }, (_, row) => row);
  const validation = all.filter((row) => parts[row] === 1);
  const training = all.filter((row) => parts[row] === 0);
  if (validation.length === 0 || training.length === 0) {
    throw new UserError(
      `${data.file}: --validation-split ${share} of ${all.length} rows leaves ${training.length} to train on and ${validation.length} to validate`,
      'give more rows, or another share',
    );
  }
  return { training: pick(data, training), validation: pick(data, validation) };
}

/**
 * The part that each row goes to (rows). Of the n rows of each stratum, in the shuffled order, the first round(n · shares[0]) go to part 1,
 * the next round(n · shares[1]) to part 2, and so on; the others to part 0.
 */
export function drawParts(shuffled: Int32Array, stratumOf: (row: number) => number, shares: readonly number[]): Uint8Array {
  const sizes = new Map<number, number>();
  for (const row of shuffled) sizes.set(stratumOf(row), (sizes.get(stratumOf(row)) ?? 0) + 1);
  const quotas = new Map<number, number[]>();
  for (const [stratum, size] of sizes) {
    let left = size;
    const quota = shares.map((share) => {
      const rows = Math.min(Math.round(size * share), left);
      left -= rows;
      return rows;
    });
    quotas.set(stratum, quota);
  }
  const parts = new Uint8Array(shuffled.length);
  for (const row of shuffled) {
    const quota = quotas.get(stratumOf(row))!;
    const open = quota.findIndex((rows) => rows > 0);
    if (open < 0) continue;
    quota[open]--;
    parts[row] = open + 1;
  }
  return parts;
}

function pick(data: Prepared, rows: readonly number[]): Prepared {
  const { targetWidth } = data;
  const lengths = rows.map((row) => rowLength(data.rows, row));
  const offsets = new Int32Array(rows.length + 1);
  lengths.forEach((length, i) => (offsets[i + 1] = offsets[i] + length));
  const tokens = new Int32Array(offsets[rows.length]);
  const targets = new Float64Array(data.targets.length === 0 ? 0 : rows.length * targetWidth);
  rows.forEach((row, i) => {
    tokens.set(data.rows.tokens.subarray(data.rows.offsets[row], data.rows.offsets[row + 1]), offsets[i]);
    if (targets.length > 0) targets.set(data.targets.subarray(row * targetWidth, (row + 1) * targetWidth), i * targetWidth);
  });
  const sourceRows = Int32Array.from(rows, (row) => data.sourceRows[row]);
  const sourceTokens = Int32Array.from(rows, (row) => data.sourceTokens[row]);
  return { ...data, rows: { tokens, offsets }, sourceRows, sourceTokens, targets };
}
