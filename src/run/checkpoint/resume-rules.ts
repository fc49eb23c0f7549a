// What `--resume` may change, and what it must find as it was. A run that goes on gives the bytes of one that never stopped;
// whatever would make other weights of the steps before is refused.

/** The options of `rnn train` that may be given anew with --resume, by their keys, and what that does. */
export const changeableOnResume: Readonly<Record<string, string>> = {
  epochs: 'the run goes on to this many; not with --schedule cosine, whose rates follow from the length of the whole run',
  maxSeconds: 'seconds over all parts of the run together; 0 lifts the limit',
  patience: 'counts from the best epoch, wherever the run was stopped',
  onDivergence: 'holds from here on; a run that diverged can go on with retry',
  threads: 'the same bytes at any number, but with --engine blas',
  engine: 'the last bits of the weights then depend on where it changed; not between wasm and wasm-wide',
  logEvery: 'rows of loss.csv from here on',
  checkpointEvery: 'from here on; no result depends on it',
  validation: 'another path to the same bytes',
  file: 'another path to the same bytes',
};

/** Everything else that is in force, and the fingerprints of the data: what a checkpoint and its run must agree on. */
export function identityOf(
  config: Readonly<Record<string, unknown>>,
  fingerprints: { readonly data: string; readonly validation: string | undefined },
): Readonly<Record<string, unknown>> {
  const changeable = new Set(Object.keys(changeableOnResume).map((key) => key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)));
  const fixed = Object.entries(config).filter(([key]) => !changeable.has(key));
  return Object.fromEntries([...fixed, ...Object.entries(fingerprints)].toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
