// `--on-divergence retry`: after a step that was not finite the run goes on, from the best weights (without validation those
// that `prove` took for good), at half the rate, with the optimizer as it was before the first step, since its averages
// belong to the way that went wrong. The step is spent; the order of the data goes on behind it.
import type { Network } from '../../model/network.ts';
import { writeTensor } from '../../model/plan.ts';
import { rateFactorOf } from '../checkpoint/training-state.ts';
import type { TrainingState } from '../checkpoint/training-state.ts';
import { DivergenceError } from './divergence.ts';

/** After so many retries (1/32 of the rate) something else is wrong than the rate. */
export const MOST_RETRIES = 5;

interface RetryOptions {
  readonly onDivergence: 'stop' | 'retry';
  readonly initialScalars: readonly number[];
}

/** Prepares network and state for going on, or throws `error` where that is not wanted or no longer allowed. */
export function retryFromOlderWeights(
  error: DivergenceError,
  network: Network,
  { onDivergence, initialScalars }: RetryOptions,
  state: TrainingState,
  { step, epoch }: { readonly step: number; readonly epoch: number },
): void {
  if (onDivergence === 'stop') throw error;
  if (state.retries.length >= MOST_RETRIES) {
    throw new DivergenceError(
      `${error.what}; ${MOST_RETRIES} retries, each at half the rate, have not helped`,
      'look at the data and the model: a smaller --lr alone is not enough',
    );
  }
  const { plan, engine, scalars } = network;
  const weights = state.best?.weights ?? state.lastGood;
  for (const tensor of plan.tensors) writeTensor(engine.memory, tensor, weights.get(tensor.name)!);
  for (const slot of plan.slots) engine.memory.floats.fill(0, slot, slot + plan.parameterSpan);
  scalars.set(initialScalars);
  network.weightsChanged();
  state.retries.push({ step, epoch, what: error.what, rateFactor: rateFactorOf(state) / 2 });
}
