import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createDecoder } from '../../../src/data/text/decoder.ts';
import { encodeText } from '../../../src/data/text/encode-text.ts';
import { byCodePoint, byteVocabulary, createVocabulary, shownToken } from '../../../src/data/text/vocabulary.ts';
import type { TextVocabulary } from '../../../src/data/text/vocabulary.ts';
import { parseVocabulary, sameVocabulary, vocabularyToJson } from '../../../src/data/text/vocabulary-json.ts';

const chars = (text: string, flags: Partial<{ nfc: boolean; unk: boolean; eos: boolean }> = {}): TextVocabulary =>
  createVocabulary({ level: 'char', nfc: false, unk: false, eos: false, ...flags }, Array.from(text));
const words = (...texts: string[]): TextVocabulary => createVocabulary({ level: 'word', nfc: false, unk: true, eos: true }, texts);

function decoded(vocabulary: TextVocabulary, ids: Iterable<number>): string {
  const decoder = createDecoder(vocabulary);
  return Array.from(ids, decoder.push).join('') + decoder.end();
}

/** Whole characters, rare ones and combining marks as likely as letters; no lone surrogates. */
const anyCharacter = fc.string({ unit: 'binary', minLength: 1, maxLength: 1 });
const anyText = fc.string({
  unit: fc.oneof(fc.constantFrom('a', '\n', '\r', '\u2028', '\u0085', 'e\u0301', '👩‍👧', '\uFEFF'), anyCharacter),
});

describe('IDs', () => {
  test('are pad 0, unk, eos, then the tokens in the order of code points, which is not that of UTF-16', () => {
    expect(chars('b\u{1F600}a\uFFFCa', { unk: true, eos: true })).toEqual({
      level: 'char',
      nfc: false,
      tokens: ['', '\uFFFD', '\n', 'a', 'b', '\uFFFC', '\u{1F600}'],
      size: 7,
      unk: 1,
      eos: 2,
    });
    expect(['\u{1F600}', '\uFFFC', 'ab', 'a', ''].sort(byCodePoint)).toEqual(['', 'a', 'ab', '\uFFFC', '\u{1F600}']);
  });

  test('of bytes are the byte + 1, and the end of a row is the newline byte', () => {
    expect([...encodeText(byteVocabulary(true), 'é\n', 'text')]).toEqual([0xc3 + 1, 0xa9 + 1, byteVocabulary(true).eos]);
  });

  test('of a word that the text writes as <unk> are those of the unknown', () => {
    expect([...encodeText(words('cat'), 'cat <unk> dog', 'text')]).toEqual([3, 1, 1]);
  });
});

describe('decoding what was encoded gives the text back', () => {
  test('for characters, whatever they are', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const vocabulary = chars(`${text}\n`);
        expect(decoded(vocabulary, encodeText(vocabulary, text, 'text'))).toBe(text);
      }),
    );
  });

  test('for bytes, whatever the text', () => {
    const vocabulary = byteVocabulary(false);
    fc.assert(
      fc.property(anyText, (text) => {
        expect(decoded(vocabulary, encodeText(vocabulary, text, 'text'))).toBe(text);
      }),
    );
  });

  test('for words, with one space between them and no padding', () => {
    const vocabulary = words('the', 'cat', 'sat');
    const ids = [...encodeText(vocabulary, ' the  cat\n\u00a0sat\tdog ', 'text')];
    expect(decoded(vocabulary, [...ids, 0, 0])).toBe('the cat\nsat <unk>');
  });

  test('a byte decoder holds a cut character back until it is whole, and shows one that never is', () => {
    const decoder = createDecoder(byteVocabulary(false));
    expect([0xf0, 0x9f, 0x98, 0x80].map((byte) => decoder.push(byte + 1))).toEqual(['', '', '', '\u{1F600}']);
    expect([decoder.push(0xf0 + 1), decoder.end()]).toEqual(['', '\uFFFD']);
    expect(() => decoder.push(257)).toThrow('token 257 is outside the vocabulary 0..256');
  });
});

describe('an unknown token', () => {
  test('without unk is named with line and column in characters, and with its code point where it does not show', () => {
    expect(() => encodeText(chars('ab\n'), 'ab\nb\u{1F600}', '--prompt')).toThrow(
      '--prompt:2:2: the character "\u{1F600}" (U+1F600) is not in the vocabulary',
    );
    expect(() => encodeText({ ...words('a'), unk: undefined } as never, 'a dog', 'x')).toThrow('x:1: word 2, "dog", is not in');
    expect(() => encodeText(byteVocabulary(false), 'a\ud800', 'x')).toThrow('x: half of a surrogate pair');
  });

  test('with unk gets its ID', () => {
    expect([...encodeText(chars('a', { unk: true }), 'az', 'x')]).toEqual([2, 1]);
  });

  test('nfc makes two spellings of one character the same', () => {
    expect([...encodeText(chars('é', { nfc: true }), 'e\u0301', 'x')]).toEqual([1]);
  });
});

describe('the JSON of a vocabulary', () => {
  test('reads back as the same vocabulary, indented or not', () => {
    const flags = fc.record({ nfc: fc.boolean(), unk: fc.boolean(), eos: fc.boolean() });
    fc.assert(
      fc.property(anyText, flags, fc.constantFrom(0, 2), (text, given, indent) => {
        const vocabulary = chars(`a${text}`, given);
        expect(parseVocabulary(vocabularyToJson(vocabulary, indent), 'vocab.json')).toEqual(vocabulary);
      }),
    );
    for (const vocabulary of [byteVocabulary(true), byteVocabulary(false), words('a', 'b')]) {
      expect(parseVocabulary(vocabularyToJson(vocabulary), 'v')).toEqual(vocabulary);
    }
    expect(sameVocabulary(byteVocabulary(true), byteVocabulary(false))).toBe(false);
  });

  test('may be an array of texts by ID: of characters where none is longer, and "\\n" ends rows', () => {
    expect(parseVocabulary('["","\\n","a","\u{1F600}"]', 'v')).toEqual({
      level: 'char',
      nfc: false,
      tokens: ['', '\n', 'a', '\u{1F600}'],
      size: 4,
      eos: 1,
    });
    expect(parseVocabulary('\uFEFF["","a","<unk>","the"]', 'v')).toMatchObject({ level: 'word', unk: 2 });
  });

  const object = (more: object): string =>
    JSON.stringify({ format: 'rnn-vocabulary', version: 1, level: 'char', tokens: ['', 'a'], ...more });
  test.each([
    ['{', 'v: this is no JSON: '],
    ['3', 'v: this is no vocabulary: neither an object nor an array'],
    ['{"model":{}}', 'v: this is no vocabulary of rnn'],
    [object({ version: 2 }), 'v: the vocabulary has format version 2; this rnn reads 1'],
    [object({ level: 'bpe' }), 'v: level "bpe" is not one of char, byte, word'],
    ['{"format":"rnn-vocabulary","version":1,"level":"char","level":"word","tokens":["","a"]}', 'v: the key "level" stands twice'],
    [object({ size: 2 }), 'v: the key "size" is not one of format, version, '],
    [object({ tokens: undefined }), 'v: the list "tokens" is missing'],
    [object({ tokens: ['', 'a', 'b', 'a'] }), 'v: entry 3, "a", is entry 1 too'],
    [object({ tokens: ['', 'a', 7] }), 'v: entry 2 is 7, not a text'],
    [object({ tokens: ['a', 'b'] }), 'v: entry 0 is "a", but ID 0 is reserved for padding'],
    [object({ tokens: ['', 'ab'] }), 'v: entry 1, "ab", is not one character'],
    [object({ tokens: ['', '\ud800'] }), 'v: entry 1, "\\ud800", is not one character'],
    [object({ tokens: [''] }), 'v: there is no token but the padding'],
    [object({ level: 'word', tokens: ['', 'a b'] }), 'v: entry 1, "a b", is no word'],
    [object({ eos: 1 }), 'v: eos is 1, but entry 1 is "a", not "\\n"'],
    [object({ unk: 5 }), 'v: unk is 5, but entry 5 is missing'],
    [object({ pad: 3 }), 'v: pad 3 is not 0'],
    [object({ nfc: 'yes' }), 'v: nfc "yes" is neither true nor false'],
    [object({ level: 'byte' }), 'v: level byte has no list of tokens'],
    [object({ level: 'byte', tokens: undefined, eos: 257 }), 'v: eos 257 is not 11'],
    [object({ level: 'byte', tokens: undefined, unk: 1 }), 'v: level byte has no unk'],
  ])('%s is refused: %s', (json, message) => {
    expect(() => parseVocabulary(json, 'v')).toThrow(message);
  });
});

test('tokens are shown as a person can read them', () => {
  expect([0, 1, 2, 3, 9].map((id) => shownToken(words('a b'), id))).toEqual(['padding', 'unknown', 'end of row', '"a b"', 'no token 9']);
  expect([11, 0x41 + 1, 0xc3 + 1].map((id) => shownToken(byteVocabulary(false), id))).toEqual(['byte 0x0a', '"A"', 'byte 0xc3']);
});
