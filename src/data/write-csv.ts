// Padded rows as CSV or TSV (RFC 4180 quoting, \n line ends), in the layout that they came in; JSON rows with names become wide rows.
import { DataError, quote } from '../errors.ts';
import { fieldsOf, maskText, rowName } from './fields.ts';
import type { Field, PaddedRow, WritePlan } from './fields.ts';
import { placeOfRow } from './rows.ts';
import type { CellValue, Columns, Origin } from './rows.ts';
import type { RowText } from './write.ts';

export function csvText(origin: Origin, plan: WritePlan): RowText {
  const separator = plan.format === 'tsv' ? '\t' : ',';
  const { kind } = origin.layout;
  if (kind === 'plain' || kind === 'arrays') return plainText(plan, separator);
  return namedText(origin, plan, separator, kind === 'cell' ? ' ' : separator);
}

/** No header: the tokens, then the length, then the mask. */
function plainText({ lengths, mask }: WritePlan, separator: string): RowText {
  return {
    begin: '',
    row(row) {
      const length = lengths ? `${separator}${row.length}` : '';
      return `${row.tokens.join(separator)}${length}${mask ? `${separator}${maskText(row, separator)}` : ''}\n`;
    },
    *end() {},
  };
}

/** Under a header. Tokens stand in cells of their own, or in one cell where `tokenSeparator` is not the separator of cells. */
function namedText(origin: Origin, plan: WritePlan, separator: string, tokenSeparator: string): RowText {
  const isWide = tokenSeparator === separator;
  const isJson = origin.format === 'json' || origin.format === 'jsonl';
  const fields = fieldsOf(origin.columns, origin.layout, plan);
  const valueAt = valueFinder(origin);
  return {
    begin: `${headerNames(origin, plan, fields, isWide)
      .map((name) => cellText(name, separator))
      .join(separator)}\n`,
    row(row) {
      const find = valueAt(row);
      const cells = fields.map((field) => {
        if (field.kind === 'tokens') return row.tokens.join(tokenSeparator);
        if (field.kind === 'length') return String(row.length);
        if (field.kind === 'mask') return maskText(row, tokenSeparator);
        const value = find(field.index) ?? '';
        return cellText(isJson ? textOfJson(value) : value, separator);
      });
      return `${cells.join(separator)}\n`;
    },
    *end() {},
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
  const free = added.map((name) => (taken.has(name) || present.includes(name) ? `${name}_` : name));
  return [...present.slice(0, width), ...free];
}

function numbered(stem: string, first: number, count: number): string[] {
  return Array.from({ length: count }, (_, i) => `${stem}${first + i}`);
}

export function cellText(text: string, separator: string): string {
  return /["\r\n]/.test(text) || text.includes(separator) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** A JSON text as its characters, null as an empty cell, anything else as its source. */
export function textOfJson(json: string): string {
  if (json.startsWith('"')) return JSON.parse(json) as string;
  return json === 'null' ? '' : json;
}
