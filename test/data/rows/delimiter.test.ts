import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { sniffDelimiter } from '../../../src/data/rows/delimiter.ts';
import type { Delimiter } from '../../../src/data/rows/delimiter.ts';
import { inParts, readError, readText } from '../../support/read.ts';
import { folder, run } from '../../support/run.ts';

const csv = { inputFormat: 'csv' } as const;
const delimiters: readonly Delimiter[] = [',', ';', '\t', ' ', '|'];
const rowsOf = fc.array(fc.array(fc.nat(2147483647), { maxLength: 8 }), { minLength: 1, maxLength: 8 });

describe('what separates cells is told by the first lines', () => {
  test.each<[string, Delimiter]>([
    ['1,2\n', ','],
    ['1;2\n', ';'],
    ['1\t2\n', '\t'],
    ['43 96 2\n', ' '],
    ['  43   96 2 \n5\n', ' '],
    ['7\n\n43 96\n', ' '],
    ['7\r8\r43;96\r', ';'],
    ['7\n8\n', ','],
    ['7', ','],
    ['', ','],
    ['tokens;label\n43 96 2;1\n', ';'],
    ['tokens\tlabel\n', '\t'],
    ['tokens\n43 96 2\n', ','],
    ['my tokens\n43 96 2\n', ','],
    ['word\n1;2\n', ','],
    ['"a,b";c\n', ';'],
    ['"a;b",c\n', ','],
    ['"a;""b,",c\n', ','],
    ['43 x 2\n', ','],
    ['43 96 2.5\n', ','],
    ['-1 2\n', ','],
    ['1, 2, 3\n', ','],
    ['1; 2; 3\n', ';'],
    ['1;2,3\n', ','],
    ['1|2\n', ','],
    [`${'5\n'.repeat(10)}1;2\n`, ','],
  ])('%j: %j', (text, delimiter) => {
    expect(sniffDelimiter(Buffer.from(text))).toBe(delimiter);
  });

  test('the same rows are read with any of them, sniffed or said, in parts of 1, 3 or 1000 bytes', async () => {
    const options = fc.record({
      delimiter: fc.constantFrom(...delimiters),
      size: fc.constantFrom(1, 3, 1000),
      quoted: fc.boolean(),
      lineEnd: fc.constantFrom('\n', '\r\n'),
    });
    await fc.assert(
      fc.asyncProperty(rowsOf, options, async (rows, { delimiter, size, quoted, lineEnd }) => {
        const cell = (id: number): string => (quoted ? `"${id}"` : String(id));
        const text = rows.map((row) => row.map(cell).join(delimiter) + lineEnd).join('');
        expect((await readText(inParts(text, size), { ...csv, delimiter })).rows).toEqual(rows);
        const isTold = rows[0].length > 1 && delimiter !== '|' && (delimiter !== ' ' || !quoted);
        const sniffed = isTold ? (await readText(inParts(text, size), csv)).rows : rows;
        expect(sniffed).toEqual(rows);
      }),
    );
  });

  test('a first line that takes 64 KiB and more to come is told by them', async () => {
    const text = `${Array.from({ length: 40_000 }, (_, i) => i).join(';')}\n1;2\n`;
    const { rows, input } = await readText(inParts(text, 1000));
    expect([rows.map((row) => row.length), input.delimiter]).toEqual([[40_000, 2], ';']);
  });
});

describe('spaces between cells', () => {
  test('may be several, and stand before and behind; a blank line is an empty row', async () => {
    const { rows, lines } = await readText('43  96 2 \n   \n 5\n\n6 7\n', csv);
    expect([rows, lines]).toEqual([
      [[43, 96, 2], [], [5], [], [6, 7]],
      [1, 2, 3, 4, 5],
    ]);
  });

  test('an error counts cells, not spaces', async () => {
    expect(await readError('43  96 2\n5   x\n')).toBe('stdin:2:2: token "x" is not a whole number from 0 to 2147483647');
  });

  test('under a header they must be said; a quoted cell may be empty, or hold spaces', async () => {
    const text = '"t1" t2 note label\n1 2 "a b" 0\n5  "" "" 1\n';
    const { rows, others } = await readText(text, { ...csv, delimiter: ' ', target: ['note'] });
    expect([rows, others]).toEqual([
      [[1, 2], [5]],
      [
        ['a b', '0'],
        ['', '1'],
      ],
    ]);
    expect(await readError('1 ""  2\n', { ...csv, delimiter: ' ' })).toBe('stdin:1:2: an empty cell stands where a token should');
  });
});

describe('rnn pad keeps the delimiter', () => {
  const pad = (args: string[], stdin: string): ReturnType<typeof run> => run(['pad', '--quiet', ...args], { stdin });

  test.each([
    ['1;2\n3\n', '1;2\n3;0\n'],
    ['1 2\n3\n', '1 2\n3 0\n'],
    ['1\t2\n3\n', '1\t2\n3\t0\n'],
    ['tokens;label\n1 2;0\n3;1\n', 'tokens;label\n1 2;0\n3 0;1\n'],
  ])('%j becomes %j', async (text, padded) => {
    expect((await pad([], text)).stdout).toBe(padded);
    const out = `${folder()}/x.csv`;
    expect((await pad(['-o', out], text)).code).toBe(0);
    // A name that ends in .csv says commas where the input had tabs.
    expect((await run(['pad', '--quiet', out])).stdout).toBe(padded.replaceAll('\t', ','));
  });

  test('unless --output-format or the name of the result says otherwise', async () => {
    expect((await pad(['--output-format', 'csv'], '1;2\n3\n')).stdout).toBe('1,2\n3,0\n');
    expect((await pad(['--output-format', 'tsv'], '1;2\n3\n')).stdout).toBe('1\t2\n3\t0\n');
    expect((await pad(['--output-format', 'csv'], '1\t2\n3\n')).stdout).toBe('1,2\n3,0\n');
    expect((await pad(['--output-format', 'csv'], '[[1,2],[3]]')).stdout).toBe('1,2\n3,0\n');
  });

  test('between spaces, cells of several words and empty ones are quoted, and read back to the same', async () => {
    const args = ['--delimiter', 'space', '--sequence', 'tokens', '--mask'];
    const text = 'tokens note mask\n"1 2" "" "1 1"\n3 "a b" 1\n';
    const { stdout } = await pad(args, text);
    expect(stdout).toBe('tokens note mask\n"1 2" "" "1 1"\n"3 0" "a b" "1 0"\n');
    expect((await pad(args, stdout)).stdout).toBe(stdout);
  });
});

describe('--delimiter', () => {
  test.each(['pipe', '|'])('%s: forces what is not sniffed', async (given) => {
    expect((await run(['pad', '--quiet', '--delimiter', given], { stdin: '1|2\n3\n' })).stdout).toBe('1|2\n3|0\n');
  });

  test('tab and \\t are the same, also for a name that ends in .csv, and a delimiter overrules .tsv', async () => {
    const path = folder({ 'x.csv': 'a,b\tc\n1\t2\n', 'x.tsv': '1;2\n' });
    for (const tab of ['tab', '\\t', '\t']) {
      expect((await run(['pad', '--quiet', '--delimiter', tab, `${path}/x.csv`])).stdout).toBe('a,b\tc\n1\t2\n');
    }
    expect((await run(['pad', '--quiet', '--delimiter', ';', `${path}/x.tsv`])).stdout).toBe('1;2\n');
  });

  test('another word is a usage error that lists the words; on JSON it is one too', async () => {
    const { code, stderr } = await run(['pad', '--delimiter', ':'], { stdin: '1:2\n' });
    expect([code, stderr]).toEqual([
      2,
      expect.stringMatching(/^--delimiter: ":" is not one of comma, semicolon, tab, space, pipe\nhint: /),
    ]);
    const path = folder({ 'x.json': '[[1]]' });
    const onJson = await run(['pad', '--delimiter', 'tab', `${path}/x.json`]);
    expect([onJson.code, onJson.stderr]).toEqual([
      2,
      expect.stringMatching(/^--delimiter: .*x\.json is read as json, which has none\nhint: /),
    ]);
  });

  test.each([
    ['1,2\n3;4\n', 'stdin:2:1: token "3;4"'],
    ['1;2\n3,4\n', 'stdin:2:1: token "3,4"'],
    ['1|2\n', 'stdin:1:1: token "1|2"'],
    ['1,2\n3 4\n', 'stdin:2:1: token "3 4"'],
  ])('is named in the hint where %j mixes delimiters', async (text, place) => {
    const { stderr } = await run(['pad'], { stdin: text });
    expect(stderr.startsWith(place)).toBe(true);
    expect(stderr).toMatch(/\nhint: .*--delimiter/);
  });
});
