// A JSON document of columns: {"sequences": [[1, 2], [3]], "targets": [0.5, 1]}. Read whole, since no row is complete before the last key.
import { DataError, quote } from '../errors.ts';
import type { JsonScanner } from './json-scanner.ts';
import { lengthName, pluralSequenceNames, requireNamed } from './names.ts';
import type { ReadOptions } from './names.ts';
import { RowBuilder } from './row-builder.ts';
import type { Columns, Layout, RowChunk } from './rows.ts';
import { parseToken } from './token.ts';

const openList = 0x5b;

export interface ColumnsDocument {
  readonly layout: Extract<Layout, { kind: 'columns' }>;
  readonly columns: Columns;
  readonly chunk: RowChunk;
}

/** Keys that hold no list stand for the whole document, and go along with the layout. */
export function readColumns(scanner: JsonScanner, file: string, options: ReadOptions): ColumnsDocument {
  const keys = scanner.aheadKeys();
  requireNamed({ file, line: scanner.line }, keys, options);
  const sequenceName = options.sequence ?? pluralSequenceNames.find((name) => keys.includes(name));
  if (sequenceName === undefined) {
    throw scanner.fail('the object has no key "sequences"', 'name the list of rows with --sequence, or write [[1, 2], [3]]');
  }
  const builder = new RowBuilder();
  const lists: [name: string, values: string[]][] = [];
  const constants: [name: string, json: string][] = [];
  let tokensAt = 0;
  scanner.object((key) => {
    if (key === sequenceName) {
      tokensAt = lists.length;
      readRows(scanner, builder, key);
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
    chunk: joined(scanner, file, builder.take(), lists),
  };
}

function readRows(scanner: JsonScanner, builder: RowBuilder, key: string): void {
  const flat = (): DataError => scanner.fail(`${quote(key)} is no list of rows`, 'one object a line is JSON lines: --input-format jsonl');
  if (scanner.peek() !== openList) throw flat();
  scanner.list(() => {
    scanner.row++;
    if (scanner.peek() !== openList) throw flat();
    scanner.tokens(builder);
    builder.endRow(scanner.row);
  });
  scanner.row = 0;
}

/** Gives each row its value of every list, and its length where there is a list of lengths. */
function joined(scanner: JsonScanner, file: string, chunk: RowChunk, lists: readonly (readonly [string, readonly string[]])[]): RowChunk {
  const rows = chunk.lines.length;
  if (rows === 0) throw new DataError({ file }, 'holds no rows', 'is it the right file?');
  for (const [name, values] of lists) {
    if (values.length === rows) continue;
    throw new DataError({ file }, `${quote(name)} holds ${values.length} values where the rows are ${rows}`, 'give one value for each row');
  }
  const lengths = lists.find(([name]) => name === `${lengthName}s` || name === lengthName)?.[1];
  const builder = new RowBuilder();
  for (let row = 0; row < rows; row++) {
    scanner.row = row + 1;
    const tokens = chunk.tokens.subarray(chunk.offsets[row], chunk.offsets[row + 1]);
    const length = lengths ? readLength(scanner, lengths[row], tokens.length) : tokens.length;
    for (let i = 0; i < length; i++) builder.push(tokens[i]);
    builder.endRow(
      row + 1,
      lists.map(([, values]) => values[row]),
    );
  }
  return builder.take();
}

/** How many of the row's tokens are real. */
export function readLength(scanner: JsonScanner, json: string, tokens: number): number {
  const length = parseToken(json);
  if (length >= 0 && length <= tokens) return length;
  throw scanner.fail(
    `length ${quote(json)} is not a whole number from 0 to ${tokens}, the tokens in the row`,
    'length counts the tokens that are not padding; rename the key if it is something else',
  );
}
