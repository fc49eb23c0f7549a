// A short text in memory to token IDs: a prompt, a line. Files and pipes go through the stream encoder.
import { DataError, quote } from '../../errors.ts';
import { idOfByte, newline } from './vocabulary.ts';
import type { TextVocabulary } from './vocabulary.ts';

/**
 * The IDs of a text that may hold newlines; adds no end of row. `name` is what messages call the text.
 * Throws DataError with line and column at a token that the vocabulary has not, unless it has `unk`.
 */
export function encodeText(vocabulary: TextVocabulary, text: string, name: string): Int32Array<ArrayBuffer> {
  const lone = /\p{Surrogate}/u.exec(text);
  if (lone) throw new DataError(placeIn(text, lone.index, name), 'half of a surrogate pair is no character', 'check the text');
  if (vocabulary.level === 'byte') return Int32Array.from(Buffer.from(text, 'utf8'), idOfByte);
  const normal = vocabulary.nfc ? text.normalize('NFC') : text;
  const idOf = new Map(vocabulary.tokens.map((token, id) => [token, id]));
  const pieces = vocabulary.level === 'char' ? /[^]/gu : vocabulary.eos === undefined ? /\P{White_Space}+/gu : /\n|\P{White_Space}+/gu;
  return Int32Array.from(normal.matchAll(pieces), ({ 0: piece, index }) => {
    const id = idOf.get(piece) ?? vocabulary.unk;
    if (id === undefined) throw unknownToken(vocabulary, piece, placeIn(normal, index, name));
    return id;
  });
}

/** `text.txt:3:7: the character "é" is not in the vocabulary`. The column counts characters, at level word too. */
export function unknownToken(
  { level }: TextVocabulary,
  text: string,
  place: { readonly file: string; readonly line?: number; readonly column: number },
): DataError {
  const what = level === 'char' ? `the character ${quote(text)}${codePointName(text)}` : `the word ${quote(text)}`;
  return new DataError(place, `${what} is not in the vocabulary`, 'make a vocabulary that has it, or one with --unk for what is not in it');
}

/** For characters that do not show, or that look like others. */
function codePointName(character: string): string {
  if (/^[\x20-\x7e]$/.test(character)) return '';
  return ` (U+${character.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')})`;
}

function placeIn(text: string, index: number, file: string): { file: string; line: number; column: number } {
  const before = text.slice(0, index);
  const lineBegin = before.lastIndexOf(newline) + 1;
  return { file, line: before.split(newline).length, column: Array.from(before.slice(lineBegin)).length + 1 };
}
