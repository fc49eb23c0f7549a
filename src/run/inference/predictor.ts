// Runs rows through a model and keeps what it says at the end of each: numbers, or the most probable classes or next tokens.
// Memory is bounded, whatever the rows: they run in batches of like length, and a row too long for one in pieces.
import type { TokenRows } from '../../data/rows/rows.ts';
import { rowCount, rowLength } from '../../data/rows/rows.ts';
import { exp } from '../../engine/elementary.ts';
import type { Batch } from '../../model/batch.ts';
import { largest } from '../../model/largest.ts';
import type { Network } from '../../model/network.ts';
import type { Limits } from '../../model/plan.ts';
import type { ModelShape } from '../../model/shape.ts';

/** What the model says of one row. */
export interface Prediction {
  /** ŷ (O), or the probabilities of all classes; absent where only the best are wanted. */
  readonly all: Float32Array | undefined;
  /** The best classes (next tokens), the most probable first, and their probabilities; empty for regression. */
  readonly best: readonly number[];
  readonly probabilities: readonly number[];
}

export interface PredictorOptions {
  /** How many of the most probable classes. */
  readonly top: number;
  /** Whether the probabilities of all classes are wanted. */
  readonly all: boolean;
}

/** Tokens in a batch: enough rows for the products to be fast, and states that stay in cache. */
const POSITIONS = 8192;
const ROWS = 256;
/** Numbers of ŷ in a batch, where the outputs are many. */
const OUTPUTS = 1 << 20;

export function predictorLimits({ outputs }: ModelShape): Limits {
  return { rows: Math.max(1, Math.min(ROWS, Math.floor(OUTPUTS / outputs))), steps: POSITIONS, positions: POSITIONS };
}

/** The network's shape is `lastStepOnly`, its limits `predictorLimits`. */
export function createPredictor(network: Network, options: PredictorOptions): (rows: TokenRows) => Prediction[] {
  const { limits } = network.plan;
  const begins = new Int32Array(limits.rows);
  const lengths = new Int32Array(limits.rows);

  function run(batch: Omit<Batch, 'begins' | 'lengths' | 'targets'>, carried: boolean): void {
    network.load({ ...batch, begins, lengths, targets: undefined });
    network.forward(carried);
  }

  /** A row that fills a batch by itself, and more: in pieces, with the state carried. */
  function runLong(tokens: Int32Array, from: number, to: number): void {
    for (let at = from; at < to; at += limits.steps) {
      if (at > from) network.carry();
      begins[0] = at;
      lengths[0] = Math.min(limits.steps, to - at);
      run({ tokens, rows: 1 }, at > from);
    }
  }

  return (rows) => {
    const { tokens, offsets } = rows;
    const byLength = Int32Array.from({ length: rowCount(rows) }, (_, row) => row).sort((a, b) => rowLength(rows, b) - rowLength(rows, a));
    const predictions: Prediction[] = [];
    for (let next = 0; next < byLength.length;) {
      const first = byLength[next];
      if (rowLength(rows, first) > limits.steps) {
        runLong(tokens, offsets[first], offsets[first + 1]);
        [predictions[first]] = readOut(network, 1, options);
        next++;
        continue;
      }
      let count = 0;
      for (let positions = 0; next + count < byLength.length && count < limits.rows; count++) {
        const row = byLength[next + count];
        positions += rowLength(rows, row);
        if (positions > limits.positions) break;
        begins[count] = offsets[row];
        lengths[count] = rowLength(rows, row);
      }
      run({ tokens, rows: count }, false); // longest first already: the packer keeps their order
      readOut(network, count, options).forEach((prediction, r) => (predictions[byLength[next + r]] = prediction));
      next += count;
    }
    return predictions;
  };
}

/** What stands in `outputs` after a forward pass, by sorted row. */
function readOut({ plan, engine }: Network, rows: number, { top, all }: PredictorOptions): Prediction[] {
  const { kernels: k, memory } = engine;
  const { floats, ints } = memory;
  const { outputs: O, task } = plan.shape;
  const at = (r: number): number => plan.outputs + r * O;
  const list = Array.from({ length: rows }, (_, r) => r);
  if (task === 'regression') {
    return list.map((r) => ({ all: Float32Array.from(floats.subarray(at(r), at(r + 1))), best: [], probabilities: [] }));
  }
  // With the most probable class for target the loss is −log of its probability, and its gradient softmax − onehot(target).
  k.argmax(plan.predicted, plan.outputs, rows, O);
  k.softmaxCrossEntropy(plan.outputs, plan.losses, plan.predicted, rows, O, 1);
  return list.map((r) => {
    const first = ints[plan.predicted + r];
    const probability = exp(-floats[plan.losses + r]);
    if (top === 1 && !all) return { all: undefined, best: [first], probabilities: [probability] };
    floats[at(r) + first] = probability;
    const best = largest(floats, at(r), O, top);
    return {
      all: all ? Float32Array.from(floats.subarray(at(r), at(r + 1))) : undefined,
      best,
      probabilities: best.map((label) => floats[at(r) + label]),
    };
  });
}
