// rnn eval: how good trained weights are on rows with known targets.
import { readDataset } from '../data/dataset/dataset.ts';
import { badRowNotes } from '../data/rows/bad-rows.ts';
import { openOutputs } from '../data/write/output.ts';
import { exitCodes, UsageError } from '../errors.ts';
import type { ExitCode } from '../errors.ts';
import { evaluating } from '../run/evaluate.ts';
import type { Evaluation } from '../run/evaluate.ts';
import { describeResult, refuseNonFinite, resultJson, setUpEvaluation } from '../run/inference/evaluation.ts';
import type { EvaluationSetup } from '../run/inference/evaluation.ts';
import { loadModel, noteOnAssumptions } from '../run/inference/inference.ts';
import { rowScores } from '../run/inference/row-scores.ts';
import { DEFAULT_WINDOW } from '../run/settings.ts';
import { createTurns } from '../run/turns.ts';
import { defineCommand, integer, toggle } from './command.ts';
import type { Io, OptionsOf, OptionTable } from './command.ts';
import { rowFormats } from './data-options.ts';
import { engineOptions, noMask, rowOptions, taskOption, threadsOption, unsaidOptions, weightsPositional } from './inference-options.ts';

const options = {
  ...rowOptions,
  noMask,
  stream: toggle({
    group: 'Data',
    help: 'join the rows into one stream, cut it into --batch-size parallel ones, and carry the state from window to window, as rnn train --stream does',
  }),
  batchSize: integer({ group: 'Data', help: 'rows (streams) that are run together', min: 1, max: 1_000_000, default: 32 }),
  bptt: integer({
    group: 'Data',
    argument: 'WINDOW',
    help: 'with --stream: tokens of each stream that are run together; the figures are the same at any number',
    min: 1,
    max: 2 ** 24,
    default: undefined,
    defaultText: String(DEFAULT_WINDOW),
  }),
  ...taskOption,
  ...unsaidOptions,
  ...engineOptions,
  ...threadsOption,
  perRow: toggle({
    group: 'Output',
    help: 'print a CSV row for each row: its line, its loss and what was predicted; the report goes to standard error',
  }),
  json: toggle({ group: 'Output', help: 'print the report as one JSON object; with --per-row the rows as JSONL too' }),
  quiet: toggle({ group: 'Output', help: 'print no notes, and with --per-row no report' }),
} satisfies OptionTable;

type Options = OptionsOf<typeof options>;

export const evaluateCommand = defineCommand({
  summary: 'measure trained weights on rows with known targets',
  description: [
    'Measure trained weights on rows that they were not trained on: the mean loss in nats (or half squared units), and by task',
    'perplexity and bits per token, accuracy and the confusion matrix, or RMSE and MAE, each with what it counts. Changes nothing.',
  ].join(' '),
  positionals: [weightsPositional, { name: 'FILE', help: `${rowFormats}; - or nothing for standard input` }],
  options,
  examples: [
    ['rnn eval runs/words fixtures/words-test.csv', 'accuracy and who is taken for whom'],
    ['rnn eval "$(rnn train fixtures/words.csv)" fixtures/words-test.csv', 'train, then measure'],
    ['rnn eval runs/words fixtures/words-test.csv --per-row | sort -t, -k4 -gr | head', 'the rows that it gets most wrong'],
  ],
  run,
});

async function run(flags: Options, io: Io, weights = '', file?: string): Promise<ExitCode> {
  refuseContradictions(flags);
  const model = await loadModel(weights, { ...flags, blasPath: io.env['RNN_BLAS'] });
  const setup = await setUpEvaluation(model, await readDataset(file, flags, io), flags);
  const note = noteOnAssumptions(model);
  const { badRows } = setup.data.source;
  const notes = [...(note === undefined ? [] : [note]), ...(badRows ? badRowNotes(badRows).map((bad) => bad.report()) : [])];
  if (!flags.quiet) for (const line of notes) io.stderr.write(`${line}\n`);
  const evaluation = await evaluateAll(setup, flags, io);
  refuseNonFinite(setup, evaluation);
  if (flags.perRow && flags.quiet) return exitCodes.done;
  const width = Math.max(20, Math.min(io.stderr.columns ?? 80, 100));
  const report = flags.json ? JSON.stringify(resultJson(setup, evaluation)) : describeResult(setup, evaluation, width).join('\n');
  (flags.perRow ? io.stderr : io.stdout).write(`${report}\n`);
  return exitCodes.done;
}

/** Runs all batches; with --per-row writes each one's rows as they come. */
async function evaluateAll(
  { network, batches, data }: EvaluationSetup,
  { perRow, json }: Options,
  { stdout, interrupted }: Io,
): Promise<Evaluation> {
  const scores = perRow ? rowScores(data, network, json ? 'jsonl' : 'csv') : undefined;
  const output = await openOutputs('-', { lengths: false, mask: false }, stdout);
  const turn = createTurns(interrupted);
  if (scores) await output.rows.write(scores.begin);
  const steps = evaluating(network, batches);
  try {
    for (;;) {
      const step = steps.next();
      if (step.done) return step.value;
      if (scores) await output.rows.write(scores.take(step.value));
      await turn();
    }
  } finally {
    network.stop();
  }
}

function refuseContradictions({ stream, bptt, noMask: literal, perRow }: Options): void {
  if (bptt !== undefined && !stream)
    throw new UsageError('--bptt: rows are read whole; windows belong to --stream', 'add --stream, or leave --bptt out');
  if (stream && literal) throw new UsageError('--no-mask: a stream has no padding', 'leave --no-mask or --stream out');
  if (stream && perRow) throw new UsageError('--per-row: a stream has no rows', 'leave --per-row or --stream out');
}
