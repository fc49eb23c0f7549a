import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { folder, run } from '../support/run.ts';

const pad = (args: string, stdin?: string): ReturnType<typeof run> =>
  run(['pad', ...args.split(' ').filter((word) => word !== '')], { stdin });

/** What standard output holds, when all is well. */
async function padded(args: string, stdin: string): Promise<string> {
  const { code, stdout, stderr } = await pad(args, stdin);
  expect(code, stderr).toBe(0);
  return stdout;
}

describe("the lecture's example", () => {
  test('is exact in CSV: 7 tokens a row', async () => {
    const { code, stdout, stderr } = await pad('--max-len 7', '43,96,2,78,43\n11,51,9,52,6,1,75,29\n');
    expect(code).toBe(0);
    expect(stdout).toBe('43,96,2,78,43,0,0\n11,51,9,52,6,1,75\n');
    expect(stderr).toBe('2 rows to length 7: 1 padded, 1 truncated (1 token cut)\n');
  });

  test('is exact in JSON, from a file and from standard input', async () => {
    const text = '[[43,96,2,78,43],[11,51,9,52,6,1,75,29]]';
    const expected = '[[43,96,2,78,43,0,0],[11,51,9,52,6,1,75]]\n';
    const file = join(folder({ 'rows.json': text }), 'rows.json');
    expect(await padded('--max-len 7', text)).toBe(expected);
    expect((await run(['pad', file, '--max-len', '7'])).stdout).toBe(expected);
  });
});

describe('lengths', () => {
  const rows = '1,2,3,4,5\n1,2,3\n1\n1,2\n';
  test.each([
    ['', 5],
    ['--max-len longest', 5],
    ['--max-len p50', 2],
    ['--max-len p75', 3],
    ['--multiple-of 4', 8],
    ['--max-len 3 --multiple-of 2', 4],
    ['--max-len 1', 1],
  ])('"%s" makes rows of 5, 3, 1 and 2 tokens %i long', async (args, width) => {
    const lines = (await padded(args, rows)).trimEnd().split('\n');
    expect(lines.map((line) => line.split(',').length)).toEqual(Array(4).fill(width));
  });

  test('--padding, --truncating and a --value of -100 act on their own side', async () => {
    expect(await padded('--max-len 4 --padding pre --truncating pre --value -100', rows)).toBe(
      '2,3,4,5\n-100,1,2,3\n-100,-100,-100,1\n-100,-100,1,2\n',
    );
  });

  test('--stride 2 writes 9 tokens as 4 windows of 4, and every window carries the other columns', async () => {
    const text = 'tokens,label\n1 2 3 4 5 6 7 8 9,1\n1,0\n';
    const { stdout, stderr } = await pad('--max-len 4 --stride 2 --lengths', text);
    expect(stdout).toBe('tokens,label,length\n1 2 3 4,1,4\n3 4 5 6,1,4\n5 6 7 8,1,4\n7 8 9 0,1,3\n1 0 0 0,0,1\n');
    expect(stderr).toBe('2 rows to 5 windows of length 4: 2 padded\n');
  });

  test('an empty row is all padding, or left out with --skip-empty', async () => {
    expect(await padded('--max-len 2', '5\n\n6,7\n')).toBe('5,0\n0,0\n6,7\n');
    const { stdout, stderr } = await pad('--skip-empty', '5\n\n6,7\n');
    expect(stdout).toBe('5,0\n6,7\n');
    expect(stderr).toBe('2 rows to length 2: 1 padded, 0 truncated; 1 empty row left out\n');
    expect((await pad('--skip-empty', '\n\n')).stderr).toMatch(/^stdin: holds no rows with tokens\nhint: /);
  });
});

describe('the layout is kept', () => {
  test('wide: names go on where they end, other columns stay before and behind', async () => {
    expect(await padded('--max-len 4', 't07,t08,label\n1,2,0\n3,,1\n')).toBe('t07,t08,t09,t10,label\n1,2,0,0,0\n3,0,0,0,1\n');
    expect(await padded('--max-len 1', 'y,a,b,length\n0.5,1,2,2\n')).toBe('y,a,length\n0.5,1,1\n');
    expect(await padded('--max-len 3', 'a,b,label\n1,2,0\n')).toBe('a,b,token_3,label\n1,2,0,0\n');
  });

  test('wide: lengths and mask become columns, and a second pad reads them back to the same rows', async () => {
    const once = await padded('--max-len 3 --lengths --mask', 't1,t2,label\n0,2,1\n3,,0\n');
    expect(once).toBe('t1,t2,t3,label,length,mask_1,mask_2,mask_3\n0,2,0,1,2,1,1,0\n3,0,0,0,1,1,0,0\n');
    expect(await padded('--max-len 3 --lengths --mask', once)).toBe(once);
    expect(await padded('--max-len 4 --mask --value 9', once)).toBe(
      't1,t2,t3,t4,label,length,mask_1,mask_2,mask_3,mask_4\n0,2,9,9,1,2,1,1,0,0\n3,9,9,9,0,1,1,0,0,0\n',
    );
  });

  test('a length and a mask that are there stay where they are, and stay true', async () => {
    const wide = 'mask_1,mask_2,length,t1,t2,y\n0,1,1,9,5,0.5\n1,1,2,6,7,1\n';
    expect(await padded('--max-len 3', wide)).toBe('mask_1,mask_2,mask_3,length,t1,t2,t3,y\n1,0,0,1,5,0,0,0.5\n1,1,0,2,6,7,0,1\n');
    expect(await padded('--max-len 1', '{"mask":[1,1],"tokens":[6,7],"y":1}\n')).toBe('{"mask":[1],"tokens":[6],"y":1}\n');
    expect(await padded('--max-len 3', '{"mask":[[1,0]],"tokens":[[6,7]]}')).toBe('{"tokens":[[6,0,0]],"mask":[[1,0,0]]}\n');
  });

  test('cell: the cell holds the padded IDs, and quoted text stays quoted', async () => {
    const text = 'word,tokens\n"a,""b\nc",1 2\nd,\n';
    expect(await padded('--max-len 3 --mask', text)).toBe('word,tokens,mask\n"a,""b\nc",1 2 0,1 1 0\nd,0 0 0,0 0 0\n');
  });

  test('JSON objects keep their keys, the order of them, and numbers that JavaScript cannot hold', async () => {
    const text = '{"id":9007199254740993,"tokens":[1,2,3],"y":1.50}\n{"y":2,"tokens":[],"__proto__":{"a":1}}\n';
    expect(await padded('--max-len 2', text)).toBe(
      '{"id":9007199254740993,"tokens":[1,2],"y":1.50}\n{"y":2,"tokens":[0,0],"__proto__":{"a":1}}\n',
    );
  });

  test('JSON lists become objects only where something stands beside the tokens', async () => {
    expect(await padded('--max-len 2 --padding pre --lengths --mask', '[[5]]')).toBe('[{"tokens":[0,5],"length":1,"mask":[0,1]}]\n');
  });

  test('a JSON document of columns stays one', async () => {
    const text = '{"name":"x","targets":[1,2],"sequences":[[1,2,3],[4]]}';
    const expected = '{"sequences":[[1,2],[4,0]],"targets":[1,2],"lengths":[2,1],"masks":[[1,1],[1,0]],"name":"x"}\n';
    expect(await padded('--max-len 2 --lengths --mask', text)).toBe(expected);
  });

  test('TSV stays TSV, and .gz is read as what it holds', async () => {
    expect(await padded('', '1\t2\n3\n')).toBe('1\t2\n3\t0\n');
    const file = join(folder({ 'rows.jsonl.gz': gzipSync('[1]\n[2,3]\n') }), 'rows.jsonl.gz');
    expect((await run(['pad', file])).stdout).toBe('[1,0]\n[2,3]\n');
  });

  test('what is padded already is written as it was read: any rows, any format', async () => {
    const rows = fc.array(fc.array(fc.nat(99), { minLength: 3, maxLength: 3 }), { minLength: 1, maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(rows, async (table) => {
        const texts = [
          table.map((row) => `${row.join(',')}\n`).join(''),
          `${JSON.stringify(table)}\n`,
          table.map((row) => `${JSON.stringify(row)}\n`).join(''),
          `${JSON.stringify({ sequences: table, targets: table.map(([first]) => first) })}\n`,
          `n,tokens,label\n${table.map((row) => `x,${row.join(' ')},1\n`).join('')}`,
          `n1,n2,n3,label\n${table.map((row) => `${row.join(',')},1.50\n`).join('')}`,
        ];
        for (const text of texts) expect(await padded('', text)).toBe(text);
      }),
      { numRuns: 30 },
    );
  });
});

describe('what pad has written, pad and train read back', () => {
  const rows = 'tokens,label\n5 6 7,0\n8 9,1\n4,0\n';

  test('padded in front with lengths, the rows are the same after a second --padding pre, and trained on without padding', async () => {
    const path = folder({ 'p.csv': rows });
    const [once, out] = [join(path, 'pp.csv'), join(path, 'run')];
    await run(['pad', join(path, 'p.csv'), '--padding', 'pre', '--lengths', '-o', once]);
    const text = readFileSync(once, 'utf8');
    expect(text).toBe('tokens,label,length\n5 6 7,0,3\n0 8 9,1,2\n0 0 4,0,1\n');
    expect((await run(['pad', once, '--padding', 'pre', '--max-len', '3'])).stdout).toBe(text);
    expect(await trained(once, out, ['--padding', 'pre'])).toMatchObject({ rows: 3, tokens: 6 });
  });

  test('read from the side where no padding is, lengths are an error: exit 1', async () => {
    const once = await padded('--padding pre --lengths', rows);
    const { code, stderr } = await pad('', once);
    expect([code, stderr]).toEqual([1, expect.stringMatching(/^stdin:4:1: token 2: length 1 leaves out .*\nhint: say --padding pre/)]);
  });

  test.each(['post', 'pre'])('a mask with padding %s tells train the 6 real tokens: JSONL, one cell, wide', async (side) => {
    const path = folder();
    const inputs = [
      ['rows.jsonl', rows],
      ['cell.csv', rows],
      ['wide.csv', 't1,t2,t3,label\n5,6,7,0\n8,9,,1\n4,,,0\n'],
    ];
    for (const [name, stdin] of inputs) {
      const file = join(path, name);
      expect((await run(['pad', '--mask', '--padding', side, '--value', '50', '-o', file], { stdin })).code).toBe(0);
      expect(await trained(file, join(path, `run-${name}`)), name).toMatchObject({ rows: 3, tokens: 6 });
    }
  });

  test.each([
    ['--value -1 --lengths', ''],
    ['--value -1 --lengths', '--padding pre'],
    ['--value -100 --mask', ''],
    ['--value -100 --mask', '--padding pre'],
    ['--value 2147483647 --lengths --mask', '--padding pre'],
  ])('"%s %s" is written again as it was read, from CSV, JSON and JSONL', async (args, side) => {
    for (const format of ['csv', 'json', 'jsonl']) {
      const once = await padded(`${args} ${side} --output-format ${format}`, rows);
      expect(await padded(`${args} ${side}`, once)).toBe(once);
      expect(await padded(`${args.split(' --')[0]} ${side}`, once)).toBe(once);
    }
    const wide = await padded(`${args} ${side}`, 't1,t2,label\n1,2,0\n3,,1\n');
    expect(await padded(`${args} ${side}`, wide)).toBe(wide);
    const columns = await padded(`${args} ${side}`, '{"sequences":[[1,2],[3]],"targets":[1,2]}');
    expect(await padded(`${args} ${side}`, columns)).toBe(columns);
  });
});

/** The counts that training on the file reports. */
async function trained(file: string, out: string, more: readonly string[] = []): Promise<{ rows: number; tokens: number }> {
  const { code, stdout, stderr } = await run(['train', file, '--out', out, '--epochs', '1', '--hidden', '2', '--quiet', '--json', ...more]);
  expect(code, stderr).toBe(0);
  return (JSON.parse(stdout) as { data: { rows: number; tokens: number } }).data;
}

describe('the help', () => {
  test('is in sentences whose bounds and defaults follow them, and says where windows lie, what may be wider, how a mask is written', async () => {
    const { code, stdout } = await run(['pad', '--help']);
    const help = stdout.replace(/\s+/g, ' ');
    expect(code).toBe(0);
    expect(help).toContain('or with --truncating pre from its end (whole number from 0 to 16777215; default: long rows are cut)');
    expect(help).toContain('may come out wider than --max-len');
    expect(help).toContain('as columns mask_1, mask_2, …; as the column mask with "1 1 0"');
    expect(help).toContain('in JSON as the key "mask" with [1,1,0]');
    expect(help).toContain('CSV, TSV, JSON, JSONL, .npy or Parquet');
    expect(help).not.toContain('JSON lines');
  });
});

describe('from one format to another', () => {
  test('CSV cells become JSON numbers only where no character is lost; a target always does', async () => {
    const text = 'ids,label,zip,note\n1 2,1.0,01234,7\n3,2,1.50,"a ""b"""\n';
    expect(await padded('--sequence ids --output-format jsonl', text)).toBe(
      '{"ids":[1,2],"label":1.0,"zip":"01234","note":7}\n{"ids":[3,0],"label":2,"zip":"1.50","note":"a \\"b\\""}\n',
    );
    expect(await padded('--output-format jsonl', 't1,t2,y\n1,2,0.50\n')).toBe('{"tokens":[1,2],"y":0.50}\n');
    expect(await padded('--output-format json', '1,2\n3\n')).toBe('[[1,2],[3,0]]\n');
  });

  test('JSON objects become wide rows under a header: text as text, null as an empty cell, lists as JSON', async () => {
    const text = '{"a":"x,y","tokens":[1],"b":null}\n{"b":[1,2],"tokens":[2,3],"a":1.50}\n';
    expect(await padded('--output-format csv', text)).toBe('a,token_1,token_2,b\n"x,y",1,0,\n1.50,2,3,"[1,2]"\n');
  });

  test('columns become rows with names in the singular', async () => {
    expect(await padded('--output-format csv', '{"sequences":[[1,2],[3]],"labels":[0,1]}')).toBe('token_1,token_2,label\n1,2,0\n3,0,1\n');
  });

  test('a key that the header cannot hold is an error at its row', async () => {
    const { code, stderr } = await pad('--output-format csv --max-len 2', '{"tokens":[1]}\n{"tokens":[1],"x":2}\n');
    expect([code, stderr]).toEqual([1, expect.stringMatching(/^stdin:2: the key "x" is not in the first row.*\nhint: .*jsonl/)]);
  });

  test('-o says the format by its extension; .npy has lengths and mask beside it', async () => {
    const path = folder();
    const { code, stderr } = await pad(`-o ${join(path, 'x.npy')} --lengths --mask --max-len 3 --value -1`, 't1,label\n7,1\n');
    expect([code, stderr]).toEqual([0, expect.stringContaining('note: left out of the npy: label\n')]);
    expect(readdirSync(path).sort()).toEqual(['x.lengths.npy', 'x.mask.npy', 'x.npy']);
    const numbers = (name: string): number[] => [...new Int32Array(Uint8Array.from(readFileSync(join(path, name)).subarray(128)).buffer)];
    expect(readFileSync(join(path, 'x.npy')).toString('latin1', 10, 127)).toContain("'shape': (1, 3)");
    expect([numbers('x.npy'), numbers('x.lengths.npy'), numbers('x.mask.npy')]).toEqual([[7, -1, -1], [1], [1, 0, 0]]);
  });
});

describe('what standard error says', () => {
  test('a pad value that is also a token is named with its place, in every form of input', async () => {
    const places = [
      ['1,2\n3,0,4\n', 'stdin:2:2'],
      ['y,t1,t2\n1,5,0\n2,3,\n', 'stdin:2:3'],
      ['n,tokens\nx,5 0\ny,1\n', 'stdin:2:2, token 2'],
      ['[[1,2],[3,4,0]]', 'stdin, row 2, token 3'],
      ['[1]\n[1,0]\n', 'stdin:2:2'],
    ];
    for (const [text, place] of places) {
      expect((await pad('', text)).stderr).toContain(
        `warning: 0 is also a real token (first at ${place}): padding cannot be told from it\nhint: `,
      );
    }
  });

  test('the place is that of the first such token, however many parts the input comes in', async () => {
    const { stderr } = await run(['pad', '--max-len', '3'], { stdin: ['1,0\n', '2,3\n4\n', '5,6,7\n0,8\n'] });
    expect(stderr).toContain('(first at stdin:1:2)');
  });

  test('the place counts padding in front that the input has already, rows left out or not', async () => {
    const text = 't1,t2,t3,length\n8,8,8,0\n8,8,5,1\n8,0,6,2\n';
    for (const args of ['', '--skip-empty']) {
      const { stderr } = await pad(`--padding pre --output-format npy --max-len 4 -o ${join(folder(), 'x.npy')} ${args}`, text);
      expect(stderr).toContain('(first at stdin:4:2)');
    }
  });

  test('tokens that are cut are counted: 5 and 3 tokens lose 4 at length 2', async () => {
    expect((await pad('--max-len 2', '1,2,3,4,5\n1,2,3\n1\n')).stderr).toBe('3 rows to length 2: 1 padded, 2 truncated (4 tokens cut)\n');
  });

  test('no warning of a real token where lengths or a mask tell the padding, be they asked for or there before', async () => {
    for (const flag of ['--lengths', '--mask']) {
      expect((await pad(flag, 't1,t2,y\n0,5,1\n3,,2\n')).stderr).not.toContain('warning');
      expect((await pad(`${flag} -o ${join(folder(), 'x.npy')}`, '0,5\n3\n')).stderr).not.toContain('warning');
    }
    const told = 'tokens,length\n0 5,2\n3 0,1\n';
    expect((await pad('', told)).stderr).not.toContain('warning');
    expect((await pad(`-o ${join(folder(), 'x.npy')}`, told)).stderr).toContain('warning: 0 is also a real token');
  });

  test('an .npy leaves out no length that stands beside it', async () => {
    const { stderr } = await pad(`--lengths -o ${join(folder(), 'x.npy')}`, 'tokens,length,y\n5,1,2\n');
    expect(stderr).toContain('note: left out of the npy: y\n');
  });

  test('empty rows are counted: 2 of 4, also among windows and beside those that lost tokens', async () => {
    const rows = '1,2,3\n\n4\n\n';
    expect((await pad('', rows)).stderr).toBe('4 rows to length 3: 3 padded, 0 truncated, 2 empty\n');
    expect((await pad('--max-len 2', rows)).stderr).toBe('4 rows to length 2: 3 padded, 1 truncated (1 token cut), 2 empty\n');
    expect((await pad('--max-len 2 --stride 1', rows)).stderr).toBe('4 rows to 5 windows of length 2: 3 padded, 2 empty\n');
    expect(JSON.parse((await pad('--json', rows)).stderr)).toMatchObject({ emptyRows: 2, emptyRowsLeftOut: 0 });
  });

  test('the columns that were taken for tokens are named under a wide header, an id among them', async () => {
    const { stderr } = await pad('', 'id,t1,t2,t3,label\n7,1,2,3,0\n');
    expect(stderr).toBe('1 row to length 4: 0 padded, 0 truncated\ntokens: 4 columns, id, t1 … t3\n');
  });

  test('no warning where nothing is padded', async () => {
    expect((await pad('', '1,0\n3,4\n')).stderr).toBe('2 rows to length 2: 0 padded, 0 truncated\n');
  });

  test('without a header, lengths and mask come with a note', async () => {
    const { stdout, stderr } = await pad('--lengths --mask', '1,2\n3\n');
    expect(stdout).toBe('1,2,2,1,1\n3,0,1,1,0\n');
    expect(stderr).toContain('note: without a header, the length and mask at the end of the row will be read as tokens\nhint: ');
  });

  test('--json makes it one object, --quiet nothing', async () => {
    const { stderr } = await pad('--json --max-len 2', '1,2,3\n0\n');
    expect(JSON.parse(stderr)).toEqual({
      rows: 2,
      written: 2,
      length: 2,
      value: 0,
      padded: 1,
      truncated: 1,
      tokensCut: 1,
      emptyRows: 0,
      emptyRowsLeftOut: 0,
      badRowsLeftOut: 0,
      valueIsToken: true,
      notes: [expect.stringMatching(/^warning: 0 is also a real token/)],
    });
    expect((await pad('--quiet', '1,2,3\n0\n')).stderr).toBe('');
  });
});

describe('bad input', () => {
  const file = (name: string, content: string | Uint8Array, first: string): [string, string | Uint8Array, string] => [name, content, first];
  test.each([
    file('empty.csv', '', 'holds no rows'),
    file('empty.json', '', 'holds no rows'),
    file('binary.csv', Uint8Array.of(1, 2, 0xff, 0xfe, 0), '1: this is not text: it holds a NUL byte'),
    file('binary.json', Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d), '1: this is not UTF-8 text'),
    file('plain.csv.gz', '1,2\n', 'this is no gzip data, though its name ends in .gz'),
    file('ragged.csv', 't1,t2,label\n1,2,0\n1,2,0,4\n', '3:4: the row has 4 cells, the header names 3'),
    file('negative.csv', '1,2\n3,-1\n', '2:2: token "-1" is not a whole number from 0 to 2147483647'),
    file('fraction.csv', '1,2\n3,1.5\n', '2:2: token "1.5" is not'),
    file('hexadecimal.csv', '1,2\n3,0x10\n', '2:2: token "0x10" is not'),
    file('exponent.csv', '1,2\n1e3,3\n', '2:1: token "1e3" is not'),
    file('beyond.csv', '1,2\n3,2147483648\n', '2:2: token "2147483648" is not'),
    file('unsafe.csv', '1,2\n3,9007199254740993\n', '2:2: token "9007199254740993" is not'),
    file('nan.csv', '1,2\n3,NaN\n', '2:2: token "NaN" is not'),
    file('gap.csv', '1,2\n3,,4\n', '2:2: an empty cell stands where a token should'),
    file('trailing.csv', '1,2\n3,\n', '2:2: an empty cell stands where a token should'),
    file('quoted-empty.csv', '1,2\n"",4\n', '2:1: an empty cell stands where a token should'),
    file('blank.csv', '1,2\n3, ,4\n', '2:2: token " " is not'),
    file('text.csv', '1,2\n3,"abc"\n', '2:2: token "abc" is not'),
    file('bars.csv', '1|2\n', '1:1: token "1|2" is not'),
    file('escape.csv', '1\n\u001b[31m2\n', '2:1: token "\\u001b[31m2" is not'),
    file('early.json', '[[1,2],[3', '1: row 2: the document ends early'),
    file('deep.json', '[[1,2],\n[3,[4]]]', '2: row 2, token 2: a list stands where a token should'),
    file('early.jsonl', '[1,2]\n[3,\n', '2:2: the line ends early'),
    file('unclosed.csv', 'tokens,x\n1 2,"a\n', '2:2: a quotation mark opens here and is never closed'),
  ])('%s: exit 1, its place in the first line, a hint in the second, nothing on standard output', async (name, content, first) => {
    const path = join(folder({ [name]: content }), name);
    const { code, stdout, stderr } = await run(['pad', path, '--max-len', '3']);
    expect(stderr.slice(0, path.length + 1)).toBe(`${path}:`);
    expect(stderr.slice(path.length + 1).trimStart()).toMatch(new RegExp(`^${first.replace(/[[\]()."\\]/g, '\\$&')}.*\\nhint: .+\\n$`));
    expect([code, stdout]).toEqual([1, '']);
  });

  test('a missing file, a folder: exit 1 and no stack', async () => {
    const path = folder();
    mkdirSync(join(path, 'x.csv'));
    expect(await run(['pad', join(path, 'no.csv')])).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/no\.csv: no such file\nhint: .+\n$/),
    });
    expect(await run(['pad', join(path, 'x.csv')])).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/x\.csv: this is a folder\nhint: .+\n$/),
    });
  });

  test('standard input that is a terminal: exit 2, and the remedy', async () => {
    const { code, stderr } = await run(['pad'], { tty: true });
    expect([code, stderr]).toEqual([2, expect.stringMatching(/^standard input is a terminal\nhint: name a file, or pipe/)]);
  });
});

describe('bad options: exit 2, the flag in the first line, before anything is read', () => {
  test.each([
    ['--max-len 0', /^--max-len: "0" is not a whole number from 1 to 16777216, longest, or a percentile/],
    ['--max-len -1', /^--max-len: "-1" is not/],
    ['--max-len 1e9', /^--max-len: "1e9" is not/],
    ['--max-len 1000000000', /^--max-len: "1000000000" is not/],
    ['--max-len p0', /^--max-len: "p0" is not/],
    ['--max-len p101', /^--max-len: "p101" is not/],
    ['--max-len 16777216 --multiple-of 1000', /^--multiple-of: 16777216 rounded up to a multiple of 1000 is more than 16777216/],
    ['--multiple-of 0', /^--multiple-of: "0" is not a whole number from 1/],
    ['--stride 2', /^--stride: needs a length in tokens, and --max-len is longest/],
    ['--max-len 4 --stride 4', /^--stride: windows of length 4 cannot share 4 tokens/],
    ['--max-len 4 --stride -1', /^--stride: "-1" is not a whole number from 0/],
    ['--value 2147483648', /^--value: "2147483648" is not a whole number from -2147483648 to 2147483647/],
    ['--value x', /^--value: "x" is not a whole number/],
    ['--padding left', /^--padding: "left" is not one of post, pre/],
    ['--output-format npy --lengths', /^-o: lengths and mask of an \.npy are files beside it/],
    ['-o rows.csv.gz', /^-o: the result is not compressed here/],
    ['--quiet --json', /^--quiet and --json exclude each other/],
    ['--paddin pre', /^rnn pad: unknown option '--paddin'\nhint: did you mean --padding\?/],
    ['a.csv b.csv', /^rnn pad: too many arguments/],
  ])('%s', async (args, message) => {
    const { code, stdout, stderr } = await pad(`${args.startsWith('a.csv') ? '' : 'missing.csv'} ${args}`);
    expect(stderr).toMatch(message);
    expect(stderr).toMatch(/\nhint: .+\n$/);
    expect([code, stdout]).toEqual([2, '']);
  });
});
