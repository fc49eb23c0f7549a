// The bytes of an input that are at hand: a window that moves on as they are read, and grows where a line or value is not complete in it.
// The one place that holds what has come and is not yet read, and sets a limit to it.
import { usualMostLineBytes } from './line-limit.ts';

export abstract class ByteWindow {
  readonly #source: AsyncGenerator<Buffer>;
  /** What was read is bytes[0 … at). Nothing is written into them: another window may share their memory. */
  bytes: Buffer = Buffer.alloc(0);
  at = 0;
  /** The most bytes of a line or value. */
  protected readonly limit: number;
  #ended = false;

  constructor(source: AsyncGenerator<Buffer>, limit = usualMostLineBytes) {
    this.#source = source;
    this.limit = limit;
  }

  /** The error of a line or value that begins at `at` and has more bytes than the limit. */
  protected abstract tooLong(): Error;

  /** Whether no more bytes will come. */
  get ended(): boolean {
    return this.#ended;
  }

  /**
   * Lets go of what was read, and fetches bytes until those not yet read have doubled, so that a long line or value is not looked
   * through over and over. False, with nothing changed, where the source has ended before. Throws where they are more than the limit.
   */
  async more(): Promise<boolean> {
    if (this.#ended) return false;
    const parts = [this.bytes.subarray(this.at)];
    if (parts[0].length > this.limit) throw this.tooLong();
    const wanted = Math.min(2 * parts[0].length, this.limit + 1);
    let size = parts[0].length;
    do {
      const next = await this.#source.next();
      if (next.done) {
        this.#ended = true;
      } else {
        parts.push(next.value);
        size += next.value.length;
      }
    } while (!this.#ended && size < wanted);
    this.bytes = parts[0].length === 0 && parts.length === 2 ? parts[1] : Buffer.concat(parts, size);
    this.at = 0;
    return true;
  }

  /** Lets go of the source. */
  async close(): Promise<void> {
    await this.#source.return(undefined);
  }
}
