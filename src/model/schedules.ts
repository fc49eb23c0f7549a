// How the learning rate moves over a run: rate(step) = lr · warm-up · schedule. A new schedule is one new entry here.
import { cosine } from '../engine/elementary.ts';

/** The factor on the rate at `progress`, the share of the run's steps that are done, in [0, 1]. */
type Schedule = (progress: number) => number;

const schedules = {
  constant: () => 1,
  /** ½ (1 + cos π·progress): from 1 down to 0. Loshchilov & Hutter (2017), without restarts. */
  cosine: (progress) => 0.5 * (1 + cosine(Math.PI * progress)),
} as const satisfies Readonly<Record<string, Schedule>>;

export type ScheduleName = keyof typeof schedules;
export const scheduleNames = Object.keys(schedules) as readonly ScheduleName[];

/** The learning rate of step `step` (from 1) of `steps`: the first `warmup` steps rise linearly to `lr`, the schedule runs over the others. */
export function learningRate(lr: number, name: ScheduleName, step: number, steps: number, warmup: number): number {
  if (step <= warmup) return (lr * step) / warmup;
  return lr * schedules[name]((step - 1 - warmup) / (steps - warmup));
}
