// How often each token ID occurs. Small IDs are counted in an array, the rest in a map, so that a stray 2147483647 costs nothing.

/** IDs below it have a place in an array, 8 bytes each at most. */
const arrayEnd = 1 << 20;

export interface TokenCount {
  readonly token: number;
  readonly count: number;
}

export class TokenCounts {
  #small = new Float64Array(1 << 8);
  readonly #large = new Map<number, number>();
  #total = 0;

  add(tokens: Int32Array): void {
    this.#total += tokens.length;
    let small = this.#small;
    for (const token of tokens) {
      if (token < small.length) small[token]++;
      else if (token < arrayEnd) {
        small = this.#grow(token);
        small[token]++;
      } else this.#large.set(token, (this.#large.get(token) ?? 0) + 1);
    }
  }

  get total(): number {
    return this.#total;
  }

  countOf(token: number): number {
    return (token < arrayEnd ? this.#small[token] : this.#large.get(token)) ?? 0;
  }

  /** Every ID that occurs, from the smallest on. */
  distinct(): readonly TokenCount[] {
    const small: TokenCount[] = [];
    // A loop: most of an array that one large ID has made long is empty.
    for (let token = 0; token < this.#small.length; token++) if (this.#small[token] > 0) small.push({ token, count: this.#small[token] });
    const large = Array.from(this.#large, ([token, count]) => ({ token, count })).sort((a, b) => a.token - b.token);
    return [...small, ...large];
  }

  #grow(token: number): Float64Array<ArrayBuffer> {
    const larger = new Float64Array(Math.min(arrayEnd, Math.max(token + 1, 2 * this.#small.length)));
    larger.set(this.#small);
    return (this.#small = larger);
  }
}

export interface Vocabulary {
  /** One more than the largest ID: what `rnn train` takes. */
  readonly size: number;
  readonly smallest: number;
  readonly largest: number;
  readonly distinct: number;
  /** IDs from 0 to the largest that do not occur: how many, and the first few stretches of them. */
  readonly unused: number;
  readonly unusedFrom: readonly (readonly [first: number, last: number])[];
  /** The most frequent ones, most frequent first. */
  readonly frequent: readonly (TokenCount & { readonly share: number })[];
}

const stretchesShown = 5;

/** Undefined where there are no tokens. */
export function vocabularyOf(counts: TokenCounts, top: number): Vocabulary | undefined {
  const distinct = counts.distinct();
  if (distinct.length === 0) return undefined;
  const largest = distinct.at(-1)!.token;
  const unusedFrom: (readonly [number, number])[] = [];
  let next = 0;
  for (const { token } of distinct) {
    if (token > next && unusedFrom.length < stretchesShown) unusedFrom.push([next, token - 1]);
    next = token + 1;
  }
  const frequent = distinct.toSorted((a, b) => b.count - a.count || a.token - b.token).slice(0, top);
  return {
    size: largest + 1,
    smallest: distinct[0].token,
    largest,
    distinct: distinct.length,
    unused: largest + 1 - distinct.length,
    unusedFrom,
    frequent: frequent.map(({ token, count }) => ({ token, count, share: count / counts.total })),
  };
}
