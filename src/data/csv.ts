// CSV and TSV: the first record tells whether there is a header, and with it how rows of tokens stand in the records.
import { DataError } from '../errors.ts';
import { BadRows, noRowsLeft } from './bad-rows.ts';
import { peek } from './bytes.ts';
import type { TextSource } from './bytes.ts';
import { csvRecords } from './csv-records.ts';
import type { CsvRecord } from './csv-records.ts';
import { cellReader, plainReader, wideReader } from './csv-rows.ts';
import type { ReadRecord } from './csv-rows.ts';
import { enoughForDelimiter, sniffDelimiter } from './delimiter.ts';
import type { Delimiter } from './delimiter.ts';
import { isHeader, readHeader, refusePandasNumbers } from './header.ts';
import { requireNamed } from './names.ts';
import type { ReadOptions } from './names.ts';
import { RowBuilder } from './row-builder.ts';
import type { RowChunk, SequenceInput } from './rows.ts';

/** `usual`: what separates cells where no option says so; absent: sniffed. */
export async function openCsv(source: TextSource, usual: Delimiter | undefined, options: ReadOptions): Promise<SequenceInput> {
  const { file, close } = source;
  const { delimiter, bytes } = await delimited(source.bytes, options.delimiter ?? usual);
  const batches = csvRecords(file, bytes, delimiter, options.maxLineBytes);
  const first = await firstBatch(batches);
  const [record] = first;
  if (record === undefined) throw new DataError({ file }, 'holds no rows', 'is it the right file?');
  const badRows = new BadRows(options);
  const input = { file, format: delimiter === '\t' ? 'tsv' : 'csv', delimiter, badRows, close } as const;
  if (record.blank || !isHeader(record.cells, options)) {
    refusePandasNumbers(file, record.line, record.cells);
    requireNamed({ file, line: record.line }, [], options);
    const chunks = csvChunks(file, first, batches, plainReader(file), badRows);
    return { ...input, layout: { kind: 'plain' }, columns: { names: [], tokensAt: 0 }, chunks };
  }
  const header = readHeader(file, record.line, record.cells, options);
  const read = header.layout.kind === 'wide' ? wideReader(file, header, options) : cellReader(file, header, options);
  return { ...input, layout: header.layout, columns: header.columns, chunks: csvChunks(file, first.slice(1), batches, read, badRows) };
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

async function firstBatch(batches: AsyncGenerator<CsvRecord[], void>): Promise<CsvRecord[]> {
  for (;;) {
    const { done, value } = await batches.next();
    if (done) return [];
    if (value.length > 0) return value;
  }
}

async function* csvChunks(
  file: string,
  first: CsvRecord[],
  rest: AsyncGenerator<CsvRecord[], void>,
  read: ReadRecord,
  badRows: BadRows,
): AsyncGenerator<RowChunk> {
  const builder = new RowBuilder();
  let isEmpty = true;
  try {
    for (let records: CsvRecord[] | void = first; records; records = (await rest.next()).value) {
      for (const record of records) {
        try {
          read(record, builder);
        } catch (error) {
          badRows.add(error);
          builder.dropOpenRow();
        }
      }
      if (builder.rows === 0) continue;
      isEmpty = false;
      yield builder.take();
    }
    if (isEmpty) throw noRowsLeft(file, badRows, 'holds a header and no rows');
  } finally {
    await rest.return();
  }
}
