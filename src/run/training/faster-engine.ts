// Says once which engines would shorten a long run. Looks for them only where the run is long enough to be worth it.
import { loadEngine } from '../../engine/engines.ts';
import type { EngineKind, EngineName } from '../../engine/engines.ts';
import { stepWork } from '../threads.ts';
import type { TrainSetup } from './setup.ts';

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
  const [wide, blas] = await Promise.all([available('wasm-wide'), available('blas', blasPath)]);
  const said = [
    ...(wide ? ['--engine wasm-wide would take about two thirds of the time, for the same bytes'] : []),
    ...(blas ? [`${blas.blasPath} is here: --engine blas would take about half the time, but the last bits would depend on it`] : []),
  ];
  return said.length === 0 ? undefined : `note: ${said.join('; ')}`;
}

async function available(name: EngineName, library?: string): Promise<EngineKind | undefined> {
  try {
    return await loadEngine(name, library);
  } catch {
    return undefined;
  }
}
