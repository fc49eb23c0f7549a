// rnn predict: what trained weights say of rows, a line for each, as they come.
import { badRowNotes } from '../data/rows/bad-rows.ts';
import { openSequences } from '../data/open.ts';
import { openOutputs } from '../data/write/output.ts';
import { tableFormats } from '../data/write/result-table.ts';
import type { TableFormat } from '../data/write/result-table.ts';
import { inputFormats } from '../data/rows/rows.ts';
import type { Origin, SequenceInput } from '../data/rows/rows.ts';
import { targetNames } from '../data/rows/names.ts';
import { exitCodes, UsageError } from '../errors.ts';
import type { ExitCode } from '../errors.ts';
import { inferenceNetwork, lastStepOnly, loadModel, noteOnAssumptions } from '../run/inference/inference.ts';
import type { LoadedModel } from '../run/inference/inference.ts';
import { predictRows } from '../run/inference/predict-rows.ts';
import type { PredictCounts } from '../run/inference/predict-rows.ts';
import { predictorLimits } from '../run/inference/predictor.ts';
import { describeLosses } from '../run/training/report.ts';
import { createTurns } from '../run/turns.ts';
import { plural } from '../view/numbers.ts';
import { choice, defineCommand, integer, list, text, toggle } from './command.ts';
import type { Io, OptionsOf, OptionTable } from './command.ts';
import { rowFormats } from './data-options.ts';
import { engineOptions, noMask, rowOptions, taskOption, threadsOption, unsaidOptions, weightsPositional } from './inference-options.ts';

const options = {
  ...rowOptions,
  noMask,
  ...taskOption,
  ...unsaidOptions,
  ...engineOptions,
  ...threadsOption,
  top: integer({
    group: 'Output',
    argument: 'K',
    help: 'print the K most probable classes (next tokens), the best first, with their probabilities',
    min: 1,
    max: 1000,
    default: 1,
  }),
  probabilities: toggle({ group: 'Output', help: 'add the probability of every class (every next token), in the order of their IDs' }),
  keep: list({ group: 'Output', help: 'columns or keys of the input that pass through, before the predictions' }),
  outputFormat: choice({
    group: 'Output',
    help: 'format of the result; the columns are the same in both',
    choices: tableFormats,
    default: undefined,
    defaultText: 'by the extension of -o; else jsonl for JSON, csv for CSV',
  }),
  output: text({ group: 'Output', short: '-o', argument: 'FILE', default: '-', help: 'where the result goes; - is standard output' }),
  quiet: toggle({ group: 'Output', help: 'print no summary and no notes' }),
  json: toggle({ group: 'Output', help: 'print the summary as JSON, on standard error: standard output holds the result' }),
} satisfies OptionTable;

type Options = OptionsOf<typeof options>;

export const predict = defineCommand({
  summary: 'predict targets, classes or the next token of rows',
  description: [
    'Run trained weights over rows, and print a line for each, in their order: the predicted number, the most probable class and',
    'its probability, or the most probable token after the row. Works in a pipe: a row is answered once it has come, whatever the length of the input.',
  ].join(' '),
  positionals: [weightsPositional, { name: 'FILE', help: `${rowFormats}; - or nothing for standard input` }],
  options,
  examples: [
    ['rnn predict runs/words fixtures/words-test.csv --keep word,language | head', 'a class and its probability for each row'],
    ['printf "9,5\\n" | rnn predict runs/verse --top 5', 'the five most probable tokens after 9, 5'],
  ],
  run,
});

async function run(flags: Options, io: Io, weights = '', file?: string): Promise<ExitCode> {
  refuseContradictions(flags);
  const model = await loadModel(weights, { ...flags, blasPath: io.env['RNN_BLAS'] });
  const { shape } = model.weights;
  if (shape.task === 'regression' && (flags.top > 1 || flags.probabilities)) {
    throw new UsageError(
      `--${flags.top > 1 ? 'top' : 'probabilities'}: the weights are for regression, which has no classes`,
      'leave it out',
    );
  }
  const single = lastStepOnly(shape);
  const network = await inferenceNetwork(model, predictorLimits(single), { threads: flags.threads, shape: single });
  const outputs = await openOutputs(flags.output, { lengths: false, mask: false }, io.stdout);
  try {
    const input = await openSequences(file, flags, io);
    const settings = {
      ...flags,
      all: flags.probabilities || shape.task === 'regression',
      keep: flags.keep ?? [],
      format: flags.outputFormat ?? formatOf(flags.output, input),
    };
    const counts = await predictRows(model.weights, network, input, settings, outputs.rows, createTurns(io.interrupted));
    await outputs.commit();
    if (!flags.quiet) io.stderr.write(summaryOf(model, input, counts, flags));
    return exitCodes.done;
  } finally {
    await outputs.discard();
  }
}

function refuseContradictions({ noMask: literal, maxLen, quiet, json }: Options): void {
  if (literal && maxLen === undefined) {
    throw new UsageError(
      '--no-mask: rows are answered as they come, so their one length must be known',
      'give --max-len, the length of the rows in training',
    );
  }
  if (quiet && json) throw new UsageError('--quiet and --json exclude each other', 'leave one of them out');
}

function formatOf(output: string, { format }: Origin): TableFormat {
  if (/\.(jsonl|ndjson)$/i.test(output)) return 'jsonl';
  if (/\.csv$/i.test(output)) return 'csv';
  return inputFormats[format].values === 'json' ? 'jsonl' : 'csv';
}

/** What was read, what was left out, and what is there that was not used. */
function summaryOf(
  model: LoadedModel,
  { file, columns, badRows }: SequenceInput,
  counts: PredictCounts,
  { target, keep = [], json }: Options,
): string {
  const unused = columns.names.filter((name) => (target ?? targetNames).includes(name) && !keep.includes(name));
  const assumed = noteOnAssumptions(model);
  const notes = [
    ...badRowNotes(badRows).map((note) => note.report()),
    ...(unused.length > 0 ? [`note: the targets (${unused.join(', ')}) are not used; rnn eval measures against them`] : []),
    ...(assumed === undefined ? [] : [assumed]),
  ];
  if (json)
    return `${JSON.stringify({ weights: model.file, task: model.weights.shape.task, file, ...counts, badRows: badRows.count, notes })}\n`;
  const summary = `${file}: ${plural(counts.rows, 'row')}, ${plural(counts.tokens, 'token')}`;
  return [summary, ...describeLosses({ counts: { ...counts, tooShort: 0, badRows: badRows.count } }), ...notes, ''].join('\n');
}
