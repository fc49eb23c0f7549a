// How many tokens and classes there are: by the data, or as asked for if all of the data is inside.
import { UsageError } from '../../errors.ts';
import type { UserError } from '../../errors.ts';
import { rowLength } from '../rows/rows.ts';
import { tokenError } from './dataset.ts';
import type { Prepared } from './prepare.ts';

type Located = Pick<Prepared, 'rows' | 'source' | 'sourceRows' | 'sourceTokens'>;

/** One more than the largest token of all the data; or the size that is asked for, if every token is inside it. */
export function vocabularySize(
  parts: readonly Located[],
  asked: number | undefined,
  hint = 'raise --vocab-size or check the file',
): number {
  let largest = 0;
  for (const { rows } of parts) for (const token of rows.tokens) if (token > largest) largest = token;
  if (asked === undefined && largest < LARGEST_GUESSED_VOCABULARY) return largest + 1;
  if (asked !== undefined && largest < asked) return asked;
  const limit = asked ?? LARGEST_GUESSED_VOCABULARY;
  const part = parts.find(({ rows }) => rows.tokens.some((token) => token >= limit))!;
  const at = part.rows.tokens.findIndex((token) => token >= limit);
  const token = part.rows.tokens[at];
  if (asked !== undefined) throw errorAt(part, at, `token ${token} is outside the vocabulary 0..${asked - 1}`, hint);
  throw errorAt(
    part,
    at,
    `token ${token} would make a vocabulary of more than ${LARGEST_GUESSED_VOCABULARY}`,
    'number the tokens from 0 without gaps, or give --vocab-size if this is meant',
  );
}

/** A larger vocabulary than this must be asked for: a stray 2147483647 is more likely. */
const LARGEST_GUESSED_VOCABULARY = 10_000_000;

/** The error of the token at a place of the prepared rows, named by where it stands in the file. */
function errorAt({ source, sourceRows, sourceTokens, rows }: Located, at: number, problem: string, hint: string): UserError {
  let row = 0;
  while (rows.offsets[row + 1] <= at) row++;
  const place = at - rows.offsets[row] + sourceTokens[row];
  const isPadding = place < 0 || place >= rowLength(source.rows, sourceRows[row]);
  if (isPadding) return new UsageError(`--pad-value: ${problem}`, hint);
  return tokenError(source, sourceRows[row], place, problem, hint);
}

/** Classes: one more than the largest ID of all the data. */
export function classCount(parts: readonly Prepared[]): number {
  return parts.reduce((most, { targets }) => targets.reduce((a, b) => Math.max(a, b), most), 0) + 1;
}
