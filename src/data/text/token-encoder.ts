// Text to token IDs as it streams: pieces are looked up one by one, and rows end where lines do.
import { unknownToken } from './encode-text.ts';
import { RowBuffer } from './row-buffer.ts';
import type { EncodeCounts } from './row-buffer.ts';
import { byteSplitter, characterSplitter, wordSplitter } from './splitters.ts';
import type { Splitter } from './splitters.ts';
import { idOfByte } from './vocabulary.ts';
import type { TextVocabulary } from './vocabulary.ts';

export interface TokenEncoder {
  /** The IDs of the next stretch of text, with END_OF_ROW behind each row; to be used before the next call. */
  readonly encode: (bytes: Uint8Array) => Int32Array;
  /** Those of a last line without "\n". */
  readonly end: () => Int32Array;
  readonly counts: Readonly<EncodeCounts>;
}

export interface EncodeOptions {
  readonly skipEmpty: boolean;
  /** As messages name the input. */
  readonly file: string;
}

/** Encodes whole characters (level byte: any bytes). Throws DataError with its place at a token that the vocabulary has not. */
export function createTokenEncoder(vocabulary: TextVocabulary, { skipEmpty, file }: EncodeOptions): TokenEncoder {
  const rows = new RowBuffer(vocabulary.eos, skipEmpty);
  const unknown = (text: string): void => {
    if (vocabulary.unk === undefined) throw unknownToken(vocabulary, text, { file, line: rows.line }, rows.openLength + 1);
    rows.counts.unknown++;
    rows.push(vocabulary.unk);
  };
  return encoderOf(splitters[vocabulary.level](vocabulary, rows, unknown, file), rows);
}

export function encoderOf(splitter: Splitter, rows: RowBuffer): TokenEncoder {
  return {
    encode(bytes) {
      splitter.split(bytes);
      return rows.take();
    },
    end() {
      splitter.end();
      return rows.take();
    },
    counts: rows.counts,
  };
}

type MakeSplitter = (vocabulary: TextVocabulary, rows: RowBuffer, unknown: (text: string) => void, file: string) => Splitter;

const splitters: Readonly<Record<TextVocabulary['level'], MakeSplitter>> = {
  byte: (_, rows) => byteSplitter({ piece: (byte) => rows.push(idOfByte(byte)), endLine: () => rows.endRow() }),
  char({ tokens }, rows, unknown) {
    // A flat table, of which only the pages in use cost memory. 0, the padding, is no character's ID.
    const idOf = new Int32Array(0x110000);
    for (const [id, text] of tokens.entries()) if (id > 0) idOf[text.codePointAt(0)!] = id;
    return characterSplitter({
      piece(codePoint) {
        const id = idOf[codePoint];
        if (id === 0) unknown(String.fromCodePoint(codePoint));
        else rows.push(id);
      },
      endLine: () => rows.endRow(),
    });
  },
  word({ tokens }, rows, unknown, file) {
    const idOf = new Map(tokens.map((text, id) => [text, id]));
    return wordSplitter(
      {
        piece(word) {
          const id = idOf.get(word);
          if (id === undefined) unknown(word);
          else rows.push(id);
        },
        endLine: () => rows.endRow(),
      },
      file,
    );
  },
};
