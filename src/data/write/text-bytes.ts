// Text as bytes, for writers of many rows: token IDs go from typed arrays to digits without a string between.

const startSize = 1 << 10;

export class TextBytes {
  #bytes = Buffer.allocUnsafeSlow(startSize);
  #view = viewOf(this.#bytes);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** The bytes so far; right until more are added. */
  get written(): Buffer {
    return this.#bytes.subarray(0, this.#length);
  }

  /** Begins anew in the same memory. */
  clear(): void {
    this.#length = 0;
  }

  add(text: string | Uint8Array): void {
    if (typeof text === 'string') {
      this.#reserve(3 * text.length);
      this.#length += this.#bytes.write(text, this.#length);
    } else {
      this.#reserve(text.length);
      this.#bytes.set(text, this.#length);
      this.#length += text.length;
    }
  }

  addByte(byte: number): void {
    this.#reserve(1);
    this.#bytes[this.#length++] = byte;
  }

  /** Takes the last byte back. */
  dropLast(): void {
    this.#length--;
  }

  /** `item`, so many times. */
  repeat(item: Uint8Array, times: number): void {
    this.#reserve(times * item.length);
    const bytes = this.#bytes;
    let at = this.#length;
    // A few bytes as a rule, for which a call of `fill` takes longer.
    for (let time = 0; time < times; time++) for (let i = 0; i < item.length; i++) bytes[at++] = item[i];
    this.#length = at;
  }

  /**
   * values[begin … end) in decimal, each with the separator byte behind it; all are ≥ 0.
   *
   *     four bytes at once from a table of the numbers to 9999, then on by as many as the number has digits
   *
   * so that the length of a number is no branch for the processor to guess. Larger numbers are taken in parts of four digits.
   */
  decimals(values: Int32Array, begin: number, end: number, separator: number): void {
    this.#reserve(12 * (end - begin) + 4);
    const bytes = this.#bytes;
    const view = this.#view;
    let at = this.#length;
    for (let i = begin; i < end; i++) {
      const value = values[i];
      if (value > 9999) {
        at = writeLarge(view, value, at);
      } else {
        const digits = digitsOf[value] || pack(value);
        bytes[at] = digits;
        bytes[at + 1] = digits >> 8;
        bytes[at + 2] = digits >> 16;
        bytes[at + 3] = digits >> 24;
        at += sizeOf[value];
      }
      bytes[at++] = separator;
    }
    this.#length = at;
  }

  /** `size` more bytes can be written, and four beyond. */
  #reserve(size: number): void {
    const needed = this.#length + size + 4;
    if (needed <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(needed, 2 * this.#bytes.length));
    this.#bytes.copy(larger, 0, 0, this.#length);
    this.#bytes = larger;
    this.#view = viewOf(larger);
  }
}

function viewOf({ buffer, byteOffset, byteLength }: Buffer): DataView {
  return new DataView(buffer, byteOffset, byteLength);
}

/** Returns where the number of more than four digits ends. */
function writeLarge(view: DataView, value: number, begin: number): number {
  const high = Math.floor(value / 10_000);
  const low = value - 10_000 * high;
  let at = begin;
  if (high > 9999) {
    at = writeLarge(view, high, at);
  } else {
    view.setUint32(at, digitsOf[high] || pack(high), true);
    at += sizeOf[high];
  }
  if (digitsOf[low] === 0) pack(low);
  view.setUint32(at, fourDigitsOf[low], true);
  return at + 4;
}

/** The digits of each number below 10⁴ as four bytes, the first in front; how many they are; the same with zeros before them. */
const digitsOf = new Int32Array(10_000);
const sizeOf = new Uint8Array(10_000);
const fourDigitsOf = new Int32Array(10_000);

/** Fills in what the tables say of a number, when they are first asked for it: most files have few. */
function pack(value: number): number {
  const ones = value % 10;
  const tens = Math.floor(value / 10) % 10;
  const hundreds = Math.floor(value / 100) % 10;
  const thousands = Math.floor(value / 1000);
  const size = value > 999 ? 4 : value > 99 ? 3 : value > 9 ? 2 : 1;
  sizeOf[value] = size;
  fourDigitsOf[value] = 0x30303030 | thousands | (hundreds << 8) | (tens << 16) | (ones << 24);
  return (digitsOf[value] = fourDigitsOf[value] >>> (32 - 8 * size));
}
