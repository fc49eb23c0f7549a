// What becomes of a row that breaks a rule: it stops the reading, or it is left out, counted, and among the first five kept for a warning.
// Errors of a header, and those after which no row can be told from the next, are no row's: they always stop.
import { DataError, UserError } from '../../errors.ts';
import { plural } from '../plural.ts';
import type { ReadOptions } from './names.ts';

/** Errors that are shown one by one. */
const few = 5;

/** The rows of one input that were left out, as far as it has been read. */
export interface LeftOut {
  readonly count: number;
  /** The errors of the first five. */
  readonly first: readonly DataError[];
}

export class BadRows implements LeftOut {
  readonly skips: boolean;
  readonly #first: DataError[] = [];
  #count = 0;

  constructor({ onError = 'stop' }: Pick<ReadOptions, 'onError'>) {
    this.skips = onError === 'skip';
  }

  get count(): number {
    return this.#count;
  }

  get first(): readonly DataError[] {
    return this.#first;
  }

  /** The same as far as it has come, to be gone on with apart. */
  copy(): BadRows {
    const copy = new BadRows({ onError: this.skips ? 'skip' : 'stop' });
    copy.#first.push(...this.#first);
    copy.#count = this.#count;
    return copy;
  }

  /** Takes note of the error of a row. Throws it where bad rows stop the reading, and where it is none of the data. */
  add(error: unknown): void {
    if (!this.skips || !(error instanceof DataError)) throw error;
    this.#count++;
    if (this.#first.length < few) this.#first.push(error);
  }
}

/** The warnings that name the first rows left out, and the count where there are more. As errors, for their form; they are not thrown. */
export function badRowNotes({ count, first }: LeftOut): UserError[] {
  const notes = first.map(({ message, hint }) => new UserError(`warning: left out: ${message}`, hint));
  if (count > first.length) notes.push(new UserError(`warning: left out: ${plural(count - first.length, 'more bad row')}`));
  return notes;
}

/** The error of an input of which no row remains. */
export function noRowsLeft(file: string, { count, first }: LeftOut, otherwise: string): DataError {
  if (count === 0) return new DataError({ file }, otherwise, 'is it the right file?');
  return new DataError({ file }, `no row is left of ${plural(count, 'bad row')}; the first: ${first[0].message}`, first[0].hint);
}
