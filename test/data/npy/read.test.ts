import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readDataset } from '../../../src/data/dataset/dataset.ts';
import { npy } from '../../support/npy.ts';
import { inParts, readError, readText } from '../../support/read.ts';
import { chunked, folder, run } from '../../support/run.ts';

const types = ['|i1', '|u1', '<i2', '>i2', '<u2', '>u2', '<i4', '>i4', '<u4', '>u4', '<i8', '>i8', '<u8', '>u8'];

describe('an .npy on standard input', () => {
  test('gives the rows of any whole-number type, byte order, version and axis order, in parts of 1, 7 or 1000 bytes', async () => {
    const table = fc.tuple(fc.integer({ min: 1, max: 6 }), fc.integer({ min: 1, max: 6 })).chain(([rows, columns]) => {
      const row = fc.array(fc.nat(127), { minLength: columns, maxLength: columns });
      return fc.array(row, { minLength: rows, maxLength: rows });
    });
    const form = fc.record({ descr: fc.constantFrom(...types), fortran: fc.boolean(), version: fc.constantFrom(1, 2, 3) });
    await fc.assert(
      fc.asyncProperty(table, form, fc.constantFrom(1, 7, 1000), async (rows, said, size) => {
        const read = await readText(inParts(npy(rows, said), size));
        expect([read.rows, read.input.format]).toEqual([rows, 'npy']);
      }),
    );
  });

  test.each(types.filter((type) => !type.startsWith('|')))('%s: the largest token is 2^31 − 1, or what the type holds', async (descr) => {
    const most = { 2: descr[1] === 'i' ? 32767 : 65535, 4: 2147483647, 8: 2147483647 }[descr.at(-1)!]!;
    expect((await readText([npy([[0, most]], { descr })])).rows).toEqual([[0, most]]);
  });

  test('is read in blocks: 20 000 rows of 10 come in more than one chunk, and keep their numbers', async () => {
    const rows = Array.from({ length: 20_000 }, (_, i) => Array.from({ length: 10 }, (_entry, j) => i + j));
    const read = await readText([npy(rows)]);
    expect(read.rows).toEqual(rows);
    expect(read.lines.slice(-1)).toEqual([20_000]);
  });

  test.each([
    ['<i4', -1, '-1'],
    ['|i1', -100, '-100'],
    ['>i8', -(2n ** 62n), '-4611686018427387904'],
    ['<u4', 2 ** 31, '2147483648'],
    ['<u8', 2n ** 64n - 1n, '18446744073709551615'],
    ['>u8', 2n ** 53n + 1n, '9007199254740993'],
  ])('%s: %d is an error that names row and column, and shows it to its last digit', async (descr, value, shown) => {
    const bytes = npy(
      [
        [1, 2],
        [3, value],
      ],
      { descr },
    );
    expect(await readError([bytes])).toBe(`stdin: row 2, column 2: token ${shown} is not a whole number from 0 to 2147483647`);
    await expect(readText([bytes])).rejects.toMatchObject({ hint: expect.stringContaining('in NumPy this is array[1, 1]; ') });
  });

  const three = npy([[1, 2, 3]]);
  test.each([
    ['one dimension', npy([[1, 2, 3]], { shape: [3] }), 'the array has the shape (3,), not rows and columns'],
    ['three dimensions', npy([[1, 2, 3]], { shape: [1, 1, 3] }), 'the array has the shape (1, 1, 3), not rows and columns'],
    ['no dimension', npy([[1]], { shape: [] }), 'the array has the shape (), not rows and columns'],
    ['no rows', npy([], { shape: [0, 3] }), 'holds no tokens: the array has the shape (0, 3)'],
    ['no columns', npy([], { shape: [3, 0] }), 'holds no tokens: the array has the shape (3, 0)'],
    ['a shape beyond counting', npy([], { shape: [2 ** 52, 2 ** 52] }), 'the shape in its header is too large'],
    ['floats', npy([[1]], { descr: '<f4' }), 'the array holds floats ("<f4"), not whole numbers'],
    ['booleans', npy([[1]], { descr: '|b1' }), 'the array holds booleans ("|b1"), not whole numbers'],
    ['Python objects', npy([[1]], { descr: '|O8' }), 'the array holds Python objects ("|O8"), not whole numbers'],
    ['a file that is cut', three.subarray(0, -1), 'the file ends early: its header says 1 row, row 1 is not complete'],
    ['a header that is cut', three.subarray(0, 40), 'the file ends within its header'],
    ['more than the array', Buffer.concat([three, three]), 'more bytes follow the array'],
    ['no dictionary', Buffer.concat([three.subarray(0, 10), Buffer.alloc(118, 'x')]), 'the header is not one that NumPy writes'],
    ['a version to come', Buffer.from(three).fill(9, 6, 7), 'version 9 of the .npy format is not known'],
  ])('%s: an error that says so, and a hint', async (_, bytes, message) => {
    expect(await readError([bytes])).toBe(`stdin: ${message}`);
    expect(await readError(inParts(bytes, 1))).toBe(`stdin: ${message}`);
    await expect(readText([bytes])).rejects.toMatchObject({ hint: expect.stringMatching(/./) });
  });

  test('a row of more than --max-line-bytes is an error before it is read', async () => {
    expect(await readError([npy([], { shape: [1, 2 ** 40] })])).toBe('stdin: a row has more than 201326592 bytes');
  });
});

describe('the lengths and the mask beside', () => {
  const rows = '5,6,7\n8,9\n4\n';

  test.each([
    ['--lengths', 'post'],
    ['--mask', 'post'],
    ['--lengths', 'pre'],
    ['--mask', 'pre'],
    ['--lengths --mask', 'pre'],
  ])('%s --padding %s --value -1: pad reads them back to the same rows', async (flags, side) => {
    const path = join(folder(), 'x.npy');
    const more = [...flags.split(' '), '--padding', side];
    await run(['pad', '--value', '-1', ...more, '-o', path], { stdin: rows });
    const { code, stdout, stderr } = await run(['pad', path, '--padding', side, '--output-format', 'jsonl', '--lengths']);
    expect(code, stderr).toBe(0);
    const lengths = stdout
      .trimEnd()
      .split('\n')
      .map((line) => (JSON.parse(line) as { length: number }).length);
    expect(lengths).toEqual([3, 2, 1]);
    expect(stderr).toMatch(/note: what is padding is read from .*x\.(lengths|mask)\.npy/);
  });

  test('train reads the 6 real tokens of 9', async () => {
    const path = folder();
    await run(['pad', '--lengths', '-o', join(path, 'x.npy')], { stdin: rows });
    const args = ['train', join(path, 'x.npy'), '--epochs', '1', '--hidden', '2', '--quiet', '--json', '--out', join(path, 'run')];
    const { code, stdout, stderr } = await run(args);
    expect(code, stderr).toBe(0);
    // A row of one token has no next token to learn.
    expect(JSON.parse(stdout)).toMatchObject({ data: { rows: 2, tokens: 5 } });
  });

  test('are part of the fingerprint: the sha256 of the lines with that of each file', async () => {
    const sha256 = (data: string | Uint8Array): string => createHash('sha256').update(data).digest('hex');
    const [tokens, lengths, mask] = [npy([[1, 2, 0]]), npy([[2]], { shape: [1] }), npy([[1, 1, 0]])];
    const path = folder({ 'x.npy': tokens });
    const fingerprint = async (): Promise<string> => (await readDataset(join(path, 'x.npy'), {}, { stdin: chunked([]) })).sha256;
    expect(await fingerprint()).toBe(sha256(tokens));
    writeFileSync(join(path, 'x.lengths.npy'), lengths);
    expect(await fingerprint()).toBe(sha256(`${sha256(tokens)}\nlengths ${sha256(lengths)}\n`));
    writeFileSync(join(path, 'x.mask.npy'), mask);
    expect(await fingerprint()).toBe(sha256(`${sha256(tokens)}\nlengths ${sha256(lengths)}\nmask ${sha256(mask)}\n`));
  });

  test('of another shape are an error, and so is a length beyond its row', async () => {
    const path = folder({ 'x.npy': npy([[1, 2]]), 'x.lengths.npy': npy([[1, 2]], { shape: [2] }) });
    const pad = (): ReturnType<typeof run> => run(['pad', join(path, 'x.npy')]);
    expect((await pad()).stderr).toMatch(/x\.lengths\.npy: the lengths have the shape \(2\), those of .*x\.npy must have \(1\)\nhint: /);
    writeFileSync(join(path, 'x.lengths.npy'), npy([[3]], { shape: [1] }));
    expect((await pad()).stderr).toMatch(/x\.npy: row 1: length "3" is not a whole number from 0 to 2, the tokens in the row\nhint: /);
  });
});

describe('rnn pad on an .npy', () => {
  test('writes an .npy again, or what --output-format says; .npy.gz is read too', async () => {
    const path = folder({ 'x.npy': npy([[1, 2]]), 'y.npy.gz': gzipSync(npy([[3, 4]], { descr: '>u2' })) });
    const out = join(path, 'out.npy');
    expect((await run(['pad', join(path, 'y.npy.gz'), '--max-len', '3', '-o', out])).code).toBe(0);
    expect((await run(['pad', out, '--output-format', 'csv'])).stdout).toBe('3,4,0\n');
    expect((await run(['pad', join(path, 'x.npy'), '--output-format', 'json'])).stdout).toBe('[[1,2]]\n');
  });

  test('refuses lengths beside standard output, and text that is named .npy', async () => {
    const path = folder({ 'x.npy': npy([[1, 2]]), 'text.npy': '1,2\n' });
    const { code, stderr } = await run(['pad', join(path, 'x.npy'), '--lengths']);
    expect([code, stderr]).toEqual([2, expect.stringMatching(/^-o: lengths and mask of an \.npy are files beside it\nhint: /)]);
    expect((await run(['pad', join(path, 'text.npy')])).stderr).toMatch(/text\.npy: this is no \.npy file\nhint: /);
  });
});
