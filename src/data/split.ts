// Holds rows out for validation, by seed: a stratified draw for classes, so that each class keeps its share on both sides.
import { UserError } from '../errors.ts';
import type { Prepared } from './prepare.ts';
import { rowCount, rowLength } from './rows.ts';

/** The rows of `data` in two parts. `shuffled` is a random order of its rows; the held-out ones come first of each class. */
export function splitRows(data: Prepared, share: number, shuffled: Int32Array): { training: Prepared; validation: Prepared } {
  const heldOut = new Set<number>();
  for (const rows of strata(data, shuffled)) for (const row of rows.slice(0, Math.round(rows.length * share))) heldOut.add(row);
  const all = Array.from({ length: rowCount(data.rows) }, (_, row) => row);
  const validation = all.filter((row) => heldOut.has(row));
  const training = all.filter((row) => !heldOut.has(row));
  if (validation.length === 0 || training.length === 0) {
    throw new UserError(
      `${data.file}: --validation-split ${share} of ${all.length} rows leaves ${training.length} to train on and ${validation.length} to validate`,
      'give more rows, or another share',
    );
  }
  return { training: pick(data, training), validation: pick(data, validation) };
}

/** The rows in the shuffled order: one list a class, or one list. */
function strata({ task, targets }: Prepared, shuffled: Int32Array): number[][] {
  if (task !== 'classification') return [[...shuffled]];
  const classes = new Map<number, number[]>();
  for (const row of shuffled) {
    const label = targets[row];
    const members = classes.get(label);
    if (members) members.push(row);
    else classes.set(label, [row]);
  }
  return [...classes.values()];
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
