// Where a training step spends its time, seen from its first thread: kernels and barrier are wrapped, and the kernel that is
// called tells the phase. The step itself knows nothing of it.
import type { Kernels } from '../../engine/kernels.ts';
import type { Thread } from '../../engine/thread.ts';

/** `packing`: the rows of the batch and the weights are laid out. `barrier`: waiting for the other threads, and waking them. */
export const phases = ['packing', 'forward', 'loss', 'backward', 'weight gradients', 'optimizer', 'barrier'] as const;
export type Phase = (typeof phases)[number];

/** The kernels that a phase is known by. All others belong to the phase that runs, or begin the one after it. */
const opens: { readonly [Kernel in keyof Kernels]?: Phase } = {
  pack: 'packing',
  softmaxCrossEntropy: 'loss',
  squaredError: 'loss',
  sum: 'loss',
  multiplyTransposed: 'weight gradients',
  columnSums: 'weight gradients',
  scatterAdd: 'weight gradients',
};
const follows: { readonly [Before in Phase]?: Phase } = { packing: 'forward', loss: 'backward' };

export interface Stopwatch {
  /** Books the time since the last call on the phase that ran, and begins another. */
  enter(phase: Phase): void;
  running(): Phase;
  /** Stops, and returns the milliseconds of each phase since the stopwatch was made or last stopped. */
  stop(): Record<Phase, number>;
}

/** A stopwatch that runs from the first `enter` on. */
export function createStopwatch(): Stopwatch {
  let spent = zeros();
  let phase: Phase | undefined;
  let since = 0;

  function enter(next: Phase | undefined): void {
    const now = performance.now();
    if (phase) spent[phase] += now - since;
    phase = next;
    since = now;
  }

  return {
    enter,
    running: () => phase ?? 'packing',
    stop() {
      enter(undefined);
      const result = spent;
      spent = zeros();
      return result;
    },
  };
}

function zeros(): Record<Phase, number> {
  return Object.fromEntries(phases.map((phase) => [phase, 0])) as Record<Phase, number>;
}

/** The same kernels, telling the stopwatch which phase each call belongs to. The clock is read only where the phase changes. */
export function watchKernels(kernels: Kernels, watch: Stopwatch): Kernels {
  const watched = Object.entries(kernels).map(([name, kernel]: [string, unknown]) => {
    if (typeof kernel !== 'function') return [name, kernel];
    const opened = opens[name as keyof Kernels];
    return [
      name,
      (...given: readonly unknown[]): unknown => {
        const running = watch.running();
        const phase = opened ?? follows[running] ?? running;
        if (phase !== running) watch.enter(phase);
        return (kernel as (...given: readonly unknown[]) => unknown)(...given);
      },
    ];
  });
  return Object.fromEntries(watched) as Kernels;
}

/** The same thread, its barriers booked as a phase of their own. */
export function watchThread(thread: Thread, watch: Stopwatch): Thread {
  if (thread.count === 1) return thread;
  return {
    ...thread,
    barrier() {
      const running = watch.running();
      watch.enter('barrier');
      thread.barrier();
      watch.enter(running);
    },
  };
}
