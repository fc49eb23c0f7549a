// What a token ID is: a whole number from 0 to 2^31 − 1, written in decimal digits. Nothing is rounded, guessed or converted.

export const maxToken = 2147483647;
/** Any number of at most so many digits is a token ID. */
export const surelyTokens = 9;
export const tokenRule = `a whole number from 0 to ${maxToken}`;

/** The ID that a cell holds, spaces and tabs around it allowed; −1 where it breaks the rule. */
export function parseToken(cell: string): number {
  let begin = 0;
  let end = cell.length;
  while (begin < end && isBlank(cell.charCodeAt(begin))) begin++;
  while (begin < end && isBlank(cell.charCodeAt(end - 1))) end--;
  if (begin === end) return -1;
  let value = 0;
  for (let at = begin; at < end; at++) {
    const digit = cell.charCodeAt(at) - 48;
    if (digit < 0 || digit > 9) return -1;
    value = value * 10 + digit;
    if (value > maxToken) return -1;
  }
  return value;
}

function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09;
}

/** What to do about a value that is no token ID. */
export function tokenHint(value: string): string {
  for (const [pattern, hint] of hints) if (pattern.test(value)) return hint;
  return 'token IDs are decimal digits only';
}

const hints: readonly (readonly [RegExp, string])[] = [
  [/^\s*$/, 'fill the cell, or end the row before it'],
  [/^\s*-\d+\s*$/, 'token IDs count from 0: shift them all up, so that none is negative'],
  [/^\s*\d{10,}\s*$/, 'token IDs end below 2^31: number the tokens anew from 0'],
  [/^\s*[+-]?\d+\.0*\s*$/, 'write it without a fraction (pandas: a column with gaps becomes floats; use dtype Int64)'],
  [/^\s*[+-]?\d*\.\d+\s*$/, 'token IDs have no fraction: is this a target? A header can name it'],
  [/^\s*[+-]?\d+(\.\d+)?e[+-]?\d+\s*$/i, 'write it out in digits, such as 1000 for 1e3'],
  [/^\s*0[xob][\da-f]+\s*$/i, 'write it in decimal digits'],
  [/^\s*[+-]?(nan|inf|infinity|null|none|na)\s*$/i, 'end the row where the tokens end, instead of marking what is missing'],
  [/^"/, 'write the number without quotation marks'],
  [
    /^ *\d+( +\d+)+ *$/,
    'name the column with --sequence if it holds all tokens of a row; say --delimiter space if spaces separate the cells',
  ],
  [
    /^\s*\d+\s*([,;|\t:])(\s*\d+|\1)*/,
    'the first line decides what separates cells; --delimiter says it (comma, semicolon, tab, space, pipe)',
  ],
  [/^\ufeff/, 'a byte order mark, which does not show, stands before it: were two files joined here? Take the mark out'],
  [
    // oxlint-disable-next-line no-control-regex -- characters that do not show are what is looked for
    /[\u0000-\u001f\u007f-\u00a0\u1680\u2000-\u200f\u2028-\u202f\u205f\u2060\u3000\ufeff]/,
    'it holds a character that does not show: type the number anew',
  ],
  [/\p{L}/u, 'tokens are numbers: give each word or letter an ID first'],
];
