// The first reading of a file that is to be split: where each row begins, and what it is stratified by. Checks every token on the way.
import { DataError, UserError } from '../../errors.ts';
import { shownName } from '../rows/names.ts';
import type { CellValue, InputFormat, SequenceInput } from '../rows/rows.ts';

export interface Survey {
  readonly file: string;
  readonly format: InputFormat;
  /** The line that each row begins on, from 1. (rows) */
  readonly lines: Int32Array;
  /** The stratum of each row, numbered by first appearance; all 0 where there are none. (rows) */
  readonly strata: Int32Array;
  /** The column that makes the strata, and how many there are. */
  readonly stratified: { readonly column: string; readonly strata: number } | undefined;
}

/** What `--stratify` says to have no strata. */
export const noStrata = 'none';
const usualColumn = 'label';

/**
 * Reads all rows. `column` makes the strata; undefined: the column label where it holds class IDs, as `rnn train` stratifies.
 * Throws UserError for a JSON document, DataError at the first token that breaks a rule, and where there is no such column.
 */
export async function survey(input: SequenceInput, column: string | undefined): Promise<Survey> {
  refuseDocuments(input);
  const name = strataColumn(input, column);
  const toStratum = column === undefined ? classOf : textOf;
  const lines: number[] = [];
  const strata: number[] = [];
  const numbers = new Map<CellValue, number>();
  let isStratified = name !== undefined;
  for await (const chunk of input.chunks) {
    for (const [row, line] of chunk.lines.entries()) {
      lines.push(line);
      if (!isStratified) continue;
      const { names } = chunk.columns?.[row] ?? input.columns;
      const key = toStratum(chunk.others[row]?.[names.indexOf(name!)]);
      if (key === undefined) isStratified = false;
      if (!numbers.has(key)) numbers.set(key, numbers.size);
      strata.push(numbers.get(key)!);
    }
  }
  return {
    file: input.file,
    format: input.format,
    lines: Int32Array.from(lines),
    strata: isStratified ? Int32Array.from(strata) : new Int32Array(lines.length),
    stratified: isStratified ? { column: name!, strata: numbers.size } : undefined,
  };
}

function refuseDocuments({ file, format }: SequenceInput): void {
  if (format === 'csv' || format === 'tsv' || format === 'jsonl') return;
  throw new UserError(
    `${file}: the rows do not stand on lines of their own, and cannot be copied one by one`,
    format === 'json'
      ? "make it one row a line, as in: jq -c '.[]' data.json > data.jsonl"
      : `make it one row a line, with lengths that say what is padding: rnn pad data.${format} --lengths -o data.jsonl`,
  );
}

function strataColumn({ file, columns: { names } }: SequenceInput, column: string | undefined): string | undefined {
  if (column === noStrata) return undefined;
  if (column === undefined) return names.find((name) => name === usualColumn);
  if (names.includes(column)) return column;
  throw new DataError(
    { file },
    `nothing here is named ${shownName(column)}, as --stratify says`,
    names.length === 0 ? 'columns are named by a header' : `there are: ${names.map(shownName).join(', ')}`,
  );
}

/** A class ID by its number, so that 1 and 1.0 are one class; undefined for what is none. */
function classOf(value: CellValue): CellValue {
  const number = Number(value?.trim() || NaN);
  return Number.isInteger(number) && number >= 0 ? String(number) : undefined;
}

/** A row without the value is in a stratum of its own kind. */
function textOf(value: CellValue): string {
  return value ?? '';
}
