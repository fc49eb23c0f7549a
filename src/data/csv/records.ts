// CSV and TSV as records of cells, each with its line, read with care: a line without quotation marks is cells and separators and nothing
// more; from the first mark on, csv-parse reads the lines at hand. It neither casts nor counts columns: the rows' readers are strict about both.
import type { CsvError, parse } from 'csv-parse/sync';
import { DataError } from '../../errors.ts';
import type { Delimiter } from '../rows/delimiter.ts';
import { ByteWindow } from '../source/byte-window.ts';
import { tooLong } from '../source/line-limit.ts';

export interface CsvRecord {
  readonly cells: readonly string[];
  /** Where the record begins, from 1; quoted line breaks count. */
  readonly line: number;
  /** An empty line, which is not the same as a line with one empty quoted cell. */
  readonly blank: boolean;
}

const [quotationMark, newline, carriageReturn] = [0x22, 0x0a, 0x0d];

/** The lines at hand. bytes[at … end) are whole ones, each with its end, but for a quoted cell that goes on behind them. */
export class CsvWindow extends ByteWindow {
  readonly #file: string;
  readonly #separator: Delimiter;
  /** The first mark at or after `at`; Infinity where there is none. */
  #mark = Infinity;
  /** Loaded on demand: most files quote nothing. */
  #parse: typeof parse | undefined;
  end = 0;
  /** That which begins at `at`, from 1. */
  line = 1;

  /** Between cells stands one separator, or where that is a space, any number of them. */
  constructor(file: string, source: AsyncGenerator<Buffer>, separator: Delimiter, limit?: number) {
    super(source, limit);
    this.#file = file;
    this.#separator = separator;
  }

  get separatorByte(): number {
    return this.#separator.charCodeAt(0);
  }

  get hasLine(): boolean {
    return this.at < this.end;
  }

  override async more(): Promise<boolean> {
    if (!(await super.more())) return false;
    const { bytes, ended } = this;
    // With an end to its last line, the end of the file needs no case of its own.
    if (ended && bytes.length > 0 && bytes[bytes.length - 1] !== newline) this.bytes = Buffer.concat([bytes, Buffer.of(newline)]);
    this.end = ended ? this.bytes.length : endOfLastLine(bytes);
    this.#findMark();
    if (this.#mark < Infinity) this.#parse ??= (await import('csv-parse/sync')).parse;
    return true;
  }

  protected override tooLong(): Error {
    const what = this.#mark < Infinity ? 'the row that begins here' : 'the line';
    return tooLong({ file: this.#file, line: this.line }, what, this.limit);
  }

  #findMark(): void {
    const found = this.bytes.indexOf(quotationMark, this.at);
    this.#mark = found < 0 ? Infinity : found;
  }

  /** The first record of the file, without taking it, and how to take it. */
  async peekRecord(): Promise<{ readonly record: CsvRecord; readonly take: () => void } | undefined> {
    while (await this.more()) {
      for (const record of this.records(1)) {
        const [at, line] = [this.at, this.line];
        [this.at, this.line] = [0, 1];
        this.#findMark();
        return { record, take: () => ([this.at, this.line] = [at, line]) };
      }
    }
    return undefined;
  }

  /**
   * Takes the next line; where a mark stands in it, all lines at hand, or no more than `most` records. Gives none where the record is
   * not complete: then more bytes are needed. Throws DataError at marks that do not pair, after the records before them.
   */
  *records(most?: number): Generator<CsvRecord> {
    const { bytes, at, line } = this;
    if (!this.hasLine) return;
    let lineEnd = at;
    while (bytes[lineEnd] !== newline && bytes[lineEnd] !== carriageReturn) lineEnd++;
    if (this.#mark < at) this.#findMark();
    if (this.#mark < lineEnd) {
      yield* this.#quotedRecords(most);
      return;
    }
    this.at = lineEnd + (bytes[lineEnd] === carriageReturn && bytes[lineEnd + 1] === newline ? 2 : 1);
    this.line++;
    const cells = bytes.toString('utf8', at, lineEnd).split(this.#separator);
    yield this.#separator === ' ' ? recordOfWords(cells, '', line) : { cells, line, blank: lineEnd === at };
  }

  *#quotedRecords(most: number | undefined): Generator<CsvRecord> {
    const isSpaced = this.#separator === ' ';
    const records: CsvRecord[] = [];
    let { line } = this;
    let length = 0;
    let problem: unknown;
    const options = {
      delimiter: this.#separator,
      record_delimiter: ['\r\n', '\n', '\r'],
      relax_column_count: true,
      ...(most !== undefined && { to: most }),
      // A quoted cell that is empty is one all the same.
      ...(isSpaced && { cast: (cell: string, { quoting }: { readonly quoting: boolean }) => (cell === '' && !quoting ? null : cell) }),
      on_record: (cells: string[], { bytes: end }: { readonly bytes: number }) => {
        const isBlank = cells.length === 1 && cells[0] === '' && end - length <= 2;
        records.push(isSpaced ? recordOfWords<null>(cells, null, line) : { cells, line, blank: isBlank });
        line += 1 + countLineBreaks(records.at(-1)!.cells);
        length = end;
        return null;
      },
    };
    try {
      this.#parse!(this.bytes.subarray(this.at, this.end), options);
    } catch (error) {
      problem = error;
    }
    this.at += length;
    this.line = line;
    yield* records;
    if (problem === undefined) return;
    if ((problem as CsvError).code === 'CSV_QUOTE_NOT_CLOSED' && !this.ended) this.end = this.at;
    else throw csvError(problem, this.#file, line);
  }
}

/** Leaves out the `gap` between one space and the next, before the first word and after the last. Without a word the line is blank. */
function recordOfWords<Gap>(cells: readonly (string | Gap)[], gap: Gap, line: number): CsvRecord {
  const words = cells.filter((cell): cell is string => cell !== gap);
  return { cells: words, line, blank: words.length === 0 };
}

/** Where the last line that is whole ends. A return at the very end waits for its line feed. */
function endOfLastLine(bytes: Buffer): number {
  const feed = bytes.lastIndexOf(newline);
  return 1 + (feed >= 0 || bytes.length < 2 ? feed : bytes.lastIndexOf(carriageReturn, bytes.length - 2));
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
