// The scanner of plain bytes against the careful way, which reads every record as strings: the same rows and the same errors.
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isHeader, readHeader } from '../../../src/data/csv/header.ts';
import { CsvWindow } from '../../../src/data/csv/records.ts';
import { cellReader, plainReader, wideReader } from '../../../src/data/csv/rows.ts';
import { scanPlain } from '../../../src/data/csv/scanner.ts';
import { RowBuilder } from '../../../src/data/rows/builder.ts';
import { asText } from '../../../src/data/source/bytes.ts';
import { inParts, readText } from '../../support/read.ts';

type Outcome = unknown;

/** Rows, lines and other columns, or the error with its hint, by `openSequences`. */
async function scanned(parts: readonly Uint8Array[]): Promise<Outcome> {
  try {
    const { rows, lines, others } = await readText(parts, { inputFormat: 'csv', delimiter: ',' });
    return { rows, lines, others };
  } catch (error) {
    return failure(error);
  }
}

/** The same without a scanner. */
async function withCare(text: string): Promise<Outcome> {
  const builder = new RowBuilder();
  try {
    const { window, next } = windowOn(Buffer.from(text));
    const first = (await window.peekRecord())!;
    const header = !first.record.blank && isHeader(first.record.cells, {}) && readHeader('stdin', 1, first.record.cells, {});
    if (header) first.take();
    const wide = header && header.layout.kind === 'wide';
    const read = !header ? plainReader('stdin') : wide ? wideReader('stdin', header, {}) : cellReader('stdin', header, {});
    do {
      while (window.hasLine) for (const record of window.records()) read(record, builder);
    } while (await next());
    if (builder.rows === 0) throw Object.assign(new Error('stdin: holds a header and no rows'), { hint: 'is it the right file?' });
  } catch (error) {
    return failure(error);
  }
  const { tokens, offsets, lines, others } = builder.take();
  return { rows: [...lines.keys()].map((row) => [...tokens.subarray(offsets[row], offsets[row + 1])]), lines: [...lines], others };
}

function windowOn(bytes: Buffer): { window: CsvWindow; next: () => Promise<boolean> } {
  async function* once(): AsyncGenerator<Buffer> {
    yield bytes;
  }
  const source = asText({ file: 'stdin', bytes: once(), isStream: false, watched: false, close: () => {} });
  const window = new CsvWindow('stdin', source.bytes, ',');
  return { window, next: () => window.more() };
}

function failure(error: unknown): Outcome {
  const { message, hint } = error as Error & { hint?: string };
  return { message, hint };
}

const plainCells = ['1', '23', '0', '456', '9999', '10000', '999999999'];
const oddCells = [
  '007',
  '2147483647',
  '2147483648',
  '9007199254740993',
  '',
  ' 5',
  '5 ',
  '  ',
  '\t7',
  'x',
  '-1',
  '1.5',
  '"4"',
  '"',
  '5"',
  '"a\nb"',
  'é',
];
const cell = fc.oneof({ weight: 12, arbitrary: fc.constantFrom(...plainCells) }, { weight: 1, arbitrary: fc.constantFrom(...oddCells) });
const lineEnd = fc.oneof(
  { weight: 8, arbitrary: fc.constant('\n') },
  { weight: 2, arbitrary: fc.constantFrom('\r\n', '\r', '\n\n', ',\n') },
);

function textOf(row: fc.Arbitrary<string>): fc.Arbitrary<string> {
  const lines = fc.array(
    fc.tuple(row, lineEnd).map(([cells, end]) => cells + end),
    { minLength: 1, maxLength: 8 },
  );
  return fc.tuple(lines, fc.boolean()).map(([all, isCut]) => (isCut ? all.join('').replace(/(\r\n|\n|\r)$/, '') : all.join('')) || '1');
}

const plainText = fc
  .tuple(fc.constantFrom('', '\ufeff'), textOf(fc.array(cell, { maxLength: 5 }).map((cells) => cells.join(','))))
  .map((parts) => parts.join(''));
const wideText = textOf(fc.array(cell, { minLength: 1, maxLength: 5 }).map((cells) => cells.join(','))).map(
  (rows) => `t1,t2,label,t3\n${rows}`,
);
const words = fc.array(cell, { maxLength: 4 }).map((cells) => cells.join(' '));
const listText = textOf(fc.tuple(cell, words, cell).map((cells) => cells.join(','))).map((rows) => `name,tokens,label\n${rows}`);

describe('the scanner and the careful way give the same rows, lines and errors', () => {
  test.each([
    ['without a header', plainText],
    ['under a header, wide', wideText],
    ['under a header, all tokens in one cell', listText],
  ])('%s, with the bytes in parts of 1 to 1000', async (_, texts) => {
    await fc.assert(
      fc.asyncProperty(texts, fc.constantFrom(1, 2, 3, 5, 8, 13, 1000), async (text, size) => {
        expect(await scanned(inParts(text, size))).toEqual(await withCare(text));
      }),
      { numRuns: 400 },
    );
  });

  test('cut in two at every byte', async () => {
    for (const text of [
      '\ufeff12,3\r\n\r\n45\n6,789\n',
      '1,2\r\n"3",4\n5,6',
      't1,label,t2\n1,é,\r\n,x,\n22,y,33',
      'tokens,n\n1 22 3,a\n,b\n4  5 ,"c\n"\n',
    ]) {
      const bytes = Buffer.from(text);
      const whole = await withCare(text);
      for (let at = 0; at <= bytes.length; at++) expect(await scanned([bytes.subarray(0, at), bytes.subarray(at)])).toEqual(whole);
    }
  });
});

describe('what the scanner takes', () => {
  async function taken(text: string): Promise<{ rows: number; rest: string }> {
    const { window } = windowOn(Buffer.from(text));
    await window.more();
    const builder = new RowBuilder();
    scanPlain(window, builder);
    return { rows: builder.rows, rest: window.bytes.toString('utf8', window.at) };
  }

  test('plain lines, empty ones, \\r\\n and spaces before digits: all 4', async () => {
    expect(await taken('1,2\n\n3, 4\r\n999999999\n')).toEqual({ rows: 4, rest: '' });
  });

  test.each(['1,x\n', '1,,2\n', '1,\n', '1234567890\n', '"1"\n', '1\r2\n', '1 \n', ' \n', '1\t2\n'])(
    'the line %j it leaves whole, with the row before taken',
    async (line) => {
      expect(await taken(`5,6\n${line}7\n`)).toEqual({ rows: 1, rest: `${line}7\n` });
    },
  );

  test('65536 rows at most in one go, and the rest in the next', async () => {
    const { rows } = await readText('7\n'.repeat(70_000), { inputFormat: 'csv' });
    expect([rows.length, rows.every(([only]) => only === 7)]).toEqual([70_000, true]);
  });
});
