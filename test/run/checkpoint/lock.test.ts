import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { UserError } from '../../../src/errors.ts';
import { lockDirectory, lockFile } from '../../../src/run/checkpoint/lock.ts';
import { folder } from '../../support/run.ts';

function refusal(directory: string): string {
  try {
    lockDirectory(directory)();
  } catch (error) {
    if (error instanceof UserError) return error.report();
    throw error;
  }
  return 'no refusal';
}

function lockOf(holder: Readonly<Record<string, unknown>>): string {
  return folder({ [lockFile]: `${JSON.stringify(holder)}\n` });
}

/** The number of a process that has ended. */
function endedPid(): number {
  return spawnSync(process.execPath, ['-e', '']).pid;
}

test('a directory is taken once, and nothing is left when it is let go', () => {
  const path = folder();
  const release = lockDirectory(path);
  expect(refusal(path)).toMatch(
    new RegExp(`: a run is writing into it \\(process ${process.pid}, since .*\\)\nhint: .*kill ${process.pid}`),
  );
  release();
  expect(readdirSync(path)).toEqual([]);
  lockDirectory(path)();
});

test('the lock of a process that is no more is taken over', () => {
  const path = lockOf({ pid: endedPid(), host: hostname(), born: '', since: '' });
  const release = lockDirectory(path);
  expect(JSON.parse(readFileSync(join(path, lockFile), 'utf8'))).toMatchObject({ pid: process.pid, host: hostname() });
  release();
});

test.skipIf(process.platform !== 'linux')('another process with the number of one that is no more does not count as it', () => {
  const path = lockOf({ pid: process.ppid, host: hostname(), born: 'an earlier boot:1', since: '' });
  expect(refusal(path)).toBe('no refusal');
});

test('a lock of this very process number that it does not hold is of one before it', () => {
  expect(refusal(lockOf({ pid: process.pid, host: hostname(), born: '', since: '' }))).toBe('no refusal');
});

test('the lock of another host is left to a person', () => {
  const path = lockOf({ pid: endedPid(), host: 'elsewhere', born: '', since: '2026-01-01' });
  expect(refusal(path)).toMatch(/on elsewhere, since 2026-01-01\)\nhint: .*remove .*rnn\.lock/);
  expect(readdirSync(path)).toEqual([lockFile]);
});

test.each(['', '{', '[]', '{"pid": -1, "host": "a"}', '{"pid": "1"}'])('a lock that says nothing (%s) is taken over', (text) => {
  const path = folder();
  writeFileSync(join(path, lockFile), text);
  expect(refusal(path)).toBe('no refusal');
});

test('a lock that was taken over meanwhile is not removed', () => {
  const path = folder();
  const release = lockDirectory(path);
  const other = `${JSON.stringify({ pid: 1, host: 'elsewhere', born: '', since: '' })}\n`;
  writeFileSync(join(path, lockFile), other);
  release();
  expect(readFileSync(join(path, lockFile), 'utf8')).toBe(other);
});
