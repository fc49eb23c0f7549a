import { execFileSync } from 'node:child_process';
import { chmod, lstat, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { UserError } from '../../src/errors.ts';
import { createFileAtomic, writeError, writeFileAtomic } from '../../src/formats/atomic-file.ts';

let folder = '';

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rnn-atomic-'));
});

afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

async function failureOf(writing: Promise<void>): Promise<UserError> {
  const error: unknown = await writing.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(UserError);
  return error as UserError;
}

test('writes bytes or text, and leaves nothing else in the folder', async () => {
  await writeFileAtomic(join(folder, 'bytes'), Uint8Array.of(0, 255, 10));
  await writeFileAtomic(join(folder, 'text'), 'ŷ\n');
  expect([...(await readFile(join(folder, 'bytes')))]).toEqual([0, 255, 10]);
  expect(await readFile(join(folder, 'text'), 'utf8')).toBe('ŷ\n');
  expect((await readdir(folder)).sort()).toEqual(['bytes', 'text']);
});

test('writes to a name of 255 bytes, the longest there is', async () => {
  const name = 'n'.repeat(255);
  await writeFileAtomic(join(folder, name), 'text');
  expect(await readdir(folder)).toEqual([name]);
});

test('leaves one of the texts whole when 20 are written at once', async () => {
  const texts = Array.from({ length: 20 }, (_, i) => String(i % 10).repeat(10_000));
  await Promise.all(texts.map((text) => writeFileAtomic(join(folder, 'file'), text)));
  expect(texts).toContain(await readFile(join(folder, 'file'), 'utf8'));
  expect(await readdir(folder)).toEqual(['file']);
});

test('creates a file for one of 20 at once; the others fail, and so does one that comes later', async () => {
  const texts = Array.from({ length: 20 }, (_, i) => String(i % 10).repeat(10_000));
  const results = await Promise.allSettled(texts.map((text) => createFileAtomic(join(folder, 'file'), text)));
  expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  const written = await readFile(join(folder, 'file'), 'utf8');
  expect(texts[results.findIndex(({ status }) => status === 'fulfilled')]).toBe(written);
  const { message, hint } = await failureOf(createFileAtomic(join(folder, 'file'), 'new'));
  expect([message, hint]).toEqual([expect.stringMatching(/file: a file of this name has just been made$/), expect.any(String)]);
  expect(await readFile(join(folder, 'file'), 'utf8')).toBe(written);
  expect(await readdir(folder)).toEqual(['file']);
});

test.skipIf(process.platform === 'win32')('keeps the permissions of the file that it replaces', async () => {
  const file = join(folder, 'file');
  await writeFile(file, 'old');
  await chmod(file, 0o640);
  await writeFileAtomic(file, 'new');
  expect((await stat(file)).mode & 0o777).toBe(0o640);
});

test.skipIf(process.platform === 'win32')('replaces what a symbolic link points to, and keeps the link', async () => {
  const [file, link] = [join(folder, 'file'), join(folder, 'link')];
  await writeFile(file, 'old');
  await symlink('file', link);
  await writeFileAtomic(link, 'new');
  expect((await lstat(link)).isSymbolicLink()).toBe(true);
  expect(await readFile(file, 'utf8')).toBe('new');
});

test('keeps the old file and removes the temporary one when the writing fails', async () => {
  const file = join(folder, 'file');
  await writeFile(file, 'old');
  await expect(writeFileAtomic(file, 42 as unknown as string)).rejects.toThrow(TypeError);
  expect(await readFile(file, 'utf8')).toBe('old');
  expect(await readdir(folder)).toEqual(['file']);
});

test('refuses a folder as the file, and removes the temporary file', async () => {
  const path = join(folder, 'sub');
  await mkdir(path);
  const error = await failureOf(writeFileAtomic(path, 'text'));
  expect(error.report()).toBe(`cannot write ${path}: it is a folder\nhint: give the name of a file`);
  expect(await readdir(folder)).toEqual(['sub']);
});

test('says which folder to create when there is none', async () => {
  const path = join(folder, 'none', 'file');
  const error = await failureOf(writeFileAtomic(path, 'text'));
  expect(error.report()).toBe(`cannot write ${path}: the folder does not exist\nhint: create the folder first, or check the path`);
});

test('says so when a part of the path is a file', async () => {
  await writeFile(join(folder, 'file'), 'old');
  const error = await failureOf(writeFileAtomic(join(folder, 'file', 'below'), 'text'));
  expect(error.message).toMatch(/is a file, not a folder$/);
});

test.skipIf(process.platform === 'win32' || process.getuid?.() === 0)('refuses to replace a read-only file', async () => {
  const file = join(folder, 'file');
  await writeFile(file, 'old');
  await chmod(file, 0o444);
  expect((await failureOf(writeFileAtomic(file, 'new'))).message).toMatch(/permission denied$/);
  expect(await readFile(file, 'utf8')).toBe('old');
});

// A pipe in a folder of its own and not a device of the machine: where this fails, what is replaced is lost.
test.skipIf(process.platform === 'win32')('writes into a pipe, and not a file in its place', async () => {
  const pipe = join(folder, 'pipe');
  execFileSync('mkfifo', [pipe]);
  const reading = readFile(pipe, 'utf8');
  await writeFileAtomic(pipe, 'text');
  expect((await stat(pipe)).isFIFO()).toBe(true);
  expect(await reading).toBe('text');
  expect(await readdir(folder)).toEqual(['pipe']);
});

test.each(['EACCES', 'EPERM', 'EROFS', 'ENOSPC', 'EDQUOT', 'EFBIG', 'EISDIR', 'ENOTDIR', 'ENOENT', 'ENAMETOOLONG', 'EMFILE', 'EIO'])(
  'turns %s into an error that names the path and a remedy',
  (code) => {
    const error = writeError('loss.csv', Object.assign(new Error(code), { code, syscall: 'write' })) as UserError;
    expect(error).toBeInstanceOf(UserError);
    expect(error.message).toMatch(/^cannot write loss\.csv: \w/);
    expect(error.hint).toMatch(/\w/);
  },
);

test('passes on a closed pipe, an error with a code that is not the system’s, and a bug', () => {
  const pipe = Object.assign(new Error('write EPIPE'), { code: 'EPIPE', syscall: 'write' });
  const invalid = Object.assign(new TypeError('bad'), { code: 'ERR_INVALID_ARG_TYPE' });
  for (const error of [pipe, invalid, new Error('bug'), 'text']) expect(writeError('loss.csv', error)).toBe(error);
});
