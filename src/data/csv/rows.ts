// A record's cells as a row of tokens, for each of the three ways that rows stand in a CSV file.
import { DataError, quote } from '../../errors.ts';
import type { RowBuilder } from '../rows/builder.ts';
import type { ReadOptions } from '../rows/names.ts';
import { RealTokens, wholeNumber } from '../rows/real-tokens.ts';
import type { ToldRow } from '../rows/real-tokens.ts';
import { parseToken, tokenHint, tokenRule } from '../rows/token.ts';
import type { Header } from './header.ts';
import type { CsvRecord } from './records.ts';

/** Adds one row. Throws DataError that names the cell. */
export type ReadRecord = (record: CsvRecord, builder: RowBuilder) => void;

/** No header: every cell is a token, an empty line is an empty row. */
export function plainReader(file: string): ReadRecord {
  return ({ cells, line, blank }, builder) => {
    if (!blank) {
      for (let cell = 0; cell < cells.length; cell++) {
        const token = parseToken(cells[cell]);
        if (token < 0) throw badToken(file, line, cell, cells[cell]);
        builder.push(token);
      }
    }
    builder.endRow(line);
  };
}

/** A column for each token: empty cells at the end of the row, a length or a mask tell where it ends. */
export function wideReader(file: string, header: Header, options: ReadOptions): ReadRecord {
  const { tokenCells, otherCells, maskCells } = header;
  const real = new RealTokens(options);
  return ({ cells, line, blank }, builder) => {
    checkWidth(file, line, cells, header);
    let size = tokenCells.length;
    while (size > 0 && (cells[tokenCells[size - 1]] ?? '') === '') size--;
    let begin = 0;
    let end = size;
    if (!blank && isTold(header)) {
      // Without a token, a 0 of the mask says nothing.
      let entries = maskCells.length;
      while (entries > size && cells[maskCells[entries - 1]]?.trim() === '0') entries--;
      const told = {
        length: lengthIn(cells, header),
        mask: maskCells.length === 0 ? undefined : maskCells.slice(0, entries).map((cell) => (cells[cell] ?? '').trim()),
      };
      const valueAt = (i: number): number =>
        paddingIn(cells[tokenCells[i]], () => badToken(file, line, tokenCells[i], cells[tokenCells[i]], header));
      ({ begin, end } = real.of({ told, count: size, valueAt, fail: failIn(file, line, header) }));
    }
    for (let i = begin; i < end; i++) {
      const cell = tokenCells[i];
      const token = parseToken(cells[cell]);
      if (token < 0) throw badToken(file, line, cell, cells[cell], header);
      builder.push(token);
    }
    builder.beginOpenRowAt(begin);
    builder.endRow(line, valuesOf(cells, otherCells));
  };
}

/** One cell for all tokens, with spaces between. */
export function cellReader(file: string, header: Header, options: ReadOptions): ReadRecord {
  const cell = header.tokenCells[0];
  const [maskCell = -1] = header.maskCells;
  const real = new RealTokens(options);
  return ({ cells, line, blank }, builder) => {
    checkWidth(file, line, cells, header);
    const texts = wordsOf(cells[cell] ?? '');
    let begin = 0;
    let end = texts.length;
    if (!blank && isTold(header)) {
      const told = { length: lengthIn(cells, header), mask: maskCell < 0 ? undefined : wordsOf(cells[maskCell] ?? '') };
      const valueAt = (i: number): number => paddingIn(texts[i], () => badTokenInCell(file, line, cell, i, texts[i]));
      ({ begin, end } = real.of({ told, count: texts.length, valueAt, fail: failIn(file, line, header) }));
    }
    for (let i = begin; i < end; i++) {
      const token = parseToken(texts[i]);
      if (token < 0) throw badTokenInCell(file, line, cell, i, texts[i]);
      builder.push(token);
    }
    builder.beginOpenRowAt(begin);
    builder.endRow(line, valuesOf(cells, header.otherCells));
  };
}

/** What spaces and tabs separate. */
function wordsOf(cell: string): string[] {
  const words = cell.split(/[ \t]+/);
  if (words[0] === '') words.shift();
  if (words.at(-1) === '') words.pop();
  return words;
}

/** Whether a column says which tokens are real. */
function isTold({ lengthCell, maskCells }: Header): boolean {
  return lengthCell >= 0 || maskCells.length > 0;
}

function lengthIn(cells: readonly string[], { lengthCell }: Header): string | undefined {
  return lengthCell < 0 ? undefined : (cells[lengthCell] ?? '');
}

function paddingIn(text: string, bad: () => DataError): number {
  const value = wholeNumber(text);
  if (Number.isNaN(value)) throw bad();
  return value;
}

/** The error of a length, a mask or padding, at its cell. */
function failIn(file: string, line: number, { layout, tokenCells, lengthCell, maskCells }: Header): ToldRow['fail'] {
  const isWide = layout.kind === 'wide';
  return ({ kind, index }, message, hint) => {
    const cells = kind === 'token' ? tokenCells : maskCells;
    const cell = kind === 'length' ? lengthCell : cells[isWide ? index : 0];
    const detail = kind === 'token' && !isWide ? `token ${index + 1}: ` : '';
    return new DataError({ file, line, column: cell + 1 }, detail + message, hint);
  };
}

function valuesOf(cells: readonly string[], wanted: readonly number[]): string[] {
  return wanted.map((cell) => cells[cell] ?? '');
}

function checkWidth(file: string, line: number, cells: readonly string[], { names }: Header): void {
  if (cells.length <= names.length) return;
  const fewer =
    cells.at(-1) === '' ? 'take the separator off the end of the row' : 'quote cells that hold a separator, or name every column';
  throw new DataError(
    { file, line, column: names.length + 1 },
    `the row has ${cells.length} cells, the header names ${names.length}`,
    cells.every(startsAsNumber) ? fewer : `${fewer}; ${textHint}`,
  );
}

/** For who gives a text to a command that reads token IDs. */
const textHint = 'of a text, rnn tokenize makes rows of token IDs';

function startsAsNumber(value: string): boolean {
  return /^\s*[-+.\d]/.test(value);
}

function badToken(file: string, line: number, cell: number, value: string, header?: Header): DataError {
  const name = header && quote(header.names[cell]);
  const isNumber = startsAsNumber(value);
  if (value === '') {
    const hint = header
      ? 'only the cells after the last token may be empty'
      : 'take the separator away: without a header a row ends with its last token';
    return new DataError({ file, line, column: cell + 1 }, `an empty cell stands where a token should`, hint);
  }
  const roles = `if ${name} is no column of tokens, name the target with --target or the tokens with --sequence`;
  const hint = header === undefined ? tokenHint(value) : isNumber ? `${tokenHint(value)}; ${roles}` : `${roles}; ${textHint}`;
  return new DataError(
    { file, line, column: cell + 1 },
    `token ${quote(value)}${name ? ` in column ${name}` : ''} is not ${tokenRule}`,
    hint,
  );
}

function badTokenInCell(file: string, line: number, cell: number, index: number, text: string): DataError {
  return new DataError({ file, line, column: cell + 1 }, `token ${index + 1}, ${quote(text)}, is not ${tokenRule}`, tokenHint(text));
}
