import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { inParts, readError, readText } from '../../support/read.ts';
import { folder, run } from '../../support/run.ts';

const skip = { onError: 'skip' } as const;

/** The rows that are left, and the messages of those that are not. */
async function leftOf(text: string, size = 1000): Promise<[rows: readonly (readonly number[])[], messages: string[]]> {
  const { rows, input } = await readText(inParts(text, size), skip);
  return [rows, input.badRows.first.map(({ message }) => message.replace(/ is not a whole number.*/, ''))];
}

describe('--on-error skip leaves a bad row out and names its error, in parts of 1 or 1000 bytes', () => {
  test.each<[string, string, number[][], string[]]>([
    [
      'CSV',
      '1,2\n3,x\n4,-1\n,5\n6\n',
      [[1, 2], [6]],
      ['stdin:2:2: token "x"', 'stdin:3:2: token "-1"', 'stdin:4:1: an empty cell stands where a token should'],
    ],
    ['quoted CSV', '"1",2\n3,"x"\n4\n', [[1, 2], [4]], ['stdin:2:2: token "x"']],
    [
      'wide CSV',
      't1,t2,length\n1,2,2\n1,2,3\n1,2,1,0\n5,0,1\n',
      [[1, 2], [5]],
      ['stdin:3:3: length "3"', 'stdin:4:4: the row has 4 cells, the header names 3'],
    ],
    ['CSV with a cell', 'tokens,y\n1 2,0\n3 x,1\n4,1\n', [[1, 2], [4]], ['stdin:3:1: token 2, "x",']],
    ['TSV', '1\t2\n3\tx\n4\n', [[1, 2], [4]], ['stdin:2:2: token "x"']],
    [
      'JSONL',
      '[1,2]\n[3,x]\n[4] [5]\n{"a":1}\n[6\n7\n[8]',
      [[1, 2], [8]],
      [
        'stdin:2:2: token "x"',
        'stdin:3: more text follows the row on its line',
        'stdin:4: an object stands among lists',
        'stdin:5: the line ends early: "]" or a comma should follow',
        'stdin:6: "7" stands where "[" should',
      ],
    ],
    [
      'JSONL of objects',
      '{"tokens":[1,2]}\n{"tokens":[3],"tokens":[4]}\n{"ids":[5]}\n{"tokens":[6],"x":"a\n{"tokens":[7],"length":2}\n{"tokens":[8]}\n',
      [[1, 2], [8]],
      [
        'stdin:2: the key "tokens" stands twice in one object',
        'stdin:3: the object has no key "tokens"',
        'stdin:4: a text has no closing quotation mark',
        'stdin:5: length "2"',
      ],
    ],
    [
      'a JSON document of lists',
      '[[1,2],[3,x],[4,"]"],\n[5 6],7,,[8,[9]],[10]]',
      [[1, 2], [10]],
      [
        'stdin:1: row 2, token 2: "x"',
        'stdin:1: row 3, token 2: "]"',
        'stdin:2: row 4: "6" stands where "]" or a comma should',
        'stdin:2: row 5: "7" stands where "[" should',
        'stdin:2: row 6: "," stands where "[" should',
      ],
    ],
    [
      'a JSON document of objects',
      '[{"tokens":[1,2]},{"tokens":[-3],"x":{"a":[1]}},{"x":1},[4],{"tokens":[5]}]',
      [[1, 2], [5]],
      ['stdin:1: row 2, token 1: "-3"', 'stdin:1: row 3: the object has no key "tokens"', 'stdin:1: row 4: a list stands among objects'],
    ],
    [
      'a JSON document of columns',
      '{"y":[1,2,3,4],"sequences":[[1,2],[3,-4],[5,x],[6]],"lengths":[2,2,1,1]}',
      [[1, 2], [6]],
      ['stdin:1: row 2, token 2: "-4"', 'stdin:1: row 3, token 2: "x"'],
    ],
  ])('%s', async (_, text, rows, messages) => {
    expect(await leftOf(text)).toEqual([rows, messages]);
    expect(await leftOf(text, 1)).toEqual([rows, messages]);
  });

  test('other columns stay with their rows', async () => {
    expect((await readText('t1,y\nx,1\n5,2\n', skip)).others).toEqual([['2']]);
    expect((await readText('{"y":[1,2],"sequences":[["x"],[5]]}', skip)).others).toEqual([['2']]);
  });

  test('the rows that are left are those that a clean file would have: any rows, any of them spoiled', async () => {
    const rowsOf = fc.array(fc.tuple(fc.array(fc.nat(99), { minLength: 1, maxLength: 5 }), fc.boolean()), { minLength: 1, maxLength: 10 });
    await fc.assert(
      fc.asyncProperty(
        rowsOf,
        fc.constantFrom(1, 4, 1000),
        fc.constantFrom('x', '-1', '1.5', '{', '[1]', '"a'),
        async (rows, size, junk) => {
          const sound = rows.filter(([, isBad]) => !isBad).map(([row]) => row);
          const list = ([row, isBad]: [number[], boolean]): string => `[${row.join(',')}${isBad ? `,${junk}` : ''}]`;
          const texts: [string, 'csv' | 'jsonl' | 'json'][] = [[`[1]\n${rows.map(list).join('\n')}`, 'jsonl']];
          if (!'{"a'.includes(junk)) texts.push([`[[1],${rows.map(list).join(',')}]`, 'json']);
          if (junk !== '"a')
            texts.push([`1\n${rows.map(([row, isBad]) => [...row, ...(isBad ? [junk] : [])].join(',')).join('\n')}\n`, 'csv']);
          for (const [text, inputFormat] of texts) {
            const read = await readText(inParts(text, size), { inputFormat, ...skip });
            expect([read.rows, read.input.badRows.count], text).toEqual([[[1], ...sound], rows.length - sound.length]);
          }
        },
      ),
    );
  });
});

describe('--on-error skip still stops', () => {
  test.each([
    ['at a header', 't1,t1\n1,2\n', 'stdin:1:2: the header names two columns "t1"'],
    ['where a quotation mark never closes', '1,2\n3,"4\n5\n', 'stdin:2:2: a quotation mark opens here and is never closed'],
    ['where brackets do not pair', '[[1],[2,x},[3]]', 'stdin:1: row 2: "}" stands where "]" should'],
    ['where a document ends early', '[[1],[2,', 'stdin:1: row 2: the document ends early: "]" should follow'],
    ['where a text in a document never ends', '[[1],["a],[2]]', 'stdin:1: row 2: a text has no closing quotation mark'],
    ['between the rows of a document', '[[1] [2]]', 'stdin:1: row 1: "[" stands where "," or "]" should'],
    ['at a byte that is no text', '1\nx\n2\0\n', 'stdin:3: this is not text: it holds a NUL byte'],
    [
      'where no row is left',
      '1x\n2y\n',
      'stdin: no row is left of 2 bad rows; the first: stdin:1:1: token "1x" is not a whole number from 0 to 2147483647',
    ],
    [
      'where no row of a document is left',
      '[["x"]]',
      'stdin: no row is left of 1 bad row; the first: stdin:1: row 1, token 1: "x" is not a whole number from 0 to 2147483647',
    ],
  ])('%s', async (_, text, message) => {
    const format = /^["[]/.test(text) ? 'json' : 'csv';
    expect(await readError(text, { inputFormat: format, ...skip })).toBe(message);
  });
});

describe('what the commands say of rows that were left out', () => {
  const seven = '1,2\na\nb\nc\nd\ne\nf\ng\n3\n';

  test('pad: the count in its summary, the first five with their hints, and how many more', async () => {
    const { code, stdout, stderr } = await run(['pad', '--on-error', 'skip'], { stdin: seven });
    const lines = stderr.trimEnd().split('\n');
    expect([code, stdout, lines[0]]).toEqual([0, '1,2\n3,0\n', '2 rows to length 2: 1 padded, 0 truncated; 7 bad rows left out']);
    expect(lines.filter((line) => line.startsWith('warning: left out: stdin:'))).toHaveLength(5);
    expect(lines[1]).toBe('warning: left out: stdin:2:1: token "a" is not a whole number from 0 to 2147483647');
    expect(lines.at(-1)).toBe('warning: left out: 2 more bad rows');
  });

  test('pad --json: badRowsLeftOut; --quiet: nothing; beside --skip-empty both counts', async () => {
    const { stderr } = await run(['pad', '--on-error', 'skip', '--json'], { stdin: seven });
    expect(JSON.parse(stderr)).toMatchObject({ rows: 2, badRowsLeftOut: 7, emptyRowsLeftOut: 0 });
    expect((await run(['pad', '--on-error', 'skip', '--quiet'], { stdin: seven })).stderr).toBe('');
    const both = await run(['pad', '--on-error', 'skip', '--skip-empty'], { stdin: '1\n\nx\n' });
    expect(both.stderr).toContain('1 row to length 1: 0 padded, 0 truncated; 1 empty row and 1 bad row left out\n');
  });

  test('grad-check: names them on standard error', async () => {
    const { code, stderr } = await run(['grad-check', '-', '--on-error', 'skip'], { stdin: '1,2\n3,x\n' });
    expect([code, stderr]).toEqual([0, expect.stringMatching(/^warning: left out: stdin:2:2: token "x" is not .*\nhint: .+\n$/)]);
  });

  test('train: bad targets and empty rows are bad rows too; the report names them, run.json counts them', async () => {
    const path = folder({ 'x.csv': 'tokens,y\n1 2,0.5\n3 x,1\n4 5,cat\n,2\n6 7,3\n', 'v.csv': 'tokens,y\nz,1\n1,2\n' });
    const args = ['train', `${path}/x.csv`, '--validation', `${path}/v.csv`, '--epochs', '1', '--hidden', '2', '--out', `${path}/run`];
    const stopped = await run(args);
    expect([stopped.code, stopped.stderr]).toEqual([1, expect.stringMatching(/x\.csv:3:1: token 2, "x", is not/)]);
    const { code, stdout, stderr } = await run([...args, '--on-error', 'skip', '--json']);
    expect(code, stderr).toBe(0);
    expect(stderr).toMatch(/warning: left out: .*x\.csv:3:1: token 2, "x", is not/);
    expect(stderr).toMatch(/warning: left out: .*x\.csv:4:2: target y is "cat"/);
    expect(stderr).toMatch(/warning: left out: .*x\.csv:5: the row has no tokens/);
    expect(stderr).toMatch(/warning: left out: .*v\.csv:2:1: token 1, "z", is not/);
    expect(stderr).toContain('left out 3 bad rows\n');
    const summary = JSON.parse(stdout) as unknown;
    expect(summary).toMatchObject({ data: { rows: 2, counts: { badRows: 3 } }, validation: { rows: 1, counts: { badRows: 1 } } });
  });

  test('train and eval: tokens outside the vocabulary, classes that are none and rows of padding alone are bad rows too', async () => {
    const rows = 'tokens,label\n1 2,0\n3 9,1\n0 0,1\n4 5,1\n6,2.5\n9 1 1 1,1\n';
    const path = folder({ 'x.csv': rows, 'y.csv': `${rows}1,2\n` });
    const skipping = ['--pad-value', '0', '--max-len', '3', '--truncating', 'pre', '--on-error', 'skip', '--json'];
    const training = ['--task', 'classification', '--vocab-size', '9', '--epochs', '1', '--hidden', '2', '--out', `${path}/run`];
    const train = await run(['train', `${path}/x.csv`, ...training, ...skipping]);
    expect(train.code, train.stderr).toBe(0);
    expect(JSON.parse(train.stdout)).toMatchObject({ data: { rows: 3, counts: { rowsRead: 3, badRows: 3, tokensCut: 1 } } });
    const named = [
      /x\.csv:3:1: token 2: token 9 is outside the vocabulary 0\.\.8\nhint: raise --vocab-size/,
      /x\.csv:4: the row holds only padding \(0\)\nhint: /,
      /x\.csv:6: label 2\.5 is not a class ID/,
    ];
    for (const message of named) expect(train.stderr).toMatch(message);
    const evaluated = await run(['eval', `${path}/run`, `${path}/y.csv`, ...skipping]);
    expect(evaluated.code, evaluated.stderr).toBe(0);
    expect(JSON.parse(evaluated.stdout)).toMatchObject({ data: { rows: 3, counts: { badRows: 4 } } });
    expect(evaluated.stderr).toMatch(/warning: left out: .*y\.csv:8: class 2 is none of the weights' classes 0\.\.1\nhint: /);
    const stopped = await run(['train', `${path}/x.csv`, ...training, '--out', `${path}/other`]);
    expect([stopped.code, stopped.stderr]).toEqual([1, expect.stringMatching(/x\.csv:3:1: token 2: token 9 is outside/)]);
  });

  test('train: of rows that are all bad, the error names the first', async () => {
    const { code, stderr } = await run(['train', '-', '--vocab-size', '2', '--on-error', 'skip'], { stdin: '1,7\n8,1\n' });
    expect([code, stderr]).toEqual([
      1,
      expect.stringMatching(/^stdin: no row is left of 2 bad rows; the first: stdin:1:2: token 7 is outside/),
    ]);
  });
});
