// A short text in memory to token IDs: a prompt, a line. Files and pipes go through the stream encoder.
import { DataError, quote } from '../../errors.ts';
import { idOfByte, newline } from './vocabulary.ts';
import type { TextVocabulary } from './vocabulary.ts';

/**
 * The IDs of a text that may hold newlines; adds no end of row. To words a newline is whitespace, unless it ends rows.
 * `name` is what messages call the text. Throws DataError with its place at a token that the vocabulary has not, unless it has `unk`.
 */
export function encodeText(vocabulary: TextVocabulary, text: string, name: string): Int32Array<ArrayBuffer> {
  const { level, nfc, tokens, unk, eos } = vocabulary;
  if (/\p{Surrogate}/u.test(text)) throw new DataError({ file: name }, 'half of a surrogate pair is no character', 'check the text');
  if (level === 'byte') return Int32Array.from(Buffer.from(text, 'utf8'), idOfByte);
  const idOf = new Map(tokens.map((token, id) => [token, id]));
  const ids: number[] = [];
  for (const [row, line] of (nfc ? text.normalize('NFC') : text).split(newline).entries()) {
    const pieces = line.match(level === 'char' ? /[^]/gu : /\P{White_Space}+/gu) ?? [];
    const endBefore = row > 0 && (level === 'char' || eos !== undefined) ? [newline] : [];
    for (const [at, piece] of [...endBefore, ...pieces].entries()) {
      const id = idOf.get(piece) ?? unk;
      if (id === undefined) throw unknownToken(vocabulary, piece, { file: name, line: row + 1 }, at + 1 - endBefore.length);
      ids.push(id);
    }
  }
  return Int32Array.from(ids);
}

/** `text.txt:3:7: the character "é" (U+00E9) is not in the vocabulary`, `text.txt:3: word 4, "cat", is not in …`. `position` counts from 1. */
export function unknownToken(
  { level }: TextVocabulary,
  text: string,
  { file, line }: { readonly file: string; readonly line: number },
  position: number,
): DataError {
  const hint = 'make a vocabulary that has it, or one with --unk for all that is not in it';
  if (level === 'word') return new DataError({ file, line }, `word ${position}, ${quote(text)}, is not in the vocabulary`, hint);
  const what = `the character ${quote(text)}${codePointName(text)}`;
  return new DataError({ file, line, column: position }, `${what} is not in the vocabulary`, hint);
}

/** For characters that do not show, or that look like others. */
function codePointName(character: string): string {
  if (/^[\x20-\x7e]$/.test(character)) return '';
  return ` (U+${character.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')})`;
}
