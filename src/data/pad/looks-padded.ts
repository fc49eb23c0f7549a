// Whether rows look padded already: all of one length, and one ID that ends (or begins) many of them in runs of many lengths
// and stands nowhere else. Careful rather than complete: what it names is nearly always padding, and it misses some.
import type { TokenRows } from '../rows/rows.ts';

/** What the padding seems to be. */
export interface LikelyPadding {
  readonly value: number;
  readonly side: 'post' | 'pre';
  /** Rows that end (begin) in it, and the tokens that it makes up there. */
  readonly rows: number;
  readonly tokens: number;
  /** Tokens in every row, padding included. */
  readonly length: number;
}

/** Below these there is too little to tell padding from chance. */
const fewestRows = 4;
const fewestRunLengths = 3;
const leastShare = 0.1;
/** Of the rows: how many may hold the ID elsewhere, as one that is also, rarely, a real token. */
const mostElsewhere = 0.01;

interface Runs {
  rows: number;
  tokens: number;
  /** Some of the lengths that occur, no more of them than are asked for. */
  readonly lengths: Set<number>;
}

/** Watches rows go by. Memory grows with the IDs that rows end and begin in, and stops where rows differ in length. */
export class PaddingWatch {
  #rows = 0;
  #length = -1;
  readonly #ends = new Map<number, Runs>();
  readonly #begins = new Map<number, Runs>();

  /** The row tokens[begin … end). */
  add(tokens: Int32Array, begin: number, end: number): void {
    if (this.#rows++ === 0) this.#length = end - begin;
    if (this.#length !== end - begin) {
      this.#length = 0;
      this.#ends.clear();
      this.#begins.clear();
    }
    if (this.#length === 0) return;
    const [first, last] = [tokens[begin], tokens[end - 1]];
    let at = end - 1;
    while (at > begin && tokens[at - 1] === last) at--;
    addRun(this.#ends, last, end - at);
    at = begin + 1;
    while (at < end && tokens[at] === first) at++;
    addRun(this.#begins, first, at - begin);
  }

  /** `countOf(id)`: how often the ID stands in all rows. */
  verdict(countOf: (id: number) => number): LikelyPadding | undefined {
    if (this.#rows < fewestRows || this.#length < 2) return undefined;
    const found = [...this.#candidates(this.#ends, 'post', countOf), ...this.#candidates(this.#begins, 'pre', countOf)];
    return found.length === 0 ? undefined : found.reduce((a, b) => (b.tokens > a.tokens ? b : a));
  }

  *#candidates(sides: ReadonlyMap<number, Runs>, side: 'post' | 'pre', countOf: (id: number) => number): Iterable<LikelyPadding> {
    for (const [value, { rows, tokens, lengths }] of sides) {
      const runLengths = lengths.size + (rows < this.#rows ? 1 : 0);
      if (rows < leastShare * this.#rows || runLengths < fewestRunLengths) continue;
      if (countOf(value) - tokens > mostElsewhere * this.#rows) continue;
      yield { value, side, rows, tokens, length: this.#length };
    }
  }
}

function addRun(runs: Map<number, Runs>, id: number, length: number): void {
  let of = runs.get(id);
  if (of === undefined) runs.set(id, (of = { rows: 0, tokens: 0, lengths: new Set() }));
  of.rows++;
  of.tokens += length;
  if (of.lengths.size < fewestRunLengths) of.lengths.add(length);
}

/** Looks at rows in memory. */
export function looksPadded({ tokens, offsets }: TokenRows): LikelyPadding | undefined {
  const watch = new PaddingWatch();
  for (let row = 0; row + 1 < offsets.length; row++) watch.add(tokens, offsets[row], offsets[row + 1]);
  return watch.verdict((id) => tokens.reduce((sum, token) => sum + (token === id ? 1 : 0), 0));
}

/** The flags that take such padding off. */
export function paddingFlags({ value, side }: LikelyPadding): string {
  return `--pad-value ${value}${side === 'pre' ? ' --padding pre' : ''}`;
}

/** `96% of the rows end in 0 and all have 40 tokens: are they padded? --pad-value 0 takes it off` */
export function describePadding(padding: LikelyPadding, allRows: number): string {
  const { value, side, rows, length } = padding;
  const share = rows === allRows ? 'all rows' : `${Math.min(99, Math.floor((100 * rows) / allRows))}% of the rows`;
  const verb = side === 'post' ? 'end in' : 'begin with';
  return `${share} ${verb} ${value} and all have ${length} tokens: are they padded? ${paddingFlags(padding)} takes it off`;
}
