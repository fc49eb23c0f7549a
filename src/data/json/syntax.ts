// JSON from bytes as they come, value by value. JSON.parse would turn 1e3 into 1000, round 9007199254740993, keep the last of
// two like keys, forget where all that stood, and need the whole text at once; this keeps source text, line and order.
import { DataError, quote } from '../../errors.ts';
import { tooLong } from '../source/line-limit.ts';
import { JsonWindow, newline } from './window.ts';
import type { Mark } from './window.ts';

const [quotationMark, comma, colon, backslash] = [0x22, 0x2c, 0x3a, 0x5c];
const [openList, closeList, openObject, closeObject] = [0x5b, 0x5d, 0x7b, 0x7d];

export class JsonSyntax extends JsonWindow {
  readonly #file: string;

  constructor(file: string, source: AsyncGenerator<Buffer>, byLine: boolean, limit?: number) {
    super(source, byLine, limit);
    this.#file = file;
  }

  expect(byte: number, otherwise = ''): void {
    if (!this.accept(byte)) throw this.unexpected(`${JSON.stringify(String.fromCharCode(byte))}${otherwise}`);
  }

  /** Each value of a list, by a function that reads it. */
  list(read: () => void): void {
    this.expect(openList);
    if (this.accept(closeList)) return;
    do read();
    while (this.accept(comma));
    this.expect(closeList, ' or a comma');
  }

  /** Each key of an object; `read` takes its value. */
  object(read: (key: string) => void): void {
    this.expect(openObject);
    if (this.accept(closeObject)) return;
    const seen = new Set<string>();
    do {
      const key = this.key();
      if (seen.has(key)) throw this.fail(`the key ${quote(key)} stands twice in one object`, 'take one of them away');
      seen.add(key);
      read(key);
    } while (this.accept(comma));
    this.expect(closeObject, ' or a comma');
  }

  /** The keys of the object that comes next, without taking it. */
  aheadKeys(): string[] {
    const keys: string[] = [];
    this.ahead(() =>
      this.object((key) => {
        keys.push(key);
        this.skip();
      }),
    );
    return keys;
  }

  /** Throws where anything follows the document; always false, for it has no further row. */
  expectEnd(): false {
    if (this.peek() === -1) return false;
    this.row = 0;
    throw this.fail('more text follows the document', 'one value a line is JSONL: --input-format jsonl');
  }

  /** A key and its colon. */
  key(): string {
    if (this.peek() !== quotationMark) throw this.unexpected('a key in quotation marks');
    const key = JSON.parse(this.value()) as string;
    this.expect(colon);
    return key;
  }

  /** Any value, as its source text on one line. */
  value(): string {
    this.peek();
    const begin = this.at;
    this.skip();
    const text = this.bytes.toString('utf8', begin, this.at);
    if (text === '') throw this.unexpected('a value');
    try {
      JSON.parse(text);
    } catch {
      throw this.fail(`${quote(text)} is not JSON`, 'JSON has numbers, "texts", true, false, null, [lists] and {"objects": 1} only');
    }
    return text.includes('\n') ? text.replace(/("(?:[^"\\]|\\.)*")|\s+/g, '$1') : text;
  }

  /** Goes past any value, whose brackets and quotation marks alone are looked at. */
  skip(): void {
    const first = this.peek();
    if (first === openList || first === openObject) this.#skipNested();
    else if (first === quotationMark) this.#skipString();
    else this.skipScalar();
  }

  /** JSONL: nothing more may stand on the line. */
  expectRowEnd(): void {
    if (!this.byLine || this.peek() === newline || this.peek() === -1) return;
    throw this.fail('more text follows the row on its line', 'write one row a line; a document is --input-format json');
  }

  /**
   * Goes past a row of which something breaks a rule: to the end of its line, or past its brackets. Throws where they do not pair:
   * nobody knows then where the next row begins.
   */
  skipRow(begin: Mark): void {
    this.goTo(begin);
    if (!this.byLine) {
      this.#skipPaired();
      return;
    }
    const end = this.bytes.indexOf(newline, this.at);
    this.at = end < 0 ? this.bytes.length : end;
    if (end < 0) this.needMore();
  }

  protected skipScalar(): void {
    while (this.at < this.bytes.length && !endsScalar(this.bytes[this.at])) this.at++;
    if (this.at === this.bytes.length) this.needMore();
  }

  #skipString(): void {
    const { bytes } = this;
    let at = this.at + 1;
    while (at < bytes.length && bytes[at] !== quotationMark && bytes[at] !== newline) at += bytes[at] === backslash ? 2 : 1;
    if (at >= bytes.length) this.needMore();
    if (bytes[at] !== quotationMark) throw this.fail('a text has no closing quotation mark', 'close it; within a text \\n is a line break');
    this.at = at + 1;
  }

  #skipNested(): void {
    let depth = 0;
    do {
      const byte = this.peek();
      if (byte === -1 || byte === newline) throw this.unexpected('the rest of a value');
      if (byte === quotationMark) {
        this.#skipString();
        continue;
      }
      if (byte === openList || byte === openObject) depth++;
      if (byte === closeList || byte === closeObject) depth--;
      this.at++;
    } while (depth > 0);
  }

  #skipPaired(): void {
    const first = this.peek();
    if (first !== openList && first !== openObject) {
      this.skip();
      return;
    }
    const wanted: number[] = [];
    do {
      const byte = this.peek();
      if (byte === quotationMark) {
        this.#skipString();
        continue;
      }
      if (byte === openList || byte === openObject) wanted.push(byte + 2);
      const isClose = byte === closeList || byte === closeObject;
      if (byte === -1 || (isClose && wanted.at(-1) !== byte)) throw this.unexpected(`"${String.fromCharCode(wanted.at(-1)!)}"`);
      if (isClose) wanted.pop();
      this.at++;
    } while (wanted.length > 0);
  }

  protected override tooLong(): Error {
    const place = { file: this.#file, line: this.line };
    return tooLong(place, this.byLine ? 'the line' : this.row === 0 ? 'the document, which is read whole,' : `row ${this.row}`, this.limit);
  }

  /** The error of what comes next, where something else should. */
  unexpected(wanted: string, index?: number): DataError {
    const byte = this.peek();
    if (this.byLine && (byte === newline || byte === -1)) {
      const hint = 'write every row whole on its line; a document is --input-format json';
      return this.fail(`the line ends early: ${wanted} should follow`, hint, index);
    }
    if (byte === -1) return this.fail(`the document ends early: ${wanted} should follow`, 'is the file complete?', index);
    const [character] = this.bytes.toString('utf8', this.at, this.at + 4);
    return this.fail(`${quote(character)} stands where ${wanted} should`, 'check the JSON with another tool, such as jq', index);
  }

  /** An error at this line; in a document, where rows share lines, it names the row too. `index` is that of the token in its row. */
  fail(message: string, hint: string, index?: number): DataError {
    const place = { file: this.#file, line: this.line };
    if (this.byLine) return new DataError(index === undefined ? place : { ...place, column: index + 1 }, message, hint);
    const token = index === undefined ? '' : `, token ${index + 1}`;
    return new DataError(place, this.row === 0 ? message : `row ${this.row}${token}: ${message}`, hint);
  }
}

export function endsScalar(byte: number | undefined): boolean {
  return byte === undefined || byte === comma || byte === closeList || byte === closeObject || byte <= 0x20;
}
