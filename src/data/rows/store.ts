// All rows of an input in memory: a chunk's arrays are copied once, behind those before it, into memory that grows where it stands.
import { GrowingInts } from './growing-ints.ts';
import { rowCount } from './rows.ts';
import type { CellValue, Columns, RowChunk } from './rows.ts';

export class RowStore {
  readonly #tokens = new GrowingInts();
  readonly #offsets = new GrowingInts();
  readonly #lines = new GrowingInts();
  /** Only where a row begins behind padding, which few inputs have. */
  #begins: GrowingInts | undefined;
  readonly #others: (readonly CellValue[])[] = [];
  readonly #columns: Columns[] = [];

  readonly #withOthers: boolean;

  constructor({ withOthers = true } = {}) {
    this.#withOthers = withOthers;
    this.#offsets.push(0);
  }

  get rows(): number {
    return this.#lines.length;
  }

  /** Adds the rows from … to of a chunk, with their other columns if those are wanted. */
  add(chunk: RowChunk, from = 0, to = rowCount(chunk)): void {
    const { tokens, offsets, lines, begins, others, columns } = chunk;
    this.#addBegins(begins?.subarray(from, to), to - from);
    const shift = this.#tokens.length - offsets[from];
    this.#tokens.append(tokens.subarray(offsets[from], offsets[to]));
    for (let row = from + 1; row <= to; row++) this.#offsets.push(offsets[row] + shift);
    this.#lines.append(lines.subarray(from, to));
    if (!this.#withOthers) return;
    for (const values of others.slice(from, to)) this.#others.push(values);
    for (const names of columns?.slice(from, to) ?? []) this.#columns.push(names);
  }

  #addBegins(begins: Int32Array | undefined, rows: number): void {
    if (begins === undefined && this.#begins === undefined) return;
    if (this.#begins === undefined) {
      this.#begins = new GrowingInts();
      this.#begins.append(new Int32Array(this.rows));
    }
    this.#begins.append(begins ?? new Int32Array(rows));
  }

  /** All rows, without a copy. Nothing can be added afterwards. */
  take(): RowChunk {
    const begins = this.#begins?.take();
    return {
      tokens: this.#tokens.take(),
      offsets: this.#offsets.take(),
      lines: this.#lines.take(),
      ...(begins && { begins }),
      others: this.#others,
      ...(this.#columns.length > 0 && { columns: this.#columns }),
    };
  }
}

/** All rows of an input as one chunk. */
export async function collectRows(chunks: AsyncIterable<RowChunk>): Promise<RowChunk> {
  const all = new RowStore();
  for await (const chunk of chunks) all.add(chunk);
  return all.take();
}
