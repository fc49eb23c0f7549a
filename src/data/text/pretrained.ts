// The tokenizers of Hugging Face: a tokenizer.json, run by @huggingface/tokenizers, which is loaded only when one is asked for.
// Its IDs are kept as they are, so 0 is one of its tokens and no padding; what it does to spaces and case is its own affair.
import type * as Tokenizers from '@huggingface/tokenizers';
import { DataError, UserError } from '../../errors.ts';
import { RowBuffer } from './row-buffer.ts';
import { lineSplitter } from './splitters.ts';
import { encoderOf } from './token-encoder.ts';
import type { EncodeOptions, TokenEncoder } from './token-encoder.ts';
import { readWhole } from './vocabulary-file.ts';

export interface Pretrained {
  readonly file: string;
  /** One more than the largest ID. */
  readonly size: number;
  readonly unk: number | undefined;
  /** Gives fewer IDs than the line needs where a part of it has no token; `drops` then tells. */
  readonly encode: (line: string) => readonly number[];
  readonly drops: (line: string, ids: readonly number[]) => boolean;
  /** Special tokens print nothing. */
  readonly decode: (ids: readonly number[]) => string;
  readonly has: (id: number) => boolean;
}

/** Reads a tokenizer.json. Throws UserError where the package is missing, or where it cannot run this tokenizer. */
export async function loadPretrained(file: string): Promise<Pretrained> {
  const json = parse(await readWhole(file), file);
  const { Tokenizer } = await importTokenizers();
  try {
    const tokenizer = new Tokenizer(json, {});
    const vocabulary = tokenizer.get_vocab();
    // The library's default would change "a ." to "a.".
    const decode = (ids: readonly number[], skip: boolean): string =>
      ids.length === 0 ? '' : tokenizer.decode([...ids], { skip_special_tokens: skip, clean_up_tokenization_spaces: false });
    const mayDrop = dropsUnknown(json, vocabulary);
    return {
      file,
      size: [...vocabulary.values()].reduce((most, id) => Math.max(most, id), -1) + 1,
      unk: tokenizer.model?.unk_token_id,
      encode: (line) => tokenizer.encode(line).ids,
      drops: (line, ids) => mayDrop && withoutSpace(decode(ids, false)) !== withoutSpace(line),
      decode: (ids) => decode(ids, true),
      has: (id) => tokenizer.id_to_token(id) !== undefined,
    };
  } catch (error) {
    throw new UserError(
      `${file}: @huggingface/tokenizers cannot run this tokenizer: ${(error as Error).message}`,
      'give a tokenizer.json as the Python library tokenizers saves it',
    );
  }
}

interface TokenizerJson {
  readonly model: { readonly type?: string; readonly unk_token?: string | null; readonly byte_fallback?: boolean };
  readonly normalizer?: unknown;
  readonly pre_tokenizer?: unknown;
}

/**
 * Whether text without a token disappears in silence, as it does from a BPE without an unknown token and without all bytes.
 * A normalizer changes the text anyway, so nothing can be told of one.
 */
function dropsUnknown({ model, normalizer, pre_tokenizer: preTokenizer }: TokenizerJson, vocabulary: ReadonlyMap<string, number>): boolean {
  const isWithoutUnknown = model.type === 'BPE' && (model.unk_token ?? '') === '' && model.byte_fallback !== true;
  if (!isWithoutUnknown || (normalizer ?? undefined) !== undefined) return false;
  const hasAllBytes = byteCharacters.every((character) => vocabulary.has(character));
  return !(hasAllBytes && (JSON.stringify(preTokenizer) ?? '').includes('"ByteLevel"'));
}

/** GPT-2's names of the bytes: those that print by themselves, the others by the characters from U+0100 on. */
const byteCharacters = Array.from({ length: 256 }, (_, byte) => byte)
  .sort((a, b) => Number(!prints(a)) - Number(!prints(b)) || a - b)
  .map((byte, i) => String.fromCharCode(prints(byte) ? byte : 0x100 + i - 188));

function prints(byte: number): boolean {
  return (byte > 0x20 && byte < 0x7f) || (byte > 0xa0 && byte !== 0xad);
}

function withoutSpace(text: string): string {
  return text.replace(/\s/g, '');
}

function parse(text: string, file: string): TokenizerJson {
  try {
    const json: unknown = JSON.parse(text);
    if (typeof json === 'object' && json !== null && 'model' in json) return json as TokenizerJson;
  } catch (error) {
    throw new DataError({ file }, `this is no JSON: ${(error as Error).message}`, 'is it the right file?');
  }
  throw new DataError({ file }, 'this is no tokenizer.json: it has no model', 'a vocabulary of rnn is read with --vocab');
}

async function importTokenizers(): Promise<typeof Tokenizers> {
  try {
    return await import('@huggingface/tokenizers');
  } catch {
    throw new UserError(
      '--tokenizer: the package @huggingface/tokenizers, which runs it, is not installed',
      'npm install @huggingface/tokenizers@0.2.0, or make a vocabulary with --vocab',
    );
  }
}

/** Encodes line by line. Throws DataError at a line that the tokenizer has no tokens for. */
export function createPretrainedEncoder(pretrained: Pretrained, { skipEmpty, file }: EncodeOptions): TokenEncoder {
  const rows = new RowBuffer(undefined, skipEmpty);
  const piece = (line: string): void => {
    const ids = pretrained.encode(line);
    // Where it has no unknown token, the library leaves IDs out, or undefined.
    if (ids.some((id) => !(id >= 0)) || pretrained.drops(line, ids)) {
      throw new DataError(
        { file, line: rows.line },
        `${pretrained.file} has no token for a part of the line, and none for the unknown`,
        'take a tokenizer that knows all bytes, or one with an unknown token',
      );
    }
    for (const id of ids) {
      if (id === pretrained.unk) rows.counts.unknown++;
      rows.push(id);
    }
  };
  return encoderOf(lineSplitter({ piece, endLine: () => rows.endRow() }, file), rows);
}
