// `rnn pad` where it reads twice: the longest row, a percentile, .npy. From files, and from what gives its bytes only once.
import { execFileSync, spawn } from 'node:child_process';
import { closeSync, existsSync, openSync, readdirSync, readFileSync } from 'node:fs';
import { once } from 'node:events';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import * as fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { bin, chunked, ended, folder, run } from '../support/run.ts';
import { rereadable } from '../../src/data/source/rereadable.ts';
import { openSequences } from '../../src/data/open.ts';

const isPosix = process.platform !== 'win32';

/** Spawns rnn with a folder of its own for temporary files. */
function spawnWithTemporary(argv: readonly string[], cwd: string, temporary: string): ReturnType<typeof spawn> {
  return spawn(process.execPath, [bin, ...argv], { cwd, env: { ...process.env, TMPDIR: temporary } });
}

describe('read twice', () => {
  test('a file, standard input and a compressed one give the same bytes, at longest, p50 and as .npy', async () => {
    const rows = fc.array(fc.array(fc.nat(20_000), { minLength: 1, maxLength: 9 }), { minLength: 1, maxLength: 20 });
    await fc.assert(
      fc.asyncProperty(rows, fc.constantFrom('longest', 'p50', '4'), fc.constantFrom('csv', 'npy'), async (table, maxLen, format) => {
        const csv = table.map((row) => `${row.join(',')}\n`).join('');
        const path = folder({ 'rows.csv': csv, 'rows.csv.gz': gzipSync(csv) });
        const args = ['--max-len', maxLen, '--output-format', format, '--quiet'];
        const fromFile = await run(['pad', join(path, 'rows.csv'), ...args]);
        expect([fromFile.code, fromFile.stderr]).toEqual([0, '']);
        expect((await run(['pad', join(path, 'rows.csv.gz'), ...args])).stdout).toBe(fromFile.stdout);
        expect((await run(['pad', ...args], { stdin: csv })).stdout).toBe(fromFile.stdout);
      }),
      { numRuns: 40 },
    );
  });

  test('windows of an .npy are counted in the first reading: 9 and 1 tokens make 5 of length 4', async () => {
    const path = folder({ 'rows.csv': '1,2,3,4,5,6,7,8,9\n1\n' });
    const { code } = await run(['pad', join(path, 'rows.csv'), '--max-len', '4', '--stride', '2', '-o', join(path, 'x.npy')]);
    expect([code, readFileSync(join(path, 'x.npy')).toString('latin1', 10, 127)]).toEqual([0, expect.stringContaining("'shape': (5, 4)")]);
  });

  test('an error of the second half is met in the first reading, before anything is written', async () => {
    const { code, stdout, stderr } = await run(['pad'], { stdin: `${'1,2,3\n'.repeat(50_000)}1,x\n` });
    expect([code, stdout, stderr]).toEqual([1, '', expect.stringMatching(/^stdin:50001:2: token "x" is not/)]);
  });

  test.each([
    ['pad', '1,2\n'],
    ['split', '1,2\n3,4\n'],
    ['tokenize', 'ab\n'],
  ])('%s of standard input without a temporary folder names that folder', async (command, stdin) => {
    vi.stubEnv('TMPDIR', join(folder(), 'missing'));
    const { code, stdout, stderr } = await run([command], { stdin });
    vi.unstubAllEnvs();
    expect([code, stdout, stderr]).toEqual([
      1,
      '',
      expect.stringMatching(/^cannot write a temporary file in .*missing: the folder does not exist\nhint: ./),
    ]);
  });

  test('a file that has grown between the readings is an error, and there is no result', async () => {
    const path = folder({ 'rows.csv': '1,2\n3\n' });
    const file = join(path, 'rows.csv');
    const child = spawn(process.execPath, [
      '--import',
      `data:text/javascript,${encodeURIComponent(grows(file))}`,
      bin,
      'pad',
      file,
      '-o',
      join(path, 'out.csv'),
    ]);
    const { code, stderr } = await ended(child);
    expect([code, stderr]).toEqual([1, expect.stringContaining('the file has changed while it was read\nhint: run this again')]);
    expect(readdirSync(path)).toEqual(['rows.csv']);
  });

  test.skipIf(!isPosix)('a named pipe is read once, and its bytes twice', async () => {
    const path = folder();
    execFileSync('sh', ['-c', 'mkfifo "$0"', join(path, 'pipe.csv')]);
    const writing = once(spawn('sh', ['-c', 'printf "1,2,3\\n4\\n" > "$0"', join(path, 'pipe.csv')]), 'close');
    expect((await run(['pad', join(path, 'pipe.csv')])).stdout).toBe('1,2,3\n4,0,0\n');
    await writing;
  });
});

/** A module that appends a row to the file when it is opened a second time. */
function grows(file: string): string {
  return `
    import fs from 'node:fs';
    import promises from 'node:fs/promises';
    import { syncBuiltinESMExports } from 'node:module';
    const { open } = promises;
    let times = 0;
    promises.open = (path, ...rest) => {
      if (path === ${JSON.stringify(file)} && ++times === 2) fs.appendFileSync(path, '4,5,6\\n');
      return open(path, ...rest);
    };
    syncBuiltinESMExports();`;
}

describe('the temporary copy of standard input', () => {
  test('has no name while it is in use, can be read again and again, and ends with its owner', async () => {
    const source = await rereadable('-', { stdin: chunked(['1,2\n', '3\n']) });
    for (let time = 0; time < 3; time++) {
      const { chunks } = await openSequences('-', {}, source.io());
      let rows = 0;
      for await (const chunk of chunks) rows += chunk.lines.length;
      expect(rows).toBe(2);
    }
    await source.close();
  });

  test.skipIf(!isPosix).each(['SIGINT', 'SIGTERM', 'SIGKILL'] as const)('leaves nothing behind at %s', async (signal) => {
    const [path, temporary] = [folder(), folder()];
    const child = spawnWithTemporary(['pad', '-o', 'out.csv'], path, temporary);
    Readable.from(endless()).pipe(child.stdin!);
    child.stdin!.on('error', () => {});
    // By then, rows go to the copy: a write waits for the one before it.
    for (let i = 0; i < 20; i++) await once(child.stdin!, 'drain');
    child.kill(signal);
    await once(child, 'close');
    expect(readdirSync(temporary)).toEqual([]);
    // Nothing can take the unfinished result away from a process that is killed.
    expect(readdirSync(path)).toHaveLength(signal === 'SIGKILL' ? 1 : 0);
  });

  test.skipIf(!existsSync('/dev/full'))('a full disk ends the command with exit 1, two lines and no file', async () => {
    const path = folder({ 'rows.csv': '1,2,3\n'.repeat(100_000) });
    const full = openSync('/dev/full', 'w');
    const child = spawn(process.execPath, [bin, 'pad', 'rows.csv', '--max-len', '4'], { cwd: path, stdio: ['ignore', full, 'pipe'] });
    closeSync(full);
    const [stderr, [code]] = await Promise.all([text(child.stderr!), once(child, 'close')]);
    expect([code, stderr]).toEqual([
      1,
      'cannot write standard output: no space left on the device\nhint: free some space, or choose a folder on another disk\n',
    ]);
  });
});

function* endless(): Generator<string> {
  for (;;) yield '1,2,3\n'.repeat(10_000);
}
