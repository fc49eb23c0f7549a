// Files that are not what their reader hopes for: compressed badly, in another encoding, of another kind, or no files.
import { execFileSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { inParts, readError, readText } from '../support/read.ts';
import { folder, run } from '../support/run.ts';

const gz = gzipSync('1,2\n');
const tail = 'stdin: bytes that are no gzip data follow the gzip data';

describe('gzip', () => {
  test('members one after another are read as one, in any parts; so are zeros at the end', async () => {
    for (const size of [1, 10, 1000]) {
      const text = Buffer.concat([gz, gzipSync('3\n'), gzipSync(''), gzipSync('4'), Buffer.alloc(600)]);
      expect((await readText(inParts(text, size))).rows).toEqual([[1, 2], [3], [4]]);
    }
  });

  test.each<[string, Uint8Array[], string]>([
    ['cut', [gz.subarray(0, -1)], 'stdin: the gzip data ends early'],
    ['cut within its header', [gz.subarray(0, 5)], 'stdin: the gzip data ends early'],
    ['cut within a second member', [gz, gz.subarray(0, 12)], 'stdin: the gzip data ends early'],
    ['with a wrong check sum', [Buffer.from(gz).fill(0xaa, gz.length - 8, gz.length - 4)], 'stdin: the gzip data is damaged'],
    ['text behind it', [gz, Buffer.from('3,4\n')], tail],
    ['text behind it in one part', [Buffer.concat([gz, Buffer.from('3,4\n')])], tail],
    ['zeros and another member behind them', [gz, Buffer.alloc(10), gz], tail],
  ])('%s: an error that names the file', async (_, parts, message) => {
    expect(await readError(parts)).toBe(message);
    await expect(readText(parts)).rejects.toMatchObject({ hint: 'fetch or compress the file anew; gzip -t tests it' });
  });
});

describe('other encodings and kinds', () => {
  test.each([['utf16le'], ['utf16be']])('%s with its mark is named, and the hint converts it', async (encoding) => {
    const little = Buffer.from('\ufeff1,2\n3\n', 'utf16le');
    const bytes = encoding === 'utf16le' ? little : Buffer.from(little).swap16();
    await expect(readText([bytes])).rejects.toMatchObject({
      message: 'stdin:1: this is UTF-16',
      hint: expect.stringContaining('iconv -f UTF-16 -t UTF-8'),
    });
  });

  test.each(['Hello world\nhow are you\n', 'Hello\nhow, are you\n'])('a text, %j: the hint names rnn tokenize', async (text) => {
    await expect(readText([Buffer.from(text)])).rejects.toMatchObject({ hint: expect.stringContaining('rnn tokenize') });
  });

  test('a zip archive, such as .npz or .xlsx, is named', async () => {
    await expect(readText([Buffer.from('PK\x03\x04\0\0\0')])).rejects.toMatchObject({
      message: 'stdin: this is a zip archive',
      hint: expect.stringContaining('.npz holds .npy files'),
    });
  });

  test('a byte order mark in the middle is named in the hint, and shown by its code', async () => {
    await expect(readText('1,2\n\ufeff3,4\n', { inputFormat: 'csv' })).rejects.toMatchObject({
      message: String.raw`stdin:2:1: token "\ufeff3" is not a whole number from 0 to 2147483647`,
      hint: expect.stringContaining('a byte order mark'),
    });
    expect(await readError('[1]\n\ufeff[2]\n')).toBe(String.raw`stdin:2: "\ufeff" stands where "[" should`);
    expect(await readError('[[1],\ufeff[2]]')).toBe(String.raw`stdin:1: row 2: "\ufeff" stands where "[" should`);
  });

  test('a header with a character that does not show is named by its code', async () => {
    expect(await readError('tokens,a,\u200ba,\u200ba\n1,2,3,4\n')).toBe(String.raw`stdin:1:4: the header names two columns "\u200ba"`);
  });
});

describe('what is no file of rows', () => {
  test('nothing at all, /dev/null, and a file of blank lines', async () => {
    const path = folder({ 'empty.npy': '', 'empty.parquet': '', 'blank.csv': '\n\n' });
    expect((await run(['pad'])).stderr).toBe('stdin: holds no rows\nhint: is it the right file?\n');
    expect((await run(['pad', '/dev/null'])).stderr).toBe('/dev/null: holds no rows\nhint: is it the right file?\n');
    expect((await run(['pad', join(path, 'empty.npy')])).stderr).toMatch(/empty\.npy: holds no rows\nhint: /);
    expect((await run(['pad', join(path, 'empty.parquet')])).stderr).toMatch(/empty\.parquet: .+\nhint: /);
    expect((await run(['pad', join(path, 'blank.csv')])).stdout).toBe('0\n0\n');
  });

  test('a folder, under the name of each format', async () => {
    for (const name of ['x.csv', 'x.npy', 'x.parquet', 'x.json']) {
      const path = folder();
      execFileSync('mkdir', [join(path, name)]);
      expect(await run(['pad', join(path, name)])).toMatchObject({
        code: 1,
        stderr: expect.stringMatching(/: this is a folder\nhint: .+\n$/),
      });
    }
  });

  test.skipIf(process.platform === 'win32')('a named pipe is read like a file', async () => {
    const path = join(folder(), 'rows.csv');
    execFileSync('mkfifo', [path]);
    const [{ stdout }] = await Promise.all([run(['pad', path, '--quiet']), writeFile(path, '1,2\n3\n')]);
    expect(stdout).toBe('1,2\n3,0\n');
  });
});
