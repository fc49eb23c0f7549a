// Builds rows of tokens without knowing their number, in arrays that double, and lends them: one chunk after another in the same memory.
import { UserError } from '../../errors.ts';
import type { Window } from '../padding.ts';
import type { CellValue, Columns, RowChunk } from './rows.ts';

const noValues: readonly CellValue[] = [];

/** Where a loop may write rows; see `RowBuilder.room`. */
export interface RowRoom {
  readonly tokens: Int32Array;
  readonly length: number;
  readonly offsets: Int32Array;
  readonly lines: Int32Array;
  readonly firstRow: number;
}

/** Takes tokens one by one and rows one after another. A row that fails half-way leaves no trace after `dropOpenRow`. */
export class RowBuilder {
  #tokens = new Int32Array(1 << 14);
  #length = 0;
  #offsets = new Int32Array(1 << 10);
  #lines = new Int32Array(1 << 10);
  #begins = new Int32Array(1 << 10);
  #openBegin = 0;
  #hasBegins = false;
  #rows = 0;
  #others: (readonly CellValue[])[] = [];
  #columns: Columns[] = [];

  get rows(): number {
    return this.#rows;
  }

  /** Tokens in the row that is being built. */
  get openLength(): number {
    return this.#length - this.#offsets[this.#rows];
  }

  push(token: number): void {
    if (this.#length === this.#tokens.length) this.#tokens = grown(this.#tokens, this.#length + 1);
    this.#tokens[this.#length++] = token;
  }

  /** A row as another reader built it. */
  addRow({ tokens, offsets, lines, begins, others, columns }: RowChunk, row: number): void {
    for (let i = offsets[row]; i < offsets[row + 1]; i++) this.push(tokens[i]);
    if (begins !== undefined) this.beginOpenRowAt(begins[row]);
    this.endRow(lines[row], others[row], columns?.[row]);
  }

  /**
   * The arrays themselves, for a loop that writes many rows: tokens from `length`, and for rows from `firstRow` the line and the end of
   * its tokens, offsets[row + 1]. There is room for so many; `advance` makes them part of what is built. The open row is dropped.
   */
  room(tokens: number, rows: number): RowRoom {
    this.dropOpenRow();
    this.#tokens = grown(this.#tokens, this.#length + tokens);
    this.#growRows(rows);
    return { tokens: this.#tokens, length: this.#length, offsets: this.#offsets, lines: this.#lines, firstRow: this.#rows };
  }

  /** So many rows were written into the room that was asked for. */
  advance(rows: number): void {
    this.#begins.fill(0, this.#rows, this.#rows + rows);
    this.#rows += rows;
    this.#length = this.#offsets[this.#rows];
  }

  #growRows(rows: number): void {
    const needed = this.#rows + rows;
    this.#offsets = grown(this.#offsets, needed + 1);
    this.#lines = grown(this.#lines, needed);
    this.#begins = grown(this.#begins, needed);
  }

  /** A token of the row that is being built. */
  openToken(index: number): number {
    return this.#tokens[this.#offsets[this.#rows] + index];
  }

  /** Keeps these tokens of the row that is being built, whatever stood before them is padding. */
  keepInOpenRow({ begin, end }: Window): void {
    const from = this.#offsets[this.#rows];
    if (begin > 0) this.#tokens.copyWithin(from, from + begin, from + end);
    this.#length = from + end - begin;
    this.#openBegin = begin;
  }

  /** The row that is being built has this many cells of padding before its first token. */
  beginOpenRowAt(begin: number): void {
    this.#openBegin = begin;
  }

  dropOpenRow(): void {
    this.#length = this.#offsets[this.#rows];
    this.#openBegin = 0;
  }

  endRow(line: number, others: readonly CellValue[] = noValues, columns?: Columns): void {
    if (this.#rows === this.#lines.length || this.#rows + 1 === this.#offsets.length) this.#growRows(1);
    this.#lines[this.#rows] = line;
    this.#begins[this.#rows] = this.#openBegin;
    if (this.#openBegin > 0) this.#hasBegins = true;
    this.#openBegin = 0;
    if (others !== noValues) this.#others.push(others);
    if (columns !== undefined) this.#columns.push(columns);
    this.#rows++;
    this.#offsets[this.#rows] = this.#length;
  }

  /**
   * The rows so far, and the builder goes on empty: a row that is still open is dropped. The arrays are the builder's own, and right
   * until it is asked for the next row.
   */
  take(): RowChunk {
    this.dropOpenRow();
    const chunk = {
      tokens: this.#tokens.subarray(0, this.#length),
      offsets: this.#offsets.subarray(0, this.#rows + 1),
      lines: this.#lines.subarray(0, this.#rows),
      ...(this.#hasBegins && { begins: this.#begins.subarray(0, this.#rows) }),
      others: this.#others,
      ...(this.#columns.length > 0 && { columns: this.#columns }),
    };
    [this.#length, this.#rows, this.#others, this.#columns, this.#hasBegins] = [0, 0, [], [], false];
    return chunk;
  }
}

/** The array itself where it holds `needed` values, else a copy of twice its size or more. */
function grown(array: Int32Array<ArrayBuffer>, needed: number): Int32Array<ArrayBuffer> {
  if (needed <= array.length) return array;
  // Offsets are 32-bit, so that is where the number of tokens ends.
  if (needed > 0x7fffffff) throw new UserError('the input holds more than 2147483647 tokens', 'split it into several files');
  const larger = new Int32Array(Math.min(Math.max(needed, 2 * array.length), 0x7fffffff));
  larger.set(array);
  return larger;
}
