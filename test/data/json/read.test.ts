import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readDataset } from '../../../src/data/dataset/dataset.ts';
import { formatOfText } from '../../../src/data/sniff.ts';
import { chunked } from '../../support/run.ts';
import { inParts, readError, readText } from '../../support/read.ts';

const json = { inputFormat: 'json' } as const;
const jsonl = { inputFormat: 'jsonl' } as const;
const token = fc.oneof(fc.nat(200), fc.integer({ min: 0, max: 2 ** 31 - 1 }));
const rowsOf = fc.array(fc.array(token, { maxLength: 12 }), { minLength: 1, maxLength: 12 });

describe('the same rows', () => {
  test('are read from CSV, TSV, a document, JSONL and a document of columns, cut into parts of any size', async () => {
    await fc.assert(
      fc.asyncProperty(rowsOf, fc.constantFrom(1, 2, 5, 1000), fc.constantFrom(0, 2), async (rows, size, indent) => {
        const texts = {
          csv: rows.map((row) => `${row.join(',')}\n`).join(''),
          tsv: rows.map((row) => `${row.join('\t')}\n`).join(''),
          json: JSON.stringify(rows, null, indent),
          jsonl: rows.map((row) => `${JSON.stringify(row)}\n`).join(''),
        };
        for (const [inputFormat, text] of Object.entries(texts)) {
          expect((await readText(inParts(text, size), { inputFormat: inputFormat as 'csv' })).rows, inputFormat).toEqual(rows);
        }
        expect((await readText(inParts(JSON.stringify({ sequences: rows }, null, indent), size), json)).rows).toEqual(rows);
        const objects = rows.map((tokens, id) => ({ id, tokens }));
        expect((await readText(inParts(JSON.stringify(objects, null, indent), size), json)).rows).toEqual(rows);
      }),
    );
  });
});

describe('a document', () => {
  test('of objects keeps other values as their source text: 9007199254740993 and 1.50 are not rounded', async () => {
    const { rows, others, input } = await readText('[{"id": 9007199254740993, "tokens": [1, 2], "y": 1.50}]', json);
    expect([rows, others]).toEqual([[[1, 2]], [['9007199254740993', '1.50']]]);
    expect(input.columns).toEqual({ names: ['id', 'y'], tokensAt: 1 });
  });

  test('numbers its rows, since they share lines', async () => {
    expect((await readText('[[1],[2],\n[3]]', json)).lines).toEqual([1, 2, 3]);
  });

  test('of columns gives each row its value of every list, cuts rows to their lengths, and keeps what is no list', async () => {
    const { rows, others, input } = await readText('{"name":"x","targets":[1,2],"sequences":[[1,2,0],[4]],"lengths":[2,1]}', json);
    expect([rows, others]).toEqual([
      [[1, 2], [4]],
      [
        ['1', '2'],
        ['2', '1'],
      ],
    ]);
    expect(input.layout).toEqual({ kind: 'columns', sequenceName: 'sequences', constants: [['name', '"x"']] });
  });

  test.each([
    ['[[1,2],[3,', ':1: row 2, token 2: the document ends early: a token should follow'],
    ['[[1,2],[3,4]', ':1: row 2: the document ends early: "," or "]" should follow'],
    ['[', ':1: row 1: the document ends early: a row should follow'],
    ['[[1,2]] [3]', ':1: more text follows the document'],
    ['[[1,\n[2]]]', ':2: row 1, token 2: a list stands where a token should'],
    ['[[1],\n[2,{}]]', ':2: row 2, token 2: an object stands where a token should'],
    ['[[1,]]', ':1: row 1, token 2: "]" stands where a token should'],
    ['[[1 2]]', ':1: row 1: "2" stands where "]" or a comma should'],
    ['[[1],{"tokens":[2]}]', ':1: row 2: an object stands among lists'],
    ['[{"tokens":[2]},[1]]', ':1: row 2: a list stands among objects'],
    ['[{"tokens":[1],"tokens":[2]}]', ':1: row 1: the key "tokens" stands twice in one object'],
    ['[{"ids":[1]}]', ':1: row 1: the object has no key "tokens" or "sequence"'],
    ['[{"tokens":[1]},{"ids":[1]}]', ':1: row 2: the object has no key "tokens"'],
    ['[{"tokens":[1],"x":nul}]', ':1: row 1: "nul" is not JSON'],
    ['[{"tokens":[1],"x":"a}]', ':1: row 1: a text has no closing quotation mark'],
    ['[{"tokens":[1,2],"length":3}]', ':1: row 1: length "3" is not a whole number from 0 to 2, the tokens in the row'],
    ['[1,2]', ':1: row 1: this is no row: neither a list of token IDs nor an object that holds one'],
    ['"text"', ':1: "\\"" stands where "[" or "{" at the beginning should'],
    ['{"tokens":[1,2],"y":1}', ':1: row 1: "tokens" is no list of rows'],
    ['{"ids":[[1]]}', ':1: the object has no key "sequences"'],
    ['{"sequences":[[1],[2]],"targets":[1]}', ': "targets" holds 1 value, the rows are 2'],
    ['[]', ': holds no rows'],
    ['{"sequences":[]}', ': holds no rows'],
    ['', ': holds no rows'],
  ])('%s is an error with its line and row', async (text, message) => {
    expect(await readError(text, json)).toBe(`stdin${message}`);
    expect(await readError(inParts(text, 1), json)).toBe(`stdin${message}`);
  });

  test.each(['1e3', '0x10', '1.5', '1.0', '-1', '-0', 'NaN', '9007199254740993', '2147483648', '""', '"5"', 'null', 'true', '007', 'abc'])(
    'a token %s is an error that shows it as it was written',
    async (value) => {
      const shown = value.startsWith('"') ? value : JSON.stringify(value);
      const rule = `${shown} is not a whole number from 0 to 2147483647`;
      expect(await readError(`[[7],\n[8,${value}]]`, json)).toBe(`stdin:2: row 2, token 2: ${rule}`);
      expect(await readError(`[7]\n[8,${value}]\n`, jsonl)).toBe(`stdin:2:2: token ${rule}`);
    },
  );

  test('100 000 brackets deep is an error and no overflow', async () => {
    expect(await readError('['.repeat(100_000), json)).toBe('stdin:1: row 1, token 1: a list stands where a token should');
    const nested = `[{"x":${'['.repeat(100_000)}${']'.repeat(100_000)},"tokens":[1]}]`;
    expect((await readText(nested, json)).rows).toEqual([[1]]);
  });
});

describe('JSONL', () => {
  test('may have empty lines, \\r\\n and no last line end; lines are those of the file', async () => {
    const { rows, lines } = await readText('\n[1]\r\n\n[ ]\n[2]', jsonl);
    expect([rows, lines]).toEqual([
      [[1], [], [2]],
      [2, 4, 5],
    ]);
  });

  test('objects may have their keys in any order, and each row keeps its own', async () => {
    const { rows, others, input } = await readText('{"tokens":[1],"a":1}\n{"b":2,"sequence":"x","tokens":[2]}\n', jsonl);
    expect([rows, others]).toEqual([
      [[1], [2]],
      [['1'], ['2', '"x"']],
    ]);
    expect(input.layout).toEqual({ kind: 'objects', sequenceName: 'tokens' });
  });

  test('__proto__ is a key like any other', async () => {
    const { others, input } = await readText('{"__proto__":{"length":0},"tokens":[1]}\n', jsonl);
    expect([input.columns.names, others]).toEqual([['__proto__'], [['{"length":0}']]]);
  });

  test('a value that spans lines in a document becomes one line', async () => {
    const { others } = await readText('[{"x": {"a b": [1,\n  2]},\n "tokens": [1]}]', json);
    expect(others).toEqual([['{"a b":[1,2]}']]);
  });

  test.each([
    ['[1,2\n[3]\n', ':1: the line ends early: "]" or a comma should follow'],
    ['[1]\n[2,\n3]\n', ':2:2: the line ends early: a token should follow'],
    ['[1] [2]\n', ':1: more text follows the row on its line'],
    ['[1]\n{"tokens":[2]}\n', ':2: an object stands among lists'],
    ['[1]\n5\n', ':2: "5" stands where "[" should'],
    ['{"tokens":[1]}\n{"tokens":[2],"x":"a\n', ':2: a text has no closing quotation mark'],
  ])('%j is an error at its line', async (text, message) => {
    expect(await readError(text, jsonl)).toBe(`stdin${message}`);
    expect(await readError(inParts(text, 1), jsonl)).toBe(`stdin${message}`);
  });
});

describe('the format of standard input', () => {
  test.each([
    ['[[1,2],[3]]', 'json'],
    ['\n [\n [1],\n', 'json'],
    ['[{"tokens":[1]}]', 'json'],
    ['{"sequences":[[1]]}', 'json'],
    ['{\n "sequences": [', 'json'],
    ['[]\n', 'json'],
    ['[1,2]\n[3]\n', 'jsonl'],
    ['[1,2]', 'jsonl'],
    ['[]\n[1]\n', 'jsonl'],
    ['{"tokens":[1]}\n', 'jsonl'],
    ['{"tokens":[1],"x":[[1]]}\n{"tokens":[2]}\n', 'jsonl'],
    ['1\t2\n3\n', 'tsv'],
    ['1,2\n3\t4\n', 'csv'],
    ['5\n', 'csv'],
  ])('%j is read as %s', (text, format) => {
    expect(formatOfText(Buffer.from(text))).toBe(format);
  });
});

describe('targets in readDataset', () => {
  const read = (text: string, options: Parameters<typeof readDataset>[1] = {}): ReturnType<typeof readDataset> =>
    readDataset('-', options, { stdin: chunked([text]) });

  test('numbers, or lists of as many: {"target":[1,2]} is target1 and target2', async () => {
    const data = await read('{"tokens":[1],"target":[1,2.5]}\n{"target":[-3,1e2],"tokens":[2]}\n');
    expect([data.targetNames, [...data.targets]]).toEqual([
      ['target1', 'target2'],
      [1, 2.5, -3, 100],
    ]);
  });

  test('"labels" of a document of columns are the targets named label', async () => {
    const data = await read('{"sequences":[[1],[2]],"labels":[0,1]}');
    expect([data.targetNames, [...data.targets]]).toEqual([['label'], [0, 1]]);
  });

  test.each([
    ['{"tokens":[1],"y":1}\n{"tokens":[1]}\n', ':2: target y is missing'],
    ['{"tokens":[1],"y":null}\n', ':1: target y is missing'],
    ['{"tokens":[1],"y":"1"}\n', ':1: target y is "1", not a finite number'],
    ['{"tokens":[1],"y":"cat"}\n', ':1: target y is "cat", not a finite number'],
    ['{"tokens":[1],"y":1e999}\n', ':1: target y is 1e999, not a finite number'],
    ['{"tokens":[1],"y":[1,2]}\n{"tokens":[1],"y":[1]}\n', ':2: target y holds 1 number, in the rows before 2'],
    ['[{"tokens":[1],"y":1},{"tokens":[2],"y":true}]', ': row 2: target y is true, not a finite number'],
    ['[[1],[]]', ': row 2: the row has no tokens'],
  ])('%j is an error at its row', async (text, message) => {
    await expect(read(text)).rejects.toThrow(`stdin${message}`);
  });
});
