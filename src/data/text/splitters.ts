// Text cut into the pieces that tokens are made of, line by line: bytes, code points or words.
// A line ends at "\n" alone; "\r" is a piece like any other, and whitespace to words.
import { UserError } from '../../errors.ts';

/** What a splitter tells of, in the order of the text: pieces (bytes and code points as numbers, words as text) and ends of lines. */
export interface Pieces<Piece> {
  readonly piece: (piece: Piece) => void;
  readonly endLine: () => void;
}

export interface Splitter {
  /** Takes the next stretch of the text: whole characters, except for bytes. */
  readonly split: (bytes: Uint8Array) => void;
  /** The text is over: a last line without "\n" ends too. */
  readonly end: () => void;
}

const LF = 0x0a;

export function byteSplitter({ piece, endLine }: Pieces<number>): Splitter {
  let open = false;
  return {
    split(bytes) {
      for (let at = 0; at < bytes.length; at++) {
        if (bytes[at] === LF) endLine();
        else piece(bytes[at]);
      }
      if (bytes.length > 0) open = bytes[bytes.length - 1] !== LF;
    },
    end() {
      if (open) endLine();
    },
  };
}

/** Reads UTF-8 that is known to be valid: 0xxxxxxx, 110xxxxx 10xxxxxx, 1110xxxx …, 11110xxx …. */
export function characterSplitter({ piece, endLine }: Pieces<number>): Splitter {
  let open = false;
  return {
    split(bytes) {
      const { length } = bytes;
      for (let at = 0; at < length;) {
        const b = bytes[at];
        if (b < 0x80) {
          if (b === LF) endLine();
          else piece(b);
          at++;
        } else if (b < 0xe0) {
          piece(((b & 0x1f) << 6) | (bytes[at + 1] & 0x3f));
          at += 2;
        } else if (b < 0xf0) {
          piece(((b & 0x0f) << 12) | ((bytes[at + 1] & 0x3f) << 6) | (bytes[at + 2] & 0x3f));
          at += 3;
        } else {
          piece(((b & 0x07) << 18) | ((bytes[at + 1] & 0x3f) << 12) | ((bytes[at + 2] & 0x3f) << 6) | (bytes[at + 3] & 0x3f));
          at += 4;
        }
      }
      if (length > 0) open = bytes[length - 1] !== LF;
    },
    end() {
      if (open) endLine();
    },
  };
}

/** Longer than any word of any language, and short enough to hold. */
const longestWord = 1 << 20; // UTF-16 units

/** Words stand between whitespace (Unicode White_Space). A byte order mark before the first word is dropped. Throws UserError at a word that no memory need hold. */
export function wordSplitter({ piece, endLine }: Pieces<string>, file: string): Splitter {
  let cutWord = '';
  let open = false;
  let isFirst = true;
  return {
    split(bytes) {
      const stretch = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('utf8');
      const text = cutWord + (isFirst && stretch.startsWith('\uFEFF') ? stretch.slice(1) : stretch);
      let begin = 0;
      for (let at = cutWord.length; at < text.length; at++) {
        const unit = text.charCodeAt(at);
        if (unit > 0x20 && unit < 0x85) continue;
        if (isSpace[unit] === 0) continue;
        if (at > begin) piece(text.slice(begin, at));
        if (unit === LF) endLine();
        begin = at + 1;
      }
      cutWord = text.slice(begin);
      if (cutWord.length > longestWord) throw longWord(file);
      if (bytes.length > 0) [open, isFirst] = [bytes[bytes.length - 1] !== LF, false];
    },
    end() {
      if (cutWord !== '') piece(cutWord);
      if (open) endLine();
    },
  };
}

/** More than a tokenizer should be given at once. */
const longestLine = 1 << 26; // bytes

/** Whole lines, without their "\n"; an empty line is no piece. Throws UserError at a line of more than 64 MiB. */
export function lineSplitter({ piece, endLine }: Pieces<string>, file: string): Splitter {
  let cut: Uint8Array[] = [];
  let size = 0;
  const give = (last: Uint8Array): void => {
    if (size + last.length > 0) piece(Buffer.concat([...cut, last]).toString('utf8'));
    [cut, size] = [[], 0];
  };
  return {
    split(bytes) {
      let begin = 0;
      for (let at = bytes.indexOf(LF); at >= 0; at = bytes.indexOf(LF, begin)) {
        give(bytes.subarray(begin, at));
        endLine();
        begin = at + 1;
      }
      if (begin === bytes.length) return;
      cut.push(bytes.subarray(begin));
      size += bytes.length - begin;
      if (size > longestLine) throw new UserError(`${file}: a line has more than ${longestLine} bytes`, 'cut the text into shorter lines');
    },
    end() {
      if (size === 0) return;
      give(new Uint8Array(0));
      endLine();
    },
  };
}

/** By UTF-16 unit; all whitespace is in the basic plane. */
const isSpace = new Uint8Array(0x10000);
for (const [first, last = first] of [
  [0x09, 0x0d],
  [0x20],
  [0x85],
  [0xa0],
  [0x1680],
  [0x2000, 0x200a],
  [0x2028, 0x2029],
  [0x202f],
  [0x205f],
  [0x3000],
]) {
  isSpace.fill(1, first, last + 1);
}

function longWord(file: string): UserError {
  return new UserError(`${file}: a word has more than ${longestWord} characters`, 'is it text? --level char and byte need no spaces');
}
