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
  readonly encode: (line: string) => readonly number[];
  /** Special tokens print nothing. */
  readonly decode: (ids: number[]) => string;
  readonly has: (id: number) => boolean;
}

/** Reads a tokenizer.json. Throws UserError where the package is missing, or where it cannot run this tokenizer. */
export async function loadPretrained(file: string): Promise<Pretrained> {
  const json = parse(await readWhole(file), file);
  const { Tokenizer } = await importTokenizers();
  try {
    const tokenizer = new Tokenizer(json, {});
    const size = [...tokenizer.get_vocab().values()].reduce((most, id) => Math.max(most, id), -1) + 1;
    return {
      file,
      size,
      encode: (line) => tokenizer.encode(line).ids,
      // The library's default would change "a ." to "a.".
      decode: (ids) => (ids.length === 0 ? '' : tokenizer.decode(ids, { skip_special_tokens: true, clean_up_tokenization_spaces: false })),
      has: (id) => tokenizer.id_to_token(id) !== undefined,
    };
  } catch (error) {
    throw new UserError(
      `${file}: @huggingface/tokenizers cannot run this tokenizer: ${(error as Error).message}`,
      'give a tokenizer.json as the Python library tokenizers saves it',
    );
  }
}

function parse(text: string, file: string): object {
  try {
    const json: unknown = JSON.parse(text);
    if (typeof json === 'object' && json !== null && 'model' in json) return json;
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

/** Encodes line by line. Throws UserError at what the tokenizer has no token for. */
export function createPretrainedEncoder(pretrained: Pretrained, { skipEmpty, file }: EncodeOptions): TokenEncoder {
  const rows = new RowBuffer(undefined, skipEmpty);
  const piece = (line: string): void => {
    for (const id of pretrained.encode(line)) {
      // Without an unknown token of its own the library gives undefined.
      if (!(id >= 0))
        throw new DataError(
          { file, line: rows.line },
          `${pretrained.file} has no token for a part of the line`,
          'it has no unknown token either: take another tokenizer',
        );
      rows.push(id);
    }
  };
  return encoderOf(lineSplitter({ piece, endLine: () => rows.endRow() }, file), rows);
}
