// Padded rows as one JSON document or as JSONL. Lists stay lists unless something stands beside the tokens.
import { fieldsOf, maskText, rowName } from './fields.ts';
import type { Field, PaddedRow, WritePlan } from './fields.ts';
import type { CellValue, Columns, Origin } from './rows.ts';
import type { RowText } from './write.ts';

export function jsonText(origin: Origin, plan: WritePlan): RowText {
  const { kind } = origin.layout;
  if (kind === 'columns' && plan.format === 'json') return columnsText(origin, plan);
  const isBare = fieldsOf(origin.columns, origin.layout, plan).length === 1;
  const toText = isBare && kind !== 'objects' && kind !== 'cell' ? listText : objectText(origin, plan);
  if (plan.format === 'jsonl') return { begin: '', row: (row) => `${toText(row)}\n`, *end() {} };
  let separator = '';
  return {
    begin: '[',
    row(row) {
      const text = separator + toText(row);
      separator = ',';
      return text;
    },
    *end() {
      yield ']\n';
    },
  };
}

function listText(row: PaddedRow): string {
  return `[${row.tokens.join(',')}]`;
}

function objectText(origin: Origin, plan: WritePlan): (row: PaddedRow) => string {
  const { layout } = origin;
  const sequenceName = layout.kind === 'objects' || layout.kind === 'cell' ? layout.sequenceName : 'tokens';
  const toJson = jsonValue(origin, plan);
  let last: Columns | undefined;
  let fields: readonly Field[] = [];
  return (row) => {
    if (row.columns !== last) [last, fields] = [row.columns, fieldsOf(row.columns, layout, plan)];
    const members = fields.map((field) => {
      if (field.kind === 'tokens') return `${JSON.stringify(sequenceName)}:${listText(row)}`;
      const key = JSON.stringify(rowName(field.name, origin));
      if (field.kind === 'length') return `${key}:${row.length}`;
      if (field.kind === 'mask') return `${key}:[${maskText(row, ',')}]`;
      return `${key}:${toJson(row.others[field.index], field.name)}`;
    });
    return `{${members.join(',')}}`;
  };
}

/** The sequences first, as they come; every other list waits until they are done. */
function columnsText(origin: Origin, plan: WritePlan): RowText {
  const layout = origin.layout as Extract<Origin['layout'], { kind: 'columns' }>;
  const others = fieldsOf(origin.columns, layout, plan).flatMap((field) =>
    field.kind === 'tokens' ? [] : [{ field, values: [] as string[] }],
  );
  const toJson = jsonValue(origin, plan);
  let separator = '';
  return {
    begin: `{${JSON.stringify(layout.sequenceName)}:[`,
    row(row) {
      for (const { field, values } of others) {
        if (field.kind === 'length') values.push(String(row.length));
        else if (field.kind === 'mask') values.push(`[${maskText(row, ',')}]`);
        else values.push(toJson(row.others[field.index], field.name));
      }
      const text = separator + listText(row);
      separator = ',';
      return text;
    },
    *end() {
      yield ']';
      for (const { field, values } of others) {
        yield `,${JSON.stringify(field.name)}:[`;
        for (const [i, value] of values.entries()) yield i === 0 ? value : `,${value}`;
        yield ']';
      }
      for (const [name, json] of layout.constants) yield `,${JSON.stringify(name)}:${json}`;
      yield '}\n';
    },
  };
}

/**
 * A CSV cell becomes a number where the number, written out, is the cell again (and `01234` or `1.10` stays text);
 * in a target column, wherever JSON can hold its digits as they stand.
 */
export function jsonValue(
  { format }: Pick<Origin, 'format'>,
  { targets }: Pick<WritePlan, 'targets'>,
): (value: CellValue, name: string) => string {
  if (format === 'json' || format === 'jsonl') return (value) => value ?? 'null';
  return (value = '', name) => {
    const isNumber = targets.includes(name) ? /^-?(0|[1-9]\d*)(\.\d+)?(e[+-]?\d+)?$/i.test(value) : String(Number(value)) === value;
    return isNumber && Number.isFinite(Number(value)) ? value : JSON.stringify(value);
  };
}
