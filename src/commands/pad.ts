// `rnn pad`: rows of any length in, rows of one length out, in constant memory. A fixed length reads once; `longest`, percentiles and
// .npy read twice.
import type { LengthCounts } from '../data/inspect/length-counts.ts';
import { openSequences } from '../data/open.ts';
import { countWritten, padRows, withoutEmptyRows } from '../data/pad/rows.ts';
import type { PadOptions } from '../data/pad/rows.ts';
import { paddedWidth } from '../data/padding.ts';
import type { MaxLen } from '../data/padding.ts';
import { targetNames } from '../data/rows/names.ts';
import { rowCount, rowLength } from '../data/rows/rows.ts';
import type { SequenceInput } from '../data/rows/rows.ts';
import { formatOfName } from '../data/sniff.ts';
import type { OutputFormat, WritePlan } from '../data/write/fields.ts';
import { openOutputs } from '../data/write/output.ts';
import type { OpenOutputs } from '../data/write/output.ts';
import { createWriter, delimiterOf, formatLike, formatOfOutput } from '../data/write/write.ts';
import { exitCodes, interruptedCode, UsageError, UserError } from '../errors.ts';
import type { ExitCode } from '../errors.ts';
import { plural } from '../view/numbers.ts';
import { choice, defineCommand, toggle, integer, text } from './command.ts';
import type { Io, OptionsOf } from './command.ts';
import { dataOptions, longestMaxLen, maxLenOption, paddingOptions, rowFormats } from './data-options.ts';

const options = {
  ...dataOptions,
  maxLen: maxLenOption({ default: 'longest', help: 'length of every row that is written' }),
  ...paddingOptions,
  value: integer({ group: 'Data', default: 0, min: -(2 ** 31), max: 2 ** 31 - 1, help: 'token that fills short rows up' }),
  multipleOf: integer({
    group: 'Data',
    argument: 'K',
    default: 1,
    min: 1,
    max: longestMaxLen,
    help: 'round the padded length up to a multiple of K: rows may come out wider than --max-len, but are still cut there',
  }),
  stride: integer({
    group: 'Data',
    argument: 'S',
    default: undefined,
    min: 0,
    max: longestMaxLen - 1,
    defaultText: 'long rows are cut',
    help: 'write a long row as windows of --max-len tokens that share S, laid from its start, or with --truncating pre from its end',
  }),
  lengths: toggle({ group: 'Output', help: 'add the number of real tokens, as the column or key "length"' }),
  mask: toggle({
    group: 'Output',
    help: 'add 1 for each real token and 0 for padding: as columns mask_1, mask_2, …; as the column mask with "1 1 0" where one cell holds all tokens; in JSON as the key "mask" with [1,1,0]',
  }),
  outputFormat: choice({
    group: 'Output',
    choices: ['csv', 'tsv', 'json', 'jsonl', 'npy'],
    default: undefined,
    defaultText: 'by the extension of -o, else as the input',
    help: 'format of the result; npy is a 2-D int32 array',
  }),
  output: text({ group: 'Output', short: '-o', argument: 'FILE', default: '-', help: 'where the result goes; - is standard output' }),
  quiet: toggle({ group: 'Output', help: 'print no summary and no warnings' }),
  json: toggle({ group: 'Output', help: 'print the summary as JSON, on standard error: standard output holds the result' }),
};

/** 2^36 tokens are over 128 GB of text. */
const mostTokens = 2 ** 36;

type Options = OptionsOf<typeof options>;

export const pad = defineCommand({
  summary: 'pad and truncate token rows to one length',
  description: 'Cuts rows of token IDs to --max-len, then fills short ones up, so that all have one length. Other columns pass through.',
  positionals: [{ name: 'FILE', help: `${rowFormats}; - or nothing for standard input` }],
  options,
  examples: [
    ['rnn pad --max-len 7 rows.csv', '43,96,2,78,43 becomes 43,96,2,78,43,0,0'],
    ['rnn pad --max-len p95 --lengths rows.jsonl -o padded.npy', '95 of 100 rows keep all their tokens; lengths go to padded.lengths.npy'],
    ['zcat long.csv.gz | rnn pad --max-len 128 --stride 16 | head', 'windows of 128 tokens, each with the last 16 of the one before'],
  ],
  run,
});

async function run(given: Options, io: Io, file?: string): Promise<ExitCode> {
  check(given);
  const isNpy = (given.outputFormat ?? formatOfOutput(given.output)) === 'npy';
  const outputs = await openOutputs(given.output, { lengths: isNpy && given.lengths, mask: isNpy && given.mask }, io.stdout);
  try {
    await padFile(file, given, outputs, io);
    return exitCodes.done;
  } catch (error) {
    if (!io.interrupted.aborted) throw error;
    return interruptedCode(io.interrupted);
  } finally {
    await outputs.discard();
  }
}

/** What options say wrong together; each alone is checked by its own bounds. */
function check({ maxLen: length, multipleOf, stride, output, outputFormat, lengths, mask, quiet, json }: Options): void {
  if (stride !== undefined && typeof length !== 'number') {
    throw new UsageError(`--stride: needs a length in tokens, and --max-len is ${length}`, 'give for instance --max-len 128 --stride 16');
  }
  if (stride !== undefined && stride >= Number(length)) {
    throw new UsageError(
      `--stride: windows of length ${length} cannot share ${stride} tokens`,
      `give a whole number from 0 to ${Number(length) - 1}`,
    );
  }
  if (typeof length === 'number' && paddedWidth(length, multipleOf) > longestMaxLen) {
    throw new UsageError(
      `--multiple-of: ${length} rounded up to a multiple of ${multipleOf} is more than ${longestMaxLen}`,
      'give a smaller multiple',
    );
  }
  if (output === '-' && outputFormat === 'npy' && (lengths || mask)) {
    throw new UsageError('-o: lengths and mask of an .npy are files beside it, and standard output is none', 'give -o padded.npy');
  }
  if (output.toLowerCase().endsWith('.gz')) {
    throw new UsageError('-o: the result is not compressed here', 'pipe it: rnn pad … | gzip > FILE.gz');
  }
  if (quiet && json) throw new UsageError('--quiet and --json exclude each other', 'leave one of them out');
}

/** Reads the input once, or twice where something has to be known of all rows before the first is written. */
async function padFile(file: string | undefined, given: Options, outputs: OpenOutputs, io: Io): Promise<void> {
  const source = isReadTwice(file, given) ? await (await import('../data/source/rereadable.ts')).rereadable(file, io) : undefined;
  try {
    const survey = source && (await surveyOf(await openSequences(file, given, source.io()), given));
    const input = await openSequences(file, given, source?.io() ?? io);
    await padInput(input, survey, given, outputs, io);
  } finally {
    await source?.close();
  }
}

/** For the length of the longest row or a percentile, and because an .npy says in its first bytes how many rows there are. */
function isReadTwice(file: string | undefined, { maxLen, outputFormat, output }: Options): boolean {
  if (typeof maxLen !== 'number') return true;
  return (outputFormat ?? formatOfOutput(output) ?? (file === undefined ? undefined : formatOfName(file))) === 'npy';
}

/** What the first reading tells. */
interface Survey {
  readonly lengths: LengthCounts;
  /** Windows that will be written, with --stride. */
  readonly windows: number;
}

async function surveyOf(input: SequenceInput, given: Options): Promise<Survey> {
  const lengths = new (await import('../data/inspect/length-counts.ts')).LengthCounts();
  let windows = 0;
  const chunks = given.skipEmpty ? withoutEmptyRows(input, () => {}) : input.chunks;
  for await (const chunk of chunks) {
    for (let row = 0; row < rowCount(chunk); row++) lengths.add(rowLength(chunk, row));
    if (given.stride !== undefined) windows += countWritten(chunk, paddingOf(given));
  }
  return { lengths, windows };
}

async function padInput(
  input: SequenceInput,
  survey: Survey | undefined,
  given: Options,
  outputs: OpenOutputs,
  { stdout, stderr, interrupted }: Io,
): Promise<void> {
  const { format, delimiter } = outputForm(input, given);
  checkNpy(format, given, outputs, stdout);
  let emptyRows = 0;
  const chunks = given.skipEmpty ? withoutEmptyRows(input, (rows) => (emptyRows += rows)) : input.chunks;
  // Only its first bytes tell that standard input is an .npy: one whose result is one too is read into memory.
  const whole = format === 'npy' && survey === undefined ? await (await import('../data/rows/store.ts')).collectRows(chunks) : undefined;
  const padding = paddingOf(given, survey?.lengths);
  const rows = whole ? countWritten(whole, padding) : given.stride === undefined ? survey?.lengths.rows : survey?.windows;
  if (rows !== undefined) checkSize(input.file, rows, padding.width);
  const targets = given.target ?? targetNames;
  const plan = { format, delimiter, width: padding.width, value: given.value, rows, lengths: given.lengths, mask: given.mask, targets };
  const counts = await padRows(input, whole ? [whole] : chunks, await createWriter(input, plan, outputs), padding, interrupted);
  if (survey && (counts.rows !== survey.lengths.rows || counts.tokens !== survey.lengths.tokens)) {
    throw new UserError(`${input.file}: the file has changed while it was read`, 'run this again when nothing writes to it');
  }
  await outputs.commit();
  if (given.quiet) return;
  const { padReport } = await import('../data/pad/report.ts');
  stderr.write(padReport({ counts, padding, emptyRowsLeftOut: emptyRows, input, plan }, given.json));
}

/** The format as asked, else by the name of the result, else that of the input; the input's delimiter, unless --output-format says CSV. */
function outputForm(input: SequenceInput, { outputFormat, output }: Options): Pick<WritePlan, 'format' | 'delimiter'> {
  const format = outputFormat ?? formatOfOutput(output) ?? formatLike(input.format);
  const keeps = format === 'csv' && outputFormat === undefined && input.delimiter !== undefined && input.delimiter !== '\t';
  return { format, delimiter: keeps ? input.delimiter : delimiterOf(format) };
}

/** What only an open input tells: that the result is an .npy, like it. */
function checkNpy(format: OutputFormat, { output, lengths, mask }: Options, outputs: OpenOutputs, stdout: Io['stdout']): void {
  if (format !== 'npy') return;
  if ((lengths && !outputs.lengths) || (mask && !outputs.mask)) {
    throw new UsageError('-o: lengths and mask of an .npy are files beside it', 'give -o padded.npy, or another --output-format');
  }
  if (output === '-' && stdout.isTTY) {
    throw new UsageError('-o: an .npy is not for a terminal', 'give -o padded.npy, or --output-format csv');
  }
}

function paddingOf(given: Options, lengths?: LengthCounts): PadOptions {
  const { padding, truncating, value, stride } = given;
  const maxLen = lengthOf(given.maxLen, lengths);
  return { maxLen, width: paddedWidth(maxLen, given.multipleOf), padding, truncating, value, stride };
}

/** As `resolveMaxLen`: at least 1 even if all rows are empty. */
function lengthOf(maxLen: MaxLen, lengths: LengthCounts | undefined): number {
  if (typeof maxLen === 'number') return maxLen;
  const length = maxLen === 'longest' ? lengths?.longest : lengths?.percentile(Number(maxLen.slice(1)));
  return Math.max(1, length ?? 0);
}

/** One long row among many short ones makes a result that no disk holds. */
function checkSize(file: string, rows: number, width: number): void {
  if (width <= longestMaxLen && rows * width <= mostTokens) return;
  throw new UserError(
    `${file}: ${plural(rows, 'row')} padded to ${width} would be ${rows * width} tokens`,
    'give a --max-len, such as p95, that leaves out the longest rows',
  );
}
