// checkpoint.safetensors: all that a run needs to go on bit for bit. Tensors: `last.*` the weights, `slot0.*` … the optimizer's,
// `best.*` (or, before the first validation and without any, `good.*`) the weights to fall back on, `state.*` the carried states of
// a stream, and numbers as F64. What is whole, or a text, is in the metadata. No clock: the bytes are a function of the run.
import { UserError } from '../../errors.ts';
import type { NamedTensor, Safetensors, Tensor } from '../../formats/safetensors.ts';
import { readSealed, writeSealed } from '../../formats/sealed-safetensors.ts';
import type { Network } from '../../model/network.ts';
import { readTensor, writeTensor } from '../../model/plan.ts';
import type { Plan } from '../../model/plan.ts';
import { layerSuffix, tensorsOf } from '../../model/shape.ts';
import type { ModelShape } from '../../model/shape.ts';
import type { Evaluation } from '../evaluate.ts';
import { namesFromMetadata, namesToMetadata, parseModel } from '../weights.ts';
import type { ModelNames } from '../weights.ts';
import type { Best, NamedWeights, TrainingState } from './training-state.ts';

/** Raised when a reader of the old version could misread the new. */
const FORMAT_VERSION = '1';

/** What the run is, as far as a checkpoint can only go on with the same: option names and fingerprints to their values. */
export type Identity = Readonly<Record<string, unknown>>;

export interface Checkpoint {
  readonly shape: ModelShape;
  readonly names: ModelNames;
  readonly identity: Identity;
  /** The last weights. */
  readonly weights: NamedWeights;
  readonly state: TrainingState;
  /** Writes what is not in the state into a network of this shape: optimizer tensors and numbers, carried states. */
  readonly restore: (network: Network) => void;
}

interface CheckpointInput {
  readonly network: Network;
  readonly state: TrainingState;
  readonly identity: Identity;
  readonly names: ModelNames;
  /** Streams whose states pass to the next step; 0 where none do. */
  readonly carriedRows: number;
}

/** The whole numbers and texts of the state. */
interface Progress {
  readonly step: number;
  readonly epoch: number;
  readonly stepOfEpoch: number;
  readonly tokens: number;
  readonly clippedSteps: number;
  readonly loggedStep: number;
  readonly meterSteps: number;
  readonly epochMeterSteps: number;
  readonly startsAfresh: boolean;
  readonly bestEpoch?: number;
  readonly bestOutputs?: number;
  readonly retries: TrainingState['retries'];
}

export function encodeCheckpoint({ network, state, identity, names, carriedRows }: CheckpointInput): Uint8Array {
  const { plan, engine, scalars } = network;
  const { best } = state;
  const tensors: NamedTensor[] = [
    ...weightTensors(plan, 'last', (tensor) => readTensor(engine.memory, tensor)),
    ...plan.slots.flatMap((slot, i) =>
      weightTensors(plan, `slot${i}`, (tensor) => readTensor(engine.memory, tensor, tensor.address - plan.parameters + slot)),
    ),
    ...weightTensors(plan, best ? 'best' : 'good', ({ name }) => (best?.weights ?? state.lastGood).get(name)!),
    ...stateTensors(network, carriedRows),
    numbers('optimizer', scalars),
    numbers('schedule', state.schedule),
    numbers('losses', [state.meter.loss, state.epochMeter.loss, state.goodLoss]),
    ...(best ? evaluationTensors(best.evaluation) : []),
  ];
  const progress: Progress = {
    step: state.step,
    epoch: state.epoch,
    stepOfEpoch: state.stepOfEpoch,
    tokens: state.tokens,
    clippedSteps: state.clippedSteps,
    loggedStep: state.loggedStep,
    meterSteps: state.meter.steps,
    epochMeterSteps: state.epochMeter.steps,
    startsAfresh: state.startsAfresh,
    ...(best ? { bestEpoch: best.epoch, bestOutputs: best.evaluation.outputs } : {}),
    retries: state.retries,
  };
  return writeSealed(tensors, {
    format: 'rnn checkpoint',
    version: FORMAT_VERSION,
    model: JSON.stringify(plan.shape),
    ...namesToMetadata(names),
    run: JSON.stringify(identity),
    progress: JSON.stringify(progress),
  });
}

/** Reads and checks a checkpoint. Throws UserError where a byte of it is not as it was written, or another program wrote it. */
export async function decodeCheckpoint(bytes: Uint8Array, file: string): Promise<Checkpoint> {
  const content = readSealed(bytes, file);
  const { metadata } = content;
  if (metadata['format'] !== 'rnn checkpoint' || metadata['version'] !== FORMAT_VERSION) {
    const kind = `${metadata['format'] ?? 'unknown'} ${metadata['version'] ?? ''}`.trim();
    throw new UserError(
      `${file}: the file is of the kind "${kind}"; this rnn reads rnn checkpoint ${FORMAT_VERSION}`,
      'use the rnn that wrote it',
    );
  }
  const shape = await parseModel(metadata['model'], file);
  const progress = JSON.parse(metadata['progress']) as Progress;
  return {
    shape,
    names: namesFromMetadata(metadata, shape, file),
    identity: JSON.parse(metadata['run']) as Identity,
    weights: weightsNamed(content, 'last', shape),
    state: readState(content, shape, progress),
    restore: (network) => restore(content, network),
  };
}

function readState(content: Safetensors, shape: ModelShape, progress: Progress): TrainingState {
  const { step, epoch, stepOfEpoch, tokens, clippedSteps, loggedStep, startsAfresh, retries } = progress;
  const best = readBest(content, shape, progress);
  const [sinceLog, ofEpoch, goodLoss] = float64(content, 'losses');
  return {
    step,
    epoch,
    stepOfEpoch,
    tokens,
    clippedSteps,
    meter: { loss: sinceLog, steps: progress.meterSteps },
    epochMeter: { loss: ofEpoch, steps: progress.epochMeterSteps },
    loggedStep,
    schedule: float64(content, 'schedule'),
    retries: [...retries],
    startsAfresh,
    best,
    lastGood: best?.weights ?? weightsNamed(content, 'good', shape),
    goodLoss,
  };
}

function readBest(content: Safetensors, shape: ModelShape, { bestEpoch, bestOutputs }: Progress): Best | undefined {
  if (bestEpoch === undefined || bestOutputs === undefined) return undefined;
  const [loss, ...figures] = float64(content, 'best_evaluation');
  const confusion = content.tensors.get('best_confusion');
  const evaluation: Evaluation = {
    loss,
    outputs: bestOutputs,
    ...(shape.task === 'regression'
      ? { accuracy: undefined, rootMeanSquareError: figures[0], meanAbsoluteError: figures[1] }
      : { accuracy: figures[0] }),
    confusion: confusion && Array.from({ length: confusion.shape[0] }, (_, row) => Uint32Array.from(rowOf(confusion, row), Number)),
  };
  return { epoch: bestEpoch, evaluation, weights: weightsNamed(content, 'best', shape) };
}

/** The optimizer's tensors and numbers, and carried states. The weights themselves are set up as any given weights are. */
function restore(content: Safetensors, network: Network): void {
  const { plan, engine, scalars } = network;
  plan.slots.forEach((slot, i) => {
    for (const tensor of plan.tensors)
      writeTensor(engine.memory, tensor, float32(content, `slot${i}.${tensor.name}`), tensor.address - plan.parameters + slot);
  });
  scalars.set(float64(content, 'optimizer'));
  plan.layers.forEach(({ states }, layer) => {
    const held = content.tensors.get(stateName(plan, layer));
    if (held) engine.memory.floats.set(held.data as Float32Array, states);
  });
}

function weightTensors(plan: Plan, prefix: string, valuesOf: (tensor: Plan['tensors'][number]) => ArrayLike<number>): NamedTensor[] {
  return plan.tensors.map((tensor) => ({
    name: `${prefix}.${tensor.name}`,
    dtype: 'F32',
    shape: tensor.shape,
    data: Float32Array.from(valuesOf(tensor)),
  }));
}

/** H of each stream, (rows, H), as `Network.carry` leaves them. */
function stateTensors({ plan, engine }: Network, rows: number): NamedTensor[] {
  if (rows === 0) return [];
  const { hidden } = plan.shape;
  return plan.layers.map(({ states }, layer) => ({
    name: stateName(plan, layer),
    dtype: 'F32',
    shape: [rows, hidden],
    data: Float32Array.from(engine.memory.floats.subarray(states, states + rows * hidden)),
  }));
}

/** The loss, then accuracy, or RMSE and MAE. */
function evaluationTensors({ loss, accuracy, rootMeanSquareError, meanAbsoluteError, confusion }: Evaluation): NamedTensor[] {
  const classes = confusion?.length ?? 0;
  const counts = new Int32Array(classes * classes);
  confusion?.forEach((row, i) => counts.set(row, i * classes));
  return [
    numbers(
      'best_evaluation',
      [loss, accuracy, rootMeanSquareError, meanAbsoluteError].filter((figure) => figure !== undefined),
    ),
    ...(confusion ? [{ name: 'best_confusion', dtype: 'I32', shape: [classes, classes], data: counts } as const] : []),
  ];
}

function stateName({ shape }: Plan, layer: number): string {
  return `state.H${layerSuffix(layer, shape.layers)}`;
}

function numbers(name: string, values: ArrayLike<number>): NamedTensor {
  return { name, dtype: 'F64', shape: [values.length], data: Float64Array.from(values) };
}

function weightsNamed(content: Safetensors, prefix: string, shape: ModelShape): NamedWeights {
  return new Map(tensorsOf(shape).map(({ name }) => [name, float32(content, `${prefix}.${name}`)]));
}

function float32(content: Safetensors, name: string): Float32Array {
  return content.tensors.get(name)!.data as Float32Array;
}

function float64(content: Safetensors, name: string): Float64Array {
  return content.tensors.get(name)!.data as Float64Array;
}

function rowOf({ shape, data }: Tensor, row: number): ArrayLike<number> {
  return (data as Int32Array).subarray(row * shape[1], (row + 1) * shape[1]);
}
