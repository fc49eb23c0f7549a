import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { displayWidth, padLeft, padRight, printable, shorten } from '../../src/view/display-width.ts';

test.each([
  ['', 0],
  ['train', 5],
  ['ŷ and é', 7],
  ['e\u0301', 1],
  ['日本語', 6],
  ['한국어', 6],
  ['ｶﾅ', 2],
  ['Ａ', 2],
  ['🙂', 2],
  ['→ ━ ⣿ …', 7],
])('%j takes %d columns', (text, width) => {
  expect(displayWidth(text)).toBe(width);
});

test('shorten keeps what fits, and ends the rest with … in no more than the width', () => {
  expect([shorten('validation', 10), shorten('validation', 6), shorten('日本語', 4), shorten('ab', 1), shorten('ab', 0)]).toEqual([
    'validation',
    'valid…',
    '日…',
    '…',
    '',
  ]);
  fc.assert(fc.property(fc.string({ unit: 'grapheme' }), fc.nat(20), (text, width) => displayWidth(shorten(text, width)) <= width));
});

test('padLeft and padRight reach exactly the width, counted in columns', () => {
  expect([padLeft('日', 4), padRight('日', 4), padLeft('long', 2)]).toEqual(['  日', '日  ', 'long']);
});

test('printable leaves no control character, and no half of a surrogate pair', () => {
  expect(printable('a\u001b[31m\u0007\u202e\ud800\n')).toBe('a\\x1b[31m\\x07\\x202e\ufffd\\x0a');
  expect(printable('日本 é 🙂')).toBe('日本 é 🙂');
});
