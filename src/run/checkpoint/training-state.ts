// Where a run stands after a step: all of it that is not in the network's memory. Counts and sums, but no clock, so that a run
// that was interrupted and resumed comes to the same state as one that was not. A checkpoint holds this and the memory.
import type { Network } from '../../model/network.ts';
import type { Schedule } from '../../model/schedules.ts';
import type { Evaluation } from '../evaluate.ts';
import { weightsOf } from '../weights.ts';

export type NamedWeights = ReadonlyMap<string, Float32Array>;

/** The epoch with the lowest validation loss so far. */
export interface Best {
  readonly epoch: number;
  readonly evaluation: Evaluation;
  readonly weights: NamedWeights;
}

/** A step (or a validation) that gave no finite number, after which the run went on from older weights at a lower rate. */
export interface Retry {
  readonly step: number;
  readonly epoch: number;
  /** What was not finite, as the error would have said it. */
  readonly what: string;
  /** What the scheduled rate is multiplied by from here on. */
  readonly rateFactor: number;
}

export interface LossSum {
  loss: number;
  steps: number;
}

export interface TrainingState {
  /** Steps done. */
  step: number;
  /** Epoch of the last step; 0 before the first. */
  epoch: number;
  /** Steps done of that epoch. */
  stepOfEpoch: number;
  tokens: number;
  /** Steps whose gradient was limited, by its norm or in some element. */
  clippedSteps: number;
  /** Σ loss and steps since the last log point. */
  meter: LossSum;
  /** Of the epoch of the last step. */
  epochMeter: LossSum;
  /** Step of the last log point; 0 before the first. */
  loggedStep: number;
  /** The schedule's numbers of state. */
  readonly schedule: Float64Array;
  readonly retries: Retry[];
  /** Whether the next step starts from H_0 = 0 though the stream goes on: after a retry the carried states are of no use. */
  startsAfresh: boolean;
  best: Best | undefined;
  /** Without validation: what is left where a step goes wrong. At first the initial weights; then see `prove`. */
  lastGood: NamedWeights;
  /** Mean training loss of the epoch that ended with them. */
  goodLoss: number;
}

/** The state before the first step. */
export function initialState({ plan, engine }: Network, schedule: Schedule): TrainingState {
  return {
    step: 0,
    epoch: 0,
    stepOfEpoch: 0,
    tokens: 0,
    clippedSteps: 0,
    meter: { loss: 0, steps: 0 },
    epochMeter: { loss: 0, steps: 0 },
    loggedStep: 0,
    schedule: Float64Array.from(schedule.state),
    retries: [],
    startsAfresh: false,
    best: undefined,
    lastGood: weightsOf(plan, engine.memory),
    goodLoss: Infinity,
  };
}

/**
 * Takes the weights of the end of an epoch as good where its training loss was the lowest so far, and the first step from them
 * gave no more than twice as much: a run that is about to diverge climbs first.
 */
export function prove(state: TrainingState, weights: NamedWeights, { loss, steps }: LossSum, nextLoss: number): void {
  const mean = loss / steps;
  if (steps === 0 || mean > state.goodLoss || nextLoss > 2 * mean) return;
  state.lastGood = weights;
  state.goodLoss = mean;
}

/** What the scheduled rate is multiplied by, for the retries so far. */
export function rateFactorOf({ retries }: Pick<TrainingState, 'retries'>): number {
  return retries.at(-1)?.rateFactor ?? 1;
}

/** Whether the validation loss has not improved for `patience` epochs. */
export function patienceIsOver({ best, epoch, stepOfEpoch }: TrainingState, stepsPerEpoch: number, patience: number | undefined): boolean {
  if (patience === undefined || best === undefined) return false;
  const whole = stepOfEpoch === stepsPerEpoch ? epoch : epoch - 1;
  return whole - best.epoch >= patience;
}
