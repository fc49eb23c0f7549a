// Where results go: files that appear whole or not at all, pipes that close, signals. Through `rnn pad`, whose output this is.
import { execFileSync, spawn } from 'node:child_process';
import { chmodSync, closeSync, createReadStream, openSync, readdirSync, readFileSync, statSync, symlinkSync, watch } from 'node:fs';
import { once } from 'node:events';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { describe, expect, test } from 'vitest';
import { bin, ended, folder, run, spawnRnn } from '../../support/run.ts';

describe('a file', () => {
  test('appears whole, replaces what was there, keeps its permissions, and leaves no other file', async () => {
    const path = folder({ 'out.csv': 'old\n' });
    chmodSync(join(path, 'out.csv'), 0o600);
    const { mode } = statSync(join(path, 'out.csv'));
    const { code, stdout } = await run(['pad', '-o', join(path, 'out.csv')], { stdin: '1,2\n3\n' });
    expect([code, stdout]).toEqual([0, '']);
    expect(readFileSync(join(path, 'out.csv'), 'utf8')).toBe('1,2\n3,0\n');
    expect([readdirSync(path), statSync(join(path, 'out.csv')).mode]).toEqual([['out.csv'], mode]);
  });

  test('may be the input, through a link that stays a link', async () => {
    const path = folder({ 'rows.csv': '1,2\n3\n' });
    symlinkSync('rows.csv', join(path, 'link.csv'));
    expect((await run(['pad', join(path, 'rows.csv'), '-o', join(path, 'link.csv')])).code).toBe(0);
    expect(readFileSync(join(path, 'rows.csv'), 'utf8')).toBe('1,2\n3,0\n');
    expect(readdirSync(path, { withFileTypes: true }).filter((entry) => entry.isSymbolicLink())).toHaveLength(1);
  });

  test('is neither made nor changed by a run that fails', async () => {
    const path = folder({ 'old.csv': 'old\n' });
    for (const name of ['old.csv', 'new.csv']) {
      expect((await run(['pad', '--max-len', '2', '-o', join(path, name)], { stdin: '1,2\nx,3\n' })).code).toBe(1);
      expect((await run(['pad', 'missing.csv', '-o', join(path, name)])).code).toBe(1);
    }
    expect([readdirSync(path), readFileSync(join(path, 'old.csv'), 'utf8')]).toEqual([['old.csv'], 'old\n']);
  });

  test('in a folder that is missing, or that is a folder, is an error before anything is read', async () => {
    const path = folder();
    const missing = await run(['pad', 'missing.csv', '-o', join(path, 'no', 'x.csv')]);
    expect([missing.code, missing.stderr]).toEqual([1, expect.stringMatching(/^cannot write .*x\.csv: the folder does not exist\nhint: /)]);
    const taken = await run(['pad', 'missing.csv', '-o', path]);
    expect([taken.code, taken.stderr]).toEqual([2, expect.stringMatching(/^-o: .* is a folder\nhint: /)]);
    expect(readdirSync(path)).toEqual([]);
  });

  test.skipIf(process.platform === 'win32')('that is a pipe is written to, and still a pipe afterwards', async () => {
    const path = join(folder(), 'pipe');
    execFileSync('sh', ['-c', 'mkfifo "$0"', path]);
    const [{ code }, received] = await Promise.all([run(['pad', '-o', path], { stdin: '1,2\n3\n' }), text(createReadStream(path))]);
    expect([code, received]).toEqual([0, '1,2\n3,0\n']);
    expect(statSync(path).isFIFO()).toBe(true);
  });

  test.skipIf(process.platform === 'win32')('that outgrows its limit of 512 bytes is an error, and nothing is left of it', async () => {
    const path = folder({ 'rows.csv': '1000000\n'.repeat(1000) });
    const limited = spawn('sh', ['-c', 'ulimit -f 1; exec "$0" "$@"', process.execPath, bin, 'pad', 'rows.csv', '-o', 'out.csv'], {
      cwd: path,
    });
    const { code, stderr } = await ended(limited);
    expect([code, stderr]).toEqual([1, expect.stringMatching(/^cannot write out\.csv: the file would be larger than .* allows\nhint: /)]);
    expect(readdirSync(path)).toEqual(['rows.csv']);
  });
});

describe('standard output', () => {
  test('that is closed after one line ends an endless input with exit 0 and silence', async () => {
    const child = spawnRnn(['pad', '--max-len', '2']);
    Readable.from(endlessRows('1,2,3\n')).pipe(child.stdin);
    const ending = Promise.all([once(child, 'close'), text(child.stderr)]);
    await once(child.stdout, 'readable');
    child.stdout.destroy();
    const [[code], stderr] = await ending;
    expect([code, stderr]).toEqual([0, '']);
  });

  test('and an endless standard input are let go of when the first row is wrong', async () => {
    for (const row of ['1e3,5\n', 't1,t1\n']) {
      const child = spawnRnn(['pad', '--max-len', '2']);
      Readable.from(endlessRows(row)).pipe(child.stdin);
      expect(await ended(child)).toMatchObject({ code: 1, stdout: '', stderr: expect.stringMatching(/^stdin:1:\d: /) });
    }
  });

  test.each(['csv', 'json', 'jsonl'])('has each row of a slow producer as %s before the next one comes', async (format) => {
    const child = spawnRnn(['pad', '--max-len', '3', '--quiet', '--output-format', format]);
    const written = child.stdout.setEncoding('utf8')[Symbol.asyncIterator]() as AsyncIterator<string>;
    for (const row of ['1,2', '3,4', '5,6']) {
      child.stdin.write(`${row}\n`);
      expect((await written.next()).value).toContain(`${row},0`);
    }
  });

  test.skipIf(process.platform === 'win32')('is what -o /dev/stdout means: a file behind it is written on, not replaced', async () => {
    const path = folder({ 'log.txt': 'before\n', 'rows.csv': '1,2\n' });
    const log = openSync(join(path, 'log.txt'), 'a');
    execFileSync(process.execPath, [bin, 'pad', join(path, 'rows.csv'), '--quiet', '-o', '/dev/stdout'], {
      stdio: ['ignore', log, 'pipe'],
    });
    closeSync(log);
    expect(readFileSync(join(path, 'log.txt'), 'utf8')).toBe('before\n1,2\n');
  });

  test('carries 43,96,2,78,43,0,0 for the row 43,96,2,78,43 when spawned', async () => {
    const child = spawnRnn(['pad', '--max-len', '7']);
    child.stdin.end('43,96,2,78,43\n');
    expect(await ended(child)).toMatchObject({ code: 0, stdout: '43,96,2,78,43,0,0\n' });
  });
});

describe.skipIf(process.platform === 'win32')('a signal', () => {
  test.each([
    ['SIGINT', '7', 130],
    ['SIGTERM', '7', 143],
    ['SIGINT', 'longest', 130],
  ] as const)('%s at --max-len %s while input is awaited: exit %i, and no file under any name', async (signal, maxLen, expected) => {
    const path = folder();
    const watcher = watch(path);
    const child = spawnRnn(['pad', '--max-len', maxLen, '-o', 'out.csv'], path);
    child.stdin.write('1,2,3\n'.repeat(100_000));
    const result = ended(child);
    await once(watcher, 'change');
    watcher.close();
    child.kill(signal);
    expect(await result).toEqual({ code: expected, stdout: '', stderr: '' });
    expect(readdirSync(path)).toEqual([]);
  });

  test('SIGINT after all input is read, while 100 MB go to a file by redirection: exit 130', async () => {
    const path = folder({ 'rows.csv': '1,2,3\n'.repeat(100_000) });
    const result = openSync(join(path, 'result.csv'), 'w');
    const watcher = watch(join(path, 'result.csv'));
    const child = spawn(process.execPath, [bin, 'pad', 'rows.csv', '--multiple-of', '500'], {
      cwd: path,
      stdio: ['ignore', result, 'ignore'],
    });
    closeSync(result);
    const closed = once(child, 'close');
    await once(watcher, 'change');
    watcher.close();
    child.kill('SIGINT');
    expect((await closed)[0]).toBe(130);
  });
});

function* endlessRows(row: string): Generator<string> {
  for (;;) yield row.repeat(10_000);
}
