// Makes a vocabulary from a text: counts its characters or words, and keeps those that are frequent enough.
import { UserError } from '../../errors.ts';
import { characterSplitter, wordSplitter } from './splitters.ts';
import { byCodePoint, createVocabulary, newline, unknownText } from './vocabulary.ts';
import type { TextVocabulary, VocabularyParts } from './vocabulary.ts';

export interface VocabularyLimits extends VocabularyParts {
  /** Size at most, padding, unknown and end of row included: the most frequent tokens stay. */
  readonly maxVocab?: number | undefined;
  /** Tokens that the text has fewer times are left out. */
  readonly minCount: number;
}

export interface MadeVocabulary {
  readonly vocabulary: TextVocabulary;
  /** How many distinct tokens were left out, and how often the text has them. */
  readonly leftOut: { readonly distinct: number; readonly occurrences: number };
}

/** Counts over the whole text, whole characters a stretch. Throws UserError where it holds no token, or where all are left out. */
export async function makeVocabulary(text: AsyncIterable<Uint8Array>, limits: VocabularyLimits, file: string): Promise<MadeVocabulary> {
  const counts = limits.level === 'char' ? await countCharacters(text) : await countWords(text, file);
  if (counts.size === 0) throw new UserError(`${file}: there is no token to make a vocabulary of`, 'is it the right file?');
  return select(counts, limits, file);
}

async function countCharacters(text: AsyncIterable<Uint8Array>): Promise<Map<string, number>> {
  // Float64 counts beyond 2^32, and only the pages in use cost memory.
  const counts = new Float64Array(0x110000);
  const splitter = characterSplitter({ piece: (codePoint) => void counts[codePoint]++, endLine() {} });
  for await (const stretch of text) splitter.split(stretch);
  const found = new Map<string, number>();
  for (let codePoint = 0; codePoint < counts.length; codePoint++) {
    if (counts[codePoint] > 0) found.set(String.fromCodePoint(codePoint), counts[codePoint]);
  }
  return found;
}

/** V8's Map holds up to 2^24 keys. */
const mostWords = (1 << 24) - 1;

async function countWords(text: AsyncIterable<Uint8Array>, file: string): Promise<Map<string, number>> {
  const counts = new Map<string, { count: number }>();
  const piece = (word: string): void => {
    const known = counts.get(word);
    if (known !== undefined) known.count++;
    else if (counts.size < mostWords) counts.set(unsliced(word), { count: 1 });
    else throw new UserError(`${file}: there are more than ${mostWords} different words`, 'use --level char, or a tokenizer.json');
  };
  const splitter = wordSplitter({ piece, endLine() {} }, file);
  for await (const stretch of text) splitter.split(stretch);
  splitter.end();
  return new Map(Array.from(counts, ([word, { count }]) => [word, count]));
}

/** A copy: V8 keeps a whole stretch of text alive for a longer word that was cut from it. */
function unsliced(word: string): string {
  return word.length < 13 ? word : Buffer.from(word).toString();
}

/** The most frequent first, equal counts in the order of code points. */
function select(counts: ReadonlyMap<string, number>, limits: VocabularyLimits, file: string): MadeVocabulary {
  const { level, unk, eos, maxVocab = Infinity, minCount } = limits;
  const special = 1 + (unk ? 1 : 0) + (eos ? 1 : 0);
  const isSpecial = (text: string): boolean => (unk && text === unknownText[level]) || (eos && text === newline);
  const texts = [...counts].filter(([text]) => !isSpecial(text));
  const frequent = texts.filter(([, count]) => count >= minCount);
  const room = Math.max(0, maxVocab - special);
  if (frequent.length > room) frequent.sort(([a, m], [b, n]) => n - m || byCodePoint(a, b));
  const kept = frequent.slice(0, room);
  if (kept.length === 0) {
    throw new UserError(
      `${file}: --max-vocab and --min-count leave no token of the ${texts.length} in the text`,
      'raise --max-vocab, or lower --min-count',
    );
  }
  const total = (pairs: readonly (readonly [string, number])[]): number => pairs.reduce((sum, [, count]) => sum + count, 0);
  return {
    vocabulary: createVocabulary(
      limits,
      kept.map(([text]) => text),
    ),
    leftOut: { distinct: texts.length - kept.length, occurrences: total(texts) - total(kept) },
  };
}
