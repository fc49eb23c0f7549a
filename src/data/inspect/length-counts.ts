// How many rows have each length, and what follows from it: percentiles, bins for a histogram, what a maximum would cut.

export interface Bin {
  /** Lengths from … to, both included. */
  readonly from: number;
  readonly to: number;
  readonly rows: number;
}

/** What `--max-len` would leave out. */
export interface Cut {
  readonly maxLen: number;
  readonly rows: number;
  readonly tokens: number;
}

export class LengthCounts {
  readonly #counts = new Map<number, number>();
  #rows = 0;
  #tokens = 0;
  #sorted: readonly (readonly [length: number, rows: number])[] | undefined;

  add(length: number): void {
    this.#counts.set(length, (this.#counts.get(length) ?? 0) + 1);
    this.#rows++;
    this.#tokens += length;
    this.#sorted = undefined;
  }

  get rows(): number {
    return this.#rows;
  }

  get tokens(): number {
    return this.#tokens;
  }

  get shortest(): number {
    return this.#inOrder()[0]?.[0] ?? 0;
  }

  get longest(): number {
    return this.#inOrder().at(-1)?.[0] ?? 0;
  }

  /** Nearest rank, as `rnn pad --max-len p95`: the ⌈percent/100 · N⌉-th shortest of the N lengths. */
  percentile(percent: number): number {
    let left = Math.ceil((percent * this.#rows) / 100);
    for (const [length, rows] of this.#inOrder()) {
      left -= rows;
      if (left <= 0) return length;
    }
    return this.longest;
  }

  cut(maxLen: number): Cut {
    let [rows, tokens] = [0, 0];
    for (const [length, count] of this.#inOrder()) {
      if (length <= maxLen) continue;
      rows += count;
      tokens += count * (length - maxLen);
    }
    return { maxLen, rows, tokens };
  }

  /** At most `most` bins of one width (1, 2 or 5 times a power of ten), those without rows included. */
  bins(most: number): Bin[] {
    if (this.#rows === 0) return [];
    const width = binWidth(this.shortest, this.longest, most);
    const start = Math.floor(this.shortest / width);
    const bins = Array.from({ length: Math.floor(this.longest / width) - start + 1 }, () => 0);
    for (const [length, rows] of this.#inOrder()) bins[Math.floor(length / width) - start] += rows;
    return bins.map((rows, i) => ({ from: (start + i) * width, to: (start + i + 1) * width - 1, rows }));
  }

  #inOrder(): readonly (readonly [number, number])[] {
    return (this.#sorted ??= [...this.#counts].sort(([a], [b]) => a - b));
  }
}

function binWidth(shortest: number, longest: number, most: number): number {
  for (let power = 1; ; power *= 10) {
    for (const width of [power, 2 * power, 5 * power]) {
      if (Math.floor(longest / width) - Math.floor(shortest / width) < most) return width;
    }
  }
}
