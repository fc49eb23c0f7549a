// A JSON document of columns: {"sequences": [[1, 2], [3]], "targets": [0.5, 1]}. Read whole, since no row is complete before the last key.
import { DataError, quote } from '../../errors.ts';
import { plural } from '../plural.ts';
import type { BadRows } from '../rows/bad-rows.ts';
import { RowBuilder } from '../rows/builder.ts';
import { lengthName, maskName, pluralSequenceNames, requireNamed } from '../rows/names.ts';
import type { ReadOptions } from '../rows/names.ts';
import { RealTokens } from '../rows/real-tokens.ts';
import type { Columns, Layout, RowChunk } from '../rows/rows.ts';
import { keepRealTokens, maskEntries, takeList } from './real-tokens.ts';
import type { TokenList } from './real-tokens.ts';
import type { JsonScanner } from './scanner.ts';

const openList = 0x5b;

type NamedList = readonly [name: string, values: readonly string[]];

/** The list that a row was taken from, or what is wrong with it. */
type Taken = TokenList | { readonly error: unknown };

export interface ColumnsDocument {
  readonly layout: Extract<Layout, { kind: 'columns' }>;
  readonly columns: Columns;
  readonly chunk: RowChunk;
}

/**
 * Keys that hold no list stand for the whole document, and go along with the layout. Errors of rows go to `bad` at the end, when the
 * document has been read to it, since what meets the end of the bytes is tried again.
 */
export function readColumns(scanner: JsonScanner, file: string, options: ReadOptions, bad: BadRows): ColumnsDocument {
  const keys = scanner.aheadKeys();
  requireNamed({ file, line: scanner.line }, keys, options);
  const sequenceName = options.sequence ?? pluralSequenceNames.find((name) => keys.includes(name));
  if (sequenceName === undefined) {
    throw scanner.fail('the object has no key "sequences"', 'name the list of rows with --sequence, or write [[1, 2], [3]]');
  }
  const builder = new RowBuilder();
  const lists: NamedList[] = [];
  let taken: readonly Taken[] = [];
  const constants: [name: string, json: string][] = [];
  let tokensAt = 0;
  scanner.object((key) => {
    if (key === sequenceName) {
      tokensAt = lists.length;
      taken = readRows(scanner, builder, key, bad.skips);
    } else if (scanner.peek() === openList) {
      const values: string[] = [];
      scanner.list(() => values.push(scanner.value()));
      lists.push([key, values]);
    } else {
      constants.push([key, scanner.value()]);
    }
  });
  scanner.expectEnd();
  return {
    layout: { kind: 'columns', sequenceName, constants },
    columns: { names: lists.map(([name]) => name), tokensAt },
    chunk: joined(scanner, file, { chunk: builder.take(), taken, lists }, new RealTokens(options), bad),
  };
}

function readRows(scanner: JsonScanner, builder: RowBuilder, key: string, skipsBad: boolean): Taken[] {
  const flat = (): DataError => scanner.fail(`${quote(key)} is no list of rows`, 'one object a line is JSONL: --input-format jsonl');
  const taken: Taken[] = [];
  if (scanner.peek() !== openList) throw flat();
  scanner.list(() => {
    scanner.row++;
    if (scanner.peek() !== openList) throw flat();
    const begin = scanner.mark();
    try {
      taken.push(takeList(scanner, builder));
    } catch (error) {
      if (!skipsBad || !(error instanceof DataError)) throw error;
      builder.dropOpenRow();
      scanner.skipRow(begin);
      taken.push({ error });
    }
    builder.endRow(scanner.row);
  });
  scanner.row = 0;
  return taken;
}

/** Gives each row its value of every list, and leaves it its real tokens. */
function joined(
  scanner: JsonScanner,
  file: string,
  { chunk, taken, lists }: { readonly chunk: RowChunk; readonly taken: readonly Taken[]; readonly lists: readonly NamedList[] },
  real: RealTokens,
  bad: BadRows,
): RowChunk {
  const rows = taken.length;
  if (rows === 0) throw new DataError({ file }, 'holds no rows', 'is it the right file?');
  for (const [name, values] of lists) {
    if (values.length === rows) continue;
    throw new DataError(
      { file },
      `${quote(name)} holds ${plural(values.length, 'value')}, the rows are ${rows}`,
      'give one value for each row',
    );
  }
  const listOf = (key: string): readonly string[] | undefined => lists.find(([name]) => name === `${key}s` || name === key)?.[1];
  const [lengths, masks] = [listOf(lengthName), listOf(maskName)];
  const builder = new RowBuilder();
  for (const [row, list] of taken.entries()) {
    scanner.row = row + 1;
    try {
      if ('error' in list) throw list.error;
      for (let i = chunk.offsets[row]; i < chunk.offsets[row + 1]; i++) builder.push(chunk.tokens[i]);
      keepRealTokens(scanner, builder, list, { length: lengths?.[row], mask: maskEntries(masks?.[row]) }, real);
    } catch (error) {
      bad.add(error);
      builder.dropOpenRow();
      continue;
    }
    builder.endRow(
      row + 1,
      lists.map(([, values]) => values[row]),
    );
  }
  return builder.take();
}
