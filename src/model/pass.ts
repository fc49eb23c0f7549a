// One training step as N threads run it together: forward and backward mirror each other, and the numbers in brackets say
// which forward line a backward line differentiates. Knows no file, clock or process; allocates nothing.
//
//   z_t = W H_{t−1} + U x_t + b   [1]      H_t = g(z_t)   [2]      ŷ = V H + c   [3]      L = mean ℓ(ŷ, y)   [4]
//
// Rows are split among threads while states are computed, since rows are independent; output tiles while weight gradients
// are, since a tile of ∂L/∂W is one sum over all positions. So no result depends on the number of threads.
import type { Address, Engine } from '../engine/kernels.ts';
import { share } from '../engine/thread.ts';
import type { Thread } from '../engine/thread.ts';
import { gradientOf } from './plan.ts';
import type { LayerPlan, PlacedTensor, Plan } from './plan.ts';
import type { PackedSizes } from './batch.ts';

/** The phases of a step, each called by every thread, in this order. */
export interface Pass {
  /** Lays out the weights as right factors. Once after each change of the weights. */
  readonly prepare: () => void;
  /** [1] [2] [3]. With `carried` the states left by `carry` are H_0, else H_0 = 0. Leaves ŷ (or logits) in `outputs`. */
  readonly forward: (carried: boolean) => void;
  /** Leaves the most probable class of each output in `predicted`; nothing for regression. Before `loss`. */
  readonly predict: () => void;
  /** [4]. Leaves ℓ in `losses` (nats, or half squared units), and ∂L/∂ŷ in the place of ŷ. */
  readonly loss: () => void;
  /** Every gradient, in `gradients`; needs `forward` and `loss` of the same batch. */
  readonly backward: (carried: boolean) => void;
  /** Makes H_T the H_0 of the next batch; all rows must be of one length. */
  readonly carry: () => void;
}

/** How many rows of ŷ are worked on at once, so that they are still in cache for the next kernel. */
const OUTPUT_BLOCK = 64;

export function createPass(plan: Plan, engine: Engine, thread: Thread, batch: PackedSizes): Pass {
  const { kernels: k, memory } = engine;
  const { ints } = memory;
  const { shape, layers, E, V, c, limits } = plan;
  const { hidden: H, embedding, vocab, outputs: O, activation: g } = shape;
  const everyStep = shape.task === 'next-token';
  const top = layers[layers.length - 1];
  const bottom = layers[0];

  /** Address of the state, or of the delta, that follows position p. */
  const stateAt = (layer: LayerPlan, p: number): Address => layer.states + (limits.rows + p) * H;
  const deltaAt = (layer: LayerPlan, p: number): Address => layer.deltas + p * H;
  const stepStart = (t: number): number => ints[plan.starts + t];
  const rowsAt = (t: number): number => (t < batch.steps ? stepStart(t + 1) - stepStart(t) : 0);

  /** out ← row, `rows` times; zeros where there is no bias. */
  function broadcast(out: Address, row: PlacedTensor | undefined, rows: number, n: number): void {
    k.fill(out, rows * n, 0);
    if (row) k.addRow(out, row.address, rows, n);
  }

  function pack(packed: Address, B: PlacedTensor, rows: number, columns: number, transposed: boolean): void {
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
    broadcast(plan.table + from * H, bottom.b, to - from, H);
    k.multiply(plan.table + from * H, E!.address + from * embedding, bottom.packedUForward, to - from, embedding, H);
    thread.barrier();
  }

  // This thread's rows of the batch, and its rows of ŷ: [from, to).
  let firstRow = 0;
  let endRow = 0;
  let firstOutput = 0;
  let endOutput = 0;

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

  function forward(carried: boolean): void {
    split();
    for (let l = 0; l < layers.length; l++) {
      const layer = layers[l];
      if (!carried) k.fill(layer.states + firstRow * H, (endRow - firstRow) * H, 0);
      for (let t = 0; t < batch.steps; t++) {
        const rows = Math.min(endRow, rowsAt(t)) - firstRow;
        if (rows <= 0) break;
        const p = stepStart(t) + firstRow;
        const z = stateAt(layer, p);
        inputs(layer, l, z, p, rows); // [1] U x_t + b
        if (t > 0) k.multiply(z, stateAt(layer, stepStart(t - 1) + firstRow), layer.packedWForward, rows, H, H); // [1] W H_{t−1}
        else if (carried) k.multiply(z, layer.states + firstRow * H, layer.packedWForward, rows, H, H);
        k.activate(z, rows * H, g); // [2]
      }
    }
    if (everyStep) thread.barrier();
    for (let r = firstOutput; r < endOutput; r += OUTPUT_BLOCK) readOut(r, Math.min(OUTPUT_BLOCK, endOutput - r)); // [3]
  }

  /** z ← U x_t + b for the `rows` positions from p on. */
  function inputs(layer: LayerPlan, l: number, z: Address, p: number, rows: number): void {
    if (l === 0 && plan.table >= 0) return k.gather(z, plan.table, plan.ids + p, rows, H);
    if (layer.U.byColumns) {
      k.gather(z, layer.U.address, plan.ids + p, rows, H);
      if (layer.b) k.addRow(z, layer.b.address, rows, H);
      return;
    }
    broadcast(z, layer.b, rows, H);
    if (l > 0) return k.multiply(z, stateAt(layers[l - 1], p), layer.packedUForward, rows, H, H);
    const x = plan.embedded + p * embedding;
    k.gather(x, E!.address, plan.ids + p, rows, embedding);
    k.multiply(z, x, layer.packedUForward, rows, embedding, H);
  }

  /** ŷ ← V H + c for `rows` rows of outputs from r on. */
  function readOut(r: number, rows: number): void {
    const y = plan.outputs + r * O;
    let states = stateAt(top, r);
    if (!everyStep) {
      states = plan.lastStates + r * H;
      k.gather(states, top.states, plan.last + r, rows, H);
    }
    broadcast(y, c, rows, O);
    k.multiply(y, states, plan.packedVForward, rows, H, O);
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
    const into = everyStep ? top.deltas : plan.lastGradients;
    k.fill(into + firstOutput * H, (endOutput - firstOutput) * H, 0);
    for (let r = firstOutput; r < endOutput; r += OUTPUT_BLOCK) {
      const rows = Math.min(OUTPUT_BLOCK, endOutput - r);
      k.multiply(into + r * H, plan.outputs + r * O, plan.packedVBackward, rows, O, H); // [3] ∂L/∂H = ∂L/∂ŷ · V
    }
    if (everyStep) thread.barrier();
    for (let l = layers.length - 1; l >= 0; l--) backThroughTime(l);
    thread.barrier();
    weightGradients(carried);
    thread.barrier();
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
        k.fill(delta, rows * H, 0);
        k.multiply(delta, deltaAt(above, p), above.packedUBackward, rows, H, H); // [1] through the U of the layer above
      } else if (!everyStep) {
        k.fill(delta, going * H, 0);
        k.copy(delta + going * H, plan.lastGradients + (firstRow + going) * H, (rows - going) * H); // rows whose last step is t
      }
      if (going > 0) k.multiply(delta, deltaAt(layer, stepStart(t + 1) + firstRow), layer.packedWBackward, going, H, H); // [1] through W
      k.activationGradient(delta, stateAt(layer, p), rows * H, g); // [2]
    }
  }

  /** ∂L/∂W = Σ_p δ_p H_{t−1}ᵀ and its kin: each thread computes its own tiles, each tile over all positions in order. */
  function weightGradients(carried: boolean): void {
    const [from, to] = share(plan.parameterSpan, 16, thread);
    k.fill(plan.gradients + from, to - from, 0);
    thread.barrier();
    for (let l = 0; l < layers.length; l++) {
      const layer = layers[l];
      recurrentGradient(layer, carried); // [1]
      if (layer.b) sumColumns(layer.b, layer.deltas, batch.positions); // [1]
      if (l > 0) outer(layer.U, layer.deltas, stateAt(layers[l - 1], 0), plan.identity, batch.positions); // [1]
    }
    inputGradient(); // [1]
    const states = everyStep ? stateAt(top, 0) : top.states;
    outer(V, plan.outputs, states, everyStep ? plan.identity : plan.last, batch.outputRows); // [3]
    if (c) sumColumns(c, plan.outputs, batch.outputRows); // [3]
  }

  /** ∂L/∂W. Without a carried state the positions of step 0 add δ · 0, and are left out. */
  function recurrentGradient(layer: LayerPlan, carried: boolean): void {
    const skipped = carried ? 0 : batch.rows;
    const positions = batch.positions - skipped;
    if (positions > 0) outer(layer.W, deltaAt(layer, skipped), layer.states, plan.previous + skipped, positions);
  }

  /** ∂L/∂U of the bottom layer, and ∂L/∂E. */
  function inputGradient(): void {
    const { U, deltas, packedUBackward } = bottom;
    if (U.byColumns) return scatter(gradientOf(plan, U), deltas, H);
    if (plan.table >= 0) {
      const [low, high] = share(vocab * H, 16, thread);
      k.fill(plan.tableGradient + low, high - low, 0);
      thread.barrier();
      scatter(plan.tableGradient, deltas, H);
      thread.barrier();
      outer(U, plan.tableGradient, E!.address, plan.identity, vocab);
      const [from, to] = share(vocab, 1, thread);
      const dE = gradientOf(plan, E!);
      k.multiply(dE + from * embedding, plan.tableGradient + from * H, packedUBackward, to - from, H, embedding);
      return;
    }
    outer(U, deltas, E!.address, plan.ids, batch.positions);
    const [from, to] = share(batch.positions, 1, thread);
    const dx = plan.embeddedGradient + from * embedding;
    k.fill(dx, (to - from) * embedding, 0);
    k.multiply(dx, deltaAt(bottom, from), packedUBackward, to - from, H, embedding);
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

  function carry(): void {
    for (const layer of layers) {
      const last = stateAt(layer, stepStart(batch.steps - 1) + firstRow);
      k.copy(layer.states + firstRow * H, last, (endRow - firstRow) * H);
    }
  }

  return { prepare, forward, predict, loss, backward, carry };
}
