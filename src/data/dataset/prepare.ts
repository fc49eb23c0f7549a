// From rows as read to rows as trained on: the task, what the padding is, truncation, the vocabulary. Every row and token that
// is left out is counted; nothing is dropped in silence.
import type { DataError } from '../../errors.ts';
import { UserError } from '../../errors.ts';
import { BadRows, noRowsLeft } from '../rows/bad-rows.ts';
import { rowCount } from '../rows/rows.ts';
import type { TokenRows } from '../rows/rows.ts';
import { rowError } from './dataset.ts';
import type { Dataset } from './dataset.ts';
import { checkRow, decideTask, isLongEnough, requireOneClassColumn } from './task.ts';
import type { TaskName } from './task.ts';

export interface PrepareOptions {
  /** Absent: decided from the targets. */
  readonly task?: TaskName | undefined;
  /** The task is that of trained weights: no other can be asked for. */
  readonly taskOfWeights?: boolean;
  /** Rows are cut to this many tokens. */
  readonly maxLen?: number | undefined;
  readonly truncating: 'post' | 'pre';
  /** Trailing tokens equal to it (leading ones with padding `pre`) are padding. */
  readonly padValue?: number | undefined;
  readonly padding: 'post' | 'pre';
  /** Feed the padding and read H_T: every row is padded to the longest. */
  readonly noMask: boolean;
  /** How many tokens and classes there are, where that is known: rows with others are bad rows. */
  readonly known?: KnownSizes | undefined;
}

export interface KnownSizes {
  readonly tokens?: number | undefined;
  readonly classes?: number | undefined;
  /** What to do about a token that is outside. */
  readonly tokenHint: string;
}

/** Rows ready to be batched. */
export interface Prepared {
  readonly file: string;
  readonly sha256: string;
  readonly task: TaskName;
  /** Why that task, for the report. */
  readonly taskReason: string;
  readonly rows: TokenRows;
  /** What the rows were read from, which row each was, and the place in it of its first token; for messages. */
  readonly source: Dataset;
  readonly sourceRows: Int32Array;
  readonly sourceTokens: Int32Array;
  /** Numbers (rows, outputs) for regression, class IDs (rows) for classification, empty for next-token. */
  readonly targets: Float64Array;
  /** Columns of targets; 1 where there are none. */
  readonly targetWidth: number;
  readonly counts: PrepareCounts;
}

export interface PrepareCounts {
  readonly rowsRead: number;
  readonly emptyRows: number;
  /** Rows that broke a rule. */
  readonly badRows: number;
  /** Rows of one token, which have no next token to learn. */
  readonly tooShort: number;
  readonly truncatedRows: number;
  readonly tokensCut: number;
  readonly paddingRemoved: number;
  readonly paddingAdded: number;
  readonly shortest: number;
  readonly longest: number;
}

/**
 * Decides the task and lays the rows out for it. Throws DataError at a row that breaks a rule of the task, or leaves it out with
 * `onError: 'skip'`. `width` (no mask) is the length that all rows are padded to, where it is set already.
 */
export function prepare(given: Dataset, options: PrepareOptions, width?: number): Prepared {
  const { task, reason } = decideTask(given, options);
  requireOneClassColumn(given, task);
  const data = { ...given, badRows: given.badRows?.copy() ?? new BadRows({}) };
  const bounds = rowBounds(data, options, data.badRows, (row, begin, end) => checkRow(data, task, options, row, begin, end));
  const keep = keptRows(data, task, bounds);
  const { rows, sourceTokens, paddingAdded } = layOut(data.rows, bounds, keep, options, width);
  const lengths = lengthRange(rows);
  return {
    file: data.file,
    sha256: data.sha256,
    task,
    taskReason: reason,
    rows,
    source: data,
    sourceRows: keep,
    sourceTokens,
    targets: task === 'next-token' ? new Float64Array(0) : keepTargets(data, keep),
    targetWidth: Math.max(1, data.targetNames.length),
    counts: {
      rowsRead: bounds.sound.length,
      emptyRows: data.emptyRows,
      badRows: data.badRows.count,
      tooShort: bounds.sound.length - keep.length,
      truncatedRows: bounds.truncatedRows,
      tokensCut: bounds.tokensCut,
      paddingRemoved: bounds.paddingRemoved,
      paddingAdded,
      ...lengths,
    },
  };
}

export type LaidOut = Pick<Prepared, 'rows' | 'source' | 'sourceRows' | 'sourceTokens'> & {
  readonly counts: Pick<PrepareCounts, 'truncatedRows' | 'tokensCut' | 'paddingRemoved' | 'paddingAdded'>;
};

/** Every row of `data` as `prepare` would lay it out, for a model that is asked and not taught: there are no targets, and none is too short. */
export function layOutForReading(data: Dataset, options: PrepareOptions): LaidOut {
  const bounds = rowBounds(data, options, new BadRows({}), () => {});
  const sourceRows = bounds.sound;
  const { rows, sourceTokens, paddingAdded } = layOut(data.rows, bounds, sourceRows, options, undefined);
  const { truncatedRows, tokensCut, paddingRemoved } = bounds;
  return { rows, source: data, sourceRows, sourceTokens, counts: { truncatedRows, tokensCut, paddingRemoved, paddingAdded } };
}

/** Refuses training data of one class. */
export function requireTwoClasses({ file, task, targets }: Prepared): void {
  const first = targets[0];
  if (task !== 'classification' || targets.some((value) => value !== first)) return;
  throw new UserError(
    `${file}: every row has class ${first}: with one class there is nothing to learn`,
    'give rows of at least two classes',
  );
}

interface Bounds {
  /** Where the kept part of each row begins and ends in `tokens`. */
  readonly begins: Int32Array;
  readonly ends: Int32Array;
  /** The rows that break no rule; the counts are theirs. */
  readonly sound: Int32Array;
  readonly truncatedRows: number;
  readonly tokensCut: number;
  readonly paddingRemoved: number;
}

/** Takes the padding off each row, then truncates it. `check` throws at what is kept of a row, if that breaks a rule. */
function rowBounds(
  data: Dataset,
  { maxLen = Infinity, truncating, padValue, padding }: PrepareOptions,
  badRows: BadRows,
  check: (row: number, begin: number, end: number) => void,
): Bounds {
  const { tokens, offsets } = data.rows;
  const rows = rowCount(data.rows);
  const begins = offsets.slice(0, rows);
  const ends = offsets.slice(1);
  const sound = new Int32Array(rows);
  const counts = { sound: 0, truncatedRows: 0, tokensCut: 0, paddingRemoved: 0 };
  for (let row = 0; row < rows; row++) {
    let begin = begins[row];
    let end = ends[row];
    if (padValue !== undefined && padding === 'post') while (end > begin && tokens[end - 1] === padValue) end--;
    if (padValue !== undefined && padding === 'pre') while (begin < end && tokens[begin] === padValue) begin++;
    const removed = ends[row] - begins[row] - (end - begin);
    const isOnlyPadding = removed > 0 && begin === end;
    const cut = Math.max(0, end - begin - maxLen);
    begins[row] = truncating === 'pre' ? begin + cut : begin;
    ends[row] = truncating === 'pre' ? end : end - cut;
    try {
      if (isOnlyPadding) throw onlyPadding(data, row, padValue!);
      check(row, begins[row], ends[row]);
    } catch (error) {
      badRows.add(error);
      continue;
    }
    sound[counts.sound++] = row;
    if (cut > 0) counts.truncatedRows++;
    counts.tokensCut += cut;
    counts.paddingRemoved += removed;
  }
  return { begins, ends, ...counts, sound: sound.subarray(0, counts.sound) };
}

function onlyPadding(data: Dataset, row: number, padValue: number): DataError {
  return rowError(data, row, `the row holds only padding (${padValue})`, 'remove the row, or give another --pad-value');
}

/** All sound rows, or for next-token those with at least two tokens. */
function keptRows({ file, badRows }: Dataset, task: TaskName, { begins, ends, sound }: Bounds): Int32Array {
  if (sound.length === 0 && badRows !== undefined && badRows.count > 0) throw noRowsLeft(file, badRows, '');
  if (sound.length === 0) throw new UserError(`${file}: there are no rows to train on`, 'give a file with at least one row of tokens');
  const kept = sound.filter((row) => isLongEnough(task, ends[row] - begins[row]));
  if (kept.length === 0) {
    throw new UserError(
      `${file}: no row has two tokens, so there is no next token to learn`,
      'give longer rows, or rows with a target column',
    );
  }
  return kept;
}

function keepTargets({ targets, targetNames }: Dataset, keep: Int32Array): Float64Array {
  const width = targetNames.length;
  const kept = new Float64Array(keep.length * width);
  keep.forEach((row, i) => kept.set(targets.subarray(row * width, (row + 1) * width), i * width));
  return kept;
}

/** Copies the kept parts together; without a mask pads each to the longest. */
function layOut(
  source: TokenRows,
  { begins, ends }: Bounds,
  keep: Int32Array,
  { noMask, padValue = 0, padding, maxLen }: PrepareOptions,
  givenWidth: number | undefined,
): { rows: TokenRows; sourceTokens: Int32Array; paddingAdded: number } {
  const lengths = keep.map((row) => ends[row] - begins[row]);
  const longest = lengths.reduce((a, b) => Math.max(a, b), 0);
  const width = noMask ? Math.max(givenWidth ?? 0, maxLen ?? 0, longest) : 0;
  const real = lengths.reduce((a, b) => a + b, 0);
  // All of it stays where it is: then it is not copied, which would take as much memory again.
  if (!noMask && keep.length === rowCount(source) && real === source.tokens.length) {
    return { rows: source, sourceTokens: new Int32Array(keep.length), paddingAdded: 0 };
  }
  const total = noMask ? keep.length * width : real;
  const tokens = new Int32Array(total).fill(padValue);
  const offsets = new Int32Array(keep.length + 1);
  const sourceTokens = new Int32Array(keep.length);
  keep.forEach((row, i) => {
    const length = lengths[i];
    const before = noMask && padding === 'pre' ? width - length : 0;
    tokens.set(source.tokens.subarray(begins[row], ends[row]), offsets[i] + before);
    sourceTokens[i] = begins[row] - source.offsets[row] - before;
    offsets[i + 1] = offsets[i] + (noMask ? width : length);
  });
  return { rows: { tokens, offsets }, sourceTokens, paddingAdded: total - real };
}

function lengthRange({ offsets }: TokenRows): { shortest: number; longest: number } {
  let shortest = Infinity;
  let longest = 0;
  for (let i = 1; i < offsets.length; i++) {
    const length = offsets[i] - offsets[i - 1];
    if (length < shortest) shortest = length;
    if (length > longest) longest = length;
  }
  return { shortest, longest };
}
