// What must hold of every input, whatever it is: it is read, or refused with an error that a person can act on; never a crash, never a
// token that is not in the file; and it makes no difference how the bytes arrive, or whether bad rows are skipped where there are none.
import { openSequences } from '../../src/data/open.ts';
import type { ReadOptions } from '../../src/data/rows/names.ts';
import type { SequenceInput } from '../../src/data/rows/rows.ts';
import { collectRows } from '../../src/data/rows/store.ts';
import { DataError, UserError } from '../../src/errors.ts';
import { chunked, run } from '../support/run.ts';
import type { FuzzInput } from './inputs.ts';
import { tokenOf } from './reference.ts';
import type { Rows } from './reference.ts';
import { referenceRows } from './reference-rows.ts';

export interface Accepted {
  readonly input: SequenceInput;
  readonly rows: Rows;
  readonly others: readonly unknown[];
  readonly badRows: number;
}

type Outcome = Accepted | UserError;

/** For a Parquet file, some of which hyparquet decodes for ever when they are damaged. */
const mostSeconds = 5;

/** What is wrong; undefined where all is well. `withCommand` also runs `rnn pad` on it. */
export async function problemOf({ bytes, parts, options }: FuzzInput, withCommand: boolean): Promise<string | undefined> {
  try {
    const whole = await read([bytes], options);
    if (whole instanceof UserError && /does not end within \d+ seconds$/.test(whole.message)) return problemOfError(whole);
    const inParts = await read(parts, options);
    if (!areAlike(whole, inParts)) return `in parts it is read otherwise:\n  ${summary(whole)}\n  ${summary(inParts)}`;
    const problem = whole instanceof UserError ? problemOfError(whole, bytes, options) : problemOfRows(bytes, whole);
    if (problem !== undefined) return problem;
    const skipping = await problemOfSkipping(parts, options, whole);
    return skipping ?? (withCommand ? await problemOfPad(bytes, options, whole) : undefined);
  } catch (error) {
    return `a crash: ${error instanceof Error ? error.stack : String(error)}`;
  }
}

async function read(parts: readonly Buffer[], options: ReadOptions): Promise<Outcome> {
  try {
    const input = await openSequences('-', { ...options, mostSeconds }, { stdin: chunked(parts) });
    const { tokens, offsets, lines, others } = await collectRows(input.chunks);
    const rows = [...lines.keys()].map((row) => [...tokens.subarray(offsets[row], offsets[row + 1])]);
    return { input, rows, others, badRows: input.badRows.count };
  } catch (error) {
    if (error instanceof UserError) return error;
    throw error;
  }
}

function summary(outcome: Outcome): string {
  if (outcome instanceof UserError) return outcome.report();
  const { input, rows, others, badRows } = outcome;
  return JSON.stringify([input.format, input.layout, input.columns, rows, others, badRows]);
}

/** What the bytes themselves break is met as soon as they arrive, before or after what the rows break. */
const aboutTheBytes = /: (this is not |this is UTF-16|this is a zip|the gzip data|bytes that are no gzip)/;

function areAlike(a: Outcome, b: Outcome): boolean {
  const areErrors = a instanceof UserError && b instanceof UserError;
  return summary(a) === summary(b) || (areErrors && [a, b].some(({ message }) => aboutTheBytes.test(message)));
}

/** Of the whole file, not of one of its lines. */
const aboutTheFile =
  /^stdin: (holds |no row is left|the gzip data|bytes that are no gzip|this is (no \.npy|a zip)|the file |the array |the header |the shape |version |more bytes |a row has|row \d+|the Parquet|the column |no column |nothing here is named|".*" holds \d+ value)/s;

/** CSV of digits and commas, and lists of digits a line, which no rule refuses. */
const plainlyRight = /^(?:(?:\d{1,9}(?:,\d{1,9})*\r?\n)+|(?:\[(?:0|[1-9]\d{0,8})(?:, ?(?:0|[1-9]\d{0,8}))*\]\r?\n)+)$/;

/** An error names the file, and the line where there are lines, and says what to do; in lines of its own, with nothing that drives a terminal. */
function problemOfError(error: UserError, bytes?: Buffer, options: ReadOptions = {}): string | undefined {
  const report = error.report();
  const isAsItComes = Object.values(options).every((value) => value === undefined);
  if (bytes && isAsItComes && plainlyRight.test(bytes.toString('latin1'))) return `an error in what is right: ${report}`;
  if (!error.hint) return `an error without a hint: ${report}`;
  if (error instanceof DataError) {
    if (error.place.file !== 'stdin' || !error.message.startsWith('stdin:')) return `an error that does not name the file: ${report}`;
    if (error.place.line === undefined && !aboutTheFile.test(error.message)) return `an error that does not name the line: ${report}`;
  } else if (!/^--(delimiter|sequence|target)\b/.test(error.message)) {
    return `an error that names neither file nor flag: ${report}`;
  }
  // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
  return /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\ufeff]/.test(report) || report.split('\n').length !== 2
    ? `an error that is not two plain lines: ${JSON.stringify(report)}`
    : undefined;
}

function problemOfRows(bytes: Buffer, { input, rows }: Accepted): string | undefined {
  // What is compressed is compared through what is not.
  if (bytes[0] === 0x1f && bytes[1] === 0x8b) return undefined;
  const expected = referenceRows(bytes.toString(), input);
  if (expected === 'unsure') return undefined;
  if (expected === 'broken') return `read, though it breaks a rule: ${JSON.stringify(rows)}`;
  return JSON.stringify(rows) === JSON.stringify(expected)
    ? undefined
    : `other tokens: ${JSON.stringify(rows)}\n  not ${JSON.stringify(expected)}`;
}

/** Without bad rows, skipping them changes nothing; with some, no error is left but those that stop all the same. */
async function problemOfSkipping(parts: readonly Buffer[], options: ReadOptions, whole: Outcome): Promise<string | undefined> {
  const skipped = await read(parts, { ...options, onError: 'skip' });
  if (skipped instanceof UserError)
    return whole instanceof UserError ? problemOfError(skipped) : `skipping finds an error: ${skipped.report()}`;
  if (!(whole instanceof UserError))
    return summary(whole) === summary(skipped) ? undefined : `skipping reads it otherwise: ${summary(skipped)}`;
  const [first] = skipped.input.badRows.first;
  // A document of columns is checked list by list, and its bad rows are told in the order of the rows.
  if (skipped.input.layout.kind === 'columns') return undefined;
  return first !== undefined && areAlike(first, whole)
    ? undefined
    : `skipping names another error first: ${first?.report()}\n  ${whole.report()}`;
}

const names: Readonly<Record<string, string>> = { inputFormat: 'input-format' };

/** The command reads what the reader reads, and writes the same tokens, padded. */
async function problemOfPad(bytes: Buffer, options: ReadOptions, whole: Outcome): Promise<string | undefined> {
  const flags = Object.entries(options).flatMap(([name, value]) =>
    value === undefined ? [] : [`--${names[name] ?? name}`, String(value)],
  );
  const { code, stdout, stderr } = await run(['pad', ...flags, '--output-format', 'jsonl', '--value', '7'], { stdin: [bytes] });
  if (whole instanceof UserError) {
    const isTold = stderr === `${whole.report()}\n` || aboutTheBytes.test(stderr);
    return code === whole.exitCode && isTold && stdout === '' ? undefined : `pad ends with ${code}: ${stderr}`;
  }
  if (code !== 0) return `pad ends with ${code} on what can be read: ${stderr}`;
  const { layout } = whole.input;
  const key = layout.kind === 'objects' || layout.kind === 'cell' ? layout.sequenceName : 'tokens';
  const written = stdout
    .trimEnd()
    .split('\n')
    .map((line) => {
      const list = new RegExp(
        line.startsWith('[') ? '^\\[(.*)\\]$' : `${JSON.stringify(key).replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&')}:\\[([0-9,]*)\\]`,
      ).exec(line)?.[1];
      return list?.split(',').map(tokenOf);
    });
  const width = Math.max(1, ...whole.rows.map((row) => row.length));
  const expected = whole.rows.map((row) => {
    const padding = Array.from({ length: width - row.length }, () => 7);
    return options.padding === 'pre' ? [...padding, ...row] : [...row, ...padding];
  });
  return JSON.stringify(written) === JSON.stringify(expected) ? undefined : `pad writes other tokens: ${JSON.stringify(written)}`;
}
