// A moving window on bytes that are still arriving: reads from it succeed, or fail without a trace and are tried again with more.
// Knows white space and lines, and nothing else of JSON.
import { ByteWindow } from '../source/byte-window.ts';

class OutOfBytes extends Error {}
const outOfBytes = new OutOfBytes('more bytes are needed');

export const newline = 0x0a;

/** A place in the window; holds until more bytes are fetched. */
export interface Mark {
  readonly at: number;
  readonly line: number;
}

export abstract class JsonWindow extends ByteWindow {
  /** JSONL: a line break is no white space, it ends the row. */
  protected readonly byLine: boolean;
  #line = 1;
  /** The number of the row being read, from 1; for messages. */
  row = 0;

  constructor(source: AsyncGenerator<Buffer>, byLine: boolean, limit?: number) {
    super(source, limit);
    this.byLine = byLine;
  }

  get line(): number {
    return this.#line;
  }

  /** What `RowChunk.lines` holds for the row that comes next. */
  get rowLine(): number {
    return this.byLine ? this.#line : this.row;
  }

  /** What `read` gives; undefined, with nothing consumed, where the bytes at hand end too early. */
  attempt<T>(read: () => T): T | undefined {
    const [at, line, row] = [this.at, this.#line, this.row];
    try {
      return read();
    } catch (error) {
      if (error !== outOfBytes) throw error;
      [this.at, this.#line, this.row] = [at, line, row];
      return undefined;
    }
  }

  /** What `read` gives, with nothing consumed. */
  ahead<T>(read: () => T): T {
    const [at, line] = [this.at, this.#line];
    const result = read();
    [this.at, this.#line] = [at, line];
    return result;
  }

  /** Where the next value begins, for `again`. */
  mark(): Mark {
    this.peek();
    return { at: this.at, line: this.#line };
  }

  /** Back to a mark of bytes that are still at hand. */
  protected goTo(mark: Mark): void {
    [this.at, this.#line] = [mark.at, mark.line];
  }

  /** What `read` gives from a mark of bytes that are still at hand, with nothing consumed. */
  again<T>(mark: Mark, read: () => T): T {
    return this.ahead(() => {
      this.goTo(mark);
      return read();
    });
  }

  /** `attempt` until it succeeds. */
  async read<T>(read: () => T): Promise<T> {
    for (;;) {
      const result = this.attempt(() => ({ value: read() }));
      if (result) return result.value;
      await this.more();
    }
  }

  /** The next byte that is no white space; −1 at the end. */
  peek(): number {
    const { bytes } = this;
    for (; this.at < bytes.length; this.at++) {
      const byte = bytes[this.at];
      if (byte === newline) {
        if (this.byLine) return byte;
        this.#line++;
      } else if (byte !== 0x20 && byte !== 0x09 && byte !== 0x0d) {
        return byte;
      }
    }
    this.needMore();
    return -1;
  }

  /** To be called where the bytes at hand end: returns only if no more will come. */
  protected needMore(): void {
    if (!this.ended) throw outOfBytes;
  }

  /** Takes the byte if it comes next. */
  accept(byte: number): boolean {
    if (this.peek() !== byte) return false;
    this.at++;
    if (byte === newline) this.#line++;
    return true;
  }
}
