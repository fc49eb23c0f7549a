// One of the N threads that train a network: the phases of each job, run on this thread's share. Thread 0 is the network's own
// (network.ts); the others wait for jobs on a board that all of them see. Every thread computes the same decisions.
import type { Engine } from '../engine/kernels.ts';
import { share } from '../engine/thread.ts';
import type { Thread } from '../engine/thread.ts';
import type { PackedSizes } from './batch.ts';
import type { Optimizer, OptimizerOptions, Span } from './optimizers.ts';
import { createPass } from './pass.ts';
import type { Plan } from './plan.ts';

/** How gradients are limited before an update: by the norm over all parameters, then element by element. */
export interface Clipping {
  readonly norm?: number;
  readonly value?: number;
}

export interface Update {
  readonly rule: Optimizer;
  readonly options: OptimizerOptions;
  readonly clipping: Clipping;
}

export const jobs = { forward: 1, score: 2, differentiate: 3, update: 4, carry: 5, stop: 6 } as const;
export type Job = (typeof jobs)[keyof typeof jobs];

/** What the threads tell one another. Made on shared memory where there are several. */
export interface Board {
  /** job, carried, weights changed, rows, steps, positions, output rows, step of the masks */
  readonly words: Int32Array;
  /** learning rate, the optimizer's scalars, then Σ g² of each span */
  readonly numbers: Float64Array;
}

const words = { job: 0, carried: 1, changed: 2, rows: 3, steps: 4, positions: 5, outputRows: 6, maskStep: 7 } as const;
const MOST_SCALARS = 7;
const PARTIALS = 1 + MOST_SCALARS;

/** Elements of parameters updated together: the passes of an optimizer over one span stay in the first-level cache. */
const UPDATE_SPAN = 2048;

/** Bytes of a board for a plan; `boardOn` makes it of them. */
export function boardBytes({ parameterSpan }: Plan): number {
  return 64 + 8 * (PARTIALS + Math.ceil(parameterSpan / UPDATE_SPAN));
}

export function boardOn(buffer: ArrayBuffer | SharedArrayBuffer): Board {
  return { words: new Int32Array(buffer, 0, 16), numbers: new Float64Array(buffer, 64) };
}

/** How a job is to be done. */
export interface JobSettings {
  readonly carried?: boolean;
  /** Step whose dropout masks hold; 0: no dropout. */
  readonly maskStep?: number;
  readonly lr?: number;
}

/** Writes a job for every thread to read. `changed`: the weights are others than at the job before. */
export function postJob(
  { words: at, numbers }: Board,
  job: Job,
  sizes: PackedSizes,
  changed: boolean,
  { carried = false, maskStep = 0, lr = 0 }: JobSettings,
): void {
  at[words.job] = job;
  at[words.carried] = Number(carried);
  at[words.maskStep] = maskStep;
  at[words.changed] = Number(changed);
  at[words.rows] = sizes.rows;
  at[words.steps] = sizes.steps;
  at[words.positions] = sizes.positions;
  at[words.outputRows] = sizes.outputRows;
  numbers[0] = lr;
}

/** The optimizer's scalars on a board. */
export function scalarsOn({ numbers }: Board, count: number): Float64Array {
  return numbers.subarray(1, 1 + count);
}

export interface Member {
  /** Runs this thread's share of the job on the board; false when it was told to stop. */
  run(): boolean;
}

/** Makes a thread's part. Each thread has an engine of its own on the one memory. */
export function createMember(plan: Plan, engine: Engine, thread: Thread, board: Board, updating: Update | undefined): Member {
  const { kernels: k } = engine;
  const sizes = { rows: 0, steps: 0, positions: 0, outputRows: 0 };
  const pass = createPass(plan, engine, thread, sizes);
  const spans = spansOf(plan);
  const [firstSpan, endSpan] = share(spans.length, 1, thread);
  const scalars = scalarsOn(board, updating?.rule.scalars.length ?? 0);
  const partials = board.numbers.subarray(PARTIALS, PARTIALS + spans.length);

  function readSizes(): void {
    sizes.rows = board.words[words.rows];
    sizes.steps = board.words[words.steps];
    sizes.positions = board.words[words.positions];
    sizes.outputRows = board.words[words.outputRows];
  }

  function forward(carried: boolean): void {
    if (board.words[words.changed] === 1) pass.prepare();
    pass.forward(carried, board.words[words.maskStep]);
  }

  /** Σ g² of each span, in double; summed in the order of the spans by `norm`, so that no thread count shows in the bits. */
  function squares(): void {
    for (let i = firstSpan; i < endSpan; i++) partials[i] = k.sumOfSquares(spans[i].gradient, spans[i].count);
    thread.barrier();
  }

  /** θ moves only if the norm is finite. */
  function update({ rule, options, clipping }: Update): void {
    squares();
    const norm = normOn(board, spans.length);
    if (!Number.isFinite(norm)) return;
    if (thread.index === 0) rule.advance(scalars, options);
    thread.barrier();
    const factor = clipping.norm === undefined ? 1 : Math.min(1, clipping.norm / (norm + 1e-6));
    const lr = board.numbers[0];
    for (let i = firstSpan; i < endSpan; i++) {
      const span = spans[i];
      if (factor < 1) k.scale(span.gradient, span.count, factor);
      if (clipping.value !== undefined) k.clamp(span.gradient, span.count, clipping.value);
      rule.update(k, span, lr, scalars, options);
    }
  }

  function run(): boolean {
    readSizes();
    const carried = board.words[words.carried] === 1;
    switch (board.words[words.job] as Job) {
      case jobs.forward:
        forward(carried);
        break;
      case jobs.score:
        pass.predict();
        pass.loss();
        break;
      case jobs.differentiate:
        forward(carried);
        pass.loss();
        pass.backward(carried);
        break;
      case jobs.update:
        update(updating!);
        break;
      case jobs.carry:
        pass.carry();
        break;
      case jobs.stop:
        return false;
    }
    return true;
  }
  return { run };
}

/** ‖∂L/∂θ‖₂ after an update job. */
export function normOn({ numbers }: Board, spanCount: number): number {
  let sum = 0;
  for (let i = 0; i < spanCount; i++) sum += numbers[PARTIALS + i];
  return Math.sqrt(sum);
}

/** The parameters cut into spans of `UPDATE_SPAN`, with their gradients and slots. */
export function spansOf(plan: Plan): readonly Span[] {
  return Array.from({ length: Math.ceil(plan.parameterSpan / UPDATE_SPAN) }, (_, i) => {
    const offset = i * UPDATE_SPAN;
    return {
      theta: plan.parameters + offset,
      gradient: plan.gradients + offset,
      slots: plan.slots.map((slot) => slot + offset),
      count: Math.min(UPDATE_SPAN, plan.parameterSpan - offset),
    };
  });
}
