// A long computation's manners: it lets the event loop have its turn, so that signals are heard.
import { setImmediate } from 'node:timers/promises';

/** Milliseconds of work between two turns. */
const EVERY = 20;

/** To be awaited in a loop. Gives the turn away when it is time; throws the signal's reason once it is aborted. */
export function createTurns(interrupted: AbortSignal): () => Promise<void> | undefined {
  let last = performance.now();
  const give = async (): Promise<void> => {
    await setImmediate();
    last = performance.now();
    interrupted.throwIfAborted();
  };
  return () => (performance.now() - last < EVERY ? undefined : give());
}
