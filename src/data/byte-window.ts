// The bytes of an input that are at hand: a window that moves on as they are read, and grows where a line or value is not complete in it.
// The one place that holds what has come and is not yet read, so a limit on that belongs in `more`.

export class ByteWindow {
  readonly #source: AsyncGenerator<Buffer>;
  /** What was read is bytes[0 … at). Nothing is written into them: another window may share their memory. */
  bytes: Buffer = Buffer.alloc(0);
  at = 0;
  #ended = false;

  constructor(source: AsyncGenerator<Buffer>) {
    this.#source = source;
  }

  /** Whether no more bytes will come. */
  get ended(): boolean {
    return this.#ended;
  }

  /**
   * Lets go of what was read, and fetches bytes until those not yet read have doubled, so that a long line or value is not looked
   * through over and over. False, with nothing changed, where the source has ended before.
   */
  async more(): Promise<boolean> {
    if (this.#ended) return false;
    const parts = [this.bytes.subarray(this.at)];
    const wanted = 2 * parts[0].length;
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
