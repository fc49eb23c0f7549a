// Which tokens of a row are real, where a length or a mask beside them says so; the rest is padding, of whatever value.
// All readers ask here. Padding is one value: where a length leaves out two, it counts from the other side, or is wrong.
import { quote } from '../../errors.ts';
import type { DataError } from '../../errors.ts';
import type { Side, Window } from '../padding.ts';
import { plural } from '../plural.ts';
import type { ReadOptions } from './names.ts';
import { parseToken } from './token.ts';

/** What stands beside the tokens of a row, as it is written there. */
export interface Told {
  readonly length: string | undefined;
  /** One entry a token. */
  readonly mask: readonly string[] | undefined;
}

/** The parts of a row that can be at fault. `index`, from 0, is that of the token or of the entry of the mask. */
export interface Part {
  readonly kind: 'length' | 'mask' | 'token';
  readonly index: number;
}

export interface ToldRow {
  readonly told: Told;
  /** How many tokens stand in the row, padding included. */
  readonly count: number;
  /** The token at `index`, or what stands for padding there; throws where that is no whole number. Asked for padding only. */
  readonly valueAt: (index: number) => number;
  readonly fail: (part: Part, message: string, hint: string) => DataError;
}

/** Made once for an input, since its padding is one value from the first row to the last. */
export class RealTokens {
  readonly #side: Side;
  #padding: number | undefined;

  constructor({ padding = 'post' }: ReadOptions) {
    this.#side = padding;
  }

  /** The row's real tokens. A mask tells them on either side; a length counts them, and leaves the padding on the side of `--padding`. */
  of(row: ToldRow): Window {
    const { told, count } = row;
    const length = told.length === undefined ? undefined : readLength(told.length, row);
    if (told.mask !== undefined) return withMask(told.mask, length, row);
    if (length === undefined || length === count) return { begin: 0, end: count };
    const real = this.#side === 'post' ? { begin: 0, end: length } : { begin: count - length, end: count };
    this.#checkPadding(length, real, row);
    return real;
  }

  #checkPadding(length: number, real: Window, { count, valueAt, fail }: ToldRow): void {
    let before: number | undefined;
    for (let index = 0; index < count; index++) {
      if (index === real.begin) index = real.end;
      if (index === count) break;
      const value = valueAt(index);
      const first = before ?? this.#padding ?? value;
      if (value !== first) {
        const values = before === undefined ? `${value}, a row before left out ${first}` : `${first} and ${value}`;
        const other = this.#side === 'post' ? 'pre if the padding stands in front' : 'post if the padding stands behind';
        throw fail(
          { kind: 'token', index },
          `length ${length} leaves out ${values}: padding is one value`,
          `say --padding ${other}, or check the length`,
        );
      }
      before = value;
    }
    this.#padding = before;
  }
}

function readLength(text: string, { count, fail }: ToldRow): number {
  const length = parseToken(text);
  if (length >= 0 && length <= count) return length;
  throw fail(
    { kind: 'length', index: 0 },
    `length ${quote(text)} is not a whole number from 0 to ${count}, the tokens in the row`,
    'length counts the tokens that are not padding; rename it if it is something else',
  );
}

/** Ones without a gap, as many as the length says where there is one. */
function withMask(mask: readonly string[], length: number | undefined, { count, valueAt, fail }: ToldRow): Window {
  const wrong = (index: number, message: string): DataError =>
    fail({ kind: 'mask', index }, message, 'a mask has a 1 for each real token and a 0 for padding; rename it if it is something else');
  const stranger = mask.findIndex((entry) => entry !== '0' && entry !== '1');
  if (stranger >= 0) throw wrong(stranger, `${quote(mask[stranger])} in the mask is neither 0 nor 1`);
  if (mask.length !== count) throw wrong(0, `the mask has ${plural(mask.length, 'digit')}, the row ${plural(count, 'token')}`);
  let begin = count;
  let end = 0;
  for (const [index, entry] of mask.entries()) {
    if (entry === '0') {
      valueAt(index);
      continue;
    }
    if (begin === count) begin = index;
    else if (end !== index) throw wrong(index, 'the mask has a 0 between its ones');
    end = index + 1;
  }
  if (begin === count) begin = end;
  const ones = end - begin;
  if (length === undefined || length === ones) return { begin, end };
  throw fail(
    { kind: 'length', index: 0 },
    `the length is ${length}, the mask has ${plural(ones, 'one')}`,
    'take away the one that is wrong',
  );
}

/** A cell that is left out holds any whole number; NaN where it holds something else. */
export function wholeNumber(text: string): number {
  return /^[ \t]*[+-]?\d+[ \t]*$/.test(text) ? Number(text) : NaN;
}
