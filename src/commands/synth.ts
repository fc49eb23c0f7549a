// `rnn synth`: rows of the benchmark tasks of recurrent networks, to pipe into `rnn train`.
import { planSynth, synthOrigin, writeSynth } from '../data/synth/generate.ts';
import type { SynthCounts, SynthPlan } from '../data/synth/generate.ts';
import { synthTasks } from '../data/synth/tasks.ts';
import type { SynthTask, SynthTaskName } from '../data/synth/tasks.ts';
import { openOutputs } from '../data/write/output.ts';
import { createWriter, delimiterOf, formatOfOutput } from '../data/write/write.ts';
import { exitCodes, interruptedCode, UsageError } from '../errors.ts';
import type { ExitCode } from '../errors.ts';
import { plural, significant } from '../view/numbers.ts';
import { choice, defineCommand, integer, nearestName, text, toggle } from './command.ts';
import type { Io, OptionsOf } from './command.ts';
import { longestMaxLen } from './data-options.ts';

const names = Object.keys(synthTasks) as SynthTaskName[];
const tasks: Readonly<Record<string, SynthTask>> = synthTasks;

const options = {
  rows: integer({
    group: 'Data',
    default: undefined,
    min: 1,
    max: Number.MAX_SAFE_INTEGER,
    defaultText: defaultsOf(({ rows }) => String(rows)),
    help: 'rows to write',
  }),
  length: integer({
    group: 'Data',
    default: undefined,
    min: 1,
    max: longestMaxLen,
    unit: 'tokens',
    defaultText: defaultsOf(({ length, ...task }) => String(length({ vocabSize: task.vocabSize, lag: task.lag ?? 0 }))),
    help: 'length of the rows, with --min-length of the longest',
  }),
  minLength: integer({
    group: 'Data',
    default: undefined,
    min: 1,
    max: longestMaxLen,
    unit: 'tokens',
    defaultText: `${defaultsOf(({ minLength }) => minLength?.toString())}, else all rows of one length`,
    help: 'rows of random lengths from N to --length: short ones are easier to learn first',
  }),
  vocabSize: integer({
    group: 'Data',
    default: undefined,
    min: 2,
    max: 1_000_000,
    defaultText: defaultsOf(({ vocabSize }) => String(vocabSize)),
    help: 'tokens are 0 to N−1',
  }),
  lag: integer({
    group: 'Data',
    default: undefined,
    min: 1,
    max: longestMaxLen - 1,
    unit: 'steps',
    defaultText: defaultsOf(({ lag }) => (lag === undefined ? undefined : String(lag))),
    help: 'how far back the answer stands',
  }),
  seed: integer({ group: 'Data', default: 1, min: 0, max: Number.MAX_SAFE_INTEGER, help: 'decides the rows: take another for validation' }),
  outputFormat: choice({
    group: 'Output',
    choices: ['csv', 'tsv', 'json', 'jsonl'],
    default: undefined,
    defaultText: 'by the extension of -o, else csv',
    help: 'format of the rows',
  }),
  output: text({ group: 'Output', short: '-o', argument: 'FILE', default: '-', help: 'where the rows go; - is standard output' }),
  quiet: toggle({ group: 'Output', help: 'print no summary' }),
  json: toggle({ group: 'Output', help: 'print the summary as JSON, on standard error: standard output holds the rows' }),
};

type Options = OptionsOf<typeof options>;

export const synth = defineCommand({
  summary: 'write rows of a benchmark task, to train on',
  description: `${[
    'Writes rows of a benchmark task of recurrent networks: tokens in the column "tokens" and the answer beside them, so that rnn train, inspect,',
    'pad and split read them without a flag. Tasks with an answer a row are scored on that alone; where the next token is learned, the summary says',
    'how much of it can be foreseen. The same seed gives the same bytes, and fewer rows are the first of more. By default rnn train learns the task',
    'without a flag.',
  ].join(' ')}\n\nTasks:\n${names.map((name) => `- ${name}: ${tasks[name].summary}`).join('\n')}`,
  positionals: [{ name: 'TASK', help: names.join(', '), required: true }],
  options,
  examples: [
    ['rnn synth parity | rnn train - --validation-split 0.1', 'rows of 1 to 20 bits, learned from the short ones on'],
    ['rnn synth adding --length 100 --seed 2 -o test.csv', 'rows of another seed, to validate on'],
  ],
  run,
});

async function run(given: Options, io: Io, name = ''): Promise<ExitCode> {
  const plan = planSynth(taskOf(name), given);
  if (given.quiet && given.json) throw new UsageError('--quiet and --json exclude each other', 'leave one of them out');
  const format = given.outputFormat ?? formatOfOutput(given.output) ?? 'csv';
  if (format === 'npy')
    throw new UsageError('-o: rows of random lengths, with answers, are no .npy', 'give a .csv or .jsonl, or rnn pad them');
  const outputs = await openOutputs(given.output, { lengths: false, mask: false }, io.stdout);
  try {
    const origin = synthOrigin(plan);
    const layout = {
      format,
      delimiter: delimiterOf(format),
      width: plan.length,
      value: 0,
      rows: plan.rows,
      lengths: false,
      mask: false,
      targets: origin.columns.names,
    };
    const counts = await writeSynth(plan, await createWriter(origin, layout, outputs), io.interrupted);
    await outputs.commit();
    if (!given.quiet) io.stderr.write(`${given.json ? summaryJson(plan, counts) : summary(plan, counts)}\n`);
    return exitCodes.done;
  } catch (error) {
    if (!io.interrupted.aborted) throw error;
    return interruptedCode(io.interrupted);
  } finally {
    await outputs.discard();
  }
}

function taskOf(name: string): SynthTaskName {
  const found = names.find((task) => task === name);
  if (found !== undefined) return found;
  const nearest = nearestName(name, names);
  throw new UsageError(
    `rnn synth: ${JSON.stringify(name)} is no task`,
    nearest ? `did you mean ${nearest}?` : `there are: ${names.join(', ')}`,
  );
}

/** `parity: 10 000 rows, 200 000 tokens; label in the column label` */
function summary({ name, task, rows }: SynthPlan, { tokens, bestAccuracy }: SynthCounts): string {
  const answer =
    bestAccuracy === undefined
      ? `the answer is the column ${task.answer}`
      : `the best next-token accuracy is ${significant(bestAccuracy)}: the first tokens of a row are random`;
  return `${name}: ${plural(rows, 'row')}, ${plural(tokens, 'token')}; ${answer}`;
}

function summaryJson({ name, rows, length, minLength, vocabSize, lag, seed, task }: SynthPlan, counts: SynthCounts): string {
  return JSON.stringify({ task: name, rows, length, minLength, vocabSize, lag: task.lag === undefined ? undefined : lag, seed, ...counts });
}

/** `parity 2, copy 10, …` */
function defaultsOf(show: (task: SynthTask) => string | undefined): string {
  return names.flatMap((name) => show(tasks[name])?.replace(/^/, `${name} `) ?? []).join(', ');
}
