// Rows that repeat an earlier one, by a 64-bit hash of their tokens: among n distinct rows two are taken for one with
// probability n² / 2⁶⁵ (4 million rows: 4e-7). An open-addressing table on flat arrays, 12 bytes a place, of bounded size.

/** Distinct rows that are remembered: 100 MB. A row that is new beyond them is not looked for again. */
export const rememberedRows = 1 << 22;

export interface DuplicateCounts {
  /** Rows that are like an earlier one. */
  readonly rows: number;
  /** Of these, those whose targets are not those of the first such row. */
  readonly otherTargets: number;
  /** Rows that found no place: their repetitions are not counted. */
  readonly forgotten: number;
}

export class DuplicateRows {
  readonly #limit: number;
  /** Places hold low and high half of a row's hash, and that of its targets; both halves 0: free. */
  #low = new Uint32Array(1 << 10);
  #high = new Uint32Array(1 << 10);
  #targets = new Uint32Array(1 << 10);
  #used = 0;
  #counts = { rows: 0, otherTargets: 0, forgotten: 0 };

  constructor(limit = rememberedRows) {
    this.#limit = limit;
  }

  get counts(): DuplicateCounts {
    return { ...this.#counts };
  }

  /** The row tokens[begin … end) with these targets. */
  add(tokens: Int32Array, begin: number, end: number, targets: Float64Array): void {
    const low = hash(tokens, begin, end, 0x9747b28c);
    const high = hash(tokens, begin, end, 0x3c6ef372) || (low === 0 ? 1 : 0);
    const words = new Int32Array(targets.buffer, targets.byteOffset, 2 * targets.length);
    const target = hash(words, 0, words.length, 0);
    const place = this.#placeOf(low, high);
    if ((this.#low[place] | this.#high[place]) !== 0) {
      this.#counts.rows++;
      if (this.#targets[place] !== target) this.#counts.otherTargets++;
    } else if (this.#used === this.#limit) {
      this.#counts.forgotten++;
    } else {
      this.#set(place, low, high, target);
      if (2 * ++this.#used > this.#low.length) this.#grow();
    }
  }

  /** Where the row is, or the free place for it. */
  #placeOf(low: number, high: number): number {
    const mask = this.#low.length - 1;
    let place = low & mask;
    while ((this.#low[place] | this.#high[place]) !== 0 && (this.#low[place] !== low || this.#high[place] !== high)) {
      place = (place + 1) & mask;
    }
    return place;
  }

  #set(place: number, low: number, high: number, target: number): void {
    this.#low[place] = low;
    this.#high[place] = high;
    this.#targets[place] = target;
  }

  #grow(): void {
    const [low, high, targets] = [this.#low, this.#high, this.#targets];
    const size = 2 * low.length;
    [this.#low, this.#high, this.#targets] = [new Uint32Array(size), new Uint32Array(size), new Uint32Array(size)];
    for (let i = 0; i < low.length; i++) {
      if ((low[i] | high[i]) !== 0) this.#set(this.#placeOf(low[i], high[i]), low[i], high[i], targets[i]);
    }
  }
}

/** MurmurHash3 (x86, 32 bits) of words[begin … end). */
function hash(words: Int32Array, begin: number, end: number, seed: number): number {
  let h = seed;
  for (let i = begin; i < end; i++) {
    let k = Math.imul(words[i], 0xcc9e2d51);
    k = (k << 15) | (k >>> 17);
    h ^= Math.imul(k, 0x1b873593);
    h = (h << 13) | (h >>> 19);
    h = (Math.imul(h, 5) + 0xe6546b64) | 0;
  }
  h ^= 4 * (end - begin);
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}
