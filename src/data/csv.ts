// CSV and TSV: the first record tells whether there is a header, and with it how rows of tokens stand in the records.
import { DataError } from '../errors.ts';
import type { TextSource } from './bytes.ts';
import { csvRecords } from './csv-records.ts';
import type { CsvRecord } from './csv-records.ts';
import { cellReader, plainReader, wideReader } from './csv-rows.ts';
import type { ReadRecord } from './csv-rows.ts';
import { isHeader, readHeader, refusePandasNumbers } from './header.ts';
import { requireNamed } from './names.ts';
import type { ReadOptions } from './names.ts';
import { RowBuilder } from './row-builder.ts';
import type { RowChunk, SequenceInput } from './rows.ts';

export async function openCsv({ file, bytes, close }: TextSource, format: 'csv' | 'tsv', options: ReadOptions): Promise<SequenceInput> {
  const batches = csvRecords(file, bytes, format === 'csv' ? ',' : '\t');
  const first = await firstBatch(batches);
  const [record] = first;
  if (record === undefined) throw new DataError({ file }, 'holds no rows', 'is it the right file?');
  const input = { file, format, close };
  if (record.blank || !isHeader(record.cells, options)) {
    refusePandasNumbers(file, record.line, record.cells);
    requireNamed({ file, line: record.line }, [], options);
    const chunks = csvChunks(file, first, batches, plainReader(file));
    return { ...input, layout: { kind: 'plain' }, columns: { names: [], tokensAt: 0 }, chunks };
  }
  const header = readHeader(file, record.line, record.cells, options);
  const read = header.layout.kind === 'wide' ? wideReader(file, header, options) : cellReader(file, header, options);
  return { ...input, layout: header.layout, columns: header.columns, chunks: csvChunks(file, first.slice(1), batches, read) };
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
): AsyncGenerator<RowChunk> {
  const builder = new RowBuilder();
  let isEmpty = true;
  try {
    for (let records: CsvRecord[] | void = first; records; records = (await rest.next()).value) {
      for (const record of records) read(record, builder);
      if (builder.rows === 0) continue;
      isEmpty = false;
      yield builder.take();
    }
    if (isEmpty) throw new DataError({ file }, 'holds a header and no rows', 'is it the right file?');
  } finally {
    await rest.return();
  }
}
