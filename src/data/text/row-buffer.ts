// The IDs of one stretch of text, with a mark behind each row. Counts as it goes, and knows where in the text it is.

/** Stands among IDs where a row ends. */
export const END_OF_ROW = -1;

export interface EncodeCounts {
  rows: number;
  /** Ends of rows included. */
  tokens: number;
  /** Tokens that got the ID `unk`. */
  unknown: number;
  /** Lines without a token that were left out. */
  emptyLines: number;
}

/** Grows with the longest stretch. Appends `eos` to each row, and leaves out rows without tokens where `skipEmpty` says so. */
export class RowBuffer {
  readonly counts: EncodeCounts = { rows: 0, tokens: 0, unknown: 0, emptyLines: 0 };
  /** Tokens of the row that is open. */
  openLength = 0;
  /** The line of the row that is open, from 1. */
  line = 1;
  readonly #eos: number | undefined;
  readonly #skipEmpty: boolean;
  #ids = new Int32Array(1 << 16);
  #length = 0;

  constructor(eos: number | undefined, skipEmpty: boolean) {
    this.#eos = eos;
    this.#skipEmpty = skipEmpty;
  }

  /** What came since the last call; to be used before the next `push`. */
  take(): Int32Array {
    const taken = this.#ids.subarray(0, this.#length);
    this.#length = 0;
    return taken;
  }

  push(id: number): void {
    this.#append(id);
    this.openLength++;
  }

  endRow(): void {
    this.line++;
    if (this.#skipEmpty && this.openLength === 0) {
      this.counts.emptyLines++;
      return;
    }
    if (this.#eos !== undefined) this.push(this.#eos);
    this.#append(END_OF_ROW);
    this.counts.tokens += this.openLength;
    this.counts.rows++;
    this.openLength = 0;
  }

  #append(value: number): void {
    if (this.#length === this.#ids.length) {
      const larger = new Int32Array(2 * this.#ids.length);
      larger.set(this.#ids);
      this.#ids = larger;
    }
    this.#ids[this.#length++] = value;
  }
}
