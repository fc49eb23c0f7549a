// Rows from JSON: a document (a list of lists, a list of objects, one object of lists) or JSONL.
// Values beside the tokens stay source text, so that they pass through unchanged.
import { DataError } from '../../errors.ts';
import { BadRows } from '../rows/bad-rows.ts';
import { RowBuilder } from '../rows/builder.ts';
import { lengthName, listed, maskName, requireNamed, sequenceNames } from '../rows/names.ts';
import type { ReadOptions } from '../rows/names.ts';
import { RealTokens } from '../rows/real-tokens.ts';
import type { CellValue, Columns, Layout, RowChunk, SequenceInput } from '../rows/rows.ts';
import type { TextSource } from '../source/bytes.ts';
import { keepRealTokens, maskEntries, takeList } from './real-tokens.ts';
import type { TokenList } from './real-tokens.ts';
import { JsonScanner } from './scanner.ts';

const [openList, openObject, closeList, comma, newline, end] = [0x5b, 0x7b, 0x5d, 0x2c, 0x0a, -1];

/** Reads as far as the first row to tell the layout. */
export async function openJson(source: TextSource, format: 'json' | 'jsonl', options: ReadOptions): Promise<SequenceInput> {
  const { file, close } = source;
  const scanner = new JsonScanner(file, source.bytes, format === 'jsonl', options.maxLineBytes);
  const badRows = new BadRows(options);
  const input = { file, format, badRows, close };
  if (format === 'json') {
    const first = await scanner.read(() => scanner.peek());
    if (first === end) throw noRows(file);
    if (first === openObject) {
      const { readColumns } = await import('./columns.ts');
      const { chunk, ...shape } = await scanner.read(() => readColumns(scanner, file, options, badRows));
      return { ...input, ...shape, chunks: one(chunk) };
    }
    await scanner.read(() => scanner.expect(openList, ' or "{" at the beginning'));
  }
  const toRow = format === 'json' ? nextInDocument(scanner) : nextInLines(scanner);
  if (!(await scanner.read(toRow))) throw noRows(file);
  const shape = await scanner.read(() => peekShape(scanner, options));
  requireNamed({ file, line: scanner.line }, shape.keys, options);
  const chunks = jsonChunks(scanner, toRow, shape, new RealTokens(options), badRows);
  return { ...input, layout: shape.layout, columns: shape.columns, chunks };
}

interface Shape {
  readonly layout: Extract<Layout, { kind: 'arrays' | 'objects' }>;
  readonly keys: readonly string[];
  readonly columns: Columns;
}

/** Looks at the first row without taking it. */
function peekShape(scanner: JsonScanner, options: ReadOptions): Shape {
  const first = scanner.peek();
  if (first === openList) return { layout: { kind: 'arrays' }, keys: [], columns: { names: [], tokensAt: 0 } };
  if (first === end) throw scanner.unexpected('a row');
  if (first !== openObject) {
    const hint = 'write [[1, 2], [3]]; rows that stand one a line are JSONL: --input-format jsonl';
    throw scanner.fail('this is no row: neither a list of token IDs nor an object that holds one', hint);
  }
  const keys = scanner.aheadKeys();
  const sequenceName = options.sequence ?? sequenceNames.find((name) => keys.includes(name));
  if (sequenceName === undefined) {
    const hint = keys.length === 0 ? 'write {"tokens": [1, 2, 3]}' : `name it with --sequence; there are: ${listed(keys)}`;
    throw scanner.fail('the object has no key "tokens" or "sequence"', hint);
  }
  const names = keys.filter((key) => key !== sequenceName);
  return { layout: { kind: 'objects', sequenceName }, keys, columns: { names, tokensAt: keys.indexOf(sequenceName) } };
}

function noRows(file: string): DataError {
  return new DataError({ file }, 'holds no rows', 'is it the right file?');
}

async function* one(chunk: RowChunk): AsyncGenerator<RowChunk> {
  yield chunk;
}

/** Moves to the next row; false at the end of the document, after which nothing may follow. */
function nextInDocument(scanner: JsonScanner): () => boolean {
  return () => {
    const isFirst = scanner.row === 0;
    if (scanner.accept(closeList)) return scanner.expectEnd();
    if (!isFirst) scanner.expect(comma, ' or "]"');
    scanner.row++;
    return true;
  };
}

/** Moves to the next row, over empty lines, which JSONL may have anywhere. */
function nextInLines(scanner: JsonScanner): () => boolean {
  return () => {
    while (scanner.accept(newline));
    scanner.row++;
    return scanner.peek() !== end;
  };
}

/** All rows, the first of which comes next; one chunk for each stretch of bytes. */
async function* jsonChunks(
  scanner: JsonScanner,
  toRow: () => boolean,
  { layout }: Shape,
  real: RealTokens,
  badRows: BadRows,
): AsyncGenerator<RowChunk> {
  const builder = new RowBuilder();
  const read = layout.kind === 'arrays' ? arrayReader(scanner, builder) : objectReader(scanner, builder, layout.sequenceName, real);
  let taken = false;
  // Outlives a try that meets the end of the bytes, so that the error of a row counts once.
  let isBad = false;
  const step = (): boolean => {
    if (taken) {
      const hasRow = toRow();
      taken = isBad = false;
      return hasRow;
    }
    const begin = scanner.mark();
    builder.dropOpenRow();
    try {
      if (!isBad) read();
    } catch (error) {
      badRows.add(error);
      builder.dropOpenRow();
      isBad = true;
    }
    if (isBad) scanner.skipRow(begin);
    taken = true;
    return true;
  };
  try {
    for (let hasRow: boolean | undefined = true; hasRow !== false; hasRow = scanner.attempt(step)) {
      if (hasRow) continue;
      if (builder.rows > 0) yield builder.take();
      await scanner.more();
    }
    if (builder.rows > 0) yield builder.take();
  } finally {
    await scanner.close();
  }
}

function arrayReader(scanner: JsonScanner, builder: RowBuilder): () => void {
  return () => {
    if (scanner.peek() === openObject) throw scanner.fail('an object stands among lists', 'give every row the same form');
    const line = scanner.rowLine;
    scanner.tokens(builder);
    scanner.expectRowEnd();
    builder.endRow(line);
  };
}

function objectReader(scanner: JsonScanner, builder: RowBuilder, sequenceName: string, real: RealTokens): () => void {
  let columns: Columns = { names: [], tokensAt: -1 };
  return () => {
    if (scanner.peek() === openList) throw scanner.fail('a list stands among objects', 'give every row the same form');
    const line = scanner.rowLine;
    const names: string[] = [];
    const values: CellValue[] = [];
    let tokensAt = -1;
    let list: TokenList | undefined;
    scanner.object((key) => {
      if (key === sequenceName) {
        tokensAt = names.length;
        list = takeList(scanner, builder);
      } else {
        names.push(key);
        values.push(scanner.value());
      }
    });
    scanner.expectRowEnd();
    if (list === undefined) throw scanner.fail(`the object has no key ${JSON.stringify(sequenceName)}`, 'give every row the same form');
    const valueOf = (name: string): CellValue => values[names.indexOf(name)];
    keepRealTokens(scanner, builder, list, { length: valueOf(lengthName), mask: maskEntries(valueOf(maskName)) }, real);
    const isSame =
      columns.tokensAt === tokensAt && columns.names.length === names.length && names.every((name, i) => columns.names[i] === name);
    if (!isSame) columns = { names, tokensAt };
    builder.endRow(line, values, columns);
  };
}
