// From options and data to a network that is ready to train: all that can fail does so here, before the first step.
import { rowBatches, streamBatches } from '../data/batches.ts';
import type { Batches } from '../data/batches.ts';
import type { Dataset } from '../data/dataset.ts';
import { classCount, prepare, requireTwoClasses, vocabularySize } from '../data/prepare.ts';
import type { Prepared } from '../data/prepare.ts';
import { splitRows } from '../data/split.ts';
import { rowCount } from '../data/rows.ts';
import { engineKinds } from '../engine/engines.ts';
import type { EngineKind, EngineName } from '../engine/engines.ts';
import type { Activation } from '../engine/kernels.ts';
import { UsageError, UserError } from '../errors.ts';
import { initialize } from '../model/initializers.ts';
import type { InitializerName } from '../model/initializers.ts';
import { createNetwork } from '../model/network.ts';
import type { Network } from '../model/network.ts';
import { optimizerNames, optimizerOptionNames, optimizers, optimizerWith } from '../model/optimizers.ts';
import type { OptimizerName, OptimizerOptions } from '../model/optimizers.ts';
import { planStep, writeTensor } from '../model/plan.ts';
import type { Limits } from '../model/plan.ts';
import { createRandom, permutation, purposes } from '../model/random.ts';
import type { ScheduleName } from '../model/schedules.ts';
import { parameterCount } from '../model/shape.ts';
import type { ModelShape, Task } from '../model/shape.ts';
import type { UnsaidOfModel, Weights } from './weights.ts';

export interface DataSettings {
  readonly task: Task | undefined;
  readonly maxLen: number | undefined;
  readonly padding: 'post' | 'pre';
  readonly truncating: 'post' | 'pre';
  readonly padValue: number | undefined;
  readonly noMask: boolean;
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
  readonly initializer: InitializerName;
}

export const modelDefaults = { hidden: 128, layers: 1, embedding: 0, activation: 'tanh' } as const;

type OptimizerSettings = { readonly [Option in keyof OptimizerOptions]: OptimizerOptions[Option] | undefined };

export interface TrainSettings extends DataSettings, ModelSettings, OptimizerSettings {
  readonly optimizer: OptimizerName;
  readonly clipNorm: number;
  readonly clipValue: number | undefined;
  readonly epochs: number | undefined;
  readonly batchSize: number;
  readonly noShuffle: boolean;
  readonly stream: boolean;
  readonly bptt: number | undefined;
  readonly lr: number | undefined;
  readonly schedule: ScheduleName;
  readonly warmup: number;
  readonly seed: number;
  readonly engine: EngineName;
  readonly logEvery: number | undefined;
  readonly quiet: boolean;
}

export interface TrainSetup {
  readonly training: Prepared;
  readonly validation: Prepared | undefined;
  readonly trainingBatches: Batches;
  readonly validationBatches: Batches | undefined;
  readonly epochs: number;
  readonly network: Network;
  readonly shape: ModelShape;
  readonly parameters: number;
  readonly classNames: readonly string[] | undefined;
}

/** Tokens in a window of `--stream` where --bptt is not given. */
export const DEFAULT_WINDOW = 64;

/** Prepares data and model. `given` are weights to start from, whose shape then rules. */
export function setUpTraining(data: Dataset, validationData: Dataset | undefined, settings: TrainSettings, given?: Weights): TrainSetup {
  const { training, validation } = prepareData(data, validationData, settings);
  const parts = validation ? [training, validation] : [training];
  const shape = given ? checkedShape(given.shape, parts, settings) : shapeFor(parts, settings);
  const classNames = settings.classNames ?? given?.classNames;
  checkClassNames(classNames, shape);
  const trainingBatches = batchesOf(training, settings, settings.noShuffle ? undefined : settings.seed);
  const validationBatches = validation && batchesOf(validation, settings, undefined);
  const limits = largestLimits(validationBatches ? [trainingBatches, validationBatches] : [trainingBatches]);
  const network = networkFor(shape, limits, settings);
  const tensors = given?.tensors ?? initialize(shape, settings.initializer, settings.seed);
  for (const tensor of network.plan.tensors) writeTensor(network.engine.memory, tensor, tensors.get(tensor.name)!);
  const epochs = settings.epochs ?? defaultEpochs(trainingBatches.stepsPerEpoch);
  return {
    training,
    validation,
    trainingBatches,
    validationBatches,
    epochs,
    network,
    shape,
    parameters: parameterCount(shape),
    classNames,
  };
}

/** A few dozen rows need many passes before the weights have moved; a large file does not. */
const epochsByDefault = { steps: 2000, least: 10, most: 200 };

function defaultEpochs(stepsPerEpoch: number): number {
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

function prepareData(
  data: Dataset,
  validationData: Dataset | undefined,
  settings: TrainSettings,
): { training: Prepared; validation: Prepared | undefined } {
  const all = prepare(data, settings);
  if (validationData) {
    requireTwoClasses(all);
    const held = prepare(validationData, { ...settings, task: all.task }, all.counts.longest);
    if (held.task !== 'next-token' && held.targetWidth !== all.targetWidth) {
      throw new UserError(
        `${held.file}: the rows have ${held.targetWidth} targets; those of ${all.file} have ${all.targetWidth}`,
        'give both files the same target columns',
      );
    }
    return { training: all, validation: held };
  }
  const share = settings.validationSplit ?? 0;
  const order = permutation(rowCount(all.rows), createRandom(settings.seed, purposes.split));
  const parts = share > 0 ? splitRows(all, share, order) : { training: all, validation: undefined };
  requireTwoClasses(parts.training);
  return parts;
}

function shapeFor(parts: readonly Prepared[], settings: TrainSettings): ModelShape {
  const { task, targetWidth } = parts[0];
  const vocab = vocabularySize(parts, settings.vocabSize);
  const outputs = { regression: () => targetWidth, classification: () => classCount(parts), 'next-token': () => vocab }[task]();
  return { task, vocab, outputs, bias: !settings.noBias, ...modelSizes(settings) };
}

/** The sizes that flags give, and the defaults of the others. */
export function modelSizes({
  hidden,
  layers,
  embedding,
  activation,
}: Partial<ModelSettings>): Pick<ModelShape, 'hidden' | 'layers' | 'embedding' | 'activation'> {
  return {
    hidden: hidden ?? modelDefaults.hidden,
    layers: layers ?? modelDefaults.layers,
    embedding: embedding ?? modelDefaults.embedding,
    activation: activation ?? modelDefaults.activation,
  };
}

/** Given weights must fit the data, and flags must not say otherwise. */
function checkedShape(shape: ModelShape, parts: readonly Prepared[], settings: TrainSettings): ModelShape {
  const { task, targetWidth, file } = parts[0];
  for (const name of ['hidden', 'layers', 'embedding', 'activation'] as const) {
    const asked = settings[name];
    if (asked !== undefined && asked !== shape[name]) {
      throw new UsageError(`--${name}: ${asked} is not the ${name} of the weights of --init-from, ${shape[name]}`, `leave --${name} out`);
    }
  }
  if (settings.noBias && shape.bias) throw new UsageError('--no-bias: the weights of --init-from have biases', 'leave --no-bias out');
  if (shape.task !== task) {
    throw new UserError(
      `${file}: the data's task is ${task}; the weights of --init-from are for ${shape.task}`,
      `use --task ${shape.task}, or other weights`,
    );
  }
  if (settings.vocabSize !== undefined && settings.vocabSize !== shape.vocab) {
    throw new UsageError(
      `--vocab-size: ${settings.vocabSize} is not the vocabulary of the weights of --init-from, ${shape.vocab}`,
      'leave --vocab-size out',
    );
  }
  vocabularySize(parts, shape.vocab);
  const outputs = task === 'regression' ? targetWidth : task === 'classification' ? classCount(parts) : shape.vocab;
  if (task === 'regression' ? outputs !== shape.outputs : outputs > shape.outputs) {
    throw new UserError(
      `${file}: the data needs ${outputs} outputs; the weights of --init-from have ${shape.outputs}`,
      'use other weights, or train without --init-from',
    );
  }
  return shape;
}

function checkClassNames(names: readonly string[] | undefined, { task, outputs }: ModelShape): void {
  if (names === undefined) return;
  if (task !== 'classification')
    throw new UsageError(`--class-names: the task is ${task}, which has no classes`, 'leave --class-names out');
  if (names.length !== outputs) {
    throw new UsageError(`--class-names: ${names.length} names for ${outputs} classes`, 'name every class once, in the order of their IDs');
  }
}

function batchesOf(data: Prepared, { stream, batchSize, bptt }: TrainSettings, shuffleSeed: number | undefined): Batches {
  if (!stream) return rowBatches(data, { batchSize, ...(shuffleSeed === undefined ? {} : { shuffleSeed }) });
  if (data.task !== 'next-token')
    throw new UsageError(
      `--stream: the task is ${data.task}; only next-token reads rows as one stream`,
      'leave --stream out, or use --task next-token',
    );
  return streamBatches(data, { batchSize, window: bptt ?? DEFAULT_WINDOW });
}

function largestLimits(batches: readonly Batches[]): Limits {
  const largest = (size: (limits: Limits) => number): number => Math.max(...batches.map(({ limits }) => size(limits)));
  return { rows: largest((l) => l.rows), steps: largest((l) => l.steps), positions: largest((l) => l.positions) };
}

function networkFor(shape: ModelShape, limits: Limits, settings: TrainSettings): Network {
  refuseUnusedOptions(settings);
  const { rule, options } = optimizerWith(settings.optimizer, settings);
  const kind: EngineKind = engineKinds[settings.engine];
  const plan = planStep(shape, limits, rule.slots(options), kind);
  const clipping = {
    ...(settings.clipNorm > 0 ? { norm: settings.clipNorm } : {}),
    ...(settings.clipValue === undefined ? {} : { value: settings.clipValue }),
  };
  try {
    return createNetwork(plan, kind.create(plan.size), { rule, options, clipping });
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    const gigabytes = ((plan.size * 4) / 2 ** 30).toFixed(1);
    throw new UserError(
      `the run needs ${gigabytes} GiB of memory (${limits.positions} tokens a batch, ${parameterCount(shape)} parameters), more than can be had`,
      'lower --batch-size, --max-len, --hidden or the vocabulary',
    );
  }
}

/** An option that the chosen rule does not have is a mistake, not a wish to be passed over. */
function refuseUnusedOptions(settings: TrainSettings): void {
  const { defaults } = optimizers[settings.optimizer];
  for (const option of optimizerOptionNames) {
    if (option in defaults || settings[option] === undefined || settings[option] === false) continue;
    const flag = `--${option.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
    const having = optimizerNames.filter((name) => option in optimizers[name].defaults);
    throw new UsageError(`${flag}: ${settings.optimizer} does not use it`, `leave ${flag} out, or use --optimizer ${having.join(' or ')}`);
  }
  if (settings.nesterov && !settings.momentum) throw new UsageError('--nesterov: needs a momentum above 0', 'add --momentum 0.9, say');
}
