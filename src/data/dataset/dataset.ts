// The whole of an input in memory, for training and checking: rows, targets and where each came from.
import { createHash } from 'node:crypto';
import { DataError } from '../../errors.ts';
import { openSequences } from '../open.ts';
import { noRowsLeft } from '../rows/bad-rows.ts';
import type { BadRows } from '../rows/bad-rows.ts';
import type { ReadOptions } from '../rows/names.ts';
import { placeOfRow, placeOfToken } from '../rows/rows.ts';
import type { Origin, TokenRows } from '../rows/rows.ts';
import { RowStore } from '../rows/store.ts';
import type { InputIo } from '../source/bytes.ts';
import { targetColumns, TargetReader } from './targets.ts';

export interface Dataset {
  /** The file as messages name it. */
  readonly file: string;
  readonly rows: TokenRows;
  /** The line of each row, as in `RowChunk.lines`; for messages, through `tokenError` and `rowError`. (rows) */
  readonly lines: Int32Array;
  /** As in `RowChunk.begins`. */
  readonly begins?: Int32Array;
  /** Empty where the data has none. */
  readonly targetNames: readonly string[];
  /** Row-major. (rows, targetNames.length) */
  readonly targets: Float64Array;
  /**
   * sha256 of the bytes as read (before decompression), hexadecimal. Where lengths or a mask were read from files beside an .npy,
   * that of a text: the line with the file's own sha256, then `lengths <sha256>` and `mask <sha256>` for those that are there.
   */
  readonly sha256: string;
  /** Empty rows that `skipEmpty` left out. */
  readonly emptyRows: number;
  /** Rows that `onError: 'skip'` left out. */
  readonly badRows?: BadRows;
  /** How the rows stood in the file; absent in data that comes from no file. */
  readonly origin?: Origin;
}

export interface DatasetOptions extends ReadOptions {
  readonly skipEmpty?: boolean;
}

/**
 * Reads all rows and their targets. Throws DataError at the first token or target that breaks a rule, and at an empty row
 * unless `skipEmpty`, or leaves such rows out with `onError: 'skip'`; and throws where no row remains.
 */
export async function readDataset(file: string | undefined, options: DatasetOptions, io: InputIo): Promise<Dataset> {
  const hash = createHash('sha256');
  const input = await openSequences(file, options, io, (bytes) => hash.update(bytes));
  const { chunks, close, badRows, besideDigests, ...origin } = input;
  try {
    const targets = new TargetReader(origin, targetColumns(origin, options.target));
    const all = new RowStore({ withOthers: false });
    let emptyRows = 0;
    for await (const chunk of chunks) {
      const { offsets, lines, others } = chunk;
      // Rows that stay are added together, as far as none between them is left out.
      let from = 0;
      for (let row = 0; row < lines.length; row++) {
        const isEmpty = offsets[row] === offsets[row + 1];
        try {
          if (isEmpty && !options.skipEmpty) throw emptyRow(origin, lines[row]);
          if (isEmpty) emptyRows++;
          else {
            targets.read(lines[row], chunk.columns?.[row] ?? origin.columns, others[row] ?? []);
            continue;
          }
        } catch (error) {
          badRows.add(error);
        }
        all.add(chunk, from, row);
        from = row + 1;
      }
      all.add(chunk, from);
    }
    if (all.rows === 0) throw noRowsLeft(origin.file, badRows, 'holds no rows with tokens');
    const { tokens, offsets, others: _, ...places } = all.take();
    const { names: targetNames, values } = targets;
    const rows = { tokens, offsets };
    const sha256 = fingerprint(hash.digest('hex'), besideDigests?.() ?? []);
    return { file: origin.file, rows, ...places, targetNames, targets: values, sha256, emptyRows, badRows, origin };
  } finally {
    close();
  }
}

function fingerprint(own: string, beside: readonly string[]): string {
  if (beside.length === 0) return own;
  const lines = [own, ...beside].map((line) => `${line}\n`);
  return createHash('sha256').update(lines.join('')).digest('hex');
}

/** The error of a token (from 0) that breaks a rule of a later stage: `data.csv:7:3: token 91 is outside …`. */
export function tokenError(data: Dataset, row: number, token: number, problem: string, hint?: string): DataError {
  const { file, lines, begins, origin } = data;
  if (origin === undefined) return new DataError({ file, line: lines[row], column: token + 1 }, problem, hint);
  const { place, detail } = placeOfToken(origin, lines[row], token + (begins?.[row] ?? 0));
  return new DataError(place, detail === '' ? problem : `${detail}: ${problem}`, hint);
}

/** The error of a whole row: `data.csv:7: …`, `data.json: row 7: …`. */
export function rowError({ file, lines, origin }: Dataset, row: number, problem: string, hint?: string): DataError {
  const { place, detail } = origin ? placeOfRow(origin, lines[row]) : { place: { file, line: lines[row] }, detail: '' };
  return new DataError(place, detail === '' ? problem : `${detail}: ${problem}`, hint);
}

/** The error of a row without tokens. */
export function emptyRow(origin: Origin, line: number): DataError {
  const { place, detail } = placeOfRow(origin, line);
  return new DataError(place, `${detail && `${detail}: `}the row has no tokens`, '--skip-empty leaves such rows out');
}
