// A vocabulary as JSON: vocab.json, and the key `vocabulary` in the metadata of a weight file.
// Reads also a bare array of texts by ID. Guesses nothing that is broken: each fault is named with its entry.
import { DataError, quote } from '../../errors.ts';
import { repeatedKey } from '../../formats/repeated-key.ts';
import { byteVocabulary, levels, newline, unknownText } from './vocabulary.ts';
import type { Level, TextVocabulary } from './vocabulary.ts';

/** Raised when a reader of the old version could misread the new. */
const FORMAT_VERSION = 1;
const keys = ['format', 'version', 'level', 'nfc', 'pad', 'unk', 'eos', 'tokens'];

/** The JSON of a vocabulary: one line, or with `indent` a token a line, so that versions can be compared. The same vocabulary gives the same text. */
export function vocabularyToJson({ level, nfc, unk, eos, tokens }: TextVocabulary, indent = 0): string {
  const json = {
    format: 'rnn-vocabulary',
    version: FORMAT_VERSION,
    level,
    ...(nfc && { nfc }),
    pad: 0,
    ...(unk !== undefined && { unk }),
    ...(eos !== undefined && { eos }),
    ...(level !== 'byte' && { tokens }),
  };
  return JSON.stringify(json, undefined, indent);
}

/** Whether two vocabularies give the same IDs to the same text. */
export function sameVocabulary(a: TextVocabulary, b: TextVocabulary): boolean {
  return vocabularyToJson(a) === vocabularyToJson(b);
}

/** Reads what `vocabularyToJson` wrote, or an array of texts by ID. Throws DataError that names `file` and the entry at fault. */
export function parseVocabulary(json: string, file: string): TextVocabulary {
  const fail = (problem: string, hint = 'make it anew with rnn tokenize --vocab FILE'): never => {
    throw new DataError({ file }, problem, hint);
  };
  // Editors write a byte order mark, which JSON has not.
  const text = json.replace(/^\uFEFF/, '');
  const found = parseJson(text, fail);
  if (Array.isArray(found)) return vocabularyOfArray(found, fail);
  if (typeof found !== 'object' || found === null) return fail('this is no vocabulary: neither an object nor an array');
  const given = found as Readonly<Record<string, unknown>>;
  if (given['format'] !== 'rnn-vocabulary') {
    const isPretrained = 'model' in given || 'added_tokens' in given;
    return fail('this is no vocabulary of rnn', isPretrained ? 'a tokenizer.json of Hugging Face is read with --tokenizer' : undefined);
  }
  if (given['version'] !== FORMAT_VERSION) {
    const version = JSON.stringify(given['version']) ?? 'missing';
    fail(`the vocabulary has format version ${version}; this rnn reads ${FORMAT_VERSION}`, 'use the rnn that wrote it, or a newer one');
  }
  const twice = repeatedKey(text);
  if (twice !== undefined) fail(`the key ${quote(twice)} stands twice`, 'take one of them away');
  const stranger = Object.keys(given).find((key) => !keys.includes(key));
  if (stranger !== undefined) fail(`the key ${quote(stranger)} is not one of ${keys.join(', ')}`);
  return vocabularyOfObject(given, fail);
}

type Fail = (problem: string, hint?: string) => never;

function parseJson(json: string, fail: Fail): unknown {
  try {
    return JSON.parse(json);
  } catch (error) {
    return fail(`this is no JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function vocabularyOfObject(given: Readonly<Record<string, unknown>>, fail: Fail): TextVocabulary {
  const { level, nfc = false, pad = 0, unk, eos } = given;
  if (!levels.includes(level as Level)) fail(`level ${shown(level)} is not one of ${levels.join(', ')}`);
  if (typeof nfc !== 'boolean') return fail(`nfc ${shown(nfc)} is neither true nor false`);
  if (pad !== 0) fail(`pad ${shown(pad)} is not 0, which is reserved for padding`);
  if (level === 'byte') {
    const vocabulary = byteVocabulary(eos !== undefined);
    if (given['tokens'] !== undefined) fail('level byte has no list of tokens: byte b has the ID b + 1');
    if (nfc || unk !== undefined) fail(`level byte has no ${nfc ? 'nfc' : 'unk'}: it takes every byte as it is`);
    if (eos !== vocabulary.eos) fail(`eos ${shown(eos)} is not ${vocabulary.eos}, the ID of the newline byte`);
    return vocabulary;
  }
  const textLevel = level as Exclude<Level, 'byte'>;
  const tokens = checkedTokens(given['tokens'], textLevel, fail);
  checkSpecial('unk', unk, unknownText[textLevel], tokens, fail);
  checkSpecial('eos', eos, newline, tokens, fail);
  return {
    level: textLevel,
    nfc,
    tokens,
    size: tokens.length,
    ...(unk !== undefined && { unk: unk as number }),
    ...(eos !== undefined && { eos: eos as number }),
  };
}

/** Texts by ID: characters where none is longer, else words; "\n" among them ends rows. */
function vocabularyOfArray(found: readonly unknown[], fail: Fail): TextVocabulary {
  const level = found.every((text) => typeof text === 'string' && codePoints(text) <= 1) ? 'char' : 'word';
  const tokens = checkedTokens(found, level, fail);
  const eos = tokens.indexOf(newline);
  const unk = tokens.indexOf(unknownText[level]);
  return { level, nfc: false, tokens, size: tokens.length, ...(unk > 0 && { unk }), ...(eos > 0 && { eos }) };
}

function checkedTokens(tokens: unknown, level: Exclude<Level, 'byte'>, fail: Fail): readonly string[] {
  if (!Array.isArray(tokens)) return fail('the list "tokens" is missing');
  const seen = new Map<string, number>();
  for (const [id, text] of (tokens as readonly unknown[]).entries()) {
    if (typeof text !== 'string') return fail(`entry ${id} is ${shown(text)}, not a text`);
    const first = seen.get(text);
    if (first !== undefined) fail(`entry ${id}, ${quote(text)}, is entry ${first} too: one ID could not be told from the other`);
    seen.set(text, id);
    if (id === 0) {
      if (text !== '')
        fail(`entry 0 is ${quote(text)}, but ID 0 is reserved for padding`, 'put "" first, which moves the other IDs up by 1');
    } else if (level === 'char' && codePoints(text) !== 1) {
      fail(`entry ${id}, ${quote(text)}, is not one character`, 'words need "level": "word"');
    } else if (level === 'word' && text !== newline && /^$|\p{White_Space}/u.test(text)) {
      fail(`entry ${id}, ${quote(text)}, is no word: words have no whitespace`);
    }
  }
  if (tokens.length < 2) fail('there is no token but the padding');
  return tokens as readonly string[];
}

/** A special token's ID must point to the text that it prints. */
function checkSpecial(name: string, id: unknown, text: string, tokens: readonly string[], fail: Fail): void {
  if (id === undefined || tokens[id as number] === text) return;
  fail(`${name} is ${shown(id)}, but entry ${shown(id)} is ${shown(tokens[id as number])}, not ${JSON.stringify(text)}`);
}

/** 1 for every character, also outside the basic plane; a lone surrogate is none. */
function codePoints(text: string): number {
  return /^(?:\P{Surrogate})?$/u.test(text) ? Math.min(text.length, 1) : 2;
}

function shown(value: unknown): string {
  const json = JSON.stringify(value) as string | undefined;
  return json === undefined ? 'missing' : json.length > 40 ? `${json.slice(0, 40)}…` : json;
}
