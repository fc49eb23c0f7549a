// An .npy array as it comes: its header first, then block after block of rows. Only an array in Fortran order is read whole.
import { DataError } from '../../errors.ts';
import { npyHeaderSize, readNpyHeader } from '../../formats/npy-reader.ts';
import type { NpyHeader, Refuse } from '../../formats/npy-reader.ts';
import { plural } from '../plural.ts';
import { peek } from '../source/bytes.ts';
import type { ByteSource } from '../source/bytes.ts';

/** Some rows, from row `first` on. `at` is the byte of a number: the row from 0, counted from the array's first, and the column. */
export interface NpyBlock {
  readonly view: DataView;
  readonly at: (row: number, column: number) => number;
}

const blockBytes = 1 << 16;
const mostWhole = 2 ** 31;

export class NpyArray {
  readonly file: string;
  readonly header: NpyHeader;
  /** (rows, columns); an array of one dimension has one column. */
  readonly rows: number;
  readonly columns: number;
  readonly #source: AsyncGenerator<Buffer>;
  readonly #close: () => void;
  #parts: Buffer[] = [];
  #length = 0;
  #row = 0;

  constructor({ file, bytes, close }: Pick<ByteSource, 'file' | 'bytes' | 'close'>, header: NpyHeader) {
    [this.rows = 1, this.columns = 1] = header.shape;
    this.file = file;
    this.header = header;
    this.#source = bytes;
    this.#close = close;
    if (!Number.isSafeInteger(this.rows * this.rowBytes)) throw this.#fail('the shape in its header is too large');
    if (header.isFortran && this.rows * this.rowBytes > mostWhole) {
      throw this.#fail('the array is in Fortran order and too large to be turned', 'save numpy.ascontiguousarray(array)');
    }
  }

  get rowBytes(): number {
    return this.columns * this.header.itemSize;
  }

  /** How many rows `take` should be asked for. */
  get blockRows(): number {
    return this.header.isFortran ? this.rows : Math.max(1, Math.floor(blockBytes / this.rowBytes));
  }

  /** The next rows. After the last, nothing may follow. */
  async take(rows: number): Promise<NpyBlock> {
    const { isFortran, itemSize } = this.header;
    const wanted = rows * this.rowBytes;
    const first = this.#row;
    const bytes = await this.#bytes(wanted);
    if (bytes.length < wanted) {
      const row = first + (isFortran ? 0 : Math.floor(bytes.length / this.rowBytes));
      throw this.#fail(`the file ends early: its header says ${plural(this.rows, 'row')}, row ${row + 1} is not complete`);
    }
    this.#row += rows;
    if (this.#row === this.rows && (await this.#bytes(1)).length > 0) throw this.#fail('more bytes follow the array');
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    const at = isFortran
      ? (row: number, column: number) => (column * this.rows + row) * itemSize
      : (row: number, column: number) => ((row - first) * this.columns + column) * itemSize;
    return { view, at };
  }

  close(): void {
    this.#close();
  }

  /** So many bytes, or at the end fewer. */
  async #bytes(count: number): Promise<Buffer> {
    while (this.#length < count) {
      const next = await this.#source.next();
      if (next.done) break;
      this.#parts.push(next.value);
      this.#length += next.value.length;
    }
    const joined = this.#parts.length === 1 ? this.#parts[0] : Buffer.concat(this.#parts, this.#length);
    const taken = joined.subarray(0, count);
    this.#parts = [joined.subarray(taken.length)];
    this.#length = joined.length - taken.length;
    return taken;
  }

  #fail(what: string, hint = 'save the array anew with numpy.save'): DataError {
    return new DataError({ file: this.file }, what, hint);
  }
}

/** Reads as far as the end of the header. */
export async function openNpyArray({ file, bytes, close }: ByteSource): Promise<NpyArray> {
  const refuse: Refuse = (what, hint) => {
    throw new DataError({ file }, what, hint);
  };
  const peeked = await peek(bytes, (head) => head.length >= (npyHeaderSize(head, refuse) ?? Infinity));
  if (peeked.head.length === 0) refuse('holds no rows', 'is it the right file?');
  const size = npyHeaderSize(peeked.head, refuse);
  if (size === undefined || size > peeked.head.length)
    return refuse('the file ends within its header', 'save the array anew with numpy.save');
  return new NpyArray({ file, bytes: after(size, peeked.bytes), close }, readNpyHeader(peeked.head.subarray(0, size), refuse));
}

/** All but the first bytes, which stand in the first part. */
async function* after(count: number, source: AsyncGenerator<Buffer>): AsyncGenerator<Buffer> {
  let skip = count;
  for await (const part of source) {
    if (part.length > skip) yield part.subarray(skip);
    skip = 0;
  }
}
