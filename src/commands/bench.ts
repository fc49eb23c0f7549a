// rnn bench: what this machine gives for one training step, and what rnn train would choose.
import { engineNames } from '../engine/engines.ts';
import { exitCodes } from '../errors.ts';
import type { ExitCode } from '../errors.ts';
import { optimizerNames } from '../model/optimizers.ts';
import { tasks } from '../model/shape.ts';
import { bench as measure } from '../run/bench/bench.ts';
import { describeBench } from '../run/bench/report.ts';
import { CLASSES } from '../run/bench/step.ts';
import { DEFAULT_WINDOW, modelSizes } from '../run/settings.ts';
import { choice, defineCommand, integer, real, toggle } from './command.ts';
import type { Io, OptionsOf, OptionTable } from './command.ts';
import { modelOptions } from './model-options.ts';

const { hidden, layers, activation } = modelOptions;
const embedding = { ...modelOptions.embedding, defaultText: '0, one-hot' };

const options = {
  task: choice({
    group: 'Data',
    help: `what is learned: one number, one of ${CLASSES} classes, or the token after each`,
    choices: tasks,
    default: 'next-token',
  }),
  vocabSize: integer({ group: 'Data', help: 'tokens are 0 to N−1', min: 1, max: 2 ** 31, default: 65 }),
  hidden,
  layers,
  activation,
  embedding,
  optimizer: choice({ group: 'Optimisation', help: 'the update rule', choices: optimizerNames, default: 'adam' }),
  batchSize: integer({ group: 'Optimisation', help: 'rows in one step', min: 1, max: 1_000_000, default: 32 }),
  bptt: integer({
    group: 'Optimisation',
    argument: 'WINDOW',
    help: 'length of each row, over which gradients reach back',
    unit: 'tokens',
    min: 1,
    max: 2 ** 24,
    default: DEFAULT_WINDOW,
  }),
  engine: choice({
    group: 'Run',
    help: 'the engine that runs the step',
    choices: engineNames,
    default: undefined,
    defaultText: 'that of rnn train in a long run',
  }),
  threads: integer({
    group: 'Run',
    help: 'threads that share the step, beside one',
    min: 1,
    max: 256,
    default: undefined,
    defaultText: 'those that rnn train would take, and all processors',
  }),
  seconds: real({ group: 'Run', help: 'time to measure for', unit: 's', above: 0, max: 3600, default: 4 }),
  json: toggle({ group: 'Output', help: 'print one JSON object' }),
} satisfies OptionTable;

export const bench = defineCommand({
  summary: 'measure what this machine gives for a training step',
  description: [
    'Measure a training step on this machine: how fast each engine multiplies matrices of its sizes, tokens per second on',
    'one thread and on several, and the time that each phase of the step takes. Says which engine and how many threads rnn train would',
    'take, and why. The tokens are random; nothing is read or written.',
  ].join(' '),
  options,
  examples: [
    ['rnn bench', 'the default model of rnn train'],
    ['rnn bench --hidden 512 --batch-size 64 --threads 2', 'a larger one, on one thread and on two'],
  ],
  run,
});

async function run(given: OptionsOf<typeof options>, io: Io): Promise<ExitCode> {
  const report = await measure({ ...given, ...modelSizes(given), blasPath: io.env['RNN_BLAS'] }, io.interrupted);
  io.stdout.write(`${given.json ? JSON.stringify(report) : describeBench(report)}\n`);
  return exitCodes.done;
}
