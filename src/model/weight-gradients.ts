// Σ over all positions: the gradients of the weights, once δ = ∂L/∂z and ∂L/∂ŷ are known at every position.
//
//   ∂L/∂W = Σ_p δ_p H_{t−1}ᵀ      ∂L/∂U = Σ_p δ_p x_pᵀ      ∂L/∂V = Σ_p (∂L/∂ŷ_p) H_pᵀ      ∂L/∂b = Σ_p δ_p
//
// Each thread computes tiles of its own, each tile over all positions in order, so no result depends on the number of threads.
// The numbers in brackets are those of pass.ts.
import type { Address, Engine } from '../engine/kernels.ts';
import { share } from '../engine/thread.ts';
import type { Thread } from '../engine/thread.ts';
import type { PackedSizes } from './batch.ts';
import { gradientOf } from './plan.ts';
import type { LayerPlan, PlacedTensor, Plan } from './plan.ts';

export interface WeightGradients {
  /** Sets this thread's share of the gradients to 0; a barrier must stand between it and `add`. */
  readonly clear: () => void;
  /** Adds this thread's tiles of every gradient; `dropped`: the upper layers read what dropout left of the states. */
  readonly add: (carried: boolean, dropped: boolean) => void;
}

export function createWeightGradients(plan: Plan, engine: Engine, thread: Thread, batch: PackedSizes): WeightGradients {
  const { kernels: k } = engine;
  const { shape, layers, E, V, c } = plan;
  const { hidden: H, embedding } = shape;
  const everyStep = shape.task === 'next-token';
  const top = layers[layers.length - 1];
  const bottom = layers[0];

  /** Address of the state that follows position 0. */
  const firstState = (layer: LayerPlan): Address => layer.states + plan.limits.rows * H;

  function clear(): void {
    const [from, to] = share(plan.parameterSpan, 16, thread);
    k.fill(plan.gradients + from, to - from, 0);
    if (plan.tableGradient < 0) return;
    const [low, high] = share(shape.vocab * H, 16, thread);
    k.fill(plan.tableGradient + low, high - low, 0);
  }

  function add(carried: boolean, dropped: boolean): void {
    for (let l = 0; l < layers.length; l++) {
      const layer = layers[l];
      recurrentGradient(layer, carried); // [1]
      if (layer.s && !carried && thread.index === l % thread.count) initialStateGradient(layer, layer.s); // [1]
      if (layer.b) sumColumns(layer.b, layer.deltas, batch.positions); // [1]
      if (l > 0) outer(layer.U, layer.deltas, dropped ? layer.dropped : firstState(layers[l - 1]), plan.identity, batch.positions); // [1]
    }
    inputGradient(); // [1]
    if (shape.tied) thread.barrier(); // Both uses add to one gradient: first that of the input, then that of the output.
    const states = everyStep ? firstState(top) : top.states;
    outer(V, plan.outputs, states, everyStep ? plan.identity : plan.last, batch.outputRows); // [3]
    if (c) sumColumns(c, plan.outputs, batch.outputRows); // [3]
  }

  /** ∂L/∂W. Where H_0 = 0 the positions of step 0 add δ · 0, and are left out. */
  function recurrentGradient(layer: LayerPlan, carried: boolean): void {
    const skipped = carried || layer.s ? 0 : batch.rows;
    const positions = batch.positions - skipped;
    if (positions > 0) outer(layer.W, layer.deltas + skipped * H, layer.states, plan.previous + skipped, positions);
  }

  /** ∂L/∂s = Wᵀ Σ_rows δ_1: one row, which is one thread's work. */
  function initialStateGradient({ deltas, firstDeltas, packedWBackward }: LayerPlan, s: PlacedTensor): void {
    k.fill(firstDeltas, H, 0);
    k.columnSums(firstDeltas, deltas, batch.rows, H, 0, H);
    k.multiply(gradientOf(plan, s), firstDeltas, packedWBackward, 1, H, H);
  }

  /** ∂L/∂U of the bottom layer, and ∂L/∂E. */
  function inputGradient(): void {
    const { U, deltas, packedUBackward } = bottom;
    if (U.byColumns) return scatter(gradientOf(plan, U), deltas, H);
    if (plan.table >= 0) {
      scatter(plan.tableGradient, deltas, H);
      thread.barrier();
      outer(U, plan.tableGradient, E!.address, plan.identity, shape.vocab);
      const [from, to] = share(shape.vocab, 1, thread);
      const dE = gradientOf(plan, E!);
      k.multiply(dE + from * embedding, plan.tableGradient + from * H, packedUBackward, to - from, H, embedding);
      return;
    }
    outer(U, deltas, E!.address, plan.ids, batch.positions);
    const [from, to] = share(batch.positions, 1, thread);
    const dx = plan.embeddedGradient + from * embedding;
    k.multiplyFrom(dx, plan.zeros, deltas + from * H, packedUBackward, to - from, H, embedding);
    thread.barrier();
    scatter(gradientOf(plan, E!), plan.embeddedGradient, embedding);
  }

  /** dTensor += Σ_p A[p]ᵀ B[index[p]], this thread's rows of it. */
  function outer(tensor: PlacedTensor, A: Address, B: Address, index: Address, positions: number): void {
    const [m, n] = tensor.shape as readonly [number, number];
    const [from, to] = share(m, 4, thread);
    k.multiplyTransposed(gradientOf(plan, tensor), A, B, index, positions, m, n, from, to);
  }

  function sumColumns(tensor: PlacedTensor, A: Address, rows: number): void {
    const [from, to] = share(tensor.size, 16, thread);
    k.columnSums(gradientOf(plan, tensor), A, rows, tensor.size, from, to);
  }

  /** table[token at p] += A[p], this thread's columns of it. */
  function scatter(table: Address, A: Address, n: number): void {
    const [from, to] = share(n, 16, thread);
    k.scatterAdd(table, A, plan.ids, batch.positions, n, from, to);
  }

  return { clear, add };
}
