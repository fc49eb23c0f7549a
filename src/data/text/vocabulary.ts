// The vocabulary of a text: which piece of text has which token ID. ID 0 is padding and prints nothing.
// A row of text is a line, so "\n" is in no row's text, and is what the end-of-row token, where there is one, stands for.

/** What a token is: a Unicode code point (never half of a surrogate pair), a byte of the UTF-8 text, or what stands between whitespace. */
export const levels = ['char', 'byte', 'word'] as const;
export type Level = (typeof levels)[number];

export interface TextVocabulary {
  readonly level: Level;
  /** The text is put into Unicode NFC before it is cut into tokens; never at level byte. */
  readonly nfc: boolean;
  /** The text of each token by ID, all distinct: "" at 0; empty at level byte, where byte b has the ID b + 1. (size, or 0) */
  readonly tokens: readonly string[];
  /** IDs are 0 … size − 1. */
  readonly size: number;
  /** The ID of every token that is not in the vocabulary; without it such a token is an error. */
  readonly unk?: number;
  /** The ID of the newline: rows end with it, and `--eos` wrote it. */
  readonly eos?: number;
}

export const padId = 0;
export const newline = '\n';

/** What an unknown token prints as. A text that holds it itself means the same by it, so it has the same ID. */
export const unknownText: Readonly<Record<Exclude<Level, 'byte'>, string>> = { char: '\uFFFD', word: '<unk>' };

/** Level byte: byte b has the ID b + 1, and the end of a row is the newline byte. */
export function byteVocabulary(eos: boolean): TextVocabulary {
  return { level: 'byte', nfc: false, tokens: [], size: 257, ...(eos && { eos: idOfByte(0x0a) }) };
}

export function idOfByte(byte: number): number {
  return byte + 1;
}

export interface VocabularyParts {
  readonly level: Exclude<Level, 'byte'>;
  readonly nfc: boolean;
  readonly unk: boolean;
  readonly eos: boolean;
}

/** Padding, then the unknown token and the end of a row where they are asked for, then `texts` in the order of their code points. */
export function createVocabulary({ level, nfc, unk, eos }: VocabularyParts, texts: Iterable<string>): TextVocabulary {
  const special = ['', ...(unk ? [unknownText[level]] : []), ...(eos ? [newline] : [])];
  const rest = [...new Set(texts)].filter((text) => !special.includes(text)).sort(byCodePoint);
  const tokens = [...special, ...rest];
  return { level, nfc, tokens, size: tokens.length, ...(unk && { unk: 1 }), ...(eos && { eos: special.length - 1 }) };
}

/** The order of code points, which that of UTF-16 units is not: U+10000 comes after U+FFFF. */
export function byCodePoint(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let at = 0; at < length; at++) {
    if (a.charCodeAt(at) === b.charCodeAt(at)) continue;
    return a.codePointAt(at)! - b.codePointAt(at)!;
  }
  return a.length - b.length;
}

/** A token as messages and tables show it: `"a"`, `"\n"`, `byte 0xc3`, `padding`. */
export function shownToken({ level, tokens, size, unk, eos }: TextVocabulary, id: number): string {
  if (id < 0 || id >= size) return `no token ${id}`;
  if (id === padId) return 'padding';
  if (id === unk) return 'unknown';
  if (id === eos) return 'end of row';
  if (level !== 'byte') return JSON.stringify(tokens[id]);
  const byte = id - 1;
  return byte > 0x20 && byte < 0x7f ? JSON.stringify(String.fromCharCode(byte)) : `byte 0x${byte.toString(16).padStart(2, '0')}`;
}
