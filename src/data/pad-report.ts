// What `rnn pad` says of what it did: one line of counts, and notes on what a reader of the result could get wrong.
import { UserError } from '../errors.ts';
import { isMask } from './fields.ts';
import type { WritePlan } from './fields.ts';
import type { PadCounts, PadOptions } from './pad-rows.ts';
import { placeOfToken, placeText } from './rows.ts';
import type { Origin } from './rows.ts';

/** `2 rows to length 7: 1 padded, 1 truncated (1 token cut)` */
export function padSummary(counts: PadCounts, { width, stride }: PadOptions, emptyRows: number): string {
  const { rows, written, padded, truncated, tokensCut } = counts;
  const form = stride === undefined ? `to length ${width}` : `to ${plural(written, 'window')} of length ${width}`;
  const cut = stride === undefined ? `, ${truncated} truncated${truncated > 0 ? ` (${plural(tokensCut, 'token')} cut)` : ''}` : '';
  const dropped = emptyRows > 0 ? `; ${plural(emptyRows, 'empty row')} left out` : '';
  return `${plural(rows, 'row')} ${form}: ${padded} padded${cut}${dropped}`;
}

/** The same as one JSON object. */
export function padJson(counts: PadCounts, { width, value }: PadOptions, emptyRows: number, notes: readonly UserError[]): string {
  return JSON.stringify({
    rows: counts.rows,
    written: counts.written,
    length: width,
    value,
    padded: counts.padded,
    truncated: counts.truncated,
    tokens_cut: counts.tokensCut,
    empty_rows_left_out: emptyRows,
    value_is_token: counts.collision !== undefined,
    notes: notes.map(({ message }) => message),
  });
}

/** As errors, for their two lines, the hint and the escaping; they are not thrown. */
export function padNotes(counts: PadCounts, { value }: PadOptions, origin: Origin, plan: WritePlan): UserError[] {
  const notes: UserError[] = [];
  const { layout, columns } = origin;
  const isCsv = plan.format === 'csv' || plan.format === 'tsv';
  if (counts.collision && counts.padded > 0) {
    const at = placeText(placeOfToken(origin, counts.collision.line, counts.collision.token));
    const hint = 'add --lengths or --mask, or choose another --value';
    notes.push(new UserError(`warning: ${value} is also a real token (first at ${at}): padding cannot be told from it`, hint));
  }
  if (isCsv && (layout.kind === 'plain' || layout.kind === 'arrays') && (plan.lengths || plan.mask)) {
    const what = [plan.lengths ? 'length' : [], plan.mask ? 'mask' : []].flat().join(' and ');
    notes.push(
      new UserError(
        `note: without a header, the ${what} at the end of the row will be read as tokens`,
        'write --output-format jsonl to keep them apart',
      ),
    );
  }
  const staleMask = columns.names.find((name) => isMask(name, layout));
  if (staleMask !== undefined && !plan.mask) {
    notes.push(new UserError(`note: ${JSON.stringify(staleMask)} passes through as it was`, 'add --mask to write the mask anew'));
  }
  const lost =
    plan.format === 'npy'
      ? columns.names
      : layout.kind === 'columns' && plan.format !== 'json'
        ? layout.constants.map(([name]) => name)
        : [];
  if (lost.length > 0) {
    notes.push(
      new UserError(`note: left out of the ${plan.format}: ${lost.join(', ')}`, 'choose an --output-format that has a place for it'),
    );
  }
  return notes;
}

function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
