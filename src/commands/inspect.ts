// `rnn inspect`: what is in a file, so that flags can be chosen before training. Data and weights are told apart by the file itself.
import { openSequences } from '../data/open.ts';
import { badRowNotes } from '../data/rows/bad-rows.ts';
import { exitCodes } from '../errors.ts';
import type { ExitCode } from '../errors.ts';
import { looksLikeWeights } from '../formats/weight-files.ts';
import { tasks } from '../model/shape.ts';
import { dataReportJson, describeData, inspectData } from '../run/inspect/data.ts';
import { speaksUtf8 } from '../view/terminal.ts';
import { choice, defineCommand, integer, toggle, without } from './command.ts';
import type { Io, OptionsOf } from './command.ts';
import { dataOptions, maxLenOption, paddingOptions, rowFormats } from './data-options.ts';

const options = {
  ...without(dataOptions, 'skipEmpty'),
  padding: { ...paddingOptions.padding, help: 'side on which a length in the input leaves padding' },
  task: choice({
    group: 'Data',
    help: 'what the targets are for: classes are counted, numbers have a mean',
    choices: tasks,
    default: undefined,
    defaultText: 'as rnn train decides',
  }),
  maxLen: maxLenOption({ default: undefined, help: 'tell what this length would cut; without it, what p50, p90, p95 and p99 would' }),
  top: integer({ group: 'Output', default: 8, min: 0, max: 1000, help: 'how many of the most frequent tokens are named' }),
  width: integer({
    group: 'Output',
    default: undefined,
    min: 20,
    max: 1000,
    unit: 'columns',
    defaultText: "the terminal's, 80 elsewhere",
    help: 'width of the histogram',
  }),
  json: toggle({ group: 'Output', help: 'print one JSON object' }),
};

type Options = OptionsOf<typeof options>;

export const inspect = defineCommand({
  summary: 'show what is in a data file or in weights',
  description: [
    'Shows what is in rows of tokens: rows, vocabulary, lengths and what --max-len would cut, the balance of the targets, duplicates, and',
    'whether rows look padded already. Reads the file once, in chunks; of more than 4 194 304 distinct rows the rest are not looked through for duplicates.',
    "Of a weight file or a run directory it shows the model, each tensor's norm and how its values lie, and the spectral radius of W.",
  ].join(' '),
  positionals: [{ name: 'FILE', help: `${rowFormats}, or weights; - or nothing for standard input` }],
  options,
  examples: [
    ['rnn inspect fixtures/words.csv', 'lengths, vocabulary, classes'],
    ['rnn inspect runs/words', 'the tensors of trained weights'],
    ["rnn inspect rows.csv --max-len 32 --json | jq '.cuts[0].tokenShare'", 'the share of tokens that --max-len 32 would cut'],
  ],
  run,
});

/** What each kind of file is shown by. */
const views: Readonly<Record<'data' | 'weights', (given: Options, io: Io, file: string | undefined) => Promise<string>>> = {
  async data(given, io, file) {
    const input = await openSequences(file, given, io);
    const report = await inspectData(input, given);
    for (const note of badRowNotes(input.badRows)) io.stderr.write(`${note.report()}\n`);
    return given.json ? dataReportJson(report) : describeData(report, viewOf(given, io));
  },
  async weights(given, io, file) {
    const { describeWeights, inspectWeights, weightsReportJson } = await import('../run/inspect/weights.ts');
    const report = await inspectWeights(file!);
    return given.json ? weightsReportJson(report) : describeWeights(report, viewOf(given, io));
  },
};

async function run(given: Options, io: Io, file?: string): Promise<ExitCode> {
  const kind = file !== undefined && file !== '-' && (await looksLikeWeights(file)) ? 'weights' : 'data';
  io.stdout.write(`${await views[kind](given, io, file)}\n`);
  return exitCodes.done;
}

function viewOf({ width }: Options, { stdout, env }: Io): { width: number; unicode: boolean } {
  return { width: width ?? stdout.columns ?? 80, unicode: speaksUtf8(env) };
}
