// How good a model is on data that it is not trained on.
import type { Batches } from '../data/batches.ts';
import type { Network } from '../model/network.ts';

export interface Evaluation {
  /** Mean loss, in nats (softmax) or half squared units (regression). */
  readonly loss: number;
  /** What the mean is taken over: tokens for next-token, else rows. */
  readonly outputs: number;
  /** Share of outputs whose most probable class is the target; undefined for regression. */
  readonly accuracy: number | undefined;
  /** Row = true class, column = predicted class; for classification. */
  readonly confusion: readonly Uint32Array[] | undefined;
}

/** Runs every batch once, in order, and changes no weight. Initial states are those that the batches say. */
export function evaluate(network: Network, batches: Batches): Evaluation {
  const { plan, engine } = network;
  const { ints } = engine.memory;
  const { task, outputs: classes } = plan.shape;
  const confusion = task === 'classification' ? Array.from({ length: classes }, () => new Uint32Array(classes)) : undefined;
  let total = 0;
  let outputs = 0;
  let correct = 0;
  for (const { batch, carried } of batches.epoch(1)) {
    const { outputRows } = network.load(batch);
    network.forward(carried);
    total += network.score();
    outputs += outputRows;
    if (batches.carries) network.carry();
    if (task === 'regression') continue;
    for (let r = 0; r < outputRows; r++) {
      const target = ints[plan.targets + r];
      const predicted = ints[plan.predicted + r];
      if (target === predicted) correct++;
      if (confusion) confusion[target][predicted] += 1;
    }
  }
  return { loss: total / outputs, outputs, accuracy: task === 'regression' ? undefined : correct / outputs, confusion };
}
