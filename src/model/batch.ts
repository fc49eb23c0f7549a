// Packs a batch of ragged rows into the engine's memory: rows sorted by length, longest first, laid out step by step.
// At step t only the rows that still have a token run, so padding costs nothing and no kernel needs a mask.
import type { Memory } from '../engine/kernels.ts';
import type { Plan } from './plan.ts';

/** Rows to run: row i reads tokens[begins[i] …] for lengths[i] ≥ 1 steps. */
export interface Batch {
  readonly tokens: Int32Array;
  readonly begins: Int32Array;
  readonly lengths: Int32Array;
  readonly rows: number;
  /**
   * What the last state of each row should give: numbers (rows, O) or class IDs (rows).
   * For next-token, whose target at each step is the token after it, tokens[begins[i] + lengths[i]] must exist.
   */
  readonly targets: Float64Array | Int32Array | undefined;
}

/** The sizes of the batch in memory. */
export interface PackedSizes {
  readonly rows: number;
  /** Steps T of the longest row. */
  readonly steps: number;
  /** Tokens read, Σ lengths. */
  readonly positions: number;
  /** Rows of ŷ and of losses: positions for next-token, else rows. */
  readonly outputRows: number;
}

export interface PackedBatch extends PackedSizes {
  /** Which row of the batch stands at place r of the sorted order. (rows) */
  readonly order: Int32Array;
}

/** Writes batches into the memory of one plan; `packed` describes the last one. */
export interface Packer {
  readonly packed: PackedBatch;
  readonly pack: (batch: Batch) => void;
}

/** A packer that allocates nothing after this call. */
export function createPacker(plan: Plan, { floats, ints }: Memory): Packer {
  const { limits, shape } = plan;
  const order = new Int32Array(limits.rows);
  const counts = new Int32Array(limits.steps + 2);
  const packed = { rows: 0, steps: 0, positions: 0, outputRows: 0, order };
  for (let i = 0, n = Math.max(limits.positions, limits.rows, shape.vocab); i < n; i++) ints[plan.identity + i] = i;

  /** Stable counting sort by length, longest first; leaves in counts[n] the number of rows longer than n. */
  function sortByLength(lengths: Int32Array, rows: number): number {
    counts.fill(0);
    let steps = 0;
    for (let i = 0; i < rows; i++) {
      const length = lengths[i];
      if (length < 1 || length > limits.steps)
        throw new RangeError(`row ${i} of the batch has ${length} steps; the plan holds 1 to ${limits.steps}`);
      counts[length] += 1;
      if (length > steps) steps = length;
    }
    let longer = 0;
    for (let length = limits.steps; length >= 0; length--) {
      const here = counts[length];
      counts[length] = longer;
      longer += here;
    }
    for (let i = 0; i < rows; i++) order[counts[lengths[i]]++] = i;
    return steps;
  }

  function pack(batch: Batch): void {
    const { tokens, begins, lengths, rows, targets } = batch;
    if (rows < 1 || rows > limits.rows) throw new RangeError(`the batch has ${rows} rows; the plan holds 1 to ${limits.rows}`);
    const steps = sortByLength(lengths, rows);
    const everyStep = shape.task === 'next-token';
    let position = 0;
    let running = rows;
    for (let t = 0; t < steps; t++) {
      while (lengths[order[running - 1]] <= t) running--;
      if (position + running > limits.positions) throw new RangeError(`the batch has more than ${limits.positions} tokens`);
      ints[plan.starts + t] = position;
      const before = t === 0 ? 0 : limits.rows + ints[plan.starts + t - 1];
      for (let r = 0; r < running; r++, position++) {
        const at = begins[order[r]] + t;
        ints[plan.ids + position] = tokens[at]!;
        if (everyStep) ints[plan.targets + position] = tokens[at + 1]!;
        ints[plan.previous + position] = before + r;
        ints[plan.last + r] = limits.rows + position;
      }
    }
    ints[plan.starts + steps] = position;
    if (plan.order >= 0) ints.set(order, plan.order);
    if (targets) packTargets(targets, rows);
    packed.rows = rows;
    packed.steps = steps;
    packed.positions = position;
    packed.outputRows = everyStep ? position : rows;
  }

  function packTargets(targets: Float64Array | Int32Array, rows: number): void {
    const O = shape.outputs;
    for (let r = 0; r < rows; r++) {
      if (shape.task === 'classification') ints[plan.targets + r] = targets[order[r]]!;
      else for (let j = 0; j < O; j++) floats[plan.numericTargets + r * O + j] = targets[order[r] * O + j]!;
    }
  }

  return { packed, pack };
}
