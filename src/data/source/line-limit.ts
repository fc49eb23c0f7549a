// How long a line may be, or in a JSON document a row: keeps one that does not end, such as a disk's zeros, from filling the memory.
import { DataError } from '../../errors.ts';
import type { Place } from '../../errors.ts';

/** 192 MiB: a row of 2^24 tokens of ten digits has 176. */
export const usualMostLineBytes = 192 << 20;
/** Stretches of the input are shorter than the first; a line must fit into a string. */
export const boundsOfMostLineBytes = { min: 1 << 20, max: 511 << 20 };

/** `what`: "the line", "row 3" */
export function tooLong(place: Place, what: string, limit: number): DataError {
  return new DataError(
    place,
    `${what} has more than ${limit} bytes`,
    limit < boundsOfMostLineBytes.max ? 'is it the right file? If this is meant, raise --max-line-bytes' : 'is it the right file?',
  );
}
