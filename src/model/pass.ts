// One training step as N threads run it together: forward and backward mirror each other, and the numbers in brackets say
// which forward line a backward line differentiates. Knows no file, clock or process; allocates nothing.
//
//   z_t = W H_{t−1} + U x_t + b   [1]      H_t = g(z_t)   [2]      ŷ = V H + c   [3]      L = mean ℓ(ŷ, y)   [4]
//
// x_t of an upper layer is the H_t below it, with dropout m_t ∘ H_t / (1 − P)   [5], m_t a function of seed, step and place.
// Rows are split among threads here, since rows are independent; tiles of the outputs in weight-gradients.ts.
import type { Address, Engine } from '../engine/kernels.ts';
import { share } from '../engine/thread.ts';
import type { Thread } from '../engine/thread.ts';
import { maskWord } from './dropout.ts';
import { createWeightGradients } from './weight-gradients.ts';
import type { LayerPlan, PlacedTensor, Plan } from './plan.ts';
import type { PackedSizes } from './batch.ts';

/** The phases of a step, each called by every thread, in this order. */
export interface Pass {
  /** Lays out the weights as right factors. Once after each change of the weights. */
  readonly prepare: () => void;
  /**
   * [1] [2] [3] [5]. With `carried` the states left by `carry` are H_0, else H_0 = s, or 0. Dropout takes the masks of step
   * `maskStep`; 0: none. Leaves ŷ (or logits) in `outputs`.
   */
  readonly forward: (carried: boolean, maskStep: number) => void;
  /** Leaves the most probable class of each output in `predicted`; nothing for regression. Before `loss`. */
  readonly predict: () => void;
  /** [4]. Leaves ℓ in `losses` (nats, or half squared units), and ∂L/∂ŷ in the place of ŷ. */
  readonly loss: () => void;
  /** Every gradient, in `gradients`; needs `forward` and `loss` of the same batch, whose masks hold. */
  readonly backward: (carried: boolean) => void;
  /** Makes H_T the H_0 of the next batch; all rows must be of one length. */
  readonly carry: () => void;
}

export function createPass(plan: Plan, engine: Engine, thread: Thread, batch: PackedSizes): Pass {
  const { kernels: k, memory } = engine;
  const { ints } = memory;
  const { shape, layers, E, V, c, limits, dropout } = plan;
  const { hidden: H, embedding, vocab, outputs: O, activation: g } = shape;
  const everyStep = shape.task === 'next-token';
  const top = layers[layers.length - 1];
  const bottom = layers[0];
  const weightGradients = createWeightGradients(plan, engine, thread, batch);

  const stateAt = (layer: LayerPlan, p: number): Address => layer.states + (limits.rows + p) * H;
  const deltaAt = (layer: LayerPlan, p: number): Address => layer.deltas + p * H;
  const stepStart = (t: number): number => ints[plan.starts + t];
  const rowsAt = (t: number): number => (t < batch.steps ? stepStart(t + 1) - stepStart(t) : 0);

  const biasOr0 = (bias: PlacedTensor | undefined): Address => bias?.address ?? plan.zeros;

  /** Nothing where the plan has no place for it: factors of the backward pass in a plan for inference. */
  function pack(packed: Address, B: PlacedTensor, rows: number, columns: number, transposed: boolean): void {
    if (packed < 0) return;
    const [from, to] = share(columns, k.tile, thread);
    k.pack(packed, B.address, rows, columns, transposed, from, to);
  }

  function prepare(): void {
    for (const { U, W, packedUForward, packedUBackward, packedWForward, packedWBackward } of layers) {
      const columns = U.shape[1];
      pack(packedWForward, W, H, H, true);
      pack(packedWBackward, W, H, H, false);
      if (!U.byColumns) {
        pack(packedUForward, U, columns, H, true);
        pack(packedUBackward, U, H, columns, false);
      }
    }
    pack(plan.packedVForward, V, H, O, true);
    pack(plan.packedVBackward, V, O, H, false);
    thread.barrier();
    if (plan.table >= 0) foldTable();
  }

  /** table[v] ← U E[v] + b for every token v: cheaper than U E[x_t] at every position when there are more positions. */
  function foldTable(): void {
    const [from, to] = share(vocab, 1, thread);
    const rows = E!.address + from * embedding;
    k.multiplyFrom(plan.table + from * H, biasOr0(bottom.b), rows, bottom.packedUForward, to - from, embedding, H);
    thread.barrier();
  }

  // This thread's rows of the batch, and its rows of ŷ: [from, to).
  let firstRow = 0;
  let endRow = 0;
  let firstOutput = 0;
  let endOutput = 0;
  /** Step whose masks hold; 0: no dropout. */
  let masks = 0;

  /** Rows go to threads in ranges that hold equal shares of the tokens; longest rows come first. */
  function split(): void {
    firstRow = rowOfShare(thread.index);
    endRow = rowOfShare(thread.index + 1);
    [firstOutput, endOutput] = everyStep ? share(batch.positions, 4, thread) : [firstRow, endRow];
  }

  /** The first row r such that the rows before it hold index/count of all tokens. */
  function rowOfShare(index: number): number {
    if (index === 0) return 0;
    if (index === thread.count) return batch.rows;
    const wanted = (batch.positions * index) / thread.count;
    let tokens = 0;
    let steps = batch.steps;
    for (let r = 0; r < batch.rows; r++) {
      if (tokens >= wanted) return r;
      while (rowsAt(steps - 1) <= r) steps--;
      tokens += steps;
    }
    return batch.rows;
  }

  function forward(carried: boolean, maskStep: number): void {
    split();
    masks = dropout ? maskStep : 0;
    for (let l = 0; l < layers.length; l++) {
      const layer = layers[l];
      const fromZero = !carried && layer.s === undefined;
      if (!carried) k.fill(layer.states + firstRow * H, (endRow - firstRow) * H, 0);
      if (!carried && layer.s) k.addRow(layer.states + firstRow * H, layer.s.address, endRow - firstRow, H);
      for (let t = 0; t < batch.steps; t++) {
        const rows = Math.min(endRow, rowsAt(t)) - firstRow;
        if (rows <= 0) break;
        const p = stepStart(t) + firstRow;
        const z = stateAt(layer, p);
        inputs(l, t, z, p, rows); // [1] U x_t + b
        if (t > 0) k.multiply(z, stateAt(layer, stepStart(t - 1) + firstRow), layer.packedWForward, rows, H, H); // [1] W H_{t−1}
        else if (!fromZero) k.multiply(z, layer.states + firstRow * H, layer.packedWForward, rows, H, H);
        k.activate(z, rows * H, g); // [2]
      }
    }
    if (everyStep) thread.barrier();
    readOut(firstOutput, endOutput - firstOutput); // [3]
  }

  /** z ← U x_t + b for the `rows` positions from p on, those of step t. */
  function inputs(l: number, t: number, z: Address, p: number, rows: number): void {
    const layer = layers[l];
    if (l === 0 && plan.table >= 0) return k.gather(z, plan.table, plan.ids + p, rows, H);
    if (layer.U.byColumns) {
      k.gather(z, layer.U.address, plan.ids + p, rows, H);
      if (layer.b) k.addRow(z, layer.b.address, rows, H);
      return;
    }
    if (l > 0) return k.multiplyFrom(z, biasOr0(layer.b), fromBelow(l, t, p, rows), layer.packedUForward, rows, H, H);
    const x = plan.embedded + p * embedding;
    k.gather(x, E!.address, plan.ids + p, rows, embedding);
    k.multiplyFrom(z, biasOr0(layer.b), x, layer.packedUForward, rows, embedding, H);
  }

  /** x_t of layer l > 0 for the `rows` positions from p on. */
  function fromBelow(l: number, t: number, p: number, rows: number): Address {
    const states = stateAt(layers[l - 1], p);
    if (masks === 0) return states;
    const x = layers[l].dropped + p * H;
    drop(x, states, l, t, rows); // [5]
    return x;
  }

  /** y ← m_t ∘ x / (1 − P), m_t the mask of what layer l reads at step t. */
  function drop(y: Address, x: Address, l: number, t: number, rows: number): void {
    const { share: P, seed } = dropout!;
    k.dropout(y, x, plan.order + firstRow, rows, H, maskWord(0, seed, masks, l, t), maskWord(1, seed, masks, l, t), P);
  }

  /** ŷ ← V H + c for `rows` rows of outputs from r on. */
  function readOut(r: number, rows: number): void {
    let states = stateAt(top, r);
    if (!everyStep) {
      states = plan.lastStates + r * H;
      k.gather(states, top.states, plan.last + r, rows, H);
    }
    k.multiplyFrom(plan.outputs + r * O, biasOr0(c), states, plan.packedVForward, rows, H, O);
  }

  function predict(): void {
    if (shape.task !== 'regression') k.argmax(plan.predicted + firstOutput, plan.outputs + firstOutput * O, endOutput - firstOutput, O);
  }

  function loss(): void {
    const y = plan.outputs + firstOutput * O;
    const losses = plan.losses + firstOutput;
    const rows = endOutput - firstOutput;
    const scale = 1 / batch.outputRows;
    if (shape.task === 'regression') k.squaredError(y, losses, plan.numericTargets + firstOutput * O, rows, O, scale);
    else k.softmaxCrossEntropy(y, losses, plan.targets + firstOutput, rows, O, scale);
  }

  function backward(carried: boolean): void {
    weightGradients.clear();
    const into = everyStep ? top.deltas : plan.lastGradients;
    const [r, rows] = [firstOutput, endOutput - firstOutput];
    k.multiplyFrom(into + r * H, plan.zeros, plan.outputs + r * O, plan.packedVBackward, rows, O, H); // [3] ∂L/∂H = ∂L/∂ŷ · V
    if (everyStep) thread.barrier();
    for (let l = layers.length - 1; l >= 0; l--) backThroughTime(l);
    thread.barrier();
    weightGradients.add(carried, masks > 0);
  }

  /** δ_t ← (∂L/∂H_t from above + δ_{t+1} W) ∘ g'(z_t), t = T … 1, on this thread's rows. */
  function backThroughTime(l: number): void {
    const layer = layers[l];
    const above = layers[l + 1];
    for (let t = batch.steps - 1; t >= 0; t--) {
      const rows = Math.min(endRow, rowsAt(t)) - firstRow;
      if (rows <= 0) continue;
      const p = stepStart(t) + firstRow;
      const delta = deltaAt(layer, p);
      const going = Math.max(0, Math.min(endRow, rowsAt(t + 1)) - firstRow); // rows that have a step t + 1
      if (above) {
        k.multiplyFrom(delta, plan.zeros, deltaAt(above, p), above.packedUBackward, rows, H, H); // [1] through the U of the layer above
        if (masks > 0) drop(delta, delta, l + 1, t, rows); // [5]
      } else if (!everyStep) {
        k.fill(delta, going * H, 0);
        k.copy(delta + going * H, plan.lastGradients + (firstRow + going) * H, (rows - going) * H); // rows whose last step is t
      }
      if (going > 0) k.multiply(delta, deltaAt(layer, stepStart(t + 1) + firstRow), layer.packedWBackward, going, H, H); // [1] through W
      k.activationGradient(delta, stateAt(layer, p), rows * H, g); // [2]
    }
  }

  function carry(): void {
    for (const layer of layers) {
      const last = stateAt(layer, stepStart(batch.steps - 1) + firstRow);
      k.copy(layer.states + firstRow * H, last, (endRow - firstRow) * H);
    }
  }

  return { prepare, forward, predict, loss, backward, carry };
}
