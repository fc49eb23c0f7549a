// Pads rows on their way from a reader to a writer, one at a time, and keeps count of what was added and lost.
import { noRowsLeft } from '../rows/bad-rows.ts';
import { slidingWindows, truncated } from '../padding.ts';
import type { Side, Window } from '../padding.ts';
import { RowBuilder } from '../rows/builder.ts';
import { rowCount, rowLength } from '../rows/rows.ts';
import type { CellValue, Origin, RowChunk, SequenceInput, TokenRows } from '../rows/rows.ts';
import type { PaddedRow } from '../write/fields.ts';
import type { RowWriter } from '../write/write.ts';

export interface PadOptions {
  readonly maxLen: number;
  /** maxLen, or the multiple above it. */
  readonly width: number;
  readonly padding: Side;
  readonly truncating: Side;
  readonly value: number;
  /** Tokens that neighbouring windows share; undefined cuts long rows instead. */
  readonly stride: number | undefined;
}

export interface PadCounts {
  rows: number;
  /** Tokens of those read. */
  tokens: number;
  /** Of those read, how many have no tokens. */
  empty: number;
  /** Rows or windows written. */
  written: number;
  /** Of those written, how many hold padding. */
  padded: number;
  /** Of those read, how many lost tokens. */
  truncated: number;
  tokensCut: number;
  /** The first real token that equals the pad value: its row's line and its place in the row, from 0. */
  collision: { readonly line: number; readonly token: number } | undefined;
}

const noValues: readonly CellValue[] = [];

/** The windows of a row of this length; just one where there is no stride. */
function windowsOf(length: number, { maxLen, truncating, stride }: PadOptions): readonly Window[] {
  return stride === undefined ? [truncated(length, maxLen, truncating)] : slidingWindows(length, maxLen, truncating, stride);
}

/** Rows that padding these will write. */
export function countWritten(rows: TokenRows, options: PadOptions): number {
  let count = 0;
  for (let row = 0; row + 1 < rows.offsets.length; row++) {
    count += windowsOf(rowLength(rows, row), options).length;
  }
  return count;
}

/** Leaves out the rows without tokens, and tells how many each chunk had. Throws DataError where no row remains. */
export async function* withoutEmptyRows(
  { file, chunks, badRows }: SequenceInput,
  dropped: (rows: number) => void,
): AsyncGenerator<RowChunk> {
  const kept = new RowBuilder();
  let isEmpty = true;
  for await (const chunk of chunks) {
    for (let row = 0; row < chunk.lines.length; row++) {
      if (rowLength(chunk, row) === 0) continue;
      kept.addRow(chunk, row);
    }
    dropped(chunk.lines.length - kept.rows);
    if (kept.rows === 0) continue;
    isEmpty = false;
    yield kept.take();
  }
  if (isEmpty) throw noRowsLeft(file, badRows, 'holds no rows with tokens');
}

/** Reads, pads and writes, from a pipe all that has come before it waits for more, until the input ends or `interrupted`, whose reason is then thrown. */
export async function padRows(
  origin: Origin,
  chunks: AsyncIterable<RowChunk> | Iterable<RowChunk>,
  writer: RowWriter,
  options: PadOptions,
  interrupted: AbortSignal,
): Promise<PadCounts> {
  const counts: PadCounts = { rows: 0, tokens: 0, empty: 0, written: 0, padded: 0, truncated: 0, tokensCut: 0, collision: undefined };
  for await (const chunk of chunks) {
    counts.collision ??= findToken(chunk, options.value);
    const addRow = rowAdder(origin, chunk, writer, options, counts);
    const rows = rowCount(chunk);
    for (let row = 0; row < rows; row++) {
      addRow(row);
      if (!writer.isFull()) continue;
      await writer.flush();
      interrupted.throwIfAborted();
    }
    if (origin.isStream) await writer.flush();
    interrupted.throwIfAborted();
  }
  await writer.end();
  return counts;
}

/** Writes rows of a chunk, each as its windows. */
function rowAdder(origin: Origin, chunk: RowChunk, writer: RowWriter, options: PadOptions, counts: PadCounts): (row: number) => void {
  const { width, maxLen, padding, truncating, stride } = options;
  const { tokens, offsets, lines, others, columns } = chunk;
  const padded: PaddedRow = { tokens, begin: 0, end: 0, before: 0, after: 0, line: 0, others: noValues, columns: origin.columns };
  const addWindow = (from: number, { begin, end }: Window): void => {
    padded.begin = from + begin;
    padded.end = from + end;
    const missing = width - (end - begin);
    padded.before = padding === 'post' ? 0 : missing;
    padded.after = missing - padded.before;
    writer.add(padded);
    counts.written++;
    if (end - begin < width) counts.padded++;
  };
  return (row) => {
    const from = offsets[row];
    const length = offsets[row + 1] - from;
    padded.line = lines[row];
    padded.others = others[row] ?? noValues;
    if (columns !== undefined) padded.columns = columns[row];
    counts.rows++;
    counts.tokens += length;
    if (length === 0) counts.empty++;
    if (stride !== undefined) {
      for (const window of slidingWindows(length, maxLen, truncating, stride)) addWindow(from, window);
      return;
    }
    if (length > maxLen) {
      counts.truncated++;
      counts.tokensCut += length - maxLen;
    }
    addWindow(from, truncated(length, maxLen, truncating));
  };
}

function findToken({ tokens, offsets, lines, begins }: RowChunk, value: number): PadCounts['collision'] {
  const at = tokens.indexOf(value);
  if (at < 0) return undefined;
  let row = 0;
  while (offsets[row + 1] <= at) row++;
  return { line: lines[row], token: at - offsets[row] + (begins?.[row] ?? 0) };
}
