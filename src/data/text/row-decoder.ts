// Rows of token IDs to lines of text, as bytes: at level byte they may be no UTF-8.
import { DataError } from '../../errors.ts';
import { placeOfToken } from '../rows/rows.ts';
import type { Origin, RowChunk } from '../rows/rows.ts';
import type { Pretrained } from './pretrained.ts';
import { newline, padId } from './vocabulary.ts';
import type { TextVocabulary } from './vocabulary.ts';

/** The text of a stretch of rows. Throws DataError with its place at an ID outside the vocabulary. */
export type RowDecoder = (chunk: RowChunk) => Uint8Array;

export interface DecodeOptions {
  /** Tokens at the ends of a row that are equal to it print nothing. */
  readonly padValue?: number | undefined;
  readonly origin: Origin;
}

const LF = 0x0a;

/** A row ends its line with one newline, be it the row's own last token or not. Padding prints nothing; words are joined by spaces. */
export function createRowDecoder(vocabulary: TextVocabulary, { padValue = padId, origin }: DecodeOptions): RowDecoder {
  const { texts, offsets } = tableOf(vocabulary);
  const { size, eos } = vocabulary;
  const isWords = vocabulary.level === 'word';
  let out = Buffer.alloc(1 << 16);
  return (chunk) => {
    const { tokens } = chunk;
    let at = 0;
    for (let row = 0; row < chunk.lines.length; row++) {
      const [begin, end] = realTokens(chunk, row, padValue);
      let last = padId; // the token printed last in this row
      for (let i = begin; i < end; i++) {
        const id = tokens[i];
        if (id >= size) throw outside(chunk, row, i, size, origin);
        if (id === padId) continue;
        const length = offsets[id + 1] - offsets[id];
        if (out.length - at < length + 2) out = grown(out, at + length + 2);
        if (isWords && last !== padId && last !== eos && id !== eos) out[at++] = 0x20;
        for (let j = offsets[id]; j < offsets[id + 1]; j++) out[at++] = texts[j];
        last = id;
      }
      if (out.length === at) out = grown(out, at + 1);
      if (last !== eos) out[at++] = LF;
    }
    return Buffer.from(out.subarray(0, at));
  };
}

/** By a tokenizer of Hugging Face, which has no padding unless `padValue` names it. */
export function createPretrainedDecoder(pretrained: Pretrained, { padValue, origin }: DecodeOptions): RowDecoder {
  return (chunk) => {
    const lines: string[] = [];
    for (let row = 0; row < chunk.lines.length; row++) {
      const [begin, end] = padValue === undefined ? [chunk.offsets[row], chunk.offsets[row + 1]] : realTokens(chunk, row, padValue);
      const ids = [...chunk.tokens.subarray(begin, end)];
      const stranger = ids.findIndex((id) => !pretrained.has(id));
      if (stranger >= 0) throw outside(chunk, row, begin + stranger, pretrained.size, origin);
      lines.push(pretrained.decode(ids), newline);
    }
    return Buffer.from(lines.join(''));
  };
}

/** The texts of all IDs end to end. offsets (size + 1) */
function tableOf({ level, tokens, size }: TextVocabulary): { texts: Uint8Array; offsets: Int32Array } {
  if (level === 'byte') {
    return {
      texts: Uint8Array.from({ length: 256 }, (_, byte) => byte),
      offsets: Int32Array.from({ length: size + 1 }, (_, id) => Math.max(0, id - 1)),
    };
  }
  const parts = tokens.map((text) => Buffer.from(text));
  const offsets = new Int32Array(size + 1);
  for (const [id, part] of parts.entries()) offsets[id + 1] = offsets[id] + part.length;
  return { texts: Buffer.concat(parts), offsets };
}

/** Where the row's tokens stand without the padding at both ends. */
function realTokens({ tokens, offsets }: RowChunk, row: number, padValue: number): [begin: number, end: number] {
  let begin = offsets[row];
  let end = offsets[row + 1];
  while (end > begin && tokens[end - 1] === padValue) end--;
  while (begin < end && tokens[begin] === padValue) begin++;
  return [begin, end];
}

function grown(out: Buffer<ArrayBuffer>, needed: number): Buffer<ArrayBuffer> {
  const larger = Buffer.allocUnsafe(Math.max(2 * out.length, needed));
  larger.set(out);
  return larger;
}

function outside({ tokens, offsets, lines, begins }: RowChunk, row: number, at: number, size: number, origin: Origin): DataError {
  const { place, detail } = placeOfToken(origin, lines[row], at - offsets[row] + (begins?.[row] ?? 0));
  return new DataError(
    place,
    `${detail && `${detail}: `}token ${tokens[at]} is outside the vocabulary 0..${size - 1}`,
    'give the vocabulary that the rows were made with',
  );
}
