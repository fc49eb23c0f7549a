// run.json: the whole configuration, the data by its fingerprint, and the final figures of a run.
import type { Prepared } from '../../data/dataset/prepare.ts';
import { rowCount } from '../../data/rows/rows.ts';
import { exp } from '../../engine/elementary.ts';
import type { ModelShape } from '../../model/shape.ts';
import type { Evaluation } from '../evaluate.ts';
import { optimizerOptionNames, optimizerWith } from '../../model/optimizers.ts';
import { scheduleOptionNames, scheduleWith } from '../../model/schedules.ts';
import { DEFAULT_WINDOW, modelSizes } from '../settings.ts';
import type { TrainSettings } from '../settings.ts';
import type { TrainSetup } from '../training/setup.ts';
import type { Retry, TrainingState } from './training-state.ts';

/** `running` until the run ends; a run that was killed stays so. */
export type RunStatus = 'running' | 'finished' | 'stopped: patience' | 'stopped: time' | 'interrupted' | 'diverged';

/** Where the run was gone on with, and which options were then others: flag → value before and after. */
export interface Resumption {
  readonly step: number;
  readonly changed: Readonly<Record<string, readonly [before: unknown, after: unknown]>>;
  /** What had computed up to there; no weight depends on it but by engines whose bits differ. */
  readonly before?: { readonly engine?: string | undefined; readonly node?: string | undefined } | undefined;
}

/** How long a run has taken, all its parts together. */
export interface RunTimes {
  /** Of training, validation and saving. */
  readonly seconds: number;
  /** Of training steps alone. */
  readonly trainingSeconds: number;
}

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
  /** What padding each batch to its longest row would be of the first epoch; packed rows leave it out. */
  readonly paddingShare: number;
  readonly model: ModelShape & { readonly parameters: number };
  /** Present where the run began with given weights: their file and its fingerprint. */
  readonly initFrom?: { readonly file: string; readonly sha256: string };
  /** What `rnn train --config` takes to repeat the run: see `configInForce`. */
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
    /** Share of the steps whose gradient was clipped. */
    readonly clippedShare: number;
    /** Steps that were not finite, after which the run went on from older weights. */
    readonly retries?: readonly Retry[];
    readonly tokens: number;
    readonly seconds: number;
    readonly trainingSeconds: number;
    readonly tokensPerSecond: number;
  };
  /** What computed: where the configuration names none, it depends on the Node. */
  readonly engine: string;
  readonly threads: number;
  readonly resumed?: readonly Resumption[];
  readonly versions: { readonly node: string; readonly platform: string };
}

export interface SummaryInput {
  readonly setup: TrainSetup;
  readonly settings: TrainSettings;
  readonly directory: string;
  readonly status: RunStatus;
  readonly state: TrainingState;
  readonly times: RunTimes;
  readonly resumed: readonly Resumption[];
  readonly lastLoss: number | undefined;
}

export function summarize({ setup, settings, directory, status, state, times, resumed, lastLoss }: SummaryInput): RunSummary {
  const { training, validation, shape, parameters, initFrom } = setup;
  const { best, step, epoch, tokens, clippedSteps, retries } = state;
  return {
    directory,
    status,
    data: describe(training),
    ...(validation ? { validation: describe(validation) } : {}),
    paddingShare: setup.paddingShare,
    model: { ...shape, parameters },
    ...(initFrom ? { initFrom } : {}),
    config: configInForce(setup, settings),
    result: {
      steps: step,
      epochs: epoch,
      ...(best ? { bestEpoch: best.epoch } : {}),
      ...(lastLoss === undefined ? {} : { trainLoss: lastLoss }),
      ...(best ? evaluationFields(best.evaluation, shape) : {}),
      clippedShare: step > 0 ? clippedSteps / step : 0,
      ...(retries.length > 0 ? { retries } : {}),
      tokens,
      ...times,
      tokensPerSecond: times.trainingSeconds > 0 ? tokens / times.trainingSeconds : 0,
    },
    engine: setup.kind.name,
    threads: setup.threads,
    ...(resumed.length > 0 ? { resumed } : {}),
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

/** Options that say where a run's results go and what is shown of it, not what they are. */
const ofThisRunAlone: readonly string[] = ['out', 'force', 'resume', 'config', 'quiet', 'json', 'blasPath'];

/**
 * The flags and what held where they were not given, by their names without the dashes: `maxLen: 7` → `"max-len": 7`; the data as
 * `file`. Those that were not given and have no default are left out.
 */
export function configInForce({ shape, epochs }: TrainSetup, settings: TrainSettings): Record<string, unknown> {
  const { rule, options } = optimizerWith(settings.optimizer, settings);
  const used = Object.fromEntries(optimizerOptionNames.filter((name) => name in rule.defaults).map((name) => [name, options[name]]));
  const { schedule, options: scheduleOptions } = scheduleWith(settings.schedule, settings);
  const scheduled = Object.fromEntries(
    scheduleOptionNames.filter((name) => name in schedule.defaults).map((name) => [name, scheduleOptions[name]]),
  );
  const inForce = {
    ...settings,
    file: settings.file === '-' ? undefined : settings.file,
    ...modelSizes(shape),
    tied: shape.tied ?? false,
    learnInitialState: shape.learnedState ?? false,
    ...used,
    ...scheduled,
    epochs,
    lr: settings.lr ?? rule.defaultRate,
    bptt: settings.stream ? (settings.bptt ?? DEFAULT_WINDOW) : undefined,
  };
  const named = Object.entries(inForce).filter(([key, value]) => value !== undefined && !ofThisRunAlone.includes(key));
  return Object.fromEntries(named.map(([key, value]) => [key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`), value as unknown]));
}
