// Says once that a BLAS of the system would shorten a long run. Looks for one only where the run is long enough to be worth it.
import { loadEngine } from '../engine/engines.ts';
import type { TrainSetup } from './setup.ts';
import { stepWork } from './threads.ts';

/** Multiply-adds of a run that takes about a minute on one thread of the wasm engine. */
const LONG_RUN = 1e12;
/** Size H from which a BLAS was measured to be faster by half at least, calls and all. */
const LARGE_STATE = 64;

/** A line for stderr, or nothing. */
export async function fasterEngine(
  { network, kind, epochs, trainingBatches, shape }: TrainSetup,
  blasPath: string | undefined,
): Promise<string | undefined> {
  const work = stepWork(network.plan) * trainingBatches.stepsPerEpoch * epochs;
  if (kind.name !== 'wasm' || shape.hidden < LARGE_STATE || work < LONG_RUN) return undefined;
  try {
    const blas = await loadEngine('blas', blasPath);
    return `note: ${blas.blasPath} is here: --engine blas would take about half the time, but the last bits would depend on it`;
  } catch {
    return undefined;
  }
}
