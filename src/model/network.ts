// A model on an engine, ready to train: loads batches, runs the phases of a step, and updates the weights.
import type { Engine } from '../engine/kernels.ts';
import { soloThread } from '../engine/thread.ts';
import { createPacker } from './batch.ts';
import type { Batch, PackedBatch } from './batch.ts';
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

export interface Network {
  readonly plan: Plan;
  readonly engine: Engine;
  /** The optimizer's numbers of state; empty without one. */
  readonly scalars: Float64Array;
  load(batch: Batch): PackedBatch;
  /** Runs the loaded batch without changing anything; leaves ŷ in `plan.outputs`. */
  forward(carried?: boolean): void;
  /** After `forward`: Σ ℓ over the outputs, and for softmax tasks the most probable class of each in `plan.predicted`. */
  score(): number;
  /** Forward, loss and every gradient, weights unchanged. Returns Σ ℓ. */
  differentiate(carried?: boolean): number;
  /** ‖∂L/∂θ‖₂ over all parameters. */
  gradientNorm(): number;
  /** One step of the optimizer with the gradients in memory. Returns their norm before clipping. NaN leaves the weights alone. */
  update(lr: number): number;
  /** Makes the loaded batch's final states the initial states of the next. */
  carry(): void;
  /** Must be called after weights are written from outside. */
  weightsChanged(): void;
}

/** Elements of parameters updated together: three passes over one span stay in the first-level cache. */
const UPDATE_SPAN = 2048;

export function createNetwork(plan: Plan, engine: Engine, updating?: Update): Network {
  const { kernels: k, memory } = engine;
  const { pack, packed } = createPacker(plan, memory);
  const pass = createPass(plan, engine, soloThread, packed);
  const scalars = Float64Array.from(updating?.rule.scalars ?? []);
  const spans = spansOf(plan);
  let prepared = false;

  function forward(carried = false): void {
    if (!prepared) pass.prepare();
    prepared = true;
    pass.forward(carried);
  }

  function gradientNorm(): number {
    return Math.sqrt(k.sumOfSquares(plan.gradients, plan.parameterSpan));
  }

  function update(lr: number): number {
    if (!updating) throw new Error('this network was made without an optimizer');
    const { rule, options, clipping } = updating;
    const norm = gradientNorm();
    if (!Number.isFinite(norm)) return norm;
    rule.advance(scalars, options);
    const factor = clipping.norm === undefined ? 1 : Math.min(1, clipping.norm / (norm + 1e-6));
    for (const span of spans) {
      if (factor < 1) k.scale(span.gradient, span.count, factor);
      if (clipping.value !== undefined) k.clamp(span.gradient, span.count, clipping.value);
      rule.update(k, span, lr, scalars, options);
    }
    prepared = false;
    return norm;
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
      if (plan.shape.task !== 'regression') k.argmax(plan.predicted, plan.outputs, packed.outputRows, plan.shape.outputs);
      pass.loss();
      return k.sum(plan.losses, packed.outputRows);
    },
    differentiate(carried = false) {
      forward(carried);
      pass.loss();
      pass.backward(carried);
      return k.sum(plan.losses, packed.outputRows);
    },
    gradientNorm,
    update,
    carry: pass.carry,
    weightsChanged: () => void (prepared = false),
  };
}

/** The parameters cut into spans of `UPDATE_SPAN`, with their gradients and slots. */
function spansOf(plan: Plan): readonly Span[] {
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
