import { gzipSync } from 'node:zlib';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readDataset } from '../../../src/data/dataset/dataset.ts';
import { openSequences } from '../../../src/data/open.ts';
import { chunked } from '../../support/run.ts';
import { inParts, readError, readText } from '../../support/read.ts';

const csv = { inputFormat: 'csv' } as const;
const token = fc.oneof(fc.nat(200), fc.integer({ min: 0, max: 2 ** 31 - 1 }));
const rowsOf = fc.array(fc.array(token, { maxLength: 12 }), { minLength: 1, maxLength: 12 });

describe('without a header', () => {
  test('ragged rows, an empty line and blanks around digits are rows of 3, 0 and 2 tokens on lines 1 to 3', async () => {
    const { rows, lines } = await readText('43,96,2\n\n 5 ,\t7\n', csv);
    expect(rows).toEqual([[43, 96, 2], [], [5, 7]]);
    expect(lines).toEqual([1, 2, 3]);
  });

  test('the largest ID is 2147483647, and leading zeros are only zeros', async () => {
    expect((await readText('2147483647,007', csv)).rows).toEqual([[2147483647, 7]]);
  });

  test('1e3 in the first row is a bad token and no name', async () => {
    expect(await readError('1e3,5\n1,2\n', csv)).toMatch(/^stdin:1:1: token "1e3" is not a whole number from 0 to 2147483647$/);
  });

  test('a byte order mark, \\r\\n, \\n, \\r and a missing last line end give the same 3 rows', async () => {
    const rows = [[1, 2], [3], [4, 5]];
    for (const text of ['1,2\r\n3\r\n4,5\r\n', '1,2\n3\n4,5', '1,2\r3\r4,5', '1,2\r\n3\n4,5\r', '\ufeff1,2\n3\n4,5\n']) {
      expect((await readText(text, csv)).rows).toEqual(rows);
      expect((await readText(inParts(text, 1), csv)).rows).toEqual(rows);
    }
  });

  test('a thin space is no blank: the message shows its code, the hint tells of what does not show', async () => {
    await expect(readText('1,2\n3,\u20094\n', csv)).rejects.toMatchObject({
      message: expect.stringContaining('token "\\u20094" is not'),
      hint: expect.stringContaining('does not show'),
    });
  });

  test('a mark in the middle of the file is no blank: the hint tells of what does not show', async () => {
    await expect(readText('1,2\n\ufeff3,4\n', csv)).rejects.toMatchObject({ hint: expect.stringContaining('does not show') });
  });
});

describe('quoted cells', () => {
  test('quoting changes no row, however the bytes arrive: 1, 2, 3 or 7 at a time', async () => {
    const quoted = rowsOf.chain((rows) => fc.tuple(fc.constant(rows), fc.array(fc.boolean(), { minLength: 12, maxLength: 12 })));
    await fc.assert(
      fc.asyncProperty(quoted, fc.constantFrom(1, 2, 3, 7, 1000), fc.constantFrom('\n', '\r\n'), async ([rows, marks], size, lineEnd) => {
        const text = rows.map((row) => row.map((id, i) => (marks[i] ? `"${id}"` : String(id))).join(',') + lineEnd).join('');
        expect((await readText(inParts(text, size), csv)).rows).toEqual(rows);
      }),
    );
  });

  test('a mark in the last line, which hands the whole over to csv-parse, changes no row, line or error before it', async () => {
    const text = fc
      .string({ unit: fc.constantFrom('1', '23', ',', '\n', '\r\n', '\r', ' ', 'x'), maxLength: 30 })
      .map((start) => `1\n${start}\n`);
    await fc.assert(
      fc.asyncProperty(text, fc.constantFrom(1, 3, 1000), async (plain, size) => {
        const outcome = async (whole: string): Promise<unknown> =>
          readText(inParts(whole, size), csv).then(
            ({ rows, lines }) => [rows.slice(0, -1), lines.slice(0, -1)],
            (error: Error) => error.message,
          );
        expect(await outcome(`${plain}"9"\n`)).toEqual(await outcome(`${plain}9\n`));
      }),
      { numRuns: 300 },
    );
  });

  test('plain text and the same rows with every cell quoted have the same lines', async () => {
    const plain = await readText('1,2\n\n3\n', csv);
    const quoted = await readText('"1","2"\n\n"3"\n', csv);
    expect([quoted.rows, quoted.lines]).toEqual([plain.rows, plain.lines]);
  });

  test('a line of one empty quoted cell is an empty token, an empty line is an empty row, at the end too', async () => {
    for (const text of ['""', '1\n""\n2\n', '1\n""', '1\r\n""\r\n']) {
      expect(await readError(text, csv)).toMatch(/^stdin:\d:1: an empty cell stands where a token should$/);
    }
    expect((await readText('"1"\r\n\r\n"2"\r\n\r\n', csv)).rows).toEqual([[1], [], [2], []]);
  });

  test('line breaks in quoted cells count: the bad token is on line 6', async () => {
    const text = 'text,tokens\n"a\nb\r\nc",1 2\nplain,3\nd,4 x\n';
    expect(await readError(text)).toBe('stdin:6:2: token 2, "x", is not a whole number from 0 to 2147483647');
  });

  test('marks that do not pair are errors at their cell', async () => {
    expect(await readError('1,2\n3,"4\n5,6\n', csv)).toBe('stdin:2:2: a quotation mark opens here and is never closed');
    expect(await readError('1,2\n3,4"5"\n', csv)).toBe('stdin:2:2: a quotation mark stands inside a cell');
    expect(await readError('1,2\n3,"4"5\n', csv)).toBe('stdin:2:2: text follows a closing quotation mark');
  });
});

describe('under a header, wide', () => {
  test('token columns end with the empty cells, and target, label, y and length are apart', async () => {
    const { rows, others, input } = await readText('t1,t2,t3,target,y\n5,6,,0.5,1\n7,,,,2\n', csv);
    expect(rows).toEqual([[5, 6], [7]]);
    expect(others).toEqual([
      ['0.5', '1'],
      ['', '2'],
    ]);
    expect(input.columns).toEqual({ names: ['target', 'y'], tokensAt: 0, cells: [4, 5] });
  });

  test("pandas' numbered columns with a label are a header: 0,1,2,label", async () => {
    const { rows, input } = await readText('0,1,2,label\n5,6,7,1\n', csv);
    expect(rows).toEqual([[5, 6, 7]]);
    expect(input.layout).toEqual({ kind: 'wide', tokenNames: ['0', '1', '2'], tokenCells: [1, 2, 3] });
  });

  test('--target names further columns, which are then no tokens', async () => {
    const { rows, others } = await readText('price,t1,t2\n9.5,1,2\n', { ...csv, target: ['price'] });
    expect([rows, others]).toEqual([[[1, 2]], [['9.5']]]);
  });

  test('length 2 of 3 tokens drops the third, which is padding; the mask columns of an earlier pad are no tokens', async () => {
    const { rows } = await readText('t1,t2,t3,length,mask_1,mask_2,mask_3\n0,5,0,2,1,1,0\n', csv);
    expect(rows).toEqual([[0, 5]]);
  });

  test('a row may be shorter than the header; an empty line is an empty row', async () => {
    expect((await readText('t1,t2,target\n1\n\n2,3,4\n', csv)).rows).toEqual([[1], [], [2, 3]]);
  });

  test(',0,1,2 is the header of a pandas frame without names, and the hint is how to write the frame without it', async () => {
    for (const first of [',0,1,2', ',0']) {
      await expect(readText(`${first}\n0,5,6,7\n`, csv)).rejects.toMatchObject({
        message: 'stdin:1:1: this looks like the header that pandas writes for a frame with numbered columns',
        hint: 'write the frame with to_csv(index=False, header=False)',
      });
    }
  });

  test('0,1,2 above rows of 3 might be a row, and is one; ,1,2 is an empty cell', async () => {
    expect((await readText('0,1,2\n5,6,7\n', csv)).rows).toEqual([
      [0, 1, 2],
      [5, 6, 7],
    ]);
    expect(await readError(',1,2\n0,5,6\n', csv)).toBe('stdin:1:1: an empty cell stands where a token should');
    const notesOf = async (text: string): Promise<string[]> =>
      ((await readText(text, csv)).input.notes ?? []).map(({ message }) => message);
    expect(await notesOf('0,1,2\n5,6,7\n')).toEqual([
      'note: the first row counts from 0 to 2, as pandas numbers columns; it is read as a row',
    ]);
    expect(await notesOf('0,1,3\n5,6,7\n')).toEqual([]);
  });

  const header = 't1,t2,target\n';
  test.each([
    ['an empty cell before a token', `${header}1,2,3\n,4,5\n`, ':3:1: an empty cell stands where a token should'],
    ['more cells than names', `${header}1,2,3,4\n`, ':2:4: the row has 4 cells, the header names 3'],
    ['two like names', 't1,t2,t1\n1,2,3\n', ':1:3: the header names two columns "t1"'],
    ['a column without a name, as pandas writes its index', ',t1,t2\n0,1,2\n', ':1:1: the header has a column without a name'],
    ['a name in capitals, which would be tokens', 't1,Label\n1,2\n', ':1:2: the column "Label" would be read as tokens'],
    ['nothing but a target', 'target\n5\n', ':1: the header names no column of tokens'],
    ['text in a column of tokens', 'word,t1\ncat,5\n', ':2:1: token "cat" in column "word" is not a whole number from 0 to 2147483647'],
    [
      'a length that is more than the tokens',
      't1,t2,length\n1,,2\n',
      ':2:3: length "2" is not a whole number from 0 to 1, the tokens in the row',
    ],
    ['a header alone', header, ': holds a header and no rows'],
  ])('%s is an error at its cell', async (_, text, message) => {
    expect(await readError(text, csv)).toBe(`stdin${message}`);
  });

  test('--sequence and --target must name what is there', async () => {
    expect(await readError('t1,target\n1,2\n', { sequence: 'ids' })).toBe('stdin:1: nothing here is named "ids", as --sequence says');
    expect(await readError('1,2\n', { target: ['price'] })).toBe('stdin:1: nothing here is named "price", as --target says');
  });
});

describe('under a header, one cell for all tokens', () => {
  test('tokens are separated by blanks, and other columns stay text', async () => {
    const { rows, others, input } = await readText('word,tokens,label\n"a,b",43 96  2 ,5\nc,,1\n');
    expect(rows).toEqual([[43, 96, 2], []]);
    expect(others).toEqual([
      ['a,b', '5'],
      ['c', '1'],
    ]);
    expect(input.columns).toEqual({ names: ['word', 'label'], tokensAt: 1, cells: [1, 3] });
  });

  test('--sequence names the cell', async () => {
    expect((await readText('ids,n\n1 2,7\n', { sequence: 'ids' })).rows).toEqual([[1, 2]]);
  });

  test('a header that is refused lets go of the input', async () => {
    const stdin = chunked(['t1,t1\n', '1,2\n', '3,4\n']);
    await expect(openSequences('-', csv, { stdin })).rejects.toThrow('the header names two columns "t1"');
    expect(stdin.destroyed).toBe(true);
  });

  test('__proto__ and constructor are names like any other', async () => {
    const { others, input } = await readText('__proto__,tokens,constructor\nx,1,y\n');
    expect([input.columns.names, others]).toEqual([['__proto__', 'constructor'], [['x', 'y']]]);
  });
});

describe('bytes that are no text', () => {
  test('NUL, Latin-1, UTF-16 and a character cut by the end of the file are errors that name the line', async () => {
    expect(await readError(['1\n2\n', '3,\0\n'], csv)).toBe('stdin:3: this is not text: it holds a NUL byte');
    expect(await readError([Buffer.from('1\n\xe9\n', 'latin1')], csv)).toBe('stdin:2: this is not UTF-8 text');
    expect(await readError([Buffer.from('\ufeff1,2\n', 'utf16le')], csv)).toBe('stdin:1: this is UTF-16');
    expect(await readError([Buffer.from('1\né').subarray(0, -1)], csv)).toBe('stdin:2: this is not UTF-8 text');
  });

  test('a character of 4 bytes may arrive byte by byte', async () => {
    const { others } = await readText(inParts('text,tokens\né𝄞,1\n', 1));
    expect(others).toEqual([['é𝄞']]);
  });
});

describe('gzip', () => {
  test('is known by its first bytes, and may have several members', async () => {
    expect((await readText([gzipSync('1,2\n'), gzipSync('3\n')])).rows).toEqual([[1, 2], [3]]);
  });

  test('that ends early or is damaged is an error', async () => {
    const bytes = gzipSync(Array.from({ length: 5000 }, (_, i) => `${i * 7919}\n`).join(''));
    expect(await readError([bytes.subarray(0, -9)])).toBe('stdin: the gzip data ends early');
    const damaged = Buffer.from(bytes).fill(0xaa, 900, 1000);
    expect(await readError([damaged])).toBe('stdin: the gzip data is damaged');
  });
});

describe('readDataset', () => {
  const read = (text: string, options: Parameters<typeof readDataset>[1] = {}): ReturnType<typeof readDataset> =>
    readDataset('-', options, { stdin: chunked([text]) });

  test('gives targets as numbers row by row, and the sha256 of the bytes', async () => {
    const data = await read('t1,t2,target,y\n1,2,0.5,-1e2\n3,,.25,7\n', { target: ['target', 'y'] });
    expect(data.targetNames).toEqual(['target', 'y']);
    expect([...data.targets]).toEqual([0.5, -100, 0.25, 7]);
    expect(data.sha256).toBe('fc85f82d1e038572e64aa58c79a7499e8801903915298bc01ef2950f28339c32');
  });

  test.each([
    ['', ':3:2: target y is missing', 'give every row a target'],
    ['nan', ':3:2: target y is "nan", not a finite number', 'leave out rows'],
    ['0x10', ':3:2: target y is "0x10", not a finite number', 'targets are decimal numbers'],
    ['1e999', ':3:2: target y is "1e999", not a finite number', 'targets are decimal numbers'],
    ['cat', ':3:2: target y is "cat", not a finite number', 'number the classes from 0 (and --class-names names them)'],
  ])('a target %j is an error at its cell, and the hint says what to do about such a value', async (value, message, hint) => {
    await expect(read(`tokens,y\n1 2,0\n3,${value}\n`)).rejects.toMatchObject({
      message: `stdin${message}`,
      hint: expect.stringContaining(hint),
    });
  });

  test('a target whose name holds spaces is quoted', async () => {
    await expect(read('tokens,my y\n1,x\n', { target: ['my y'] })).rejects.toThrow('target "my y" is "x", not a finite number');
  });

  test('an empty row is an error, or left out and counted with skipEmpty', async () => {
    await expect(read('1,2\n\n3\n')).rejects.toThrow('stdin:2: the row has no tokens');
    const { rows, lines, emptyRows } = await read('1,2\n\n3\n', { skipEmpty: true });
    expect([[...rows.tokens], [...rows.offsets], [...lines], emptyRows]).toEqual([[1, 2, 3], [0, 2, 3], [1, 3], 1]);
    await expect(read('\n\n', { skipEmpty: true })).rejects.toThrow('stdin: holds no rows with tokens');
  });

  test('two columns that could be the target are an error until --target chooses', async () => {
    await expect(read('tokens,label,y\n1,2,3\n')).rejects.toThrow('stdin:1: there are several targets: label, y');
    expect((await read('tokens,label,y\n1,2,3\n', { target: ['y'] })).targetNames).toEqual(['y']);
  });
});

test('a header of 500 000 columns is read, which no time would suffice for that grows with the square of their number', async () => {
  const names = Array.from({ length: 500_000 }, (_, i) => `t${i}`);
  const { rows } = await readText(`${names.join(',')}\n${names.map(() => 7).join(',')}\n`);
  expect(rows[0].length).toBe(500_000);
});
