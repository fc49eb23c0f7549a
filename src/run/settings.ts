// What a training run is told: the values of the flags of `rnn train`, and what holds where none is given.
import type { Dataset } from '../data/dataset/dataset.ts';
import type { EngineName } from '../engine/engines.ts';
import type { Activation } from '../engine/kernels.ts';
import type { InitializerName } from '../model/initializers.ts';
import type { OptimizerName, OptimizerOptions } from '../model/optimizers.ts';
import type { ScheduleName, ScheduleOptions } from '../model/schedules.ts';
import type { ModelShape, Task } from '../model/shape.ts';
import type { UnsaidOfModel } from './weights.ts';

export interface DataSettings {
  readonly task: Task | undefined;
  readonly maxLen: number | undefined;
  readonly padding: 'post' | 'pre';
  readonly truncating: 'post' | 'pre';
  readonly padValue: number | undefined;
  readonly noMask: boolean;
  /** A vocabulary file, which the weights then carry. */
  readonly vocab?: string | undefined;
  readonly vocabSize: number | undefined;
  readonly validationSplit: number | undefined;
  readonly classNames: readonly string[] | undefined;
}

/** Sizes are undefined where no flag gives them: then those of --init-from, or the defaults, hold. */
export interface ModelSettings {
  readonly hidden: number | undefined;
  readonly layers: number | undefined;
  readonly embedding: number | undefined;
  readonly activation: Activation | undefined;
  readonly noBias: boolean;
  readonly tied: boolean;
  readonly learnInitialState: boolean;
  /** Share of the units between layers that a training step leaves out. */
  readonly dropout: number;
  readonly initializer: InitializerName;
  readonly gain: number;
}

export const modelDefaults = { hidden: 128, layers: 1, embedding: 0, activation: 'tanh' } as const;

type OptimizerSettings = { readonly [Option in keyof OptimizerOptions]: OptimizerOptions[Option] | undefined };
type ScheduleSettings = { readonly [Option in keyof ScheduleOptions]: ScheduleOptions[Option] | undefined };

export interface TrainSettings extends DataSettings, ModelSettings, OptimizerSettings, ScheduleSettings {
  /** The training data, as it was given; undefined or - for standard input. */
  readonly file?: string | undefined;
  readonly optimizer: OptimizerName;
  readonly clipNorm: number;
  readonly clipValue: number | undefined;
  readonly epochs: number | undefined;
  readonly batchSize: number;
  /** Batches in a pool of rows put together by length. */
  readonly bucket: number;
  readonly noShuffle: boolean;
  readonly stream: boolean;
  readonly bptt: number | undefined;
  readonly lr: number | undefined;
  readonly schedule: ScheduleName;
  readonly warmup: number;
  readonly patience: number | undefined;
  /** Seconds of the run, over all its parts; undefined or 0: no limit. */
  readonly maxSeconds: number | undefined;
  /** Trains on the first batch alone. */
  readonly overfit: boolean;
  readonly onDivergence: 'stop' | 'retry';
  readonly seed: number;
  /** Undefined: wasm, or in a long run what gives its bytes in less time. */
  readonly engine: EngineName | undefined;
  readonly threads: number | undefined;
  /** RNN_BLAS: the library that the engine blas takes. */
  readonly blasPath: string | undefined;
  readonly logEvery: number | undefined;
  /** Steps; 0: at the end only; undefined: by time. */
  readonly checkpointEvery: number | undefined;
  readonly quiet: boolean;
}

/** Tokens in a window of `--stream` where --bptt is not given. */
export const DEFAULT_WINDOW = 64;

/** The sizes that flags give, and the defaults of the others; an embedding that is V too has the size of the state. */
export function modelSizes({
  hidden,
  layers,
  embedding,
  activation,
  tied = false,
}: Partial<Pick<ModelSettings, 'hidden' | 'layers' | 'embedding' | 'activation'>> & Pick<ModelShape, 'tied'>): Pick<
  ModelShape,
  'hidden' | 'layers' | 'embedding' | 'activation'
> {
  return {
    hidden: hidden ?? modelDefaults.hidden,
    layers: layers ?? modelDefaults.layers,
    embedding: embedding ?? (tied ? (hidden ?? modelDefaults.hidden) : modelDefaults.embedding),
    activation: activation ?? modelDefaults.activation,
  };
}

/** A few dozen rows need many passes before the weights have moved; a large file does not. */
const epochsByDefault = { steps: 2000, least: 10, most: 200 };

export function defaultEpochs(stepsPerEpoch: number): number {
  const { steps, least, most } = epochsByDefault;
  return Math.min(most, Math.max(least, Math.round(steps / stepsPerEpoch)));
}

export function describeDefaultEpochs(): string {
  const { steps, least, most } = epochsByDefault;
  return `as many as make ${steps} steps, but from ${least} to ${most}`;
}

/** What weights from another program do not say, by the flags and the data. */
export function unsaidOfWeights({ targetNames }: Dataset, { task, activation }: TrainSettings): UnsaidOfModel {
  const byData = targetNames.length === 0 ? 'next-token' : targetNames[0] === 'label' ? 'classification' : 'regression';
  return { activation: activation ?? modelDefaults.activation, task: task ?? byData };
}
