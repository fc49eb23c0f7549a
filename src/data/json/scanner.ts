// Reads lists of tokens from JSON: fast where nothing but tokens stands in them, with care and a word on what is wrong where not.
import type { DataError } from '../../errors.ts';
import { quote } from '../../errors.ts';
import type { Window } from '../padding.ts';
import type { RowBuilder } from '../rows/builder.ts';
import { maxToken, surelyTokens, tokenHint, tokenRule } from '../rows/token.ts';
import { endsScalar, JsonSyntax } from './syntax.ts';
import { newline } from './window.ts';

const wholeRow: Window = { begin: 0, end: Infinity };
const [space, quotationMark, comma, zero] = [0x20, 0x22, 0x2c, 0x30];
const [openList, closeList, openObject, closeObject] = [0x5b, 0x5d, 0x7b, 0x7d];

export class JsonScanner extends JsonSyntax {
  /** `[1, 2, 3]` goes to the builder, or the part of it that is real. */
  tokens(builder: RowBuilder, { begin, end }: Window = wholeRow): void {
    if (begin === 0 && end === Infinity && this.#plainTokens(builder)) return;
    let index = 0;
    this.list(() => {
      if (index < begin || index >= end) {
        this.skip();
      } else {
        const token = this.#token();
        if (token < 0) throw this.#badToken(index);
        builder.push(token);
      }
      index++;
    });
  }

  /**
   * `[1, 2, -1]` goes to the builder: whole numbers, which may turn out to be padding. Those that 32 bits cannot hold
   * go there as the nearest that they can. Returns whether all are token IDs.
   */
  wholeNumbers(builder: RowBuilder): boolean {
    if (this.#plainTokens(builder)) return true;
    let areTokens = true;
    this.list(() => {
      let value = this.#token();
      if (value < 0) {
        areTokens = false;
        value = Math.max(-maxToken - 1, Math.min(this.#wholeNumber(builder.openLength), maxToken));
      }
      builder.push(value);
    });
    return areTokens;
  }

  /**
   * What most lists hold and nothing else: digits, commas, spaces before the digits, and a bracket that is at hand, which ends every
   * loop. False, with nothing consumed, where anything else stands: the ways above read it, and say what is wrong.
   */
  #plainTokens(builder: RowBuilder): boolean {
    if (this.peek() !== openList || builder.openLength > 0) return false;
    const { bytes } = this;
    const end = bytes.indexOf(closeList, this.at);
    if (end < 0) return false;
    let at = this.at + 1;
    while (at < end) {
      while (bytes[at] === space) at++;
      const begin = at;
      let value = 0;
      let digit = bytes[at] - zero;
      // Unsigned, the bytes below the digits are large numbers.
      while (digit >>> 0 < 10) {
        value = (Math.imul(value, 10) + digit) | 0;
        digit = bytes[++at] - zero;
      }
      const isToken = at > begin && at - begin <= surelyTokens && (bytes[begin] !== zero || at === begin + 1);
      const isLast = at === end;
      if (!isToken || !(isLast || (bytes[at] === comma && at + 1 < end))) {
        builder.dropOpenRow();
        return false;
      }
      builder.push(value);
      if (!isLast) at++;
    }
    this.at = end + 1;
    return true;
  }

  /** A token ID; −1, with nothing consumed, where something else stands. */
  #token(): number {
    this.peek();
    const { bytes } = this;
    const begin = this.at;
    let at = begin;
    let value = 0;
    for (; at < bytes.length; at++) {
      const digit = bytes[at] - 48;
      if (digit < 0 || digit > 9) break;
      value = value * 10 + digit;
    }
    if (at === bytes.length) this.needMore();
    const zeroFirst = at > begin + 1 && bytes[begin] === 48;
    if (at === begin || zeroFirst || value > maxToken || !endsScalar(bytes[at])) return -1;
    this.at = at;
    return value;
  }

  /** Any whole number that JSON can write. */
  #wholeNumber(index: number): number {
    const begin = this.at;
    this.skipScalar();
    const text = this.bytes.toString('latin1', begin, this.at);
    if (/^-?(0|[1-9]\d*)$/.test(text)) return Number(text);
    this.at = begin;
    throw this.#badToken(index);
  }

  #badToken(index: number): DataError {
    const first = this.peek();
    if ([-1, newline, comma, closeList, closeObject].includes(first)) return this.unexpected('a token', index);
    if (first === openList || first === openObject) {
      const what = first === openList ? 'a list' : 'an object';
      return this.fail(`${what} stands where a token should`, 'a row is one flat list of token IDs', index);
    }
    const begin = this.at;
    this.skip();
    const text = this.bytes.toString('utf8', begin, this.at);
    const shown = first === quotationMark && text.length <= 40 ? text : quote(text);
    return this.fail(`${this.byLine ? 'token ' : ''}${shown} is not ${tokenRule}`, tokenHint(text), index);
  }
}
