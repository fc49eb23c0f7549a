// What `rnn pad` says of what it did: one line of counts, and notes on what a reader of the result could get wrong.
import { UserError } from '../../errors.ts';
import { grouped, plural } from '../plural.ts';
import { badRowNotes } from '../rows/bad-rows.ts';
import { placeOfToken, placeText } from '../rows/rows.ts';
import type { Origin, SequenceInput } from '../rows/rows.ts';
import { describeTokenColumns } from '../rows/token-columns.ts';
import { fieldsOf, isLength, isMask } from '../write/fields.ts';
import type { WritePlan } from '../write/fields.ts';
import type { PadCounts, PadOptions } from './rows.ts';

/** Rows of the input that do not appear in the result. */
interface RowsLeftOut {
  readonly empty: number;
  readonly bad: number;
}

/** A run of `rnn pad`, when it is done. */
export interface PadResult {
  readonly counts: PadCounts;
  readonly padding: PadOptions;
  readonly emptyRowsLeftOut: number;
  readonly input: SequenceInput;
  readonly plan: WritePlan;
}

/** All that standard error shows: one JSON object, or the summary, the columns of tokens and the notes, a line each. */
export function padReport({ counts, padding, emptyRowsLeftOut, input, plan }: PadResult, asJson: boolean): string {
  const notes = [...badRowNotes(input.badRows), ...padNotes(counts, padding, input, plan)];
  const leftOut = { empty: emptyRowsLeftOut, bad: input.badRows.count };
  if (asJson) return `${padJson(counts, padding, leftOut, notes)}\n`;
  const columns = describeTokenColumns(input.layout);
  return [
    padSummary(counts, padding, leftOut),
    ...(columns === undefined ? [] : [columns]),
    ...notes.map((note) => note.report()),
    '',
  ].join('\n');
}

/** `3 rows to length 7: 2 padded, 1 truncated (1 token cut), 1 empty; 1 bad row left out` */
function padSummary(counts: PadCounts, { width, stride }: PadOptions, leftOut: RowsLeftOut): string {
  const { rows, empty, written, padded, truncated, tokensCut } = counts;
  const form = stride === undefined ? `to length ${width}` : `to ${plural(written, 'window')} of length ${width}`;
  const cut = stride === undefined ? `, ${grouped(truncated)} truncated${truncated > 0 ? ` (${plural(tokensCut, 'token')} cut)` : ''}` : '';
  const without = empty > 0 ? `, ${grouped(empty)} empty` : '';
  const kinds = [leftOut.empty > 0 ? plural(leftOut.empty, 'empty row') : [], leftOut.bad > 0 ? plural(leftOut.bad, 'bad row') : []];
  const dropped = leftOut.empty + leftOut.bad > 0 ? `; ${kinds.flat().join(' and ')} left out` : '';
  return `${plural(rows, 'row')} ${form}: ${grouped(padded)} padded${cut}${without}${dropped}`;
}

/** The same as one JSON object. */
function padJson(counts: PadCounts, { width, value }: PadOptions, leftOut: RowsLeftOut, notes: readonly UserError[]): string {
  return JSON.stringify({
    rows: counts.rows,
    written: counts.written,
    length: width,
    value,
    padded: counts.padded,
    truncated: counts.truncated,
    tokensCut: counts.tokensCut,
    emptyRows: counts.empty,
    emptyRowsLeftOut: leftOut.empty,
    badRowsLeftOut: leftOut.bad,
    valueIsToken: counts.collision !== undefined,
    notes: notes.map(({ message }) => message),
  });
}

/** As errors, for their two lines, the hint and the escaping; they are not thrown. */
function padNotes(counts: PadCounts, { value }: PadOptions, origin: Origin, plan: WritePlan): UserError[] {
  const notes: UserError[] = [...(origin.notes ?? [])];
  const { layout, columns } = origin;
  const isCsv = plan.format === 'csv' || plan.format === 'tsv';
  if (counts.collision && counts.padded > 0 && !tellsPadding(origin, plan)) {
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
  const lost =
    plan.format === 'npy'
      ? columns.names.filter((name) => !isBeside(name, origin, plan))
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

/** Whether a length or a mask is written, so that padding needs no value of its own. */
function tellsPadding({ layout, columns }: Origin, plan: WritePlan): boolean {
  if (plan.lengths || plan.mask) return true;
  return plan.format !== 'npy' && fieldsOf(columns, layout, plan).some(({ kind }) => kind === 'length' || kind === 'mask');
}

/** Whether an .npy beside the tokens holds what the column does. */
function isBeside(name: string, { layout }: Origin, { lengths, mask }: WritePlan): boolean {
  return (lengths && isLength(name, layout)) || (mask && isMask(name, layout));
}
