// A training run against the world: signals, a closed terminal, a second run, a full disk, a directory that may not be written.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, watch } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, onTestFinished, test } from 'vitest';
import { bin, ended, folder, run, spawnRnn } from '../support/run.ts';
import type { RunResult } from '../support/run.ts';

const verse = fileURLToPath(new URL('../../fixtures/verse.csv', import.meta.url));
const model = ['--hidden', '8', '--stream', '--bptt', '12', '--batch-size', '8', '--log-every', '10'];
const endless = ['train', verse, ...model, '--epochs', '100000'];
const files = ['checkpoint.safetensors', 'loss.csv', 'loss.svg', 'run.json', 'weights.safetensors'];
const isWindows = process.platform === 'win32';
const isRoot = process.getuid?.() === 0;

function bytes(directory: string, name: string): string {
  return readFileSync(join(directory, name)).toString('hex');
}

function recordOf(directory: string): { readonly status: string; readonly result: { readonly steps: number; readonly epochs: number } } {
  return JSON.parse(readFileSync(join(directory, 'run.json'), 'utf8')) as ReturnType<typeof recordOf>;
}

/** Resolves once the directory, or a later change of it, fulfils the condition. */
function until(directory: string, condition: () => boolean): Promise<void> {
  return new Promise((resolve) => {
    const look = (): void => {
      if (!condition()) return;
      watcher.close();
      resolve();
    };
    const watcher = watch(directory, look);
    look();
  });
}

/** A run in `out` that has written its first rows of loss.csv. */
async function running(out: string, argv: readonly string[]): Promise<ReturnType<typeof spawnRnn>> {
  mkdirSync(out, { recursive: true });
  const child = spawnRnn([...argv, '--out', out]);
  await until(out, () => existsSync(join(out, 'loss.csv')) && readFileSync(join(out, 'loss.csv'), 'utf8').split('\n').length > 3);
  return child;
}

/** Resumes the run until the end of the epoch after the one that it is in, and compares it with one that never stopped. */
async function expectBytesOfWholeRun(out: string, path: string): Promise<void> {
  const epochs = String(recordOf(out).result.epochs + 1);
  expect(await run(['train', '--resume', out, '--epochs', epochs, '--quiet'])).toMatchObject({ code: 0, stderr: '' });
  const whole = join(path, 'whole');
  await run(['train', verse, ...model, '--epochs', epochs, '--out', whole, '--quiet']);
  for (const name of ['weights.safetensors', 'checkpoint.safetensors']) expect(bytes(out, name) === bytes(whole, name), name).toBe(true);
}

describe.skipIf(isWindows)('signals', () => {
  test.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('%s: the command that stderr names goes on to the bytes of a run that never stopped', async (signal, exit) => {
    const path = folder();
    const out = join(path, 'run');
    const child = await running(out, endless);
    child.kill(signal);
    const { code, stdout, stderr } = await ended(child);
    expect({ code, stdout }).toEqual({ code: exit, stdout: `${out}\n` });
    const [, step, command] = /stopped at step (\d+), as asked; go on with: rnn (.*)\n$/.exec(stderr)!;
    expect(readdirSync(out).toSorted()).toEqual(files);
    expect(recordOf(out)).toMatchObject({ status: 'interrupted', result: { steps: Number(step) } });
    expect(command).toBe(`train --resume ${out}`);
    await expectBytesOfWholeRun(out, path);
  });

  test('a second SIGINT ends the process at once, and leaves no lock and no temporary file', async () => {
    const out = join(folder(), 'run');
    // Saving without end: the second signal meets a file that is being written.
    const child = await running(out, [...endless, '--checkpoint-every', '1']);
    child.kill('SIGINT');
    await until(out, () => readdirSync(out).some((name) => name.startsWith('.rnn-')) || child.exitCode !== null);
    child.kill('SIGINT');
    expect((await ended(child)).code).toBe(130);
    expect(readdirSync(out).filter((name) => !files.includes(name))).toEqual([]);
  });
});

const hasScript = !isWindows && spawnSync('script', ['--version']).status === 0;
if (!hasScript) console.log('skipped: the test of a closed terminal: there is no program script (util-linux) to open one');

test.skipIf(!hasScript)('a terminal that is closed: the run saves, and ends as interrupted', async () => {
  const out = join(folder(), 'run');
  mkdirSync(out);
  const command = [process.execPath, bin, ...endless, '--out', out].map((word) => `'${word}'`).join(' ');
  const terminal = spawn('script', ['-qec', command, '/dev/null'], {
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  onTestFinished(() => void terminal.kill('SIGKILL'));
  await until(out, () => existsSync(join(out, 'loss.csv')) && readFileSync(join(out, 'loss.csv'), 'utf8').split('\n').length > 3);
  expect(recordOf(out).status).toBe('running');
  terminal.kill('SIGKILL');
  await until(out, () => !existsSync(join(out, 'rnn.lock')));
  expect(recordOf(out).status).toBe('interrupted');
  expect(readdirSync(out).toSorted()).toEqual(files);
});

test.skipIf(isWindows)('without a terminal, as under nohup, SIGHUP does not stop a run', async () => {
  const out = join(folder(), 'run');
  mkdirSync(out);
  const child = spawnRnn([...endless, '--out', out]);
  const rows = (): number => (existsSync(join(out, 'loss.csv')) ? readFileSync(join(out, 'loss.csv'), 'utf8').split('\n').length : 0);
  await until(out, () => rows() > 3);
  child.kill('SIGHUP');
  const before = rows();
  await until(out, () => rows() > before + 20);
  child.kill('SIGTERM');
  expect((await ended(child)).code).toBe(143);
});

test('two runs in one directory: the second is refused and names the first, which goes on as if alone', async () => {
  const path = folder();
  const out = join(path, 'run');
  const child = await running(out, endless);
  for (const argv of [
    [...endless, '--out', out, '--force'],
    ['train', '--resume', out],
  ]) {
    const { code, stdout, stderr } = await ended(spawnRnn(argv));
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(new RegExp(`: a run is writing into it \\(process ${child.pid}, since .*\\)\nhint: .*kill ${child.pid}\n$`));
  }
  child.kill('SIGTERM');
  expect((await ended(child)).code).toBe(143);
  await expectBytesOfWholeRun(out, path);
});

/** Runs rnn in a shell, after a command of the shell. */
function shell(before: string, argv: readonly string[]): Promise<RunResult> {
  const line = [process.execPath, bin, ...argv].map((word) => `'${word}'`).join(' ');
  const child = spawn('sh', ['-c', `${before}; exec ${line}`]);
  onTestFinished(() => void child.kill('SIGKILL'));
  return ended(child);
}

describe.skipIf(isWindows)('a disk that is full', () => {
  const length = ['--epochs', '60', '--checkpoint-every', '50', '--log-every', '1', '--quiet'];
  const goesOn = async (out: string): Promise<void> => {
    const path = folder();
    expect(await run(['train', '--resume', out, '--checkpoint-every', '0', '--quiet'])).toMatchObject({ code: 0, stderr: '' });
    await run(['train', verse, ...model, '--epochs', '60', '--out', join(path, 'whole'), '--quiet']);
    for (const name of ['weights.safetensors', 'checkpoint.safetensors'])
      expect(bytes(out, name) === bytes(join(path, 'whole'), name), name).toBe(true);
  };

  test('a file that may not grow (ulimit -f): the run stops with exit 1, says why, and goes on from its last checkpoint', async () => {
    const out = join(folder(), 'run');
    const { code, stdout, stderr } = await shell('ulimit -f 200', ['train', verse, ...model, ...length, '--out', out]);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(
      /^cannot write .*loss\.csv: the file would be larger than .*\nhint: .*; then go on from the last checkpoint: rnn train --resume .*run\n$/,
    );
    expect(recordOf(out).status).toBe('running');
    expect(readdirSync(out).filter((name) => name.includes('tmp') || name.includes('lock'))).toEqual([]);
    await goesOn(out);
  });

  const disk = mountedDisk();
  if (disk === undefined) console.log('skipped: the tests of a small and of a read-only disk: tmpfs cannot be mounted here');

  test.skipIf(disk === undefined)(
    'no space left for a checkpoint: the one before it is whole, and nothing half written is left',
    async () => {
      const path = disk!();
      const out = join(path, 'run');
      const child = await running(out, ['train', verse, ...model, '--hidden', '64', ...length, '--checkpoint-every', '20']);
      await until(out, () => existsSync(join(out, 'checkpoint.safetensors')));
      spawnSync('sh', ['-c', `cat /dev/zero > '${join(path, 'ballast')}'`]);
      const { code, stderr } = await ended(child);
      expect(code).toBe(1);
      expect(stderr).toMatch(
        /^cannot write .*: no space left on the device\nhint: free some space, .*; then go on from the last checkpoint: /,
      );
      expect(readdirSync(out).filter((name) => name.includes('tmp') || name.includes('lock'))).toEqual([]);
      spawnSync('rm', [join(path, 'ballast')]);
      expect(await run(['train', '--resume', out, '--checkpoint-every', '0', '--quiet'])).toMatchObject({ code: 0, stderr: '' });
      const whole = join(folder(), 'whole');
      await run(['train', verse, ...model, '--hidden', '64', '--epochs', '60', '--out', whole, '--quiet']);
      expect(bytes(out, 'checkpoint.safetensors') === bytes(whole, 'checkpoint.safetensors')).toBe(true);
    },
  );

  test.skipIf(disk === undefined)('a disk that is read-only is refused before the first step, new runs and resumed ones', async () => {
    const path = disk!();
    const out = join(path, 'run');
    await run(['train', verse, ...model, '--epochs', '1', '--out', out, '--quiet']);
    spawnSync('mount', ['-o', 'remount,ro', path]);
    for (const argv of [
      ['train', '--resume', out, '--epochs', '2'],
      ['train', verse, ...model, '--out', join(path, 'new')],
    ]) {
      const { code, stdout, stderr } = await run(argv);
      expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
      expect(stderr).toMatch(/^cannot write .*: the file system is read-only\nhint: /);
    }
  });
});

if (isRoot) console.log('skipped: the test of a directory without permission to write: root may write everywhere');

test.skipIf(isWindows || isRoot)('a directory that may not be written is refused, new runs and resumed ones', async () => {
  const out = join(folder(), 'run');
  await run(['train', verse, ...model, '--epochs', '1', '--out', out, '--quiet']);
  spawnSync('chmod', ['a-w', out]);
  onTestFinished(() => void spawnSync('chmod', ['u+w', out]));
  for (const argv of [
    ['train', '--resume', out, '--epochs', '2'],
    ['train', verse, ...model, '--out', join(out, 'new')],
  ]) {
    const { code, stderr } = await run(argv);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^cannot write .*: permission denied\nhint: /);
  }
});

/** Gives a function that mounts a disk of 2 MB, taken away when the test ends; undefined where that is not allowed. */
function mountedDisk(): (() => string) | undefined {
  const mount = (path: string): boolean => spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=2m', 'tmpfs', path]).status === 0;
  if (process.platform !== 'linux' || !isRoot) return undefined;
  const probe = spawnSync('mktemp', ['-d'], { encoding: 'utf8' }).stdout.trim();
  const works = mount(probe);
  if (works) spawnSync('umount', [probe]);
  spawnSync('rmdir', [probe]);
  if (!works) return undefined;
  return () => {
    const path = join(folder(), 'disk');
    mkdirSync(path);
    if (!mount(path)) throw new Error(`tmpfs cannot be mounted at ${path}`);
    onTestFinished(() => void spawnSync('umount', ['-l', path]));
    return path;
  };
}
