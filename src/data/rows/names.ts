// The names that columns and keys go by, unless options name them.
import { DataError, quote, UserError } from '../../errors.ts';
import type { Place } from '../../errors.ts';
import type { Side } from '../padding.ts';
import type { Delimiter } from './delimiter.ts';
import type { InputFormat } from './rows.ts';

export const targetNames: readonly string[] = ['target', 'label', 'y'];
/** Those of a JSON document of columns. */
export const pluralTargetNames: readonly string[] = ['targets', 'labels'];
/** The first that is there holds the tokens. */
export const sequenceNames: readonly string[] = ['tokens', 'sequence'];
export const pluralSequenceNames: readonly string[] = ['sequences', ...sequenceNames];
export const lengthName = 'length';
export const maskName = 'mask';

/** `mask_3`: a column that `rnn pad --mask` wrote beside wide token columns. */
export function isMaskColumn(name: string): boolean {
  return /^mask_\d+$/.test(name);
}

/** What reading needs to know of the options. */
export interface ReadOptions {
  readonly inputFormat?: InputFormat | undefined;
  /** What separates the cells of CSV; absent: sniffed. */
  readonly delimiter?: Delimiter | undefined;
  readonly sequence?: string | undefined;
  readonly target?: readonly string[] | undefined;
  /** The side on which a length leaves padding. */
  readonly padding?: Side | undefined;
  /** What becomes of a row that breaks a rule. */
  readonly onError?: 'stop' | 'skip' | undefined;
  /** The most bytes of one line, or in a JSON document of one row. */
  readonly maxLineBytes?: number | undefined;
  /** The most seconds that a stretch of a Parquet file may take to be decoded. */
  readonly mostSeconds?: number | undefined;
}

/** A name from the input inside a message: bare where it is plain, else quoted. */
export function shownName(name: string): string {
  return /^[\p{L}\p{N}_.-]{1,40}$/u.test(name) ? name : new UserError(quote(name)).message;
}

/** Names of columns, the first dozen of many. */
export function listed(names: readonly string[]): string {
  const shown = names.slice(0, 12).map(shownName).join(', ');
  return names.length > 12 ? `${shown} and ${names.length - 12} more` : shown;
}

/** Throws where `--sequence` or `--target` names what the input has not. */
export function requireNamed(place: Place, names: readonly string[], { sequence, target = [] }: ReadOptions): void {
  for (const name of sequence === undefined ? target : [sequence, ...target]) {
    if (names.includes(name)) continue;
    const flag = name === sequence ? '--sequence' : '--target';
    const present = names.length === 0 ? 'the rows have no names: columns are named by a header' : `there are: ${listed(names)}`;
    throw new DataError(place, `nothing here is named ${JSON.stringify(name)}, as ${flag} says`, present);
  }
}
