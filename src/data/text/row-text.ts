// Rows of IDs as they come from an encoder, as CSV, TSV, JSON or JSONL. Works on bytes: this is what a pipe waits for.
import { END_OF_ROW } from './row-buffer.ts';

export const rowFormats = ['csv', 'tsv', 'json', 'jsonl'] as const;
export type RowFormat = (typeof rowFormats)[number];

export interface RowText {
  /** The bytes of these IDs; rows may go on from call to call. */
  readonly write: (ids: Int32Array) => Uint8Array;
  readonly end: () => string;
}

interface Marks {
  readonly document: string;
  readonly rowBegin: string;
  readonly separator: string;
  readonly rowEnd: string;
  readonly betweenRows: string;
  readonly documentEnd: string;
}

const lines = { document: '', rowBegin: '', rowEnd: '\n', betweenRows: '', documentEnd: '' };
const marks: Readonly<Record<RowFormat, Marks>> = {
  csv: { ...lines, separator: ',' },
  tsv: { ...lines, separator: '\t' },
  jsonl: { ...lines, rowBegin: '[', separator: ',', rowEnd: ']\n' },
  json: { document: '[', rowBegin: '[', separator: ',', rowEnd: ']', betweenRows: ',', documentEnd: ']\n' },
};

/** The most bytes that one ID and the marks around it take. */
const mostBytes = 16;

export function rowText(format: RowFormat): RowText {
  const { document, rowBegin, separator, rowEnd, betweenRows, documentEnd } = marks[format];
  const comma = separator.charCodeAt(0);
  let out = Buffer.alloc(0);
  let isFirstRow = true;
  let isOpen = false;
  let isEmpty = true; // the row that is open
  const mark = (at: number, text: string): number => {
    for (let i = 0; i < text.length; i++) out[at + i] = text.charCodeAt(i);
    return at + text.length;
  };
  return {
    write(ids) {
      if (out.length < ids.length * mostBytes) out = Buffer.allocUnsafe(ids.length * mostBytes);
      let at = 0;
      for (let i = 0; i < ids.length; i++) {
        const id = ids[i];
        if (!isOpen) {
          at = mark(at, (isFirstRow ? document : betweenRows) + rowBegin);
          isFirstRow = false;
          isOpen = true;
          isEmpty = true;
        }
        if (id === END_OF_ROW) {
          at = mark(at, rowEnd);
          isOpen = false;
        } else {
          if (isEmpty) isEmpty = false;
          else out[at++] = comma;
          at = writeNumber(out, at, id);
        }
      }
      return Buffer.from(out.subarray(0, at));
    },
    end: () => (isFirstRow ? document : '') + documentEnd,
  };
}

/** Writes the decimal digits of a number ≥ 0; returns where they end. */
function writeNumber(out: Uint8Array, at: number, value: number): number {
  if (value < 10) {
    out[at] = 48 + value;
    return at + 1;
  }
  let end = at + 1;
  for (let rest = value; rest >= 10; rest = (rest / 10) | 0) end++;
  for (let digit = end - 1, rest = value; digit >= at; digit--) {
    const tenth = (rest / 10) | 0;
    out[digit] = 48 + rest - 10 * tenth;
    rest = tenth;
  }
  return end;
}
