// Padded rows as CSV or TSV (RFC 4180 quoting, \n line ends), in the layout that they came in; JSON rows with names become wide rows.
import { DataError, quote } from '../../errors.ts';
import { inputFormats, placeOfRow } from '../rows/rows.ts';
import type { CellValue, Columns, Origin } from '../rows/rows.ts';
import { fieldsOf, rowName } from './fields.ts';
import type { Field, PaddedRow, WritePlan } from './fields.ts';
import { maskText, tokensText } from './padded-text.ts';
import type { WriteTokens } from './padded-text.ts';
import type { RowText } from './write.ts';

const [newline, quotationMark] = [0x0a, 0x22];

export function csvText(origin: Origin, plan: WritePlan): RowText {
  const { kind } = origin.layout;
  return kind === 'plain' || kind === 'arrays' ? plainText(plan) : namedText(origin, plan);
}

/** No header: the tokens, then the length, then the mask. */
function plainText(plan: WritePlan): RowText {
  const separator = plan.delimiter;
  const writeTokens = tokensText(plan, separator);
  const writeMask = maskText(separator);
  return {
    begin: '',
    row(row, out) {
      writeTokens(row, out);
      if (plan.lengths) out.add(`${separator}${row.end - row.begin}`);
      if (plan.mask) {
        out.add(separator);
        writeMask(row, out);
      }
      out.addByte(newline);
    },
    *end() {},
  };
}

/** Under a header. Tokens stand in cells of their own, or in one cell with spaces between. */
function namedText(origin: Origin, plan: WritePlan): RowText {
  const separator = plan.delimiter;
  const isWide = origin.layout.kind !== 'cell';
  const isJson = inputFormats[origin.format].values === 'json';
  const tokenSeparator = isWide ? separator : ' ';
  const fields = fieldsOf(origin.columns, origin.layout, plan);
  const valueAt = valueFinder(origin);
  const asCell = !isWide && separator === ' ' ? quoted : (write: WriteTokens) => write;
  const writeTokens = asCell(tokensText(plan, tokenSeparator));
  const writeMask = asCell(maskText(tokenSeparator));
  return {
    begin: `${headerNames(origin, plan, fields, isWide)
      .map((name) => cellText(name, separator))
      .join(separator)}\n`,
    row(row, out) {
      const find = valueAt(row);
      for (const [i, field] of fields.entries()) {
        if (i > 0) out.add(separator);
        if (field.kind === 'tokens') writeTokens(row, out);
        else if (field.kind === 'length') out.add(String(row.end - row.begin));
        else if (field.kind === 'mask') writeMask(row, out);
        else {
          const value = find(field.index) ?? '';
          out.add(cellText(isJson ? textOfJson(value) : value, separator));
        }
      }
      out.addByte(newline);
    },
    *end() {},
  };
}

/** In quotation marks, but for a single token: the spaces between the others are separators elsewhere. */
function quoted(write: WriteTokens): WriteTokens {
  return (row, out) => {
    const isSingle = row.before + row.end - row.begin + row.after === 1;
    if (!isSingle) out.addByte(quotationMark);
    write(row, out);
    if (!isSingle) out.addByte(quotationMark);
  };
}

/** The row's value of a column of the header, by its index. JSON objects may have their keys in another order, or fewer, not more. */
function valueFinder(origin: Origin): (row: PaddedRow) => (index: number) => CellValue {
  let last: Columns | undefined;
  let positions: readonly number[] = [];
  return (row) => {
    if (row.columns === origin.columns) return (index) => row.others[index];
    if (row.columns !== last) {
      last = row.columns;
      positions = origin.columns.names.map((name) => row.columns.names.indexOf(name));
      const extra = row.columns.names.find((name) => !origin.columns.names.includes(name));
      if (extra !== undefined) throw extraKey(origin, row.line, extra);
    }
    return (index) => row.others[positions[index]];
  };
}

function extraKey(origin: Origin, line: number, key: string): DataError {
  const { place, detail } = placeOfRow(origin, line);
  return new DataError(
    place,
    `${detail && `${detail}: `}the key ${quote(key)} is not in the first row, whose keys are the header`,
    'write --output-format jsonl, where keys may differ',
  );
}

function headerNames(origin: Origin, { width }: WritePlan, fields: readonly Field[], isWide: boolean): string[] {
  const { layout } = origin;
  if (!isWide) return fields.map((field) => (field.kind === 'tokens' ? (layout as { sequenceName: string }).sequenceName : field.name));
  const others = fields.flatMap((field) => (field.kind === 'tokens' ? [] : [rowName(field.name, origin)]));
  const taken = new Set(others);
  return fields.flatMap((field) => {
    if (field.kind === 'tokens') return tokenNames(layout.kind === 'wide' ? layout.tokenNames : [], width, taken);
    if (field.kind === 'mask') return numbered('mask_', 1, width);
    return [rowName(field.name, origin)];
  });
}

/** The names that are there, then on with the number that the last one ends in: t1, t2 → t3; without one: token_1, token_2, … */
function tokenNames(present: readonly string[], width: number, taken: ReadonlySet<string>): string[] {
  const [, stem = 'token_', digits = String(present.length)] = /^(.*?)(\d+)$/.exec(present.at(-1) ?? '') ?? [];
  const next = Number(digits) + 1;
  const added = Array.from(
    { length: Math.max(0, width - present.length) },
    (_, i) => `${stem}${String(next + i).padStart(digits.length, '0')}`,
  );
  const there = new Set(present);
  const free = added.map((name) => (taken.has(name) || there.has(name) ? `${name}_` : name));
  return [...present.slice(0, width), ...free];
}

function numbered(stem: string, first: number, count: number): string[] {
  return Array.from({ length: count }, (_, i) => `${stem}${first + i}`);
}

/** Between spaces an empty cell would not show. */
export function cellText(text: string, separator: string): string {
  const needsMarks = /["\r\n]/.test(text) || text.includes(separator) || (text === '' && separator === ' ');
  return needsMarks ? `"${text.replaceAll('"', '""')}"` : text;
}

/** A JSON text as its characters, null as an empty cell, anything else as its source. */
export function textOfJson(json: string): string {
  if (json.startsWith('"')) return JSON.parse(json) as string;
  return json === 'null' ? '' : json;
}
