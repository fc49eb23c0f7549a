// The rows that most CSV files hold and nothing else: digits, separators, line ends, and under a header cells of text without quotation
// marks. Read from the bytes straight into the arrays of rows, without a string for a cell. A scanner takes whole lines up to the first
// that is not like that, and leaves it as it stands: the careful way (csv-records.ts, csv-rows.ts) reads it, and says what is wrong.
import type { CsvWindow } from './csv-records.ts';
import type { RowBuilder } from './row-builder.ts';

/** Takes rows from the window as far as they are plain. Throws nothing. */
export type ScanLines = (window: CsvWindow, builder: RowBuilder) => void;

const [newline, carriageReturn, space, zero] = [0x0a, 0x0d, 0x20, 0x30];
/** Any number of so many digits is a token; of those with more, the careful way can tell. */
const surelyTokens = 9;
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
