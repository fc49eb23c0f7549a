// A record's cells as a row of tokens, for each of the three ways that rows stand in a CSV file.
import { DataError, quote } from '../errors.ts';
import type { CsvRecord } from './csv-records.ts';
import type { Header } from './header.ts';
import type { RowBuilder } from './row-builder.ts';
import { parseToken, tokenHint, tokenRule } from './token.ts';

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

/** A column for each token: empty cells at the end of the row, or a length, tell where it ends. */
export function wideReader(file: string, header: Header): ReadRecord {
  const { tokenCells, otherCells } = header;
  return ({ cells, line }, builder) => {
    checkWidth(file, line, cells, header);
    let size = tokenCells.length;
    while (size > 0 && (cells[tokenCells[size - 1]] ?? '') === '') size--;
    for (let i = 0; i < size; i++) {
      const cell = tokenCells[i];
      const token = parseToken(cells[cell]);
      if (token < 0) throw badToken(file, line, cell, cells[cell], header);
      builder.push(token);
    }
    cutToLength(file, line, cells, header, builder);
    builder.endRow(line, valuesOf(cells, otherCells));
  };
}

/** One cell for all tokens, with spaces between. */
export function cellReader(file: string, header: Header): ReadRecord {
  const cell = header.tokenCells[0];
  return ({ cells, line }, builder) => {
    checkWidth(file, line, cells, header);
    for (const text of (cells[cell] ?? '').split(/[ \t]+/)) {
      if (text === '') continue;
      const token = parseToken(text);
      if (token < 0) throw badTokenInCell(file, line, cell, builder.openLength, text);
      builder.push(token);
    }
    cutToLength(file, line, cells, header, builder);
    builder.endRow(line, valuesOf(cells, header.otherCells));
  };
}

function valuesOf(cells: readonly string[], wanted: readonly number[]): string[] {
  return wanted.map((cell) => cells[cell] ?? '');
}

function checkWidth(file: string, line: number, cells: readonly string[], { names }: Header): void {
  if (cells.length <= names.length) return;
  throw new DataError(
    { file, line, column: names.length + 1 },
    `the row has ${cells.length} cells, the header names ${names.length}`,
    cells.at(-1) === '' ? 'take the separator off the end of the row' : 'quote cells that hold a separator, or name every column',
  );
}

/** A length column says how many of the tokens are real. */
function cutToLength(file: string, line: number, cells: readonly string[], { lengthCell }: Header, builder: RowBuilder): void {
  if (lengthCell < 0) return;
  const value = cells[lengthCell] ?? '';
  const length = parseToken(value);
  if (length < 0 || length > builder.openLength) {
    throw new DataError(
      { file, line, column: lengthCell + 1 },
      `length ${quote(value)} is not a whole number from 0 to ${builder.openLength}, the tokens in the row`,
      'length counts the tokens that are not padding; rename the column if it is something else',
    );
  }
  builder.cutOpenRow(length);
}

function badToken(file: string, line: number, cell: number, value: string, header?: Header): DataError {
  const name = header && quote(header.names[cell]);
  const isNumber = /^\s*[-+.\d]/.test(value);
  if (value === '') {
    const hint = header
      ? 'only the cells after the last token may be empty'
      : 'take the separator away: without a header a row ends with its last token';
    return new DataError({ file, line, column: cell + 1 }, `an empty cell stands where a token should`, hint);
  }
  const roles = `if ${name} is no column of tokens, name the target with --target or the tokens with --sequence`;
  const hint = header === undefined ? tokenHint(value) : isNumber ? `${tokenHint(value)}; ${roles}` : roles;
  return new DataError(
    { file, line, column: cell + 1 },
    `token ${quote(value)}${name ? ` in column ${name}` : ''} is not ${tokenRule}`,
    hint,
  );
}

function badTokenInCell(file: string, line: number, cell: number, index: number, text: string): DataError {
  return new DataError({ file, line, column: cell + 1 }, `token ${index + 1}, ${quote(text)}, is not ${tokenRule}`, tokenHint(text));
}
