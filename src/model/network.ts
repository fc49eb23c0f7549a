// A model on an engine, ready to train: loads batches, and has the threads run the phases of each step.
import type { Engine } from '../engine/kernels.ts';
import { soloThread } from '../engine/thread.ts';
import type { Thread } from '../engine/thread.ts';
import { createPacker } from './batch.ts';
import type { Batch, PackedBatch } from './batch.ts';
import { boardBytes, boardOn, createMember, jobs, normOn, postJob, scalarsOn, spansOf } from './member.ts';
import type { Board, Job, JobSettings, Update } from './member.ts';
import type { Plan } from './plan.ts';

export type { Clipping, Update } from './member.ts';

/** The threads that run a network together; this one is number 0. */
export interface Team {
  readonly thread: Thread;
  readonly board: Board;
}

export interface Network {
  readonly plan: Plan;
  readonly engine: Engine;
  /** The optimizer's numbers of state; empty without one. */
  readonly scalars: Float64Array;
  load(batch: Batch): PackedBatch;
  /**
   * Runs the loaded batch without changing anything; leaves ŷ in `plan.outputs`. With a step (from 1), and a plan that has
   * dropout, under the masks of that step; without, as the model is used: every state is kept.
   */
  forward(carried?: boolean, maskStep?: number): void;
  /** After `forward`: Σ ℓ over the outputs, and for softmax tasks the most probable class of each in `plan.predicted`. */
  score(): number;
  /** Forward, loss and every gradient, weights unchanged; under the dropout masks of step `maskStep`. Returns Σ ℓ. */
  differentiate(carried?: boolean, maskStep?: number): number;
  /** One step of the optimizer with the gradients in memory. Returns their norm before clipping; if that is not finite, nothing moves. */
  update(lr: number): number;
  /** Makes the loaded batch's final states the initial states of the next. */
  carry(): void;
  /** Must be called after weights are written from outside. */
  weightsChanged(): void;
  /** Lets the other threads go. The network is of no use afterwards. */
  stop(): void;
}

export function createNetwork(plan: Plan, engine: Engine, updating?: Update, team: Team = soloTeam(plan)): Network {
  const { kernels: k, memory } = engine;
  const { thread, board } = team;
  const { pack, packed } = createPacker(plan, memory);
  const member = createMember(plan, engine, thread, board, updating);
  const scalars = scalarsOn(board, updating?.rule.scalars.length ?? 0);
  scalars.set(updating?.rule.scalars ?? []);
  const spanCount = spansOf(plan).length;
  let changed = true;

  /** Has every thread run a job. The barrier before it publishes the board, the one behind it the results. */
  function runJob(job: Job, settings: JobSettings = {}): void {
    postJob(board, job, packed, changed, settings);
    thread.barrier();
    member.run();
    thread.barrier();
  }

  function forward(carried = false, maskStep = 0): void {
    runJob(jobs.forward, { carried, maskStep });
    changed = false;
  }

  return {
    plan,
    engine,
    scalars,
    load(batch) {
      pack(batch);
      return packed;
    },
    forward,
    score() {
      runJob(jobs.score);
      return k.sum(plan.losses, packed.outputRows);
    },
    differentiate(carried = false, maskStep = 0) {
      if (plan.gradients < 0) throw new Error('this network was planned without memory for gradients');
      runJob(jobs.differentiate, { carried, maskStep });
      changed = false;
      return k.sum(plan.losses, packed.outputRows);
    },
    update(lr) {
      if (!updating) throw new Error('this network was made without an optimizer');
      runJob(jobs.update, { lr });
      changed = true;
      return normOn(board, spanCount);
    },
    carry: () => runJob(jobs.carry),
    weightsChanged: () => void (changed = true),
    stop() {
      postJob(board, jobs.stop, packed, false, {});
      try {
        thread.barrier();
      } catch {
        // One of them has died: the others end by themselves, and the step that it died in has said why.
      }
    },
  };
}

function soloTeam(plan: Plan): Team {
  return { thread: soloThread, board: boardOn(new ArrayBuffer(boardBytes(plan))) };
}
