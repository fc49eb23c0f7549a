// How fast a run goes: tokens a second between two log points, and the time spent in steps. Nothing that it knows reaches a result.

export interface Meter {
  begin(): void;
  end(tokens: number): void;
  /** Tokens a second since the last lap, if there were any; starts a new one. */
  lap(): number | undefined;
  /** Milliseconds in steps. */
  total(): number;
}

/** `clock` gives milliseconds from any fixed moment. */
export function createMeter(clock: () => number): Meter {
  let started = 0;
  let spent = 0;
  let all = 0;
  let tokens = 0;
  return {
    begin: () => void (started = clock()),
    end(count) {
      const elapsed = clock() - started;
      spent += elapsed;
      all += elapsed;
      tokens += count;
    },
    lap() {
      const speed = tokens === 0 ? undefined : tokens / Math.max(spent / 1000, 1e-9);
      [spent, tokens] = [0, 0];
      return speed;
    },
    total: () => all,
  };
}
