// What `rnn tokenize` reads: a text, and the encoder for it by a vocabulary file, by a vocabulary made of the text itself, or by a
// tokenizer.json. A vocabulary that is made is on disk before the first row is written, for whoever reads the rows in a pipe.
import { openBytes } from '../source/bytes.ts';
import type { ByteSource, InputIo } from '../source/bytes.ts';
import { composed, wholeCharacters } from './characters.ts';
import { makeVocabulary } from './count-tokens.ts';
import type { MadeVocabulary } from './count-tokens.ts';
import { createPretrainedEncoder, loadPretrained } from './pretrained.ts';
import { createTokenEncoder } from './token-encoder.ts';
import type { TokenEncoder } from './token-encoder.ts';
import { openTwice } from './twice.ts';
import { byteVocabulary } from './vocabulary.ts';
import type { Level, TextVocabulary } from './vocabulary.ts';
import { isThere, readVocabulary, requireAgreement, writeVocabulary } from './vocabulary-file.ts';

export interface TokenSourceOptions {
  readonly tokenizer: string | undefined;
  readonly vocab: string | undefined;
  readonly level: Level | undefined;
  readonly nfc: boolean;
  readonly unk: boolean;
  readonly eos: boolean;
  readonly maxVocab: number | undefined;
  readonly minCount: number;
  readonly skipEmpty: boolean;
}

/** A vocabulary that is there, and where. */
export interface Carried {
  readonly file: string;
  readonly vocabulary: TextVocabulary;
}

/** A text that is ready to be encoded. */
export interface TokenSource {
  /** As messages name it. */
  readonly file: string;
  readonly text: AsyncGenerator<Buffer>;
  readonly encoder: TokenEncoder;
  readonly vocabulary: VocabularyUsed;
  readonly close: () => Promise<void>;
}

export interface VocabularyUsed {
  /** Absent where it is kept nowhere. */
  readonly file: string | undefined;
  readonly size: number;
  /** Absent for a tokenizer.json. */
  readonly level?: Level;
  /** What the text has and a vocabulary made of it has not; absent where it was not made now. */
  readonly leftOut?: MadeVocabulary['leftOut'];
}

/** Throws UserError where the vocabulary or the tokenizer cannot be had, DataError where the text is at fault. */
export async function openTokenSource(
  file: string | undefined,
  options: TokenSourceOptions,
  io: InputIo,
  carried?: Carried,
): Promise<TokenSource> {
  if (options.tokenizer !== undefined) return byTokenizer(file, options.tokenizer, options.skipEmpty, io);
  const known = await knownVocabulary(options, carried);
  if (known === undefined) return byOwnVocabulary(file, options, io);
  const source = await openBytes(file, io);
  return byVocabulary(source, known, options, async () => source.close());
}

async function byTokenizer(file: string | undefined, tokenizer: string, skipEmpty: boolean, io: InputIo): Promise<TokenSource> {
  const pretrained = await loadPretrained(tokenizer);
  const source = await openBytes(file, io);
  return {
    file: source.file,
    text: wholeCharacters(source),
    encoder: createPretrainedEncoder(pretrained, { skipEmpty, file: source.file }),
    vocabulary: { file: tokenizer, size: pretrained.size },
    close: async () => source.close(),
  };
}

/** Reads the text twice: to count its tokens, and to encode it. */
async function byOwnVocabulary(file: string | undefined, options: TokenSourceOptions, io: InputIo): Promise<TokenSource> {
  const { level = 'char', vocab } = options;
  const input = await openTwice(file, io);
  try {
    const text = textFor({ ...options, level }, input.first);
    const made = await makeVocabulary(text, { ...options, level: level as Exclude<Level, 'byte'> }, input.first.file);
    if (vocab !== undefined) await writeVocabulary(vocab, made.vocabulary);
    return byVocabulary(await input.second(), { ...made, file: vocab }, options, input.close);
  } catch (error) {
    await input.close();
    throw error;
  }
}

function byVocabulary(
  source: ByteSource,
  { file, vocabulary, leftOut }: Known,
  { skipEmpty }: TokenSourceOptions,
  close: () => Promise<void>,
): TokenSource {
  const { level, size } = vocabulary;
  return {
    file: source.file,
    text: textFor(vocabulary, source),
    encoder: createTokenEncoder(vocabulary, { skipEmpty, file: source.file }),
    vocabulary: { file, level, size, ...(leftOut && { leftOut }) },
    close,
  };
}

interface Known {
  readonly file: string | undefined;
  readonly vocabulary: TextVocabulary;
  readonly leftOut?: MadeVocabulary['leftOut'];
}

/** The vocabulary that needs no look at the text: that of weights, that of a file, or the one of bytes. */
async function knownVocabulary(options: TokenSourceOptions, carried: Carried | undefined): Promise<Known | undefined> {
  const { vocab, level, eos } = options;
  const isFile = vocab !== undefined && (await isThere(vocab));
  const known = carried ?? (isFile ? { file: vocab, vocabulary: await readVocabulary(vocab) } : undefined);
  if (known !== undefined) {
    requireAgreement(known.file, known.vocabulary, options);
    return known;
  }
  if (level !== 'byte') return undefined;
  const vocabulary = byteVocabulary(eos);
  if (vocab !== undefined) await writeVocabulary(vocab, vocabulary);
  return { file: vocab, vocabulary, leftOut: { distinct: 0, occurrences: 0 } };
}

/** The bytes as the level of a vocabulary wants them: any, or those of whole characters, in NFC where it says so. */
function textFor({ level, nfc }: Pick<TextVocabulary, 'level' | 'nfc'>, source: ByteSource): AsyncGenerator<Buffer> {
  if (level === 'byte') return source.bytes;
  const characters = wholeCharacters(source);
  return nfc ? composed(characters) : characters;
}
