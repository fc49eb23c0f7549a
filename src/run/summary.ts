// run.json: the whole configuration, the data by its fingerprint, and the final figures of a run.
import type { Prepared } from '../data/prepare.ts';
import { rowCount } from '../data/rows.ts';
import { exp } from '../engine/elementary.ts';
import type { ModelShape } from '../model/shape.ts';
import type { Evaluation } from './evaluate.ts';
import { optimizers } from '../model/optimizers.ts';
import { modelSizes } from './settings.ts';
import type { TrainSettings } from './settings.ts';
import type { TrainSetup } from './setup.ts';
import type { TrainingResult } from './trainer.ts';

export type RunStatus = 'finished' | 'interrupted' | 'diverged';

interface DataSummary {
  readonly file: string;
  readonly sha256: string;
  readonly rows: number;
  readonly tokens: number;
  readonly counts: Prepared['counts'];
}

export interface RunSummary {
  readonly directory: string;
  readonly status: RunStatus;
  readonly data: DataSummary;
  readonly validation?: DataSummary;
  readonly model: ModelShape & { readonly parameters: number };
  /** Every option by its name in `rnn train --help`, without the dashes; those that were not given and have no default are left out. */
  readonly config: Readonly<Record<string, unknown>>;
  readonly result: {
    readonly steps: number;
    readonly epochs: number;
    /** Whose weights are kept, by validation loss. */
    readonly bestEpoch?: number;
    readonly trainLoss?: number;
    readonly validationLoss?: number;
    readonly accuracy?: number;
    /** e^loss, per token (next-token). */
    readonly perplexity?: number;
    readonly confusion?: readonly (readonly number[])[];
    readonly tokens: number;
    readonly trainingSeconds: number;
    readonly tokensPerSecond: number;
  };
  readonly threads: number;
  readonly versions: { readonly node: string; readonly platform: string };
}

export interface SummaryInput {
  readonly setup: TrainSetup;
  readonly settings: TrainSettings;
  readonly directory: string;
  readonly status: RunStatus;
  readonly result: TrainingResult;
  readonly lastLoss: number | undefined;
}

export function summarize({ setup, settings, directory, status, result, lastLoss }: SummaryInput): RunSummary {
  const { training, validation, shape, parameters } = setup;
  const { best, steps, epochs, tokens, trainingSeconds } = result;
  return {
    directory,
    status,
    data: describe(training),
    ...(validation ? { validation: describe(validation) } : {}),
    model: { ...shape, parameters },
    config: configOf({
      ...settings,
      ...modelSizes(shape),
      epochs: setup.epochs,
      lr: settings.lr ?? optimizers[settings.optimizer].defaultRate,
    }),
    result: {
      steps,
      epochs,
      ...(best ? { bestEpoch: best.epoch } : {}),
      ...(lastLoss === undefined ? {} : { trainLoss: lastLoss }),
      ...(best ? evaluationFields(best.evaluation, shape) : {}),
      tokens,
      trainingSeconds,
      tokensPerSecond: trainingSeconds > 0 ? tokens / trainingSeconds : 0,
    },
    threads: setup.threads,
    versions: { node: process.version, platform: `${process.platform}-${process.arch}` },
  };
}

function describe({ file, sha256, rows, counts }: Prepared): DataSummary {
  return { file, sha256, rows: rowCount(rows), tokens: rows.tokens.length, counts };
}

function evaluationFields({ loss, accuracy, confusion }: Evaluation, { task }: ModelShape): Partial<RunSummary['result']> {
  return {
    validationLoss: loss,
    ...(accuracy === undefined ? {} : { accuracy }),
    ...(task === 'next-token' ? { perplexity: exp(loss) } : {}),
    ...(confusion ? { confusion: confusion.map((row) => [...row]) } : {}),
  };
}

/** `maxLen: 7` → `"max-len": 7`. Names of switches that are off say so with false. */
function configOf(settings: object): Record<string, unknown> {
  const named = Object.entries(settings).map(([key, value]) => [
    key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`),
    value as unknown,
  ]);
  return Object.fromEntries(named.filter(([, value]) => value !== undefined)) as Record<string, unknown>;
}
