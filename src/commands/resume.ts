// `--resume DIR`: the options of the run in DIR, with those given anew on the command line where that may be.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { DataError, UsageError, UserError } from '../errors.ts';
import { schedules } from '../model/schedules.ts';
import type { ScheduleName } from '../model/schedules.ts';
import type { RunToResume } from '../run/checkpoint/resume.ts';
import { changeableOnResume } from '../run/checkpoint/resume-rules.ts';
import { runFiles } from '../run/checkpoint/run-directory.ts';
import type { Resumption } from '../run/checkpoint/summary.ts';
import { flagOf } from './command.ts';
import type { Command, Io } from './command.ts';
import { readConfig } from './config.ts';

export interface ResumedOptions {
  readonly options: Readonly<Record<string, unknown>>;
  readonly file: string | undefined;
  readonly changed: Resumption['changed'];
}

/** Options of one invocation, which say nothing of the run. */
const ofInvocation: readonly string[] = ['resume', 'quiet', 'json'];
/** Options that contradict --resume, and why. */
const meaningless: Readonly<Record<string, string>> = {
  out: 'a resumed run goes on in its own directory',
  force: 'a resumed run writes over nothing but its own files',
  config: 'a resumed run has its options from its own run.json',
};

/** Throws UsageError at an option that differs from the run's and may not. `given` are the keys of the command line. */
export function optionsOnResume(
  command: Command,
  name: string,
  directory: string,
  flags: Readonly<Record<string, unknown>>,
  given: ReadonlySet<string>,
  file: string | undefined,
): ResumedOptions {
  const config = readConfig(join(directory, runFiles.summary), name, command);
  const options: Record<string, unknown> = {};
  const changed: Record<string, readonly [unknown, unknown]> = {};
  for (const [key, spec] of Object.entries(command.options)) {
    const before = config.values[key] ?? spec.default;
    options[key] = before;
    if (ofInvocation.includes(key)) options[key] = flags[key];
    else if (given.has(key) && key in meaningless) throw new UsageError(`${flagOf(key)}: ${meaningless[key]}`, `leave ${flagOf(key)} out`);
    else if (given.has(key) && !isSame(flags[key], before)) {
      if (!(key in changeableOnResume)) throw refusal(key, before, flags[key], directory);
      options[key] = flags[key];
      changed[flagOf(key).slice(2)] = [before ?? null, flags[key]];
    }
  }
  refuseOtherLength(changed, options['schedule'] as ScheduleName, directory);
  return { options, file: file ?? config.operands[0], changed };
}

/** Paths in run.json are as they were given, so that they hold only in the folder that the run began in. */
export function requireInputs({ record }: RunToResume, directory: string, file: string | undefined, { stdin }: Pick<Io, 'stdin'>): void {
  if (file === undefined && stdin.isTTY) {
    throw new UsageError(
      '--resume: the rows of the run came from standard input, which is a terminal now',
      `pipe the same rows in again, or name a file of them: rnn train --resume ${directory} FILE`,
    );
  }
  if (file !== undefined && file !== '-' && file === record.data.file && !existsSync(file)) {
    throw new UserError(
      `${file}: there is no such file in this folder; the run in ${directory} read its rows from it`,
      `say where the same file is: rnn train --resume ${directory} FILE`,
    );
  }
}

/** Rows that are not there are most often a pipe that was forgotten. */
export function withPipeHint(error: unknown, { record }: RunToResume): unknown {
  if (!(error instanceof DataError) || error.place.file !== 'stdin' || record.data.file !== 'stdin') return error;
  return new UserError(error.message, 'the rows of the run came from standard input: pipe the same ones in again');
}

function refuseOtherLength(changed: Resumption['changed'], schedule: ScheduleName, directory: string): void {
  const epochs = changed['epochs'];
  if (epochs === undefined || !schedules[schedule].spansRun) return;
  throw new UsageError(
    `--epochs: the schedule ${schedule} has set the rates of all steps for ${String(epochs[0])} epochs, so ${String(epochs[1])} would be another run`,
    `start a new run from the weights of this one: --init-from ${join(directory, runFiles.weights)}`,
  );
}

function refusal(key: string, before: unknown, now: unknown, directory: string): UsageError {
  const shown = (value: unknown): string =>
    value === undefined ? 'no value' : Array.isArray(value) ? value.join(',') : typeof value === 'string' ? value : JSON.stringify(value);
  return new UsageError(
    `${flagOf(key)}: the run has ${shown(before)}, not ${shown(now)}, and a resumed run cannot change it`,
    `leave ${flagOf(key)} out, or start a new run from the weights of this one: --init-from ${join(directory, runFiles.weights)}`,
  );
}

function isSame(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
