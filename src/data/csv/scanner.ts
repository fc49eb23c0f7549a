// The rows that most CSV files hold and nothing else: digits, separators, line ends, and under a header cells of text without quotation
// marks. Read from the bytes straight into the arrays of rows, without a string for a cell. A scanner takes whole lines up to the first
// that is not like that, and leaves it as it stands: the careful way (records.ts, rows.ts) reads it, and says what is wrong.
import type { RowBuilder } from '../rows/builder.ts';
import type { Delimiter } from '../rows/delimiter.ts';
import { surelyTokens } from '../rows/token.ts';
import type { Header } from './header.ts';
import type { CsvWindow } from './records.ts';

/** Takes rows from the window as far as they are plain. Throws nothing. */
export type ScanLines = (window: CsvWindow, builder: RowBuilder) => void;

const [newline, carriageReturn, space, quotationMark, zero] = [0x0a, 0x0d, 0x20, 0x22, 0x30];
/** Rows that are read in one go at most. */
const mostRows = 1 << 16;

/**
 * Without a header.
 *
 *     for each token: skip spaces; value = 10 value + digit while there are digits
 *     a separator ends the token, a line end ends token and row, an empty line is an empty row; at anything else, stop at this line
 *
 * One branch that the processor guesses wrong for each token, at the end of its digits; a flat loop over bytes guesses twice and takes
 * 1.6 times as long.
 */
export function scanPlain(window: CsvWindow, builder: RowBuilder): void {
  const { bytes, end, line: firstLine } = window;
  const separator = window.separatorByte - zero;
  const room = builder.room((end - window.at + 1) >> 1, mostRows);
  const { tokens, offsets, lines, firstRow } = room;
  const stop = firstRow + mostRows;
  let { length } = room;
  let row = firstRow;
  let rowBegin = window.at;
  let at = rowBegin;
  while (at < end && row < stop) {
    const begin = at;
    let value = bytes[at] - zero;
    let byte = value;
    // Unsigned, the bytes below the digits are large numbers.
    if (value >>> 0 < 10) {
      byte = bytes[++at] - zero;
      while (byte >>> 0 < 10) {
        value = (Math.imul(value, 10) + byte) | 0;
        byte = bytes[++at] - zero;
      }
      if (at - begin > surelyTokens) break;
      tokens[length++] = value;
    } else if (byte === space - zero && byte !== separator) {
      at++;
      continue;
    } else if (at !== rowBegin || byte === separator) {
      break;
    }
    at++;
    if (byte === separator) continue;
    if (byte === carriageReturn - zero && bytes[at] === newline) at++;
    else if (byte !== newline - zero) break;
    lines[row] = firstLine + row - firstRow;
    offsets[++row] = length;
    rowBegin = at;
  }
  window.at = rowBegin;
  window.line = firstLine + row - firstRow;
  builder.advance(row - firstRow);
}

/** What a cell under a header holds. */
const [other, token, tokenList] = [0, 1, 2];

/**
 * Under a header, for rows whose tokens are all real (undefined where a length or a mask tells which are): as many tokens as stand in their cells up to the first empty one, or in the one
 * cell of all tokens, with spaces between; the other cells are kept as text.
 */
export function headedScanner(
  { names, layout, tokenCells, otherCells, lengthCell, maskCells }: Header,
  delimiter: Delimiter,
): ScanLines | undefined {
  if (lengthCell >= 0 || maskCells.length > 0 || delimiter === ' ') return undefined;
  const kinds = new Uint8Array(names.length).fill(other);
  for (const cell of tokenCells) kinds[cell] = layout.kind === 'wide' ? token : tokenList;
  return (window, builder) => {
    while (window.hasLine && builder.rows < mostRows) {
      const end = scanHeadedLine(window, builder, kinds, otherCells.length);
      if (end < 0) break;
      window.at = end;
      window.line++;
    }
    builder.dropOpenRow();
  };
}

/** Adds the row of the line that begins at `at`, and returns where the line ends; −1 where it is not plain. */
function scanHeadedLine(window: CsvWindow, builder: RowBuilder, kinds: Uint8Array, others: number): number {
  const { bytes, separatorByte: separator } = window;
  const values: string[] = [];
  let { at } = window;
  let isEnded = false;
  for (let cell = 0; cell < kinds.length; cell++) {
    const kind = kinds[cell];
    const begin = at;
    if (kind === other) {
      while (bytes[at] !== separator && bytes[at] !== newline && bytes[at] !== carriageReturn && bytes[at] !== quotationMark) at++;
      values.push(bytes.toString('utf8', begin, at));
    } else {
      for (;;) {
        while (bytes[at] === space) at++;
        const first = at;
        let value = 0;
        let digit = bytes[at] - zero;
        while (digit >>> 0 < 10) {
          value = (Math.imul(value, 10) + digit) | 0;
          digit = bytes[++at] - zero;
        }
        if (at - first > surelyTokens) return -1;
        if (at > first) builder.push(value);
        if (kind === token || bytes[at] !== space) break;
      }
      // A cell of blanks is not empty, and none that holds a token may follow one that is.
      if (kind === token && (at === begin ? false : isEnded || bytes[at - 1] === space)) return -1;
      if (at === begin) isEnded = true;
    }
    if (bytes[at] === separator) {
      at++;
      continue;
    }
    const end = bytes[at] === newline ? at + 1 : bytes[at] === carriageReturn && bytes[at + 1] === newline ? at + 2 : -1;
    // An empty line has no row of empty cells.
    if (end < 0 || at === window.at) return -1;
    while (values.length < others) values.push('');
    builder.endRow(window.line, values);
    return end;
  }
  return -1;
}
