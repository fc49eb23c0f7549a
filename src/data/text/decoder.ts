// Token IDs back to text, one by one, as a model gives them.
import { UserError } from '../../errors.ts';
import { newline, padId } from './vocabulary.ts';
import type { TextVocabulary } from './vocabulary.ts';

export interface Decoder {
  /** The text that this token completes: at level byte "" until a character is whole; words come with the space before them. */
  readonly push: (id: number) => string;
  /** What is still held back: the begin of a character that never was completed, as U+FFFD. The decoder then begins anew. */
  readonly end: () => string;
}

/**
 * Padding prints nothing, the end of a row a newline, an unknown token U+FFFD or `<unk>`. Words are joined by single spaces.
 * At level byte, bytes that are no UTF-8 print as U+FFFD: text in memory cannot hold them. `push` throws UserError at an ID outside.
 */
export function createDecoder(vocabulary: TextVocabulary): Decoder {
  const { size } = vocabulary;
  const { push, end } = vocabulary.level === 'byte' ? byteDecoder() : textDecoder(vocabulary);
  return {
    push(id) {
      if (!(id >= 0 && id < size)) throw new UserError(`token ${id} is outside the vocabulary 0..${size - 1}`);
      return id === padId ? '' : push(id);
    },
    end,
  };
}

function byteDecoder(): Decoder {
  const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });
  return {
    push: (id) => utf8.decode(Uint8Array.of(id - 1), { stream: true }),
    end: () => utf8.decode(),
  };
}

function textDecoder({ level, tokens }: TextVocabulary): Decoder {
  const separator = level === 'word' ? ' ' : '';
  let before = '';
  return {
    push(id) {
      const text = tokens[id];
      const shown = text === newline ? text : before + text;
      before = text === newline ? '' : separator;
      return shown;
    },
    end() {
      before = '';
      return '';
    },
  };
}
