// The training loop: epochs of batches, one update each, validation after each epoch, the best weights kept. It gives an event
// after each step and knows neither files nor terminals; `clock` is the only thing that it reads of the world, for the log.
// All that it decides follows from the options, the network's memory and the state, never from the time.
import type { Batches, BatchStep } from '../../data/dataset/batches.ts';
import type { Clipping, Network } from '../../model/network.ts';
import { learningRate } from '../../model/schedules.ts';
import type { Schedule, ScheduleOptions } from '../../model/schedules.ts';
import { patienceIsOver, prove, rateFactorOf } from '../checkpoint/training-state.ts';
import type { NamedWeights, TrainingState } from '../checkpoint/training-state.ts';
import { evaluate } from '../evaluate.ts';
import type { Evaluation } from '../evaluate.ts';
import { weightsOf } from '../weights.ts';
import { divergenceAfter, divergenceAt, divergenceOfWeights } from './divergence.ts';
import type { DivergenceError } from './divergence.ts';
import { createMeter } from './meter.ts';
import { retryFromOlderWeights } from './retry.ts';

export interface TrainerOptions {
  readonly epochs: number;
  readonly lr: number;
  readonly schedule: { readonly schedule: Schedule; readonly options: ScheduleOptions };
  readonly warmup: number;
  /** As the network clips; to count the steps that it clips. */
  readonly clipping: Clipping;
  /** Epochs without a better validation loss after which the run ends. */
  readonly patience: number | undefined;
  readonly onDivergence: 'stop' | 'retry';
  /** The optimizer's numbers of state before the first step, to which a retry goes back. */
  readonly initialScalars: readonly number[];
  /** Steps between two log points; absent: as many as make `LOG_ROWS` of them, evenly within each epoch. The end of an epoch is always one. */
  readonly logEvery: number | undefined;
  /** Milliseconds that the run has taken, those before it was resumed included. */
  readonly clock: () => number;
}

/** About as many log points as a run has where `logEvery` is not given. */
export const LOG_ROWS = 200;

/** One row of loss.csv; undefined is what was not measured. */
export interface LogPoint {
  readonly step: number;
  readonly epoch: number;
  /** Mean over the steps since the log point before; undefined where all of them were retried. */
  readonly trainLoss: number | undefined;
  /** After the last step of an epoch, where there is validation data. */
  readonly validationLoss: number | undefined;
  /** ‖∂L/∂θ‖ of this step, before clipping. */
  readonly gradNorm: number | undefined;
  readonly lr: number;
  /** Over the steps since the log point before; validation not counted. */
  readonly tokensPerSecond: number | undefined;
  /** Since the start of training. */
  readonly seconds: number;
}

/** What a step gave. The state and the network's memory are as after it, so that a caller can save them, or stop. */
export interface TrainingEvent {
  readonly step: number;
  readonly endsEpoch: boolean;
  /** Where a log point is due. */
  readonly point: LogPoint | undefined;
  /** Where what the step gave was not finite, and the run goes on from older weights. */
  readonly retried: DivergenceError | undefined;
  /** Milliseconds that this call has spent in steps. */
  readonly stepping: number;
}

/** What the parts of the loop share. */
interface Loop {
  readonly network: Network;
  readonly training: Batches;
  readonly validation: Batches | undefined;
  readonly options: TrainerOptions;
  readonly state: TrainingState;
  /** Without validation: the weights of the end of the last epoch, until the next step proves them. */
  unproven: NamedWeights | undefined;
}

/**
 * Trains from `state` on, and keeps it up to date. Throws DivergenceError where a loss or gradient is not finite and a retry is
 * not wanted, or was tried too often; the state then counts the steps that went well.
 */
export function* train(
  network: Network,
  training: Batches,
  validation: Batches | undefined,
  options: TrainerOptions,
  state: TrainingState,
): Generator<TrainingEvent, void> {
  const { stepsPerEpoch } = training;
  const loop: Loop = { network, training, validation, options, state, unproven: undefined };
  const meter = createMeter(options.clock);
  const isDue = logPoints(options, stepsPerEpoch);
  const atEnd = (): boolean => state.stepOfEpoch === stepsPerEpoch;
  if (state.epoch > 0 && atEnd()) leaveToProve(loop);

  for (let epoch = state.epoch === 0 || atEnd() ? state.epoch + 1 : state.epoch; epoch <= options.epochs; epoch++) {
    if (patienceIsOver(state, stepsPerEpoch, options.patience)) return;
    let done = epoch === state.epoch ? state.stepOfEpoch : 0;
    for (const batch of training.epoch(epoch)) {
      if (done-- > 0) continue;
      meter.begin();
      const { rate, gradNorm, tokens, ...step } = takeStep(loop, batch, epoch);
      meter.end(tokens);
      const ending = atEnd() ? endEpoch(loop) : undefined;
      const retried = step.retried ?? ending?.retried;
      const point = ending || isDue(state) ? takePoint(loop, { rate, gradNorm, evaluation: ending?.evaluation }, meter.lap()) : undefined;
      yield { step: state.step, endsEpoch: ending !== undefined, point, retried, stepping: meter.total() };
    }
  }
}

interface StepResult {
  readonly rate: number;
  readonly tokens: number;
  readonly gradNorm: number | undefined;
  readonly retried: DivergenceError | undefined;
}

/** Forward, backward, update. A step whose loss or norm is not finite moves no weight. */
function takeStep(loop: Loop, { batch, carried }: BatchStep, epoch: number): StepResult {
  const { network, training, options, state } = loop;
  const step = state.step + 1;
  const { lr, schedule, warmup, epochs, clipping } = options;
  const moment = { step, epoch, steps: epochs * training.stepsPerEpoch, warmup };
  const rate = learningRate(lr, schedule, moment, state.schedule) * rateFactorOf(state);
  const packed = network.load(batch);
  const loss = network.differentiate(carried && !state.startsAfresh, step) / packed.outputRows;
  const largest = clipping.value === undefined ? 0 : largestGradient(network);
  if (training.carries) network.carry();
  const gradNorm = Number.isFinite(loss) ? network.update(rate) : NaN;
  const error = Number.isFinite(gradNorm) ? undefined : divergenceAt(network, packed, step, epoch, loss);
  if (error) retryFromOlderWeights(error, network, options, state, { step, epoch });
  if (loop.unproven && !error) prove(state, loop.unproven, state.epochMeter, loss);
  loop.unproven = undefined;
  advance(state, step, epoch);
  state.startsAfresh = error !== undefined && training.carries;
  if (!error) {
    state.tokens += packed.positions;
    for (const sum of [state.meter, state.epochMeter]) {
      sum.loss += loss;
      sum.steps++;
    }
    if (isClipped(gradNorm, largest, clipping)) state.clippedSteps++;
  }
  return { rate, tokens: error ? 0 : packed.positions, gradNorm: error ? undefined : gradNorm, retried: error };
}

function advance(state: TrainingState, step: number, epoch: number): void {
  const isFirst = epoch !== state.epoch;
  state.stepOfEpoch = isFirst ? 1 : state.stepOfEpoch + 1;
  if (isFirst) state.epochMeter = { loss: 0, steps: 0 };
  state.step = step;
  state.epoch = epoch;
}

interface EpochEnd {
  readonly evaluation?: Evaluation;
  readonly retried?: DivergenceError;
}

/** Validates, tells the schedule, and keeps the weights if they are the best. */
function endEpoch(loop: Loop): EpochEnd {
  const { network, validation, options, state } = loop;
  const { step, epoch } = state;
  const evaluation = validation && evaluate(network, validation);
  const retried =
    evaluation && !Number.isFinite(evaluation.loss)
      ? divergenceAfter(network, step, epoch, evaluation.loss)
      : divergenceOfWeights(network, step, epoch);
  if (retried) {
    retryFromOlderWeights(retried, network, options, state, { step, epoch });
    return { retried };
  }
  if (!evaluation) {
    leaveToProve(loop);
    return {};
  }
  const { schedule, options: scheduleOptions } = options.schedule;
  schedule.observe?.(evaluation.loss, options.lr * rateFactorOf(state), scheduleOptions, state.schedule);
  if (evaluation.loss < (state.best?.evaluation.loss ?? Infinity))
    state.best = { epoch, evaluation, weights: weightsOf(network.plan, network.engine.memory) };
  return { evaluation };
}

/** Weights that a retry at this step has taken back are not those of this epoch. */
function leaveToProve(loop: Loop): void {
  const { step, retries } = loop.state;
  if (!loop.validation && retries.at(-1)?.step !== step) loop.unproven = weightsOf(loop.network.plan, loop.network.engine.memory);
}

/** The log point of the step just taken; starts the next mean. */
function takePoint(
  { options, state }: Loop,
  { rate, gradNorm, evaluation }: { rate: number; gradNorm: number | undefined; evaluation: Evaluation | undefined },
  tokensPerSecond: number | undefined,
): LogPoint {
  const { loss, steps } = state.meter;
  state.meter = { loss: 0, steps: 0 };
  state.loggedStep = state.step;
  return {
    step: state.step,
    epoch: state.epoch,
    trainLoss: steps === 0 ? undefined : loss / steps,
    validationLoss: evaluation?.loss,
    gradNorm,
    lr: rate,
    tokensPerSecond,
    seconds: options.clock() / 1000,
  };
}

/** Whether a step within an epoch is a log point. */
function logPoints({ epochs, logEvery }: TrainerOptions, stepsPerEpoch: number): (state: TrainingState) => boolean {
  if (logEvery !== undefined) return ({ step }) => step % logEvery === 0;
  const perEpoch = Math.max(1, Math.round(LOG_ROWS / epochs));
  const reached = (count: number): number => Math.floor((count * perEpoch) / stepsPerEpoch);
  return ({ stepOfEpoch }) => reached(stepOfEpoch) > reached(stepOfEpoch - 1);
}

/** Whether the update made a gradient of this norm, and with this largest element, smaller: what `member.ts` does. */
function isClipped(gradNorm: number, largest: number, { norm, value }: Clipping): boolean {
  const factor = norm === undefined ? 1 : Math.min(1, norm / (gradNorm + 1e-6));
  return factor < 1 || (value !== undefined && largest * factor > value);
}

/** max |g| over the gradients in memory. */
function largestGradient({ plan, engine }: Network): number {
  const { floats } = engine.memory;
  let largest = 0;
  for (let i = plan.gradients; i < plan.gradients + plan.parameterSpan; i++) {
    const size = Math.abs(floats[i]);
    if (size > largest) largest = size;
  }
  return largest;
}
