// From options and data to a network that is ready to train: all that can fail does so here, before the first step.
import { firstBatchAlone, paddingShare, rowBatches, streamBatches } from '../../data/dataset/batches.ts';
import type { Batches } from '../../data/dataset/batches.ts';
import type { Dataset } from '../../data/dataset/dataset.ts';
import { prepare, requireTwoClasses } from '../../data/dataset/prepare.ts';
import type { KnownSizes, PrepareOptions } from '../../data/dataset/prepare.ts';
import { classCount, vocabularySize } from '../../data/dataset/vocabulary.ts';
import type { Prepared } from '../../data/dataset/prepare.ts';
import { splitRows } from '../../data/dataset/split.ts';
import type { TextVocabulary } from '../../data/text/vocabulary.ts';
import { rowCount } from '../../data/rows/rows.ts';
import type { EngineKind } from '../../engine/engines.ts';
import { UsageError, UserError } from '../../errors.ts';
import { initialize } from '../../model/initializers.ts';
import type { Network } from '../../model/network.ts';
import { writeTensor } from '../../model/plan.ts';
import type { Limits } from '../../model/plan.ts';
import { createRandom, permutation, purposes } from '../../model/random.ts';
import { scheduleNames, scheduleOptionNames, schedules } from '../../model/schedules.ts';
import type { Schedule } from '../../model/schedules.ts';
import { parameterCount, tensorsOf } from '../../model/shape.ts';
import type { ModelShape } from '../../model/shape.ts';
import { DEFAULT_ENGINE, fasterForTheSameBytes, openEngine } from '../engine.ts';
import { dropoutFor, shapeFor } from '../model-shape.ts';
import { networkFor } from '../network.ts';
import { DEFAULT_WINDOW, defaultEpochs } from '../settings.ts';
import type { TrainSettings } from '../settings.ts';
import { stepWork } from '../threads.ts';
import { textVocabulary } from './text-of-model.ts';
import type { NamedWeights } from '../checkpoint/training-state.ts';
import type { ModelNames, Weights } from '../weights.ts';

export interface TrainSetup {
  readonly training: Prepared;
  readonly validation: Prepared | undefined;
  readonly trainingBatches: Batches;
  readonly validationBatches: Batches | undefined;
  /** What padding each batch to its longest row would be of the first epoch. */
  readonly paddingShare: number;
  readonly epochs: number;
  readonly network: Network;
  readonly threads: number;
  readonly kind: EngineKind;
  /** Multiply-adds of the whole run, were every batch as large as the largest. */
  readonly work: number;
  readonly shape: ModelShape;
  readonly parameters: number;
  /** The file of --init-from and its fingerprint. */
  readonly initFrom: { readonly file: string; readonly sha256: string } | undefined;
  readonly names: ModelNames;
}

/** Weights to start from. Those of a checkpoint were checked against data and flags when their run began. */
export interface StartingWeights extends Weights {
  readonly ofCheckpoint?: boolean;
}

/** Prepares data and model. `given` are weights to start from, whose shape then rules. */
export async function setUpTraining(
  data: Dataset,
  validationData: Dataset | undefined,
  settings: TrainSettings,
  given?: StartingWeights,
): Promise<TrainSetup> {
  const asked = await openEngine(settings.engine ?? DEFAULT_ENGINE, settings.blasPath);
  // A checkpoint carries what its run began with, wherever the files are by now.
  const vocabulary = given?.ofCheckpoint ? given.vocabulary : await textVocabulary(settings, given);
  const { training, validation } = prepareData(data, validationData, { ...settings, known: knownSizes(settings, given, vocabulary) });
  const parts = validation ? [training, validation] : [training];
  const shape = shapeOf(given, parts, settings, vocabulary);
  const classNames = settings.classNames ?? given?.classNames;
  checkClassNames(classNames, shape);
  refuseUnusedScheduleOptions(settings);
  const allBatches = batchesOf(training, settings, settings.noShuffle ? undefined : settings.seed);
  const trainingBatches = settings.overfit ? firstBatchAlone(allBatches) : allBatches;
  const validationBatches = validation && batchesOf(validation, settings, undefined);
  const epochs = settings.epochs ?? defaultEpochs(trainingBatches.stepsPerEpoch);
  checkWarmup(settings.warmup, epochs * trainingBatches.stepsPerEpoch);
  const limits = largestLimits(validationBatches ? [trainingBatches, validationBatches] : [trainingBatches]);
  const work = stepWork({ shape, limits }) * trainingBatches.stepsPerEpoch * epochs;
  const kind = settings.engine === undefined ? await fasterForTheSameBytes(asked, work) : asked;
  const { network, threads } = await networkFor(shape, limits, settings, kind, dropoutFor(shape, settings));
  const tensors = given ? withStates(given, shape) : initialize(shape, settings.initializer, settings.seed, settings.gain);
  for (const tensor of network.plan.tensors) writeTensor(network.engine.memory, tensor, tensors.get(tensor.name)!);
  return {
    training,
    validation,
    trainingBatches,
    validationBatches,
    paddingShare: paddingShare(trainingBatches),
    epochs,
    network,
    threads,
    kind,
    work,
    shape,
    parameters: parameterCount(shape),
    initFrom: given?.source,
    names: { ...(classNames && { classNames }), ...(vocabulary && { vocabulary }), ...(settings.stream && { stream: true }) },
  };
}

function prepareData(
  data: Dataset,
  validationData: Dataset | undefined,
  settings: TrainSettings & Pick<PrepareOptions, 'known'>,
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

/** What rows must be inside of: given weights, or the text's vocabulary, or what --vocab-size says. */
function knownSizes({ vocabSize }: TrainSettings, given: StartingWeights | undefined, text: TextVocabulary | undefined): KnownSizes {
  if (given) {
    const { task, vocab, outputs } = given.shape;
    const classes = task === 'classification' ? outputs : undefined;
    return { tokens: vocab, classes, tokenHint: 'the weights of --init-from know no other tokens' };
  }
  if (text) return { tokens: text.size, tokenHint: 'make the rows by this vocabulary, with rnn tokenize --vocab' };
  return { tokens: vocabSize, tokenHint: 'raise --vocab-size or check the file' };
}

function shapeOf(
  given: StartingWeights | undefined,
  parts: readonly Prepared[],
  settings: TrainSettings,
  text: TextVocabulary | undefined,
): ModelShape {
  if (given === undefined) return shapeFor(parts, settings, vocabularySize(parts, text?.size ?? settings.vocabSize));
  return given.ofCheckpoint ? given.shape : checkedShape(given.shape, parts, settings);
}

/** Given weights must fit the data, and flags must not say otherwise. */
function checkedShape(shape: ModelShape, parts: readonly Prepared[], settings: TrainSettings): ModelShape {
  const { task, targetWidth, file } = parts[0];
  for (const name of ['hidden', 'layers', 'embedding', 'activation'] as const) {
    const asked = settings[name];
    if (asked !== undefined && asked !== shape[name]) {
      throw new UsageError(`--${name}: the weights of --init-from have ${name} ${shape[name]}, not ${asked}`, `leave --${name} out`);
    }
  }
  const refuse = (flag: string, has: string): never => {
    throw new UsageError(`${flag}: the weights of --init-from have ${has}`, `leave ${flag} out`);
  };
  if (settings.noBias && shape.bias) refuse('--no-bias', 'biases');
  if (settings.tied && !shape.tied) refuse('--tied', shape.embedding > 0 ? 'a V apart from E' : 'no embedding');
  if (settings.gain !== 1) throw new UsageError('--gain: with --init-from no weights are drawn', 'leave --gain out');
  if (shape.task !== task) {
    throw new UserError(
      `${file}: the data's task is ${task}; the weights of --init-from are for ${shape.task}`,
      settings.task === undefined && shape.task !== 'next-token'
        ? 'give data with targets for it (--target), or other weights'
        : `use --task ${shape.task}, or other weights`,
    );
  }
  if (settings.vocabSize !== undefined && settings.vocabSize !== shape.vocab) {
    throw new UsageError(
      `--vocab-size: the weights of --init-from have a vocabulary of ${shape.vocab}, not ${settings.vocabSize}`,
      'leave --vocab-size out',
    );
  }
  vocabularySize(parts, shape.vocab, 'the weights of --init-from know no other tokens');
  const outputs = task === 'regression' ? targetWidth : task === 'classification' ? classCount(parts) : shape.vocab;
  if (task === 'regression' ? outputs !== shape.outputs : outputs > shape.outputs) {
    throw new UserError(
      `${file}: the data needs ${outputs} outputs; the weights of --init-from have ${shape.outputs}`,
      'use other weights, or train without --init-from',
    );
  }
  return settings.learnInitialState ? { ...shape, learnedState: true } : shape;
}

/** Given weights as those of `shape`, which may learn an H_0 that they do not have: without s it was 0, and so s begins. */
function withStates({ tensors }: Weights, shape: ModelShape): NamedWeights {
  const missing = tensorsOf(shape).filter(({ name }) => !tensors.has(name));
  return new Map([...tensors, ...missing.map(({ name, shape: [size] }) => [name, new Float32Array(size)] as const)]);
}

function checkWarmup(warmup: number, steps: number): void {
  if (warmup < steps) return;
  throw new UsageError(`--warmup: ${warmup} steps are the whole of a run of ${steps}`, `give fewer than ${steps}, or more --epochs`);
}

/** As for optimizers: an option that the chosen schedule does not have is a mistake. */
function refuseUnusedScheduleOptions(settings: TrainSettings): void {
  const { schedule } = settings;
  const takes = (name: (typeof scheduleNames)[number], option: string): boolean => option in (schedules[name] as Schedule).defaults;
  for (const option of scheduleOptionNames) {
    if (settings[option] === undefined || takes(schedule, option)) continue;
    const flag = `--${option.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
    const having = scheduleNames.filter((name) => takes(name, option));
    throw new UsageError(
      `${flag}: the schedule ${schedule} does not use it`,
      `leave ${flag} out, or use --schedule ${having.join(' or ')}`,
    );
  }
}

function checkClassNames(names: readonly string[] | undefined, { task, outputs }: ModelShape): void {
  if (names === undefined) return;
  if (task !== 'classification')
    throw new UsageError(`--class-names: the task is ${task}, which has no classes`, 'leave --class-names out');
  if (names.length !== outputs) {
    throw new UsageError(`--class-names: ${names.length} names for ${outputs} classes`, 'name every class once, in the order of their IDs');
  }
}

function batchesOf(data: Prepared, { stream, batchSize, bucket, bptt }: TrainSettings, shuffleSeed: number | undefined): Batches {
  if (!stream) return rowBatches(data, { batchSize, bucket, ...(shuffleSeed === undefined ? {} : { shuffleSeed }) });
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
