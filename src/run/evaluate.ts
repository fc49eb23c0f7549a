// How good a model is on data that it is not trained on.
import type { Batches } from '../data/dataset/batches.ts';
import type { PackedBatch } from '../model/batch.ts';
import type { Network } from '../model/network.ts';

export interface Evaluation {
  /** Mean loss, in nats (softmax) or half squared units (regression). */
  readonly loss: number;
  /** What the mean is taken over: tokens for next-token, else rows. */
  readonly outputs: number;
  /** Share of outputs whose most probable class is the target; undefined for regression. */
  readonly accuracy: number | undefined;
  /** √ mean (y − ŷ)² and mean |y − ŷ| over the numbers (rows · O); for regression. */
  readonly rootMeanSquareError?: number;
  readonly meanAbsoluteError?: number;
  /** Row = true class, column = predicted class; for classification. */
  readonly confusion: readonly Uint32Array[] | undefined;
}

/** What a network holds after a batch was scored: `losses`, `targets` and `predicted` of its plan, and this. */
export interface ScoredBatch {
  readonly packed: PackedBatch;
  /** ŷ by sorted row, for regression: the loss has written its gradient over it. (rows, O) */
  readonly numbers: Float32Array | Float64Array | undefined;
}

/** Runs every batch once, in order, and changes no weight. Initial states are those that the batches say. */
export function evaluate(network: Network, batches: Batches): Evaluation {
  const steps = evaluating(network, batches);
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
  }
}

/** The same, batch by batch. */
export function* evaluating(network: Network, batches: Batches): Generator<ScoredBatch, Evaluation> {
  const { plan, engine } = network;
  const { ints } = engine.memory;
  const { task, outputs: width } = plan.shape;
  const confusion = task === 'classification' ? Array.from({ length: width }, () => new Uint32Array(width)) : undefined;
  let total = 0;
  let outputs = 0;
  let correct = 0;
  let absolute = 0;
  for (const { batch, carried } of batches.epoch(1)) {
    const packed = network.load(batch);
    network.forward(carried);
    const numbers = task === 'regression' ? numbersOf(network, packed) : undefined;
    if (numbers) absolute += absoluteErrors(network, numbers);
    total += network.score();
    outputs += packed.outputRows;
    if (batches.carries) network.carry();
    if (task !== 'regression') {
      for (let r = 0; r < packed.outputRows; r++) {
        const target = ints[plan.targets + r];
        const predicted = ints[plan.predicted + r];
        if (target === predicted) correct++;
        if (confusion) confusion[target][predicted] += 1;
      }
    }
    yield { packed, numbers };
  }
  const shared = { loss: total / outputs, outputs, confusion };
  if (task !== 'regression') return { ...shared, accuracy: correct / outputs };
  const errors = { rootMeanSquareError: Math.sqrt((2 * shared.loss) / width), meanAbsoluteError: absolute / (outputs * width) };
  return { ...shared, accuracy: undefined, ...errors };
}

function numbersOf({ plan, engine }: Network, { rows }: PackedBatch): Float32Array | Float64Array {
  return engine.memory.floats.slice(plan.outputs, plan.outputs + rows * plan.shape.outputs);
}

/** Σ |y − ŷ| */
function absoluteErrors({ plan, engine }: Network, numbers: Float32Array | Float64Array): number {
  const { floats } = engine.memory;
  let sum = 0;
  for (let i = 0; i < numbers.length; i++) sum += Math.abs(floats[plan.numericTargets + i] - numbers[i]);
  return sum;
}
