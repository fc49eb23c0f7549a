// Rows from Parquet: one column holds the tokens, a list of whole numbers a row; the values of the other columns become JSON text.
// A file is read a stretch of rows at a time; what comes from a pipe, or gzipped, is held whole, since a Parquet file begins at its end.
import { open } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { DataError, quote, systemCode, UserError } from '../errors.ts';
import type { ParquetColumn, ParquetTable } from '../formats/parquet.ts';
import { openParquetThread } from '../formats/parquet-thread.ts';
import type { ParquetBytes } from '../formats/parquet-thread.ts';
import { maskEntries } from './json/real-tokens.ts';
import { BadRows } from './rows/bad-rows.ts';
import { RowBuilder } from './rows/builder.ts';
import { lengthName, listed, maskName, requireNamed, sequenceNames } from './rows/names.ts';
import type { ReadOptions } from './rows/names.ts';
import { RealTokens } from './rows/real-tokens.ts';
import type { ToldRow } from './rows/real-tokens.ts';
import type { RowChunk, SequenceInput } from './rows/rows.ts';
import { maxToken, tokenHint, tokenRule } from './rows/token.ts';
import type { ByteSource } from './source/bytes.ts';

const hint = 'read the file with another tool, such as pyarrow, and write it anew';
const mostInMemory = 2 ** 31;

/** For a stretch of rows, unless options say otherwise: beyond any slow machine, yet an end. */
const usualMostSeconds = 60;
const secondsPerMegabyte = 1;

export async function openParquet(source: ByteSource, options: ReadOptions): Promise<SequenceInput> {
  const { file, interrupted } = source;
  const { bytes, close: closeBytes } = await randomAccess(source);
  const megabytes = ('whole' in bytes ? bytes.whole.byteLength : bytes.size) / 1e6;
  const mostSeconds = options.mostSeconds ?? Math.round(usualMostSeconds + secondsPerMegabyte * megabytes);
  let closeThread = async (): Promise<void> => {};
  const close = async (): Promise<void> => {
    // The thread reads the file: first it, then the file.
    await closeThread();
    await closeBytes();
  };
  try {
    const table = await sound(file, () => openParquetThread(bytes, { mostSeconds, interrupted }));
    closeThread = table.close;
    const names = table.columns.map(({ name }) => name);
    requireNamed({ file }, names, options);
    const tokens = tokenColumn(file, table, options);
    if (table.rows === 0) throw new DataError({ file }, 'holds no rows', 'is it the right file?');
    const others = names.filter((name) => name !== tokens.name);
    const badRows = new BadRows(options);
    return {
      file,
      format: 'parquet',
      layout: { kind: 'objects', sequenceName: tokens.name },
      columns: { names: others, tokensAt: names.indexOf(tokens.name) },
      badRows,
      chunks: parquetChunks({ file, table, names: [tokens.name, ...others], close }, new RealTokens(options), badRows),
      close: () => void close(),
    };
  } catch (error) {
    await close();
    throw error;
  }
}

interface RandomAccess {
  readonly bytes: ParquetBytes;
  readonly close: () => Promise<void>;
}

async function randomAccess({ file, path, watched, bytes, close }: ByteSource): Promise<RandomAccess> {
  const handle = path === undefined ? undefined : await openPlain(path);
  if (handle === undefined) return { bytes: { whole: await collect(file, bytes) }, close: async () => close() };
  if (watched) for await (const _ of bytes);
  close();
  const { size } = await handle.stat();
  return { bytes: { descriptor: handle.fd, size }, close: () => handle.close() };
}

/** The file, unless it is a pipe or a device, or compressed as a whole. */
async function openPlain(path: string): Promise<FileHandle | undefined> {
  const handle = await open(path);
  const isFile = (await handle.stat()).isFile();
  const head = Buffer.alloc(4);
  if (isFile) await handle.read(head, 0, 4, 0);
  if (isFile && head.toString('latin1') === 'PAR1') return handle;
  await handle.close();
  return undefined;
}

async function collect(file: string, bytes: AsyncGenerator<Buffer>): Promise<ArrayBuffer> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of bytes) {
    parts.push(part);
    size += part.length;
    if (size > mostInMemory) throw new DataError({ file }, 'the Parquet data is too large to come through a pipe', 'name the file itself');
  }
  const whole = new Uint8Array(size);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole.buffer;
}

/** What `read` gives; whatever the library throws is an error of the file. */
async function sound<T>(file: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof UserError || systemCode(error) === 'ABORT_ERR') throw error;
    const reason = (error instanceof Error ? error.message : String(error)).replace(/^parquet /i, '');
    const [, codec] = /unsupported compression codec: (\w+)/.exec(reason) ?? [];
    if (codec === undefined) throw new DataError({ file }, `the Parquet data is damaged, or of an unknown kind: ${reason}`, hint);
    const other = codec === 'ZSTD' ? ', or use Node 22.15 or later' : '';
    throw new DataError({ file }, `the Parquet data is compressed with ${codec}`, `write it with Snappy or gzip${other}`);
  }
}

function tokenColumn(file: string, { columns }: ParquetTable, { sequence }: ReadOptions): ParquetColumn {
  const found = columns.find(({ name }) => (sequence === undefined ? sequenceNames.includes(name) : name === sequence));
  if (found?.isIntegers) return found;
  const lists = columns.filter(({ isIntegers }) => isIntegers).map(({ name }) => name);
  const there = lists.length === 0 ? 'no column is one' : `there are: ${listed(lists)}`;
  throw new DataError(
    { file },
    found === undefined
      ? 'no column is named "tokens" or "sequence"'
      : `the column ${quote(found.name)} holds ${found.type}, not lists of whole numbers`,
    `name a column of lists of whole numbers with --sequence; ${there}`,
  );
}

interface Rows {
  readonly file: string;
  readonly table: ParquetTable;
  /** That of the tokens first. */
  readonly names: readonly string[];
  readonly close: () => Promise<void>;
}

async function* parquetChunks({ file, table, names, close }: Rows, real: RealTokens, badRows: BadRows): AsyncGenerator<RowChunk> {
  const builder = new RowBuilder();
  const { bounds, read } = table;
  try {
    for (let i = 0; i + 1 < bounds.length; i++) {
      const rows = await sound(file, () => read(bounds[i], bounds[i + 1], names));
      const expected = bounds[i + 1] - bounds[i];
      if (rows.length !== expected) {
        throw new DataError({ file }, `the Parquet data is damaged: ${rows.length} rows stand where ${expected} should`, hint);
      }
      for (const [at, values] of rows.entries()) {
        try {
          addRow({ file, row: bounds[i] + at + 1, names, values }, real, builder);
        } catch (error) {
          badRows.add(error);
          builder.dropOpenRow();
        }
      }
      if (builder.rows > 0) yield builder.take();
    }
  } finally {
    await close();
  }
}

interface ParquetRow {
  readonly file: string;
  readonly row: number;
  readonly names: readonly string[];
  readonly values: readonly unknown[];
}

function addRow({ file, row, names, values }: ParquetRow, real: RealTokens, builder: RowBuilder): void {
  const fail: ToldRow['fail'] = ({ kind, index }, message, remedy) =>
    new DataError({ file }, `row ${row}${kind === 'length' ? '' : `, token ${index + 1}`}: ${message}`, remedy);
  const [list, ...rest] = values;
  if (!isList(list)) {
    throw new DataError(
      { file },
      `row ${row}: ${quote(jsonOf(list))} stands where a list of tokens should`,
      'leave such rows out, or write an empty list',
    );
  }
  const others = rest.map(jsonOf);
  const textOf = (name: string): string | undefined => (names.indexOf(name) > 0 ? others[names.indexOf(name) - 1] : undefined);
  const told = { length: textOf(lengthName), mask: maskEntries(textOf(maskName)) };
  const valueAt = (index: number): number => {
    if (typeof list[index] === 'number' || typeof list[index] === 'bigint') return Number(list[index]);
    throw fail({ kind: 'token', index }, `${jsonOf(list[index])} is not ${tokenRule}`, tokenHint(jsonOf(list[index])));
  };
  const isTold = told.length !== undefined || told.mask !== undefined;
  const { begin, end } = isTold ? real.of({ told, count: list.length, valueAt, fail }) : { begin: 0, end: list.length };
  for (let index = begin; index < end; index++) {
    const value = valueAt(index);
    if (!(value >= 0 && value <= maxToken)) {
      throw fail({ kind: 'token', index }, `${String(list[index])} is not ${tokenRule}`, tokenHint(String(list[index])));
    }
    builder.push(value);
  }
  builder.beginOpenRowAt(begin);
  builder.endRow(row, others);
}

function isList(value: unknown): value is ArrayLike<unknown> {
  return Array.isArray(value) || (ArrayBuffer.isView(value) && 'length' in value);
}

/** JSON has no NaN, no dates and no bytes: they become texts, and a list of numbers. A whole number keeps all its digits. */
function jsonOf(value: unknown): string {
  if (typeof value === 'bigint') return String(value);
  if (typeof value === 'number') return Number.isFinite(value) ? JSON.stringify(value) : `"${value}"`;
  if (isList(value)) return `[${Array.from(value, jsonOf).join(',')}]`;
  if (typeof value === 'object' && value !== null && !(value instanceof Date)) {
    return `{${Object.entries(value)
      .map(([key, entry]) => `${JSON.stringify(key)}:${jsonOf(entry)}`)
      .join(',')}}`;
  }
  return JSON.stringify(value ?? null);
}
