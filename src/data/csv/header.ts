// The first record of a CSV file: whether it is a header, and what each column then holds.
import { DataError, quote, UserError } from '../../errors.ts';
import { isMaskColumn, lengthName, maskName, requireNamed, sequenceNames, shownName, targetNames } from '../rows/names.ts';
import type { ReadOptions } from '../rows/names.ts';
import type { Columns, Layout } from '../rows/rows.ts';

/** Cells count from 0 here, since rows are arrays of cells. */
export interface Header {
  readonly names: readonly string[];
  readonly layout: Extract<Layout, { kind: 'wide' | 'cell' }>;
  readonly columns: Columns;
  readonly tokenCells: readonly number[];
  readonly otherCells: readonly number[];
  /** −1 where there is no such column. */
  readonly lengthCell: number;
  /** One for each token column, or the one whose entries have spaces between; empty where there is no mask. */
  readonly maskCells: readonly number[];
}

/**
 * A header has a known name in one of its cells (target, label, y, length, tokens, sequence, or what an option names),
 * or a name in every cell that is not empty: a letter or _ first, and not NaN or infinity.
 */
export function isHeader(cells: readonly string[], { sequence, target = [] }: ReadOptions): boolean {
  const known = new Set([...targetNames, ...sequenceNames, lengthName, ...target, sequence]);
  const names = cells.map((cell) => cell.trim());
  if (names.some((name) => known.has(name))) return true;
  const given = names.filter((name) => name !== '');
  return given.length > 0 && given.every((name) => /^[\p{L}_]/u.test(name) && !/^(nan|inf|infinity)$/i.test(name));
}

/** Throws DataError at a name that is empty, doubled, missing, or so like a known one that a mistake is likelier than a token column. */
export function readHeader(file: string, line: number, cells: readonly string[], options: ReadOptions): Header {
  const names = cells.map((cell) => cell.trim());
  checkNames(file, line, names);
  requireNamed({ file, line }, names, options);
  const sequenceName = options.sequence ?? sequenceNames.find((name) => names.includes(name));
  const tokenCells = sequenceName === undefined ? wideCells(file, line, names, options) : [names.indexOf(sequenceName)];
  const holdsTokens = new Set(tokenCells);
  const otherCells = [...names.keys()].filter((cell) => !holdsTokens.has(cell));
  return {
    names,
    layout:
      sequenceName === undefined
        ? { kind: 'wide', tokenNames: tokenCells.map((cell) => names[cell]), tokenCells: tokenCells.map((cell) => cell + 1) }
        : { kind: 'cell', sequenceName, tokenCell: tokenCells[0] + 1 },
    columns: {
      names: otherCells.map((cell) => names[cell]),
      tokensAt: otherCells.filter((cell) => cell < tokenCells[0]).length,
      cells: otherCells.map((cell) => cell + 1),
    },
    tokenCells,
    otherCells,
    lengthCell: names.indexOf(lengthName),
    maskCells:
      sequenceName === undefined
        ? wideMask(file, line, names, tokenCells.length)
        : [...names.keys()].filter((cell) => names[cell] === maskName),
  };
}

function checkNames(file: string, line: number, names: readonly string[]): void {
  const seen = new Map<string, number>();
  for (const [cell, name] of names.entries()) {
    const place = { file, line, column: cell + 1 };
    if (name === '')
      throw new DataError(
        place,
        'the header has a column without a name',
        'name every column (pandas: to_csv(index=False) writes no index)',
      );
    const first = seen.get(name);
    if (first !== undefined) {
      throw new DataError(place, `the header names two columns ${quote(name)}`, `rename this one or column ${first + 1}`);
    }
    seen.set(name, cell);
  }
}

/** Every column that is not a target, the length or a mask. */
function wideCells(file: string, line: number, names: readonly string[], { target = [] }: ReadOptions): number[] {
  const apart = new Set([...targetNames, lengthName, ...target]);
  const cells = [...names.keys()].filter((cell) => !apart.has(names[cell]) && !isMaskColumn(names[cell]));
  for (const cell of cells) refuseNearName(file, line, cell, names[cell]);
  if (cells.length === 0) {
    throw new DataError(
      { file, line },
      'the header names no column of tokens',
      'name the columns of tokens, or one of them with --sequence',
    );
  }
  return cells;
}

/** The columns mask_1, mask_2, … by their numbers: one for each column of tokens, or none at all. */
function wideMask(file: string, line: number, names: readonly string[], tokens: number): number[] {
  const cells = [...names.keys()].filter((cell) => isMaskColumn(names[cell]));
  if (cells.length === 0 || cells.length === tokens) return cells.sort((a, b) => maskNumber(names[a]) - maskNumber(names[b]));
  throw new DataError(
    { file, line, column: cells[0] + 1 },
    `the columns of tokens are ${tokens}, those of the mask, such as ${shownName(names[cells[0]])}, ${cells.length}`,
    'give one column of the mask for each of the tokens, or rename what is no mask',
  );
}

function maskNumber(name: string): number {
  return Number(name.slice(maskName.length + 1));
}

/**
 * pandas numbers the columns of a frame that has no names, and leaves the name of its index empty: `,0,1,2`. No row can begin
 * like this, so it is always a mistake; `0,1,2` alone might be a row, and is read as one.
 */
export function refusePandasNumbers(file: string, line: number, cells: readonly string[]): void {
  if (cells.length < 2 || cells[0] !== '' || cells.some((cell, i) => i > 0 && cell !== String(i - 1))) return;
  throw new DataError(
    { file, line, column: 1 },
    'this looks like the header that pandas writes for a frame with numbered columns',
    'write the frame with to_csv(index=False, header=False)',
  );
}

/** What may be said of a first row that is read as one. */
export function notesOnFirstRow(cells: readonly string[]): UserError[] {
  if (cells.length < 3 || cells.some((cell, i) => cell !== String(i))) return [];
  const what = `note: the first row counts from 0 to ${cells.length - 1}, as pandas numbers columns; it is read as a row`;
  return [new UserError(what, 'if it is a header, write the frame with to_csv(index=False, header=False)')];
}

/** `Label` would silently become a token column. */
function refuseNearName(file: string, line: number, cell: number, name: string): void {
  const meant = [...targetNames, ...sequenceNames, lengthName].find((known) => known === name.toLowerCase());
  if (meant === undefined) return;
  const flag = targetNames.includes(meant) ? `--target ${name}` : sequenceNames.includes(meant) ? `--sequence ${name}` : undefined;
  throw new DataError(
    { file, line, column: cell + 1 },
    `the column ${quote(name)} would be read as tokens`,
    flag === undefined ? `rename it to ${meant}` : `say ${flag}, or rename it to ${meant}`,
  );
}
