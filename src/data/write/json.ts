// Padded rows as one JSON document or as JSONL. Lists stay lists unless something stands beside the tokens.
import { inputFormats } from '../rows/rows.ts';
import type { CellValue, Columns, Origin } from '../rows/rows.ts';
import { fieldsOf, rowName } from './fields.ts';
import type { Field, PaddedRow, WritePlan } from './fields.ts';
import { maskText, tokensText } from './padded-text.ts';
import type { WriteTokens } from './padded-text.ts';
import { TextBytes } from './text-bytes.ts';
import type { RowText } from './write.ts';

const [openList, closeList, closeObject, comma, newline] = [0x5b, 0x5d, 0x7d, 0x2c, 0x0a];

export function jsonText(origin: Origin, plan: WritePlan): RowText {
  const { kind } = origin.layout;
  if (kind === 'columns' && plan.format === 'json') return columnsText(origin, plan);
  const isBare = fieldsOf(origin.columns, origin.layout, plan).length === 1;
  const writeRow = isBare && kind !== 'objects' && kind !== 'cell' ? listText(tokensText(plan, ',')) : objectText(origin, plan);
  if (plan.format === 'jsonl') {
    return {
      begin: '',
      row(row, out) {
        writeRow(row, out);
        out.addByte(newline);
      },
      *end() {},
    };
  }
  return {
    begin: '[',
    row: separated(writeRow),
    *end() {
      yield ']\n';
    },
  };
}

/** Rows with a comma between. */
function separated(writeRow: WriteTokens): WriteTokens {
  let isFirst = true;
  return (row, out) => {
    if (!isFirst) out.addByte(comma);
    isFirst = false;
    writeRow(row, out);
  };
}

function listText(write: WriteTokens): WriteTokens {
  return (row, out) => {
    out.addByte(openList);
    write(row, out);
    out.addByte(closeList);
  };
}

function objectText(origin: Origin, plan: WritePlan): WriteTokens {
  const { layout } = origin;
  const sequenceName = layout.kind === 'objects' || layout.kind === 'cell' ? layout.sequenceName : 'tokens';
  const toJson = jsonValue(origin, plan);
  const writeTokens = listText(tokensText(plan, ','));
  const writeMask = listText(maskText(','));
  let last: Columns | undefined;
  let members: readonly { readonly field: Field; readonly key: string }[] = [];
  return (row, out) => {
    if (row.columns !== last) {
      last = row.columns;
      members = fieldsOf(row.columns, layout, plan).map((field, i) => {
        const name = field.kind === 'tokens' ? sequenceName : rowName(field.name, origin);
        return { field, key: `${i === 0 ? '{' : ','}${JSON.stringify(name)}:` };
      });
    }
    for (const { field, key } of members) {
      out.add(key);
      if (field.kind === 'tokens') writeTokens(row, out);
      else if (field.kind === 'length') out.add(String(row.end - row.begin));
      else if (field.kind === 'mask') writeMask(row, out);
      else out.add(toJson(row.others[field.index], field.name));
    }
    out.addByte(closeObject);
  };
}

/** The sequences first, as they come; every other list waits until they are done. */
function columnsText(origin: Origin, plan: WritePlan): RowText {
  const layout = origin.layout as Extract<Origin['layout'], { kind: 'columns' }>;
  const toJson = jsonValue(origin, plan);
  const writeMask = listText(maskText(','));
  const writeField = (field: Field, row: PaddedRow, out: TextBytes): void => {
    if (field.kind === 'length') out.add(String(row.end - row.begin));
    else if (field.kind === 'mask') writeMask(row, out);
    else if (field.kind === 'other') out.add(toJson(row.others[field.index], field.name));
  };
  const others = fieldsOf(origin.columns, layout, plan).flatMap((field) => {
    if (field.kind === 'tokens') return [];
    return [{ name: field.name, values: new TextBytes(), writeValue: separated((row, out) => writeField(field, row, out)) }];
  });
  const writeTokens = separated(listText(tokensText(plan, ',')));
  return {
    begin: `{${JSON.stringify(layout.sequenceName)}:[`,
    row(row, out) {
      for (const { values, writeValue } of others) writeValue(row, values);
      writeTokens(row, out);
    },
    *end() {
      yield ']';
      for (const { name, values } of others) {
        yield `,${JSON.stringify(name)}:[`;
        yield values.written;
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
  if (inputFormats[format].values === 'json') return (value) => value ?? 'null';
  return (value = '', name) => {
    const isNumber = targets.includes(name) ? /^-?(0|[1-9]\d*)(\.\d+)?(e[+-]?\d+)?$/i.test(value) : String(Number(value)) === value;
    return isNumber && Number.isFinite(Number(value)) ? value : JSON.stringify(value);
  };
}
