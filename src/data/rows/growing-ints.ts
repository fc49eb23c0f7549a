// Numbers without knowing how many will come, in memory that grows where it stands. Arrays that double hold two copies while they grow,
// and a third when they are cut to size; here, addresses for the most there can be are reserved, and memory is taken as it fills.
import { UserError } from '../../errors.ts';

/** 2^30 numbers; Node 20 has no longer arrays. */
const mostBytes = 2 ** 32;
/** The least that is worth reserving. */
const leastBytes = 1 << 16;
/** Memory is taken in steps of at least this. */
const stepBytes = 1 << 20;

export class GrowingInts {
  #buffer = reserved(mostBytes);
  #ints = new Int32Array(this.#buffer);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  push(value: number): void {
    this.#reserve(1);
    this.#ints[this.#length++] = value;
  }

  append(values: Int32Array): void {
    this.#reserve(values.length);
    this.#ints.set(values, this.#length);
    this.#length += values.length;
  }

  /** The numbers, without a copy. Nothing can be added afterwards. */
  take(): Int32Array {
    this.#buffer.resize(4 * this.#length);
    return new Int32Array(this.#buffer, 0, this.#length);
  }

  #reserve(count: number): void {
    const needed = 4 * (this.#length + count);
    if (needed <= this.#buffer.byteLength) return;
    if (needed > mostBytes) throw new UserError(`the input holds more than ${mostBytes / 4} tokens`, 'split it into several files');
    if (needed > this.#buffer.maxByteLength) this.#move(reserved(Math.min(2 * needed, mostBytes)));
    this.#buffer.resize(Math.min(needed + Math.max(stepBytes, needed >> 3), this.#buffer.maxByteLength));
  }

  /** Where addresses are scarce, such as under ulimit -v. */
  #move(buffer: ArrayBuffer): void {
    buffer.resize(4 * this.#length);
    const ints = new Int32Array(buffer);
    ints.set(this.#ints.subarray(0, this.#length));
    this.#buffer = buffer;
    this.#ints = ints;
  }
}

/** An empty buffer that can grow up to `most` bytes, or to as many as there are addresses for. */
function reserved(most: number): ArrayBuffer {
  try {
    return new ArrayBuffer(0, { maxByteLength: most });
  } catch (error) {
    if (!(error instanceof RangeError) || most <= leastBytes) throw error;
    return reserved(most / 2);
  }
}
