// How many columns a text takes on a terminal, and texts made to take a given number. Names from files pass through here
// on their way to a screen, so control characters are shown, never sent.

const takesNone = /^[\p{Mn}\p{Me}\p{Cf}]$/u;
const takesTwo =
  /^(?![\uff61-\uffdc])[\p{Script=Han}\p{Script=Hangul}\p{Script=Hiragana}\p{Script=Katakana}\p{Emoji_Presentation}\u3000-\u303e\uff01-\uffe6]$/u;

/** Columns on a terminal: East Asian wide characters and emoji take two, accents that join a letter none. */
export function displayWidth(text: string): number {
  let width = 0;
  for (const character of text) width += characterWidth(character);
  return width;
}

/** The text, or its beginning and `…`, in at most `width` columns. */
export function shorten(text: string, width: number): string {
  if (displayWidth(text) <= width) return text;
  let kept = '';
  let left = width - 1;
  for (const character of text) {
    left -= characterWidth(character);
    if (left < 0) break;
    kept += character;
  }
  return width < 1 ? '' : `${kept}…`;
}

export function padLeft(text: string, width: number): string {
  return ' '.repeat(Math.max(0, width - displayWidth(text))) + text;
}

export function padRight(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - displayWidth(text)));
}

/** Control characters, and those that turn the writing direction, become \xNN; halves of a character become U+FFFD. */
export function printable(text: string): string {
  return text
    .replace(/[\p{Cc}\u202a-\u202e\u2066-\u2069]/gu, (character) => `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`)
    .replace(/\p{Cs}/gu, '\ufffd');
}

function characterWidth(character: string): number {
  if (character < '\u0300') return 1;
  if (takesNone.test(character)) return 0;
  return takesTwo.test(character) ? 2 : 1;
}
