// Says once that a BLAS would shorten a long run. Looks for one only where the run is long enough to be worth it.
import { loadEngine, sameBytesEngines } from '../../engine/engines.ts';
import type { TrainSetup } from './setup.ts';

/** Multiply-adds of a run that takes about a minute on one thread of the wasm engine. */
const LONG_RUN = 1e12;
/** Size H from which a BLAS was measured to be faster by half at least, calls and all. */
const LARGE_STATE = 64;

/** What it gains on each engine that gives the same bytes everywhere. */
const gains: Readonly<Record<(typeof sameBytesEngines)[number], string>> = {
  wasm: 'would take about half the time',
  'wasm-wide': 'may take less time still (rnn bench measures it)',
};

/** A line for stderr, or nothing. */
export async function noteOnBlas({ kind, work, shape }: TrainSetup, blasPath: string | undefined): Promise<string | undefined> {
  const strict = sameBytesEngines.find((name) => name === kind.name);
  if (strict === undefined || shape.hidden < LARGE_STATE || work < LONG_RUN) return undefined;
  try {
    const blas = await loadEngine('blas', blasPath);
    return `note: ${blas.blasPath} is here: --engine blas ${gains[strict]}, but the last bits would depend on it`;
  } catch {
    return undefined;
  }
}
