// Under Node's permission model, which takes threads, other processes and flushing away.
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { bin, ended, fixture, folder } from '../support/run.ts';
import type { RunResult } from '../support/run.ts';

const model = Number.parseInt(process.versions.node, 10) < 23 ? '--experimental-permission' : '--permission';

function confined(...argv: readonly string[]): Promise<RunResult> {
  const child = spawn(process.execPath, [model, '--no-warnings', '--allow-fs-read=*', '--allow-fs-write=*', bin, ...argv]);
  onTestFinished(() => void child.kill('SIGKILL'));
  return ended(child);
}

/** Enough work for a thread on each processor, and for a trial of wasm-wide. */
const large = ['train', fixture('verse.csv'), '--stream', '--hidden', '256', '--epochs', '2000', '--max-seconds', '0.1', '--quiet'];

test('a run that would take more threads and join vectors takes one thread and wasm', async () => {
  const out = join(folder(), 'run');
  expect(await confined(...large, '--out', out)).toMatchObject({ code: 0, stderr: '' });
  expect(JSON.parse(readFileSync(join(out, 'run.json'), 'utf8'))).toMatchObject({ threads: 1, engine: 'wasm' });
});

test('threads that were asked for and cannot be had are an error', async () => {
  const { code, stderr } = await confined(...large, '--threads', '3', '--out', join(folder(), 'run'));
  expect({ code, stderr }).toEqual({
    code: 1,
    stderr: 'the system starts no 3 threads for the run (ERR_ACCESS_DENIED)\nhint: use fewer: --threads 1, say\n',
  });
});
