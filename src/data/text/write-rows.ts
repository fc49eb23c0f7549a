// Writes a text as rows of token IDs, a stretch at a time, and as fast as the rows are taken.
import { peek } from '../source/bytes.ts';
import type { Output } from '../write/output.ts';
import { rowText } from './row-text.ts';
import type { RowFormat } from './row-text.ts';
import type { TokenSource } from './token-source.ts';

export interface TextNotes {
  /** The text begins with U+FEFF, which is a token like any other at level char and byte. */
  readonly beginsWithMark: boolean;
}

/** Throws DataError where the text is at fault, and AbortError once `interrupted` is. */
export async function writeRows(
  { text, encoder }: TokenSource,
  format: RowFormat,
  output: Output,
  interrupted: AbortSignal,
): Promise<TextNotes> {
  const rows = rowText(format);
  const { head, bytes } = await peek(text, (first) => first.length >= 3);
  for await (const stretch of bytes) {
    if (interrupted.aborted) throw new DOMException('interrupted', 'AbortError');
    const ids = encoder.encode(stretch);
    if (ids.length > 0) await output.write(rows.write(ids));
  }
  const rest = rows.write(encoder.end());
  if (rest.length > 0) await output.write(rest);
  const end = rows.end();
  if (end !== '') await output.write(end);
  return { beginsWithMark: head[0] === 0xef && head[1] === 0xbb && head[2] === 0xbf };
}
