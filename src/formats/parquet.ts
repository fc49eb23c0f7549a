// Parquet through hyparquet, which is loaded on demand: opening, the columns by name, and rows a stretch at a time.
import * as zlib from 'node:zlib';
import type * as Hyparquet from 'hyparquet';
import { UserError } from '../errors.ts';

type Compressors = Hyparquet.Compressors;
export type AsyncBuffer = Hyparquet.AsyncBuffer;

export interface ParquetColumn {
  readonly name: string;
  /** A list of whole numbers. */
  readonly isIntegers: boolean;
  /** What it holds, for messages. */
  readonly type: string;
}

export interface ParquetTable {
  readonly columns: readonly ParquetColumn[];
  readonly rows: number;
  /** Where stretches of rows begin that can be read each for itself; `rows` at the end. */
  readonly bounds: readonly number[];
  /** The values of these columns, one list a row. */
  readonly read: (begin: number, end: number, names: readonly string[]) => Promise<unknown[][]>;
}

type Decompress = (bytes: Uint8Array, options: { readonly maxOutputLength: number }) => Uint8Array;

/** Snappy is hyparquet's own. Zstandard is in Node from 22.15 on. */
const { gunzipSync, brotliDecompressSync, zstdDecompressSync } = zlib as typeof zlib & { readonly zstdDecompressSync?: Decompress };
const compressors: Compressors = {
  GZIP: limited(gunzipSync),
  BROTLI: limited(brotliDecompressSync),
  ...(zstdDecompressSync && { ZSTD: limited(zstdDecompressSync) }),
};

function limited(decompress: Decompress): (bytes: Uint8Array, length: number) => Uint8Array {
  return (bytes, length) => decompress(bytes, { maxOutputLength: Math.max(1, length) });
}

/** Rows that are read at once, where the file lets parts of a row group be read. */
const stretch = 1 << 15;

/** Throws UserError where the package is absent; whatever hyparquet throws for a file that is not sound. */
export async function openParquetTable(file: AsyncBuffer): Promise<ParquetTable> {
  const { parquetMetadataAsync, parquetRead, parquetSchema } = await importHyparquet();
  const metadata = await parquetMetadataAsync(file);
  const columns = parquetSchema(metadata).children.map(describe);
  return {
    columns,
    rows: Number(metadata.num_rows),
    bounds: boundsOf(metadata.row_groups),
    read: (rowStart, rowEnd, names) =>
      new Promise((resolve, reject) => {
        const options = { file, metadata, columns: [...names], rowStart, rowEnd, compressors, useOffsetIndex: true };
        // By arrays, since an object would take a column named __proto__ for something else.
        parquetRead({ ...options, rowFormat: 'array', onComplete: resolve }).catch(reject);
      }),
  };
}

async function importHyparquet(): Promise<typeof Hyparquet> {
  try {
    return await import('hyparquet');
  } catch {
    throw new UserError(
      'Parquet is read by the package hyparquet, which is not installed',
      'npm install hyparquet, or convert the file to JSONL',
    );
  }
}

function describe({ element, children }: Hyparquet.SchemaTree): ParquetColumn {
  const { name } = element;
  const leaf = listElement({ element, children } as Hyparquet.SchemaTree);
  if (leaf === undefined) return { name, isIntegers: false, type: children.length > 0 ? 'a nested group' : typeName(element) };
  const isIntegers = (leaf.type === 'INT32' || leaf.type === 'INT64') && isPlainInteger(leaf);
  return { name, isIntegers, type: `a list of ${typeName(leaf)}` };
}

/** A repeated column, or the three levels of a LIST. */
function listElement({ element, children }: Hyparquet.SchemaTree): Hyparquet.SchemaElement | undefined {
  if (children.length === 0) return element.repetition_type === 'REPEATED' ? element : undefined;
  const [list] = children;
  if (children.length !== 1 || list.element.repetition_type !== 'REPEATED') return undefined;
  if (list.children.length === 0) return list.element;
  return list.children.length === 1 && list.children[0].children.length === 0 ? list.children[0].element : undefined;
}

/** Dates, times and decimals are stored as integers too. */
function isPlainInteger({ converted_type: converted, logical_type: logical }: Hyparquet.SchemaElement): boolean {
  return (converted === undefined || /^U?INT_/.test(converted)) && (logical === undefined || logical.type === 'INTEGER');
}

function typeName({ type, converted_type: converted, logical_type: logical }: Hyparquet.SchemaElement): string {
  return logical?.type ?? converted ?? type ?? 'unknown type';
}

/** Row groups, cut into shorter stretches where an index says where their pages lie. */
function boundsOf(groups: readonly Hyparquet.RowGroup[]): number[] {
  const bounds = [0];
  for (const { num_rows: count, columns } of groups) {
    const begin = bounds.at(-1)!;
    const end = begin + Number(count);
    const isIndexed = columns.every(({ offset_index_offset: offset }) => offset !== undefined);
    const step = isIndexed ? stretch : Infinity;
    for (let at = begin + step; at < end; at += step) bounds.push(at);
    bounds.push(end);
  }
  return bounds;
}
