// Small data sets made by hand, as `prepare` would give them.
import type { Dataset } from '../../src/data/dataset/dataset.ts';
import { prepare } from '../../src/data/dataset/prepare.ts';
import type { Prepared, PrepareOptions } from '../../src/data/dataset/prepare.ts';

export const asRead: PrepareOptions = { truncating: 'post', padding: 'post', noMask: false };

/** Rows and targets as a dataset that was read from `rows.csv`; each row stands on its own line. */
export function datasetOf(
  rows: readonly (readonly number[])[],
  targets?: { readonly name: string; readonly values: readonly number[] },
): Dataset {
  const offsets = Int32Array.from({ length: rows.length + 1 }, (_, i) => rows.slice(0, i).reduce((sum, row) => sum + row.length, 0));
  return {
    file: 'rows.csv',
    rows: { tokens: Int32Array.from(rows.flat()), offsets },
    lines: Int32Array.from(rows, (_, i) => i + 1),
    targetNames: targets ? [targets.name] : [],
    targets: Float64Array.from(targets?.values ?? []),
    sha256: '',
    emptyRows: 0,
  };
}

/** Rows for next-token. */
export function preparedRows(rows: readonly (readonly number[])[]): Prepared {
  return prepare(datasetOf(rows), asRead);
}
