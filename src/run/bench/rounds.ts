// Times functions beside one another: each is warmed up, then they take turns in rounds, so that what else the machine does
// meets them all alike.

/** Seconds of one call (or what they were scaled to): the median of the rounds, and the range of the middle half of them. */
export interface Timing {
  readonly median: number;
  readonly low: number;
  readonly high: number;
  readonly rounds: number;
}

const MOST_ROUNDS = 15;
/** Share of the time that goes into warming up: the optimizing compilers of JavaScript and WebAssembly need a few dozen calls. */
const WARM_UP = 0.25;

/** A function to time, and how long that may take in all; one call and one more are made however long they take. */
export interface Timed {
  readonly run: () => void;
  readonly seconds: number;
}

/** Times functions by turns. Throws the signal's reason where it was aborted, between two turns. */
export async function timeInTurns(timed: readonly Timed[], interrupted: AbortSignal): Promise<Timing[]> {
  const paced = [];
  for (const { run, seconds } of timed) {
    const once = warmUp(run, seconds * WARM_UP);
    const left = seconds * (1 - WARM_UP);
    const calls = Math.max(1, Math.round(left / MOST_ROUNDS / once));
    paced.push({ run, calls, rounds: Math.max(1, Math.min(MOST_ROUNDS, Math.floor(left / (once * calls)))) });
    await letSignalsIn(interrupted);
  }
  const times = timed.map((): number[] => []);
  for (let round = 0; round < MOST_ROUNDS; round++) {
    for (const [i, { run, calls, rounds }] of paced.entries()) {
      if (round >= rounds) continue;
      times[i].push(secondsOf(run, calls));
      await letSignalsIn(interrupted);
    }
  }
  return times.map(summarize);
}

/** A turn of the event loop, without which no signal is heard. Throws the reason of an aborted one. */
export async function letSignalsIn(interrupted: AbortSignal): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
  interrupted.throwIfAborted();
}

/** A timing in another unit, or as a rate. */
export function scaled({ median, low, high, rounds }: Timing, convert: (seconds: number) => number): Timing {
  const [from, to] = [convert(low), convert(high)];
  return { median: convert(median), low: Math.min(from, to), high: Math.max(from, to), rounds };
}

/** Calls for `seconds`, once at least. Returns the time of a call towards the end. */
function warmUp(run: () => void, seconds: number): number {
  const end = performance.now() + seconds * 1000;
  let calls = 1;
  let once = secondsOf(run, calls);
  while (performance.now() < end) {
    calls = Math.max(1, Math.round((seconds * 0.1) / once));
    once = secondsOf(run, calls);
  }
  return once;
}

/** Mean time of a call. */
function secondsOf(run: () => void, calls: number): number {
  const start = performance.now();
  for (let i = 0; i < calls; i++) run();
  // A clock of coarse steps may not have moved.
  return Math.max(performance.now() - start, 1e-3) / 1000 / calls;
}

function summarize(times: readonly number[]): Timing {
  const sorted = [...times].sort((a, b) => a - b);
  const n = sorted.length;
  const middle = n >> 1;
  const median = n % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  return { median, low: sorted[n >> 2], high: sorted[n - 1 - (n >> 2)], rounds: n };
}
