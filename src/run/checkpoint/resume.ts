// Going on with a run: reads its run.json and its checkpoint, and refuses what would not be the same run. Never repairs anything:
// a checkpoint that is damaged ends with what can still be used.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { systemCode, UsageError, UserError } from '../../errors.ts';
import { plural } from '../../view/numbers.ts';
import type { TrainSettings } from '../settings.ts';
import type { StartingWeights, TrainSetup } from '../training/setup.ts';
import { readWeights } from '../weights.ts';
import type { Weights } from '../weights.ts';
import { decodeCheckpoint } from './checkpoint.ts';
import type { Checkpoint, Identity } from './checkpoint.ts';
import { identityOf } from './resume-rules.ts';
import { runFiles } from './run-directory.ts';
import { configInForce } from './summary.ts';
import type { Resumption, RunTimes } from './summary.ts';
import { patienceIsOver } from './training-state.ts';

/** What run.json says that a resumed run needs, besides its options. */
export interface RunRecord {
  readonly data: { readonly file: string; readonly sha256: string };
  readonly validation?: { readonly file: string; readonly sha256: string } | undefined;
  readonly initFrom?: { readonly file: string; readonly sha256: string } | undefined;
  readonly result: RunTimes & { readonly steps: number };
  readonly resumed?: readonly Resumption[] | undefined;
  readonly engine?: string | undefined;
  readonly versions?: { readonly node?: string | undefined } | undefined;
}

export interface RunToResume {
  readonly directory: string;
  readonly record: RunRecord;
  /** Undefined where the run ended before its first. */
  readonly checkpoint: Checkpoint | undefined;
}

/** Reads what is there. Throws UserError where it is damaged, or the checkpoint of a run that had one is gone. */
export async function openRun(directory: string): Promise<RunToResume> {
  const record = await readRecord(join(directory, runFiles.summary));
  const path = join(directory, runFiles.checkpoint);
  const bytes = readIfThere(path);
  try {
    if (bytes !== undefined) return { directory, record, checkpoint: await decodeCheckpoint(bytes, path) };
  } catch (error) {
    if (error instanceof UserError) throw new UserError(error.message, await whatIsLeft(directory, record));
    throw error;
  }
  if (record.result.steps === 0) return { directory, record, checkpoint: undefined };
  throw new UserError(
    `${path}: there is no such file, though the run has done ${plural(record.result.steps, 'step')}`,
    await whatIsLeft(directory, record),
  );
}

async function readRecord(path: string): Promise<RunRecord> {
  const { z } = await import('zod');
  const fingerprint = z.object({ file: z.string(), sha256: z.string() });
  const resumption = z.object({
    step: z.int(),
    changed: z.record(z.string(), z.tuple([z.unknown(), z.unknown()])),
    before: z.object({ engine: z.string().optional(), node: z.string().optional() }).optional(),
  });
  const schema = z.object({
    data: fingerprint,
    validation: fingerprint.optional(),
    initFrom: fingerprint.optional(),
    result: z.object({ steps: z.int().min(0), seconds: z.number().min(0), trainingSeconds: z.number().min(0) }),
    resumed: z.array(resumption).optional(),
    engine: z.string().optional(),
    versions: z.object({ node: z.string().optional() }).optional(),
  });
  const found = schema.safeParse(parseOrNothing(readFileSync(path, 'utf8')));
  if (found.success) return found.data;
  throw new UserError(
    `${path}: it is not what rnn train writes (${found.error.issues[0]?.path.join('.') || 'no JSON object'})`,
    'take the file back as it was written',
  );
}

function parseOrNothing(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** The best that can be done without the checkpoint: a new run from the kept weights, or the run once more. */
async function whatIsLeft(directory: string, { data }: RunRecord): Promise<string> {
  const weights = join(directory, runFiles.weights);
  const again = `rnn train --config ${join(directory, runFiles.summary)} --out NEW`;
  try {
    await readWeights(weights, { activation: 'tanh', task: 'regression' });
    return `${weights} is whole: rnn train ${data.file} --init-from ${weights} --out NEW starts a new run from it; ${again} does all of it again`;
  } catch {
    return `nothing else is left of the run: ${again} does it again`;
  }
}

function readIfThere(path: string): Uint8Array | undefined {
  try {
    return readFileSync(path);
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw new UserError(`${path}: it cannot be read (${systemCode(error) ?? String(error)})`, 'check its permissions');
  }
}

type Source = RunRecord['data'];

/** Throws UserError where the data are not those that the run began with. */
export function requireSameData({ record }: RunToResume, data: Source, validation: Source | undefined): void {
  requireSame(record.data, data);
  if (validation && record.validation) requireSame(record.validation, validation);
}

function requireSame(then: Source, now: Source): void {
  if (then.sha256 === now.sha256) return;
  throw new UserError(
    `${now.file}: it is not what the run began with: sha256 ${then.sha256} then, ${now.sha256} now`,
    then.file === 'stdin'
      ? 'its rows came from standard input: pipe the same ones in again'
      : 'give the file as it was (another path will do), or start a new run with --init-from the weights of this one',
  );
}

/** The weights of the checkpoint; before the first those that the run began with, or none: then they are drawn again. */
export async function weightsToResume(
  { record, checkpoint }: RunToResume,
  read: (file: string) => Promise<Weights>,
): Promise<StartingWeights | undefined> {
  const { initFrom } = record;
  if (checkpoint) {
    const { shape, weights: tensors, names } = checkpoint;
    return { shape, tensors, ofCheckpoint: true, ...names, ...(initFrom ? { source: initFrom } : {}) };
  }
  if (!initFrom) return undefined;
  const weights = await read(initFrom.file);
  requireSame(initFrom, weights.source!);
  return weights;
}

/** Throws where the checkpoint is of another run than run.json, or the run has nothing left to do. */
export function requireWayOn({ directory, checkpoint }: RunToResume, setup: TrainSetup, settings: TrainSettings, times: RunTimes): void {
  if (checkpoint) {
    const identity = identityOf(configInForce(setup, settings), { data: setup.training.sha256, validation: setup.validation?.sha256 });
    refuseOtherRun(join(directory, runFiles.checkpoint), checkpoint.identity, identity);
  }
  const state = checkpoint?.state ?? { epoch: 0, stepOfEpoch: 0 };
  const { stepsPerEpoch } = setup.trainingBatches;
  if (state.epoch > setup.epochs || (state.epoch === setup.epochs && state.stepOfEpoch === stepsPerEpoch)) {
    const done = `the run has done ${state.stepOfEpoch === stepsPerEpoch ? '' : 'more than '}${plural(state.stepOfEpoch === stepsPerEpoch ? state.epoch : state.epoch - 1, 'epoch')}`;
    throw new UsageError(
      `--epochs: ${done} of ${setup.epochs}`,
      `give more to go on: rnn train --resume ${directory} --epochs ${2 * state.epoch}`,
    );
  }
  if (checkpoint && patienceIsOver(checkpoint.state, stepsPerEpoch, settings.patience)) {
    throw new UsageError(
      `--patience: the validation loss has not improved for ${plural(settings.patience!, 'epoch')}, so the run is over`,
      `give more to go on: rnn train --resume ${directory} --patience ${2 * settings.patience!}`,
    );
  }
  if (settings.maxSeconds && times.seconds >= settings.maxSeconds) {
    throw new UsageError(
      `--max-seconds: the run has had ${times.seconds.toFixed(1)} s of ${settings.maxSeconds}`,
      `give more to go on, or 0 for no limit: rnn train --resume ${directory} --max-seconds ${Math.ceil(2 * times.seconds)}`,
    );
  }
}

/** Compares what both know: a later version of rnn may have options that an earlier one had not. */
function refuseOtherRun(path: string, then: Identity, now: Identity): void {
  for (const [key, value] of Object.entries(then)) {
    const other = JSON.parse(JSON.stringify(now[key] ?? null)) as unknown;
    if (JSON.stringify(other) === JSON.stringify(value)) continue;
    throw new UserError(
      `${path}: it is of another run than ${runFiles.summary}: ${key} is ${JSON.stringify(value)} in the one, ${JSON.stringify(other)} in the other`,
      `take back ${runFiles.summary} as it was written`,
    );
  }
}
