// What `rnn tokenize` says of what it did: a line of counts, and notes on what a reader of the rows could get wrong.
import { UserError } from '../../errors.ts';
import { plural } from '../plural.ts';
import type { TokenSource } from './token-source.ts';
import type { TextNotes } from './write-rows.ts';

/** `train.txt: 182 rows, 7654 tokens; made vocab.json: 57 tokens, level char`, and a line for each note. */
export function tokenizeNotes({ file, encoder, vocabulary }: TokenSource, notes: TextNotes): string[] {
  const { rows, tokens, unknown, emptyLines } = encoder.counts;
  const { size, level, leftOut } = vocabulary;
  const verb = leftOut === undefined ? 'by' : vocabulary.file === undefined ? 'by a vocabulary of' : 'made';
  const name = vocabulary.file === undefined ? '' : `${vocabulary.file}: `;
  const kind = level === undefined ? '' : `, level ${level}`;
  const lines = [`${file}: ${plural(rows, 'row')}, ${plural(tokens, 'token')}; ${verb} ${name}${plural(size, 'token')}${kind}`];
  if (unknown > 0) lines.push(`${plural(unknown, 'token')} unknown (${share(unknown, tokens)})`);
  if (leftOut !== undefined && leftOut.distinct > 0) {
    lines.push(`left out of the vocabulary: ${plural(leftOut.distinct, level === 'word' ? 'word' : 'character')}, the rarest`);
  }
  if (emptyLines > 0) lines.push(`left out ${plural(emptyLines, 'empty line')}`);
  if (notes.beginsWithMark && level !== 'word')
    lines.push('note: the text begins with a byte order mark, which is a token of the first row');
  if (leftOut !== undefined && vocabulary.file === undefined && level !== 'byte') {
    lines.push('note: the vocabulary is not kept; --vocab FILE writes it, for other texts, rnn train and rnn detokenize');
  }
  // Names may hold control characters; the error type escapes them.
  return lines.map((line) => new UserError(line).message);
}

/** The same as one JSON object. */
export function tokenizeJson({ file, encoder, vocabulary }: TokenSource, { beginsWithMark }: TextNotes): string {
  const { leftOut, ...used } = vocabulary;
  return JSON.stringify({
    file,
    ...encoder.counts,
    vocabulary: { ...used, made: leftOut !== undefined, ...(leftOut && { leftOut }) },
    beginsWithByteOrderMark: beginsWithMark,
  });
}

/** `0.04 %` */
function share(part: number, whole: number): string {
  return `${Number(((100 * part) / whole).toPrecision(2))} %`;
}
