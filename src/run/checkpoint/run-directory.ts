// The directory that a run writes into: made before training, so that a wrong path fails at once, and never taken from another run.
import { accessSync, constants, mkdirSync, readdirSync, rmSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { systemCode, UsageError, UserError } from '../../errors.ts';
import { writeError } from '../../formats/atomic-file.ts';
import { makeFolder } from '../../formats/folders.ts';
import { lockFile } from './lock.ts';

/** The files of a run. */
export const runFiles = {
  weights: 'weights.safetensors',
  checkpoint: 'checkpoint.safetensors',
  losses: 'loss.csv',
  chart: 'loss.svg',
  summary: 'run.json',
} as const;

/** Makes the directory that was asked for, or the next free `runs/<data name>-<n>`; returns its path. */
export function createRunDirectory(out: string | undefined, dataFile: string, force: boolean): string {
  if (out === undefined) return createNumbered(join('runs', nameOf(dataFile)));
  if (out === '-') throw new UsageError('--out: a run is a directory, and - is standard output', 'give the name of a directory');
  const existing = statOf(out);
  if (existing && !existing.isDirectory())
    throw new UserError(`--out ${out}: it is a file, not a directory`, 'give the name of a directory');
  if (!existing) makeFolder(out);
  refuseOccupied(out, force);
  refuseReadOnly(out);
  return out;
}

/** What a killed run may leave half written. */
const temporary = /^(\.rnn-.*|rnn\.lock-.*)\.tmp$/;

/** Checks that there is a directory of a run to go on with. */
export function requireRunDirectory(path: string): void {
  const hint = 'give the directory of a run, as rnn train prints it';
  const found = statOf(path);
  if (!found) throw new UserError(`--resume ${path}: there is no such directory`, hint);
  if (!found.isDirectory()) throw new UserError(`--resume ${path}: it is a file, not a directory`, hint);
  if (!listing(path).includes(runFiles.summary)) throw new UserError(`--resume ${path}: it holds no run (no ${runFiles.summary})`, hint);
}

/** Under the lock: takes away what a killed run has left half written, and for a run that begins also what one before it wrote. */
export function clearRunDirectory(path: string, forNewRun: boolean): void {
  const ours: readonly string[] = forNewRun ? Object.values(runFiles) : [];
  // The summary first: without it nothing of the old run can be taken for a run.
  const names = listing(path).toSorted((a, b) => Number(b === runFiles.summary) - Number(a === runFiles.summary));
  for (const name of names) {
    if (!temporary.test(name) && !ours.includes(name)) continue;
    try {
      rmSync(join(path, name), { force: true });
    } catch (error) {
      throw writeError(join(path, name), error);
    }
  }
}

/** Without --force only an empty directory is written into: files of a run, or of something else, are not mixed with. */
function refuseOccupied(path: string, force: boolean): void {
  const names = listing(path).filter((name) => name !== lockFile && !temporary.test(name));
  if (names.length === 0 || force) return;
  const isRun = names.some((name) => Object.values<string>(runFiles).includes(name));
  throw new UserError(
    `--out ${path}: the directory ${isRun ? 'holds a run' : `is not empty (${names[0]})`}`,
    'give another directory, or --force to write over the files of a run in it',
  );
}

function createNumbered(prefix: string): string {
  makeFolder('runs');
  for (let n = 1; ; n++) {
    const path = `${prefix}-${n}`;
    try {
      mkdirSync(path);
      return path;
    } catch (error) {
      if (systemCode(error) !== 'EEXIST') throw writeError(path, error);
    }
  }
}

function refuseReadOnly(path: string): void {
  try {
    accessSync(path, constants.W_OK);
  } catch (error) {
    throw writeError(path, error);
  }
}

function listing(path: string): string[] {
  try {
    return readdirSync(path);
  } catch (error) {
    throw writeError(path, error);
  }
}

function statOf(path: string): ReturnType<typeof statSync> | undefined {
  try {
    return statSync(path);
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw writeError(path, error);
  }
}

/** `data/words.csv.gz` → `words` */
function nameOf(file: string): string {
  return basename(file).split('.')[0] || 'data';
}
