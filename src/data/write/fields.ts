// What a written row is made of, in order, whatever the format: the tokens, the other columns, the real length, the mask.
import type { Delimiter } from '../rows/delimiter.ts';
import { isMaskColumn, lengthName, maskName } from '../rows/names.ts';
import type { CellValue, Columns, InputFormat, Layout, Origin } from '../rows/rows.ts';

/** There is no writer of Parquet. */
export type OutputFormat = Exclude<InputFormat, 'parquet'>;

export interface WritePlan {
  readonly format: OutputFormat;
  /** What separates the cells of CSV and TSV. */
  readonly delimiter: Delimiter;
  readonly width: number;
  /** The padding. */
  readonly value: number;
  /** Rows that will be written, where that is known. */
  readonly rows: number | undefined;
  readonly lengths: boolean;
  readonly mask: boolean;
  /** Columns whose numbers are written to JSON as they stand. */
  readonly targets: readonly string[];
}

/** One row as it is to be written: `before` times the padding, tokens[begin … end), `after` times the padding. Used again for the next row. */
export interface PaddedRow {
  tokens: Int32Array;
  begin: number;
  end: number;
  before: number;
  after: number;
  /** As in `RowChunk.lines`. */
  line: number;
  others: readonly CellValue[];
  columns: Columns;
}

export type Field =
  | { readonly kind: 'tokens' }
  | { readonly kind: 'length'; readonly name: string }
  | { readonly kind: 'mask'; readonly name: string }
  | { readonly kind: 'other'; readonly name: string; readonly index: number };

/** A length and a mask that were there are brought up to date where they stood; what is missing goes to the end. */
export function fieldsOf({ names, tokensAt }: Columns, layout: Layout, { lengths, mask }: Pick<WritePlan, 'lengths' | 'mask'>): Field[] {
  const plural = layout.kind === 'columns' ? 's' : '';
  const fields = names.map((name, index): Field => {
    if (isLength(name, layout)) return { kind: 'length', name };
    if (isMask(name, layout)) return { kind: 'mask', name: layout.kind === 'wide' ? maskName : name };
    return { kind: 'other', name, index };
  });
  fields.splice(tokensAt, 0, { kind: 'tokens' });
  if (lengths && !fields.some(({ kind }) => kind === 'length')) fields.push({ kind: 'length', name: `${lengthName}${plural}` });
  const firstMask = fields.findIndex(({ kind }) => kind === 'mask');
  if (mask && firstMask < 0) fields.push({ kind: 'mask', name: `${maskName}${plural}` });
  // One field stands for all columns of a wide mask.
  return fields.filter(({ kind }, i) => kind !== 'mask' || firstMask < 0 || i === firstMask);
}

/** Whether the column counts the real tokens of rows that stand like this. */
export function isLength(name: string, layout: Layout): boolean {
  return name === lengthName || (layout.kind === 'columns' && name === `${lengthName}s`);
}

/** Whether the column is what `--mask` writes for rows that stand like this, or, wide, one of its columns. */
export function isMask(name: string, layout: Layout): boolean {
  if (layout.kind === 'wide') return isMaskColumn(name);
  return name === maskName || (layout.kind === 'columns' && name === `${maskName}s`);
}

/** A key of a document of columns, as the key of one row: `targets` becomes `target`. */
export function rowName(name: string, { layout }: Origin): string {
  return layout.kind === 'columns' && /^(targets|labels|lengths|masks)$/.test(name) ? name.slice(0, -1) : name;
}
