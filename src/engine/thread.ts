// How N threads run one function together (SPMD): each knows its number, takes its share, and meets the others at barriers.

export interface Thread {
  readonly index: number;
  readonly count: number;
  /** Returns when every thread has called it. Throws ThreadDied where one never will. */
  readonly barrier: () => void;
}

/** The only thread of a single-threaded run. */
export const soloThread: Thread = { index: 0, count: 1, barrier: () => {} };

/** This thread's range [from, to) of `total` items, cut at multiples of `grain`. The ranges of all threads cover the total exactly. */
export function share(total: number, grain: number, { index, count }: Thread): readonly [from: number, to: number] {
  const units = Math.ceil(total / grain);
  const from = Math.floor((units * index) / count) * grain;
  const to = Math.floor((units * (index + 1)) / count) * grain;
  return [Math.min(from, total), Math.min(to, total)];
}

/** Another thread of the team ended before its work did. */
export class ThreadDied extends Error {
  constructor() {
    super('a thread of the team has died');
    this.name = 'ThreadDied';
  }
}

/** Bytes of shared memory that a team meets on. */
export const MEETING_BYTES = 64;

const words = { arrived: 0, round: 1, sleeping: 2, died: 3 } as const;

/** Looks at the round before a thread goes to sleep: about 50 µs, a few times what a barrier between busy threads takes. */
const SPINS = 10_000;
/** A sleeper wakes this often to see whether a thread has died, in ms. */
const CHECK_EVERY = 500;

/**
 * Thread `index` of a team that meets on `meeting`. The barrier spins first, then sleeps: threads that come soon are met
 * within a microsecond, idle ones take no processor. With more threads than processors it is better not to spin.
 */
export function teamThread(meeting: SharedArrayBuffer, index: number, count: number, spins = SPINS): Thread {
  const at = new Int32Array(meeting);
  return {
    index,
    count,
    barrier() {
      const round = Atomics.load(at, words.round);
      if (Atomics.add(at, words.arrived, 1) === count - 1) {
        Atomics.store(at, words.arrived, 0);
        Atomics.add(at, words.round, 1);
        if (Atomics.load(at, words.sleeping) > 0) Atomics.notify(at, words.round);
        return;
      }
      for (let i = 0; i < spins; i++) if (Atomics.load(at, words.round) !== round) return;
      Atomics.add(at, words.sleeping, 1);
      while (Atomics.load(at, words.round) === round) {
        if (Atomics.load(at, words.died) > 0) throw new ThreadDied();
        Atomics.wait(at, words.round, round, CHECK_EVERY);
      }
      Atomics.sub(at, words.sleeping, 1);
    },
  };
}

/** Says that a thread will not come again: whoever waits, or comes to wait, throws ThreadDied. */
export function announceDeath(meeting: SharedArrayBuffer): void {
  const at = new Int32Array(meeting);
  Atomics.store(at, words.died, 1);
  Atomics.notify(at, words.round);
}
