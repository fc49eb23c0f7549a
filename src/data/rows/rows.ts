// Rows of token IDs in memory: one Int32Array of tokens and one of row offsets, never arrays of arrays.
// And how an input's rows stood in their file, which is also how `rnn pad` writes them back.
import type { Place, UserError } from '../../errors.ts';
import type { BadRows } from './bad-rows.ts';
import type { Delimiter } from './delimiter.ts';

/** Row i is tokens[offsets[i] … offsets[i + 1]). offsets (rows + 1). */
export interface TokenRows {
  readonly tokens: Int32Array;
  readonly offsets: Int32Array;
}

/** A value beside the tokens: a CSV cell's text, a JSON value's source text; undefined where the row has none. */
export type CellValue = string | undefined;

/** The columns (keys) beside the tokens, in the order of the file; the tokens stand before names[tokensAt]. */
export interface Columns {
  readonly names: readonly string[];
  readonly tokensAt: number;
  /** CSV: the cell, from 1, that each name stands in. */
  readonly cells?: readonly number[];
}

/** A stretch of the input, in the order of the file. Right until the next one is asked for: the reader may use the arrays again. */
export interface RowChunk extends TokenRows {
  /** The line that each row begins on, from 1; where `rowsBy` is number, such as in a JSON document, the row's own number from 1. (rows) */
  readonly lines: Int32Array;
  /** How many cells of padding stood before each row's first token; absent where none did. (rows) */
  readonly begins?: Int32Array;
  /** The other columns' values by row, in the order of the columns' names; empty where the layout has none. */
  readonly others: readonly (readonly CellValue[])[];
  /** JSON objects only, whose keys may differ: the columns of each row. Neighbours with like keys share one object. */
  readonly columns?: readonly Columns[];
}

/** How the rows stand in the file. Cells count from 1. */
export type Layout =
  | { readonly kind: 'plain' }
  | { readonly kind: 'wide'; readonly tokenNames: readonly string[]; readonly tokenCells: readonly number[] }
  | { readonly kind: 'cell'; readonly sequenceName: string; readonly tokenCell: number }
  | { readonly kind: 'arrays' }
  | { readonly kind: 'objects'; readonly sequenceName: string }
  | { readonly kind: 'columns'; readonly sequenceName: string; readonly constants: readonly (readonly [name: string, json: string])[] };

/** What is particular to a format beside its reader. */
interface FormatFacts {
  /** How errors name a row: by its line, or by its number. */
  readonly rowsBy: 'line' | 'number';
  /** How they name a token of it. */
  readonly tokenName: 'token' | 'column';
  /** What the values beside the tokens are. */
  readonly values: 'cells' | 'json';
}

export const inputFormats = {
  csv: { rowsBy: 'line', tokenName: 'token', values: 'cells' },
  tsv: { rowsBy: 'line', tokenName: 'token', values: 'cells' },
  json: { rowsBy: 'number', tokenName: 'token', values: 'json' },
  jsonl: { rowsBy: 'line', tokenName: 'token', values: 'json' },
  npy: { rowsBy: 'number', tokenName: 'column', values: 'cells' },
  parquet: { rowsBy: 'number', tokenName: 'token', values: 'json' },
} as const satisfies Readonly<Record<string, FormatFacts>>;

export type InputFormat = keyof typeof inputFormats;

/** What later stages need to say where a value came from. */
export interface Origin {
  /** The file as messages name it; `stdin` for standard input. */
  readonly file: string;
  readonly format: InputFormat;
  readonly layout: Layout;
  /** With JSON objects, those of the first row. */
  readonly columns: Columns;
  /** CSV and TSV: what separates the cells. */
  readonly delimiter?: Delimiter;
  /** Whether the rows come through a pipe, and the next may be long in coming. */
  readonly isStream?: boolean;
  /** What a reader of the result should know of how the input was read. As errors, for their form. */
  readonly notes?: readonly UserError[];
}

/** An open input: what its first bytes said of it, and its rows as they come. */
export interface SequenceInput extends Origin {
  /** To be read once. Throws DataError at the first value that breaks a rule, unless bad rows are skipped, and where then no row is left. */
  readonly chunks: AsyncIterable<RowChunk>;
  /** Those met so far. */
  readonly badRows: BadRows;
  /** Once all rows are read: what each file that was read beside this one is, and the sha256 of its bytes. */
  readonly besideDigests?: () => readonly string[];
  /** Lets go of the file or of standard input; needed only where `chunks` is not read. */
  readonly close: () => void;
}

export function rowCount(rows: TokenRows): number {
  return rows.offsets.length - 1;
}

export function rowLength(rows: TokenRows, row: number): number {
  return rows.offsets[row + 1] - rows.offsets[row];
}

/**
 * Where a token (from 0, padding in front of the row counted) of the row on `line` stands: `data.csv:7:3`; where the place alone does not tell, `detail` does:
 * `data.csv:7:4` and `token 3`, `data.json` and `row 7, token 3`.
 */
export function placeOfToken({ file, format, layout }: Origin, line: number, token: number): { place: Place; detail: string } {
  const { rowsBy, tokenName } = inputFormats[format];
  if (rowsBy === 'number') return { place: { file }, detail: `row ${line}, ${tokenName} ${token + 1}` };
  if (layout.kind === 'cell') return { place: { file, line, column: layout.tokenCell }, detail: `token ${token + 1}` };
  const column = layout.kind === 'wide' ? layout.tokenCells[token] : token + 1;
  return { place: { file, line, column }, detail: '' };
}

/** Where a row stands: `data.csv:7`; in a JSON document `data.json` and `row 7`. */
export function placeOfRow({ file, format }: Pick<Origin, 'file' | 'format'>, line: number): { place: Place; detail: string } {
  return inputFormats[format].rowsBy === 'number' ? { place: { file }, detail: `row ${line}` } : { place: { file, line }, detail: '' };
}

/** `rows.csv:3:2`, `rows.csv:3:4, token 2`, `rows.json, row 3, token 2` */
export function placeText({ place, detail }: { readonly place: Place; readonly detail: string }): string {
  const at = [place.file, place.line, place.column].filter((part) => part !== undefined).join(':');
  return detail === '' ? at : `${at}, ${detail}`;
}
