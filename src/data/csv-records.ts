// Splits CSV and TSV into records of cells, each with its line. Text without quotation marks is lines and separators and nothing more;
// from the first mark on, csv-parse takes over. It neither casts nor counts columns: the rows' readers are strict about both.
import type { CsvError, Parser } from 'csv-parse';
import { DataError } from '../errors.ts';
import type { Place } from '../errors.ts';
import type { Delimiter } from './delimiter.ts';
import { tooLong, usualMostLineBytes } from './line-limit.ts';

export interface CsvRecord {
  readonly cells: readonly string[];
  /** Where the record begins, from 1; quoted line breaks count. */
  readonly line: number;
  /** An empty line, which is not the same as a line with one empty quoted cell. */
  readonly blank: boolean;
}

const quotationMark = 0x22;

/**
 * The records that each stretch of bytes completes. `bytes` ends no stretch inside a character. Between cells stands one separator,
 * or where that is a space, any number of them. Throws DataError at a line of more than `limit` bytes.
 */
export async function* csvRecords(
  file: string,
  bytes: AsyncIterable<Buffer>,
  separator: Delimiter,
  limit = usualMostLineBytes,
): AsyncGenerator<CsvRecord[]> {
  let records: CsvRecord[] = [];
  let line = 1;
  let openLine = '';
  let quoted: QuotedReader | undefined;
  const add = (cells: string[], blank: boolean): void => {
    records.push({ cells, line, blank });
    line += 1 + countLineBreaks(cells);
  };
  let problem: unknown;
  const keepProblem = (error: unknown): void => {
    problem = csvError(error, { file, line }, limit);
  };
  for await (const chunk of bytes) {
    quoted ??= chunk.includes(quotationMark) ? await quotedReader(separator, limit, add) : undefined;
    if (quoted) {
      const joined = openLine === '' ? chunk : Buffer.concat([Buffer.from(openLine), chunk]);
      openLine = '';
      await quoted.write(joined).catch(keepProblem);
    } else {
      const text = chunk.toString();
      const lineEnd = text.search(/[\r\n]/);
      if (openLine.length + (lineEnd < 0 ? text.length : lineEnd) > limit) problem = tooLong({ file, line }, 'the line', limit);
      // A long line is joined once, not looked through again with every stretch.
      else openLine = lineEnd < 0 ? openLine + text : addLines(openLine + text, separator, add);
    }
    yield records;
    records = [];
    // Only now: a row before the problem may have one of its own.
    if (problem !== undefined) throw problem;
  }
  await quoted?.end().catch(keepProblem);
  if (openLine !== '') addLines(`${openLine}\n`, separator, add);
  yield records;
  if (problem !== undefined) throw problem;
}

/** Adds every whole line, and returns the text after the last of them. A return at the very end waits for its line feed. */
function addLines(text: string, separator: Delimiter, add: (cells: string[], blank: boolean) => void): string {
  const hasReturns = text.includes('\r');
  const lines = text.split(hasReturns ? /\r\n|\n|\r(?!$)/ : '\n');
  const openLine = lines.pop()!;
  for (const line of lines) {
    if (separator !== ' ') add(line.split(separator), line === '');
    else add(...wordsOf(line.split(' '), ''));
  }
  return openLine;
}

/** Leaves out the `gap` between one space and the next, before the first word and after the last. Without a word the line is blank. */
function wordsOf<Gap>(cells: readonly (string | Gap)[], gap: Gap): [cells: string[], blank: boolean] {
  const words = cells.filter((cell): cell is string => cell !== gap);
  return [words, words.length === 0];
}

interface QuotedReader {
  readonly write: (chunk: Buffer) => Promise<void>;
  readonly end: () => Promise<void>;
}

/** Loaded on demand: most files quote nothing. */
async function quotedReader(delimiter: Delimiter, limit: number, add: (cells: string[], blank: boolean) => void): Promise<QuotedReader> {
  const { parse } = await import('csv-parse');
  let position = 0;
  let received = 0;
  let lastByte = 0;
  const parser: Parser = parse({
    delimiter,
    record_delimiter: ['\r\n', '\n', '\r'],
    relax_column_count: true,
    max_record_size: limit,
    // A quoted cell that is empty is one all the same.
    ...(delimiter === ' ' && { cast: (cell: string, { quoting }) => (cell === '' && !quoting ? null : cell) }),
    // Taking records here and not from the stream spares a turn of the event loop for each.
    on_record: (cells: string[], { bytes: end }) => {
      const isQuotedEnd = end === received && lastByte === quotationMark;
      if (delimiter === ' ') add(...wordsOf<null>(cells, null));
      else add(cells, cells.length === 1 && cells[0] === '' && end - position <= 2 && !isQuotedEnd);
      position = end;
      return null;
    },
  });
  // Errors reach the callbacks of write and end too.
  parser.on('error', () => {});
  return {
    write(chunk) {
      received += chunk.length;
      lastByte = chunk[chunk.length - 1]!;
      return new Promise((resolve, reject) => parser.write(chunk, (error) => (error ? reject(error) : resolve())));
    },
    end: () => new Promise((resolve, reject) => parser.on('error', reject).end(resolve)),
  };
}

function countLineBreaks(cells: readonly string[]): number {
  let count = 0;
  for (const cell of cells) {
    if (cell.includes('\n') || cell.includes('\r')) count += cell.match(/\r\n|\n|\r/g)?.length ?? 0;
  }
  return count;
}

/** The parser's own messages count lines and cells from other points. */
function csvError(error: unknown, place: Place, limit: number): unknown {
  const { code, column } = error as CsvError & { readonly column?: unknown };
  if (code === 'CSV_MAX_RECORD_SIZE') return tooLong(place, 'the row that begins here', limit);
  const what = quoteProblems[code];
  if (what === undefined) return error;
  return new DataError({ ...place, ...(typeof column === 'number' && { column: column + 1 }) }, ...what);
}

const quoteProblems: Readonly<Record<string, readonly [what: string, remedy: string]>> = {
  CSV_QUOTE_NOT_CLOSED: ['a quotation mark opens here and is never closed', 'close it, or double a mark that is meant as text'],
  CSV_INVALID_CLOSING_QUOTE: ['text follows a closing quotation mark', 'double the marks within a quoted cell'],
  INVALID_OPENING_QUOTE: ['a quotation mark stands inside a cell', 'quote the whole cell, and double the marks within'],
};
