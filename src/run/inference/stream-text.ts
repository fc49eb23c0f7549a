// Writes what a computation has to show while it runs: at once where it is slow, in pieces where it is fast.
import type { Output } from '../../data/write/output.ts';
import type { Samples } from './samples.ts';

/** Milliseconds between two writes: as smooth as an eye can tell. */
const EVERY = 20;

/** Runs to the end, or until interrupted: then closes the line that is open, and throws the signal's reason. */
export async function writeAsItGrows(
  steps: Iterable<void>,
  samples: Pick<Samples, 'drain' | 'cutOff'>,
  output: Output,
  interrupted: AbortSignal,
): Promise<void> {
  let last = -Infinity;
  for (const _ of steps) {
    if (performance.now() - last < EVERY) continue;
    await output.write(samples.drain()); // hands the event loop its turn, too
    last = performance.now();
    if (!interrupted.aborted) continue;
    await output.write(samples.cutOff());
    interrupted.throwIfAborted();
  }
  await output.write(samples.drain());
}
