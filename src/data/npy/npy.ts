// Rows from a NumPy .npy file: a table of whole numbers, each row of which is a sequence. The lengths and the mask that `rnn pad` writes
// beside it (x.lengths.npy, x.mask.npy) tell, where they are there, what of a row is padding.
import { createHash } from 'node:crypto';
import type { Hash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { DataError, systemCode, UserError } from '../../errors.ts';
import { BadRows } from '../rows/bad-rows.ts';
import { RowBuilder } from '../rows/builder.ts';
import { requireNamed } from '../rows/names.ts';
import type { ReadOptions } from '../rows/names.ts';
import { RealTokens } from '../rows/real-tokens.ts';
import type { ToldRow } from '../rows/real-tokens.ts';
import { inputFormats } from '../rows/rows.ts';
import type { RowChunk, SequenceInput } from '../rows/rows.ts';
import { maxToken, tokenHint, tokenRule } from '../rows/token.ts';
import { openBytes } from '../source/bytes.ts';
import type { ByteSource } from '../source/bytes.ts';
import { tooLong, usualMostLineBytes } from '../source/line-limit.ts';
import { openNpyArray } from './array.ts';
import type { NpyArray, NpyBlock } from './array.ts';

interface Arrays {
  readonly tokens: NpyArray;
  readonly lengths: NpyArray | undefined;
  readonly mask: NpyArray | undefined;
}

type Beside = 'lengths' | 'mask';

export async function openNpy(source: ByteSource, options: ReadOptions): Promise<SequenceInput> {
  const { file, close } = source;
  const tokens = await openNpyArray(source);
  checkTable(tokens, options.maxLineBytes ?? usualMostLineBytes);
  requireNamed({ file }, [], options);
  const digests = { lengths: createHash('sha256'), mask: createHash('sha256') };
  const lengths = await openBeside(file, 'lengths', [tokens.rows], digests.lengths);
  const mask = await openBeside(file, 'mask', [tokens.rows, tokens.columns], digests.mask);
  const beside = [lengths, mask].flatMap((array) => (array ? [array.file] : []));
  const badRows = new BadRows(options);
  return {
    file,
    format: 'npy',
    layout: { kind: 'plain' },
    columns: { names: [], tokensAt: 0 },
    notes: beside.length === 0 ? [] : [new UserError(`note: what is padding is read from ${beside.join(' and ')}`)],
    badRows,
    besideDigests: () => [
      ...(lengths ? [`lengths ${digests.lengths.digest('hex')}`] : []),
      ...(mask ? [`mask ${digests.mask.digest('hex')}`] : []),
    ],
    chunks: npyChunks({ tokens, lengths, mask }, new RealTokens(options), badRows),
    close,
  };
}

function checkTable({ file, header, rows, columns, rowBytes }: NpyArray, limit: number): void {
  const fail = (what: string, hint: string): DataError => new DataError({ file }, what, hint);
  const shape = `(${header.shape.join(', ')}${header.shape.length === 1 ? ',' : ''})`;
  if (header.shape.length === 1) throw fail(`the array has the shape ${shape}, not rows and columns`, 'save array[None] if it is one row');
  if (header.shape.length !== 2) throw fail(`the array has the shape ${shape}, not rows and columns`, 'save array.reshape(rows, columns)');
  if (rows === 0 || columns === 0) throw fail(`holds no tokens: the array has the shape ${shape}`, 'is it the right file?');
  if (rowBytes > limit) throw tooLong({ file }, 'a row', limit);
}

/** The array in the file beside, if there is one; `hash` takes its bytes in as they are read. */
async function openBeside(file: string, name: Beside, shape: readonly number[], hash: Hash): Promise<NpyArray | undefined> {
  const path = file.replace(/\.npy(\.gz)?$/i, `.${name}.npy`);
  if (path === file || !(await isThere(path))) return undefined;
  const source = await openBytes(path, { stdin: Readable.from([]) }, (bytes) => hash.update(bytes));
  try {
    const array = await openNpyArray(source);
    if (array.header.shape.join() === shape.join()) return array;
    throw new DataError(
      { file: path },
      `the ${name} have the shape (${array.header.shape.join(', ')}), those of ${file} must have (${shape.join(', ')})`,
      `take ${path} away if it belongs to another array`,
    );
  } catch (error) {
    source.close();
    throw error;
  }
}

async function isThere(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isFile();
  } catch (error) {
    if (['ENOENT', 'ENOTDIR', 'ENAMETOOLONG'].includes(systemCode(error) ?? '')) return false;
    throw error;
  }
}

/** All rows, block by block. */
async function* npyChunks(arrays: Arrays, real: RealTokens, badRows: BadRows): AsyncGenerator<RowChunk> {
  const { tokens, lengths, mask } = arrays;
  const builder = new RowBuilder();
  try {
    for (let row = 0; row < tokens.rows;) {
      const count = Math.min(tokens.blockRows, tokens.rows - row);
      const block = await tokens.take(count);
      const lengthAt = lengths && textsOf(lengths, await lengths.take(count));
      const maskAt = mask && textsOf(mask, await mask.take(count));
      for (const end = row + count; row < end; row++) {
        const told = { length: lengthAt?.(row, 0), mask: maskAt && columnsOf(tokens, (column) => maskAt(row, column)) };
        try {
          addRow(tokens, block, row, told, real, builder);
        } catch (error) {
          badRows.add(error);
          builder.dropOpenRow();
        }
      }
      if (builder.rows > 0) yield builder.take();
    }
  } finally {
    for (const array of [tokens, lengths, mask]) array?.close();
  }
}

function textsOf({ header }: NpyArray, { view, at }: NpyBlock): (row: number, column: number) => string {
  return (row, column) => header.text(view, at(row, column));
}

function columnsOf({ columns }: NpyArray, textAt: (column: number) => string): string[] {
  return Array.from({ length: columns }, (_, column) => textAt(column));
}

function addRow(
  { file, header, columns: count }: NpyArray,
  { view, at }: NpyBlock,
  row: number,
  told: ToldRow['told'],
  real: RealTokens,
  builder: RowBuilder,
): void {
  const valueAt = (column: number): number => header.read(view, at(row, column));
  const fail: ToldRow['fail'] = ({ kind, index }, message, hint) => {
    const column = kind === 'length' ? '' : `, ${inputFormats.npy.tokenName} ${index + 1}`;
    return new DataError({ file }, `row ${row + 1}${column}: ${message}`, hint);
  };
  const isTold = told.length !== undefined || told.mask !== undefined;
  const { begin, end } = isTold ? real.of({ told, count, valueAt, fail }) : { begin: 0, end: count };
  for (let column = begin; column < end; column++) {
    const value = valueAt(column);
    if (value < 0 || value > maxToken) {
      const text = header.text(view, at(row, column));
      throw fail({ kind: 'token', index: column }, `token ${text} is not ${tokenRule}`, badTokenHint(text, row, column));
    }
    builder.push(value);
  }
  builder.beginOpenRowAt(begin);
  builder.endRow(row + 1);
}

/** Negative numbers in an array are padding more often than not. */
function badTokenHint(text: string, row: number, column: number): string {
  const place = `in NumPy this is array[${row}, ${column}]`;
  return text.startsWith('-')
    ? `${place}; if it is padding, save the rows' lengths beside: x.lengths.npy for x.npy`
    : `${place}; ${tokenHint(text)}`;
}
