// How the learning rate moves over a run: rate = lr · warm-up · factor. A new schedule is one new entry here.
// Powers are products: no bit depends on a machine's pow.
import { cosine } from '../engine/elementary.ts';

export interface ScheduleOptions {
  /** What the rate is multiplied by at each fall. */
  readonly decay: number;
  /** Epochs between two falls (step). */
  readonly stepEpochs: number;
  /** Epochs without improvement that are waited for; one more, and the rate falls (plateau). */
  readonly plateauPatience: number;
}

/** Where in a run a step stands; all count from 1. */
export interface Moment {
  readonly step: number;
  readonly epoch: number;
  /** Steps of the whole run. */
  readonly steps: number;
  /** Steps in which the rate rises to its full height. */
  readonly warmup: number;
}

export interface Schedule {
  /** The options that it takes, at their defaults. */
  readonly defaults: Partial<ScheduleOptions>;
  /** Numbers of state, as they are before the first step. */
  readonly state: readonly number[];
  /** Whether the length of the run decides its rates: then it cannot be made longer on the way. */
  readonly spansRun: boolean;
  /** The factor on the rate, in [0, 1]. */
  factor(moment: Moment, options: ScheduleOptions, state: Readonly<Float64Array>): number;
  /** Sees the validation loss after each epoch, and the full rate `lr`; only where a schedule follows it. */
  observe?(loss: number, lr: number, options: ScheduleOptions, state: Float64Array): void;
}

/** The smallest relative fall of the loss that counts as one, and the smallest fall of the rate: PyTorch's threshold and eps. */
const PLATEAU = { threshold: 1e-4, eps: 1e-8 } as const;

export const schedules = {
  constant: { defaults: {}, state: [], spansRun: false, factor: () => 1 },

  /** ½ (1 + cos π·progress): from 1 down to 0 over the steps after the warm-up. Loshchilov & Hutter (2017), without restarts. */
  cosine: {
    defaults: {},
    state: [],
    spansRun: true,
    factor: ({ step, steps, warmup }) => 0.5 * (1 + cosine(Math.PI * Math.max(0, (step - 1 - warmup) / (steps - warmup)))),
  },

  /** decay^(epoch − 1): PyTorch's ExponentialLR. */
  exponential: {
    defaults: { decay: 0.97 },
    state: [],
    spansRun: false,
    factor: ({ epoch }, { decay }) => power(decay, epoch - 1),
  },

  /** decay^⌊(epoch − 1) / stepEpochs⌋: PyTorch's StepLR. */
  step: {
    defaults: { decay: 0.5, stepEpochs: 10 },
    state: [],
    spansRun: false,
    factor: ({ epoch }, { decay, stepEpochs }) => power(decay, Math.floor((epoch - 1) / stepEpochs)),
  },

  /**
   * Falls by `decay` once the validation loss has not improved by 1e-4 of itself for more than plateauPatience epochs:
   * PyTorch's ReduceLROnPlateau (mode min, threshold_mode rel, no cool-down). state: factor, best loss, epochs without improvement.
   */
  plateau: {
    defaults: { decay: 0.5, plateauPatience: 2 },
    state: [1, Infinity, 0],
    spansRun: false,
    factor: (_moment, _options, state) => state[0],
    observe(loss, lr, { decay, plateauPatience }, state) {
      if (loss < state[1] * (1 - PLATEAU.threshold)) {
        state[1] = loss;
        state[2] = 0;
        return;
      }
      state[2] += 1;
      if (state[2] <= plateauPatience) return;
      state[2] = 0;
      const fallen = state[0] * decay;
      if (lr * state[0] - lr * fallen > PLATEAU.eps) state[0] = fallen;
    },
  },
} as const satisfies Readonly<Record<string, Schedule>>;

export type ScheduleName = keyof typeof schedules;
export const scheduleNames = Object.keys(schedules) as readonly ScheduleName[];

const unused: ScheduleOptions = { decay: 1, stepEpochs: 1, plateauPatience: 0 };
export const scheduleOptionNames = Object.keys(unused) as readonly (keyof ScheduleOptions)[];

/** The schedule, and its options with its defaults where none, or undefined, are given. */
export function scheduleWith(
  name: ScheduleName,
  given: { readonly [Option in keyof ScheduleOptions]?: number | undefined },
): { schedule: Schedule; options: ScheduleOptions } {
  const schedule: Schedule = schedules[name];
  const chosen = Object.fromEntries(
    scheduleOptionNames.flatMap((option) => (given[option] === undefined ? [] : [[option, given[option]]])),
  );
  return { schedule, options: { ...unused, ...schedule.defaults, ...chosen } };
}

/** The learning rate at a moment: the first `warmup` steps rise linearly, and the schedule's factor is on all. */
export function learningRate(
  lr: number,
  { schedule, options }: { readonly schedule: Schedule; readonly options: ScheduleOptions },
  moment: Moment,
  state: Readonly<Float64Array>,
): number {
  const { step, warmup } = moment;
  return (step < warmup ? (lr * step) / warmup : lr) * schedule.factor(moment, options, state);
}

/** base^n for whole n ≥ 0, by squaring. */
function power(base: number, n: number): number {
  let result = 1;
  for (let square = base, left = n; left > 0; left = Math.floor(left / 2), square *= square) if (left % 2 === 1) result *= square;
  return result;
}
