// Results by row as CSV or JSONL, the same columns in both. Values that pass through from the input stand before the results.
import { UserError } from '../../errors.ts';
import { placeOfRow, placeText } from '../rows/rows.ts';
import { inputFormats } from '../rows/rows.ts';
import type { CellValue, Columns, Origin } from '../rows/rows.ts';
import { cellText, textOfJson } from './csv.ts';
import { jsonValue } from './json.ts';

export const tableFormats = ['csv', 'jsonl'] as const;
export type TableFormat = (typeof tableFormats)[number];

/** A result; undefined is an empty cell, or null. */
export type Result = number | string | undefined;

export interface ResultTable {
  /** What stands before the rows. */
  readonly begin: string;
  /** A row of results, with the line that the row of the input begins on, and what of it passes through. */
  readonly row: (line: number, results: readonly Result[], kept?: readonly string[]) => string;
}

/** `kept` and `results` are the names of the columns, `lineName` what the first column counts. Throws UserError where a name comes twice. */
export function resultTable(
  format: TableFormat,
  origin: Origin | undefined,
  kept: readonly string[],
  results: readonly string[],
): ResultTable {
  const names = [origin?.format === 'json' ? 'row' : 'line', ...kept, ...results];
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) {
    throw new UserError(
      `--keep: the results have a column ${JSON.stringify(twice)} of their own`,
      'rename it in the input, or leave it out',
    );
  }
  if (format === 'csv') {
    return {
      begin: `${names.map((name) => cellText(name, ',')).join(',')}\n`,
      row: (line, values, passed = []) => {
        const cells = [
          ...passed.map((text) => cellText(text, ',')),
          ...values.map((value) => (typeof value === 'string' ? cellText(value, ',') : cellOf(value))),
        ];
        return `${line},${cells.join(',')}\n`;
      },
    };
  }
  const keys = names.map((name) => JSON.stringify(name));
  return {
    begin: '',
    row(line, values, passed = []) {
      const members = [
        String(line),
        ...passed,
        ...values.map((value) => (typeof value === 'string' ? JSON.stringify(value) : cellOf(value) || 'null')),
      ];
      return `{${members.map((member, i) => `${keys[i]}:${member}`).join(',')}}\n`;
    },
  };
}

function cellOf(value: number | undefined): string {
  return value === undefined ? '' : float32Text(value);
}

/** The shortest decimal that reads back as the same float32; whole numbers as they are. */
export function float32Text(x: number): string {
  if (Number.isSafeInteger(x)) return String(x);
  const single = Math.fround(x);
  for (let digits = 6; digits < 9; digits++) {
    const short = Number(single.toPrecision(digits));
    if (Math.fround(short) === single) return String(short);
  }
  return String(Number(single.toPrecision(9)));
}

/** Takes the columns `names` out of an input's rows, in the form that a table of `format` has them in. Throws where there is no such column. */
export function keptValues(
  origin: Origin,
  names: readonly string[],
  format: TableFormat,
): (values: readonly CellValue[] | undefined, columns: Columns | undefined) => string[] {
  const missing = names.find((name) => !origin.columns.names.includes(name));
  if (missing !== undefined) {
    const there = origin.columns.names.length === 0 ? 'no columns beside the tokens' : origin.columns.names.join(', ');
    throw new UserError(
      `${placeText(placeOfRow(origin, 1))}: nothing to --keep is named ${JSON.stringify(missing)}`,
      `there are: ${there}`,
    );
  }
  const fromJson = inputFormats[origin.format].values === 'json';
  const toJson = jsonValue(origin, { targets: [] });
  const shown = (value: CellValue): string => {
    if (format === 'jsonl') return toJson(value, '');
    return fromJson ? textOfJson(value ?? 'null') : (value ?? '');
  };
  return (values = [], columns = origin.columns) => names.map((name) => shown(values[columns.names.indexOf(name)]));
}
