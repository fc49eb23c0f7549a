// CSV and TSV: the first record tells whether there is a header, and with it how rows of tokens stand in the records.
import { DataError } from '../../errors.ts';
import { BadRows, noRowsLeft } from '../rows/bad-rows.ts';
import { RowBuilder } from '../rows/builder.ts';
import { enoughForDelimiter, sniffDelimiter } from '../rows/delimiter.ts';
import type { Delimiter } from '../rows/delimiter.ts';
import { requireNamed } from '../rows/names.ts';
import type { ReadOptions } from '../rows/names.ts';
import type { RowChunk, SequenceInput } from '../rows/rows.ts';
import { peek } from '../source/bytes.ts';
import type { TextSource } from '../source/bytes.ts';
import { isHeader, notesOnFirstRow, readHeader, refusePandasNumbers } from './header.ts';
import { CsvWindow } from './records.ts';
import { cellReader, plainReader, wideReader } from './rows.ts';
import type { ReadRecord } from './rows.ts';
import { headedScanner, scanPlain } from './scanner.ts';
import type { ScanLines } from './scanner.ts';

/** `usual`: what separates cells where no option says so; absent: sniffed. */
export async function openCsv(source: TextSource, usual: Delimiter | undefined, options: ReadOptions): Promise<SequenceInput> {
  const { file, close } = source;
  const { delimiter, bytes } = await delimited(source.bytes, options.delimiter ?? usual);
  const window = new CsvWindow(file, bytes, delimiter, options.maxLineBytes);
  const first = await window.peekRecord();
  if (first === undefined) throw new DataError({ file }, 'holds no rows', 'is it the right file?');
  const { record, take } = first;
  const badRows = new BadRows(options);
  const input = { file, format: delimiter === '\t' ? 'tsv' : 'csv', delimiter, badRows, close } as const;
  if (record.blank || !isHeader(record.cells, options)) {
    refusePandasNumbers(file, record.line, record.cells);
    requireNamed({ file, line: record.line }, [], options);
    const chunks = csvChunks(file, window, scanPlain, plainReader(file), badRows);
    const notes = notesOnFirstRow(record.cells);
    return { ...input, layout: { kind: 'plain' }, columns: { names: [], tokensAt: 0 }, notes, chunks };
  }
  take();
  const header = readHeader(file, record.line, record.cells, options);
  const read = header.layout.kind === 'wide' ? wideReader(file, header, options) : cellReader(file, header, options);
  const scan = headedScanner(header, delimiter) ?? scanNothing;
  return { ...input, layout: header.layout, columns: header.columns, chunks: csvChunks(file, window, scan, read, badRows) };
}

/** Sniffs what is not said. */
async function delimited(
  bytes: AsyncGenerator<Buffer>,
  said: Delimiter | undefined,
): Promise<{ delimiter: Delimiter; bytes: AsyncGenerator<Buffer> }> {
  if (said !== undefined) return { delimiter: said, bytes };
  const peeked = await peek(bytes, enoughForDelimiter);
  return { delimiter: sniffDelimiter(peeked.head), bytes: peeked.bytes };
}

const scanNothing: ScanLines = () => {};

/** A chunk holds about so many rows at most. */
const fullAt = 1 << 16;

/** Rows by the scanner as far as it goes, the lines between with care. */
async function* csvChunks(file: string, window: CsvWindow, scan: ScanLines, read: ReadRecord, badRows: BadRows): AsyncGenerator<RowChunk> {
  const builder = new RowBuilder();
  const readOrSkip: ReadRecord = (record, into) => {
    try {
      read(record, into);
    } catch (error) {
      badRows.add(error);
      into.dropOpenRow();
    }
  };
  let isEmpty = true;
  try {
    do {
      while (window.hasLine) {
        scan(window, builder);
        // The one place where a record meets a rule that it may break; `window` stands behind it by then.
        if (builder.rows < fullAt) for (const record of window.records()) readOrSkip(record, builder);
        if (builder.rows < fullAt) continue;
        isEmpty = false;
        yield builder.take();
      }
      if (builder.rows === 0) continue;
      isEmpty = false;
      yield builder.take();
    } while (await window.more());
    if (isEmpty) throw noRowsLeft(file, badRows, 'holds a header and no rows');
  } finally {
    await window.close();
  }
}
