// How N threads run one function together (SPMD): each knows its number, takes its share, and meets the others at barriers.

export interface Thread {
  readonly index: number;
  readonly count: number;
  /** Returns when every thread has called it. */
  barrier(): void;
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
