// Splits CSV and TSV into records of cells, each with its line. Text without quotation marks is lines and separators and nothing more;
// from the first mark on, csv-parse takes over. It neither casts nor counts columns: the rows' readers are strict about both.
import type { CsvError, Parser } from 'csv-parse';
import { DataError } from '../errors.ts';

export interface CsvRecord {
  readonly cells: readonly string[];
  /** Where the record begins, from 1; quoted line breaks count. */
  readonly line: number;
  /** An empty line, which is not the same as a line with one empty quoted cell. */
  readonly blank: boolean;
}

const quotationMark = 0x22;

/** The records that each stretch of bytes completes. `bytes` ends no stretch inside a character. */
export async function* csvRecords(file: string, bytes: AsyncIterable<Buffer>, separator: string): AsyncGenerator<CsvRecord[]> {
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
    problem = csvError(error, file, line);
  };
  for await (const chunk of bytes) {
    quoted ??= chunk.includes(quotationMark) ? await quotedReader(separator, add) : undefined;
    if (quoted) {
      const joined = openLine === '' ? chunk : Buffer.concat([Buffer.from(openLine), chunk]);
      openLine = '';
      await quoted.write(joined).catch(keepProblem);
    } else {
      const text = chunk.toString();
      // A long line is joined once, not looked through again with every stretch.
      openLine = /[\r\n]/.test(text) ? addLines(openLine + text, separator, add) : openLine + text;
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
function addLines(text: string, separator: string, add: (cells: string[], blank: boolean) => void): string {
  const hasReturns = text.includes('\r');
  const lines = text.split(hasReturns ? /\r\n|\n|\r(?!$)/ : '\n');
  const openLine = lines.pop()!;
  for (const line of lines) add(line.split(separator), line === '');
  return openLine;
}

interface QuotedReader {
  readonly write: (chunk: Buffer) => Promise<void>;
  readonly end: () => Promise<void>;
}

/** Loaded on demand: most files quote nothing. */
async function quotedReader(delimiter: string, add: (cells: string[], blank: boolean) => void): Promise<QuotedReader> {
  const { parse } = await import('csv-parse');
  let position = 0;
  let received = 0;
  let lastByte = 0;
  const parser: Parser = parse({
    delimiter,
    record_delimiter: ['\r\n', '\n', '\r'],
    relax_column_count: true,
    // Taking records here and not from the stream spares a turn of the event loop for each.
    on_record: (cells: string[], { bytes: end }) => {
      const isQuotedEnd = end === received && lastByte === quotationMark;
      add(cells, cells.length === 1 && cells[0] === '' && end - position <= 2 && !isQuotedEnd);
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
function csvError(error: unknown, file: string, line: number): unknown {
  const { code, column } = error as CsvError & { readonly column?: unknown };
  const what = quoteProblems[code];
  if (what === undefined) return error;
  return new DataError({ file, line, ...(typeof column === 'number' && { column: column + 1 }) }, ...what);
}

const quoteProblems: Readonly<Record<string, readonly [what: string, remedy: string]>> = {
  CSV_QUOTE_NOT_CLOSED: ['a quotation mark opens here and is never closed', 'close it, or double a mark that is meant as text'],
  CSV_INVALID_CLOSING_QUOTE: ['text follows a closing quotation mark', 'double the marks within a quoted cell'],
  INVALID_OPENING_QUOTE: ['a quotation mark stands inside a cell', 'quote the whole cell, and double the marks within'],
};
