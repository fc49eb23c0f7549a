// How many threads a run gets where --threads does not say.
import { availableParallelism } from 'node:os';
import type { EngineKind } from '../engine/engines.ts';
import { UsageError } from '../errors.ts';
import type { Plan } from '../model/plan.ts';

/**
 * Multiply-adds of a step that are worth a thread, about a millisecond of them. A step has some ten barriers; where a processor
 * is shared with other programs, each can cost far more than the microsecond that it takes on an idle one.
 */
const WORTH_A_THREAD = 25e6;

/** Threads for a run: those that were asked for, or as many as there are processors if a step has enough work for each. */
export function threadsFor(asked: number | undefined, plan: Plan, kind: EngineKind): number {
  if (kind.attach === undefined) {
    if (asked !== undefined && asked > 1)
      throw new UsageError(`--threads: the engine ${kind.name} runs on one thread`, 'leave --threads out, or use --engine wasm');
    return 1;
  }
  return asked ?? Math.max(1, Math.min(availableParallelism(), Math.floor(stepWork(plan) / WORTH_A_THREAD)));
}

/** Multiply-adds of the largest step: forward, backward and the weight gradients take one product of the same size each. */
export function stepWork({ shape, limits }: Pick<Plan, 'shape' | 'limits'>): number {
  const { hidden: H, embedding, layers, outputs, task } = shape;
  const inputs = embedding > 0 ? H * embedding * Math.min(shape.vocab, limits.positions) : 0;
  const states = limits.positions * (layers * H * H + (layers - 1) * H * H);
  const outputRows = task === 'next-token' ? limits.positions : limits.rows;
  return 3 * (inputs + states + outputRows * H * outputs);
}
