// rnn train: reads rows, trains a recurrent network on them by backpropagation through time, and writes a run directory.
import { engineNames } from '../engine/engines.ts';
import { UsageError } from '../errors.ts';
import type { ExitCode } from '../errors.ts';
import { tasks } from '../model/shape.ts';
import { changeableOnResume } from '../run/checkpoint/resume-rules.ts';
import { runFiles } from '../run/checkpoint/run-directory.ts';
import { checkpointSeconds } from '../run/checkpoint/saving.ts';
import { LOG_ROWS } from '../run/training/trainer.ts';
import { choice, defineCommand, flagOf, toggle, integer, list, real, text } from './command.ts';
import type { Io, OptionsOf, OptionTable } from './command.ts';
import { dataOptions, padValueOption, rowFormats } from './data-options.ts';
import { modelOptions } from './model-options.ts';
import { optimisationOptions } from './optimisation-options.ts';
import { optionsOnResume } from './resume.ts';
import type { ResumedOptions } from './resume.ts';
import { beginTraining, resumeTraining } from './train-run.ts';

const options = {
  ...dataOptions,
  task: choice({
    group: 'Data',
    help: 'what to learn',
    choices: tasks,
    default: undefined,
    defaultText: 'no target: next-token; a column named label with class IDs: classification; else regression',
  }),
  maxLen: integer({
    group: 'Data',
    help: 'cut rows to N tokens',
    min: 1,
    max: 2 ** 24,
    default: undefined,
    defaultText: 'whole rows',
    why: 'nothing is cut unasked',
  }),
  truncating: choice({
    group: 'Data',
    help: 'the end of a long row that is cut',
    choices: ['post', 'pre'],
    default: 'post',
    why: "the lecture's",
  }),
  padValue: padValueOption,
  padding: choice({
    group: 'Data',
    help: 'the end that padding is at, of --pad-value or beside a length',
    choices: ['post', 'pre'],
    default: 'post',
    why: "the lecture's",
  }),
  noMask: toggle({ group: 'Data', help: 'the literal reading: pad all rows to one length, feed the padding, read H_T' }),
  vocab: text({
    group: 'Data',
    argument: 'FILE',
    help: 'the vocabulary that rnn tokenize made the rows by: its size is that of the model, and the weights carry it, so that text can go in and come out',
    default: undefined,
  }),
  vocabSize: integer({
    group: 'Data',
    help: 'tokens are 0 to N−1',
    min: 1,
    max: 2 ** 31,
    default: undefined,
    defaultText: 'that of --vocab, else one more than the largest token',
  }),
  validation: text({
    group: 'Data',
    argument: 'FILE',
    help: 'validate on these rows after each epoch, and keep the weights that are best on them',
    default: undefined,
  }),
  validationSplit: real({
    group: 'Data',
    argument: 'SHARE',
    help: 'hold this share of the rows out for validation; each class keeps its share',
    above: 0,
    max: 0.9,
    default: undefined,
    defaultText: 'none: all rows are trained on',
  }),
  noShuffle: toggle({ group: 'Data', help: 'keep the rows in the order of the file, in place of a new order each epoch' }),
  stream: toggle({
    group: 'Data',
    help: 'join the rows into one stream, cut it into --batch-size parallel ones, and carry the state from window to window',
  }),
  classNames: list({
    group: 'Data',
    help: 'names of the classes 0, 1, …, for the report and the weight file',
    defaultText: 'their numbers',
  }),
  ...modelOptions,
  initFrom: text({
    group: 'Model',
    argument: 'WEIGHTS',
    help: 'start from the weights of another run; its sizes then hold',
    default: undefined,
  }),
  ...optimisationOptions,
  engine: choice({
    group: 'Run',
    help: 'what computes: wasm gives the same bytes everywhere; wasm-wide the same in less time, on Node 24 or newer; wasm-relaxed and blas (a library of the system, or RNN_BLAS=/path) are faster, and their last bits depend on the machine; reference is the readable oracle',
    choices: engineNames,
    default: undefined,
    defaultText: 'wasm, and wasm-wide in a run of more than some five seconds where this Node has it',
    why: 'they need nothing installed, and their bytes are the same',
  }),
  threads: integer({
    group: 'Run',
    help: 'threads that share each step; the results are the same bytes at any number, but with --engine blas',
    min: 1,
    max: 256,
    default: undefined,
    defaultText: 'the processors, fewer where a step has too little work for them',
  }),
  config: text({
    group: 'Run',
    argument: 'FILE',
    help: 'take options from a JSON file, named as here without the dashes; flags on the command line go before it. A run.json is one: with it alone the run is repeated, byte for byte',
    default: undefined,
  }),
  resume: text({
    group: 'Run',
    argument: 'DIR',
    help: `go on with the run in DIR from its last checkpoint, bit for bit, with its options; only ${Object.keys(changeableOnResume)
      .map((key) => (key === 'file' ? 'FILE' : flagOf(key)))
      .join(', ')} may be given anew`,
    default: undefined,
    defaultText: 'a new run',
  }),
  checkpointEvery: integer({
    group: 'Run',
    argument: 'STEPS',
    help: 'steps between two checkpoints; one more is written at the end, and with 0 only that. No result depends on it',
    min: 0,
    default: undefined,
    defaultText: `at the end of an epoch when ${checkpointSeconds.afterEpoch} s have passed since the last, within one after ${checkpointSeconds.anywhere} s`,
    why: 'a crash then costs about a minute',
  }),
  out: text({ group: 'Run', argument: 'DIR', help: 'directory for the results', default: undefined, defaultText: 'runs/<data name>-<n>' }),
  force: toggle({ group: 'Run', help: 'write over the files of a run in --out' }),
  logEvery: integer({
    group: 'Run',
    help: 'steps between two rows of loss.csv; the end of an epoch is always one',
    min: 1,
    default: undefined,
    defaultText: `about ${LOG_ROWS} rows a run`,
    why: 'enough to draw the curve',
  }),
  quiet: toggle({ group: 'Output', help: 'print no report and no progress' }),
  json: toggle({ group: 'Output', help: 'print the results as one JSON object in place of the directory' }),
} satisfies OptionTable;

export const train = defineCommand({
  summary: 'train a recurrent network on token rows',
  description: [
    'Train a vanilla recurrent network on rows of token IDs, by backpropagation through time.',
    `Writes ${Object.values(runFiles).join(', ')} into a run directory, whose path is printed on standard output.`,
  ].join(' '),
  positionals: [{ name: 'FILE', help: `${rowFormats}; - or nothing for standard input` }],
  options,
  examples: [
    ['rnn train fixtures/words.csv --validation-split 0.1', 'classify, with a tenth of the rows held out'],
    ['rnn train --config runs/words/run.json --seed 2', 'the same run once more, from another seed'],
    ['rnn train fixtures/verse.csv --stream --epochs 40 --schedule cosine --out runs/verse', 'learn the next token of one long text'],
  ],
  run,
});

export type TrainOptions = OptionsOf<typeof options>;

function run(flags: TrainOptions, io: Io, file?: string): Promise<ExitCode> {
  const { resume } = flags;
  if (resume === undefined) {
    refuseContradictions(flags);
    return beginTraining(flags, io, file);
  }
  return resumeTraining(resume, io, (): ResumedOptions => {
    const merged = optionsOnResume(train, 'train', resume, flags, io.given, file);
    refuseContradictions(merged.options as TrainOptions);
    return merged;
  });
}

function refuseContradictions(flags: TrainOptions): void {
  const { validation, validationSplit, stream, noMask, bptt, noShuffle, bucket, overfit, patience, schedule } = flags;
  const refuse = (option: string, why: string, hint: string): never => {
    throw new UsageError(`${option}: ${why}`, hint);
  };
  if (validation !== undefined && validationSplit !== undefined)
    refuse('--validation-split', '--validation already gives rows to validate on', 'use one of the two');
  if (bptt !== undefined && !stream)
    refuse('--bptt', 'rows are read whole; windows belong to --stream', 'add --stream, or leave --bptt out');
  if (stream && noMask) refuse('--no-mask', 'a stream has no padding', 'leave --no-mask or --stream out');
  if (stream && noShuffle) refuse('--no-shuffle', 'a stream is always read in order', 'leave --no-shuffle out');
  if (bucket > 1 && (stream || noShuffle))
    refuse('--bucket', `${stream ? '--stream' : '--no-shuffle'} keeps the order of the data`, 'leave one of the two out');
  if (stream && validationSplit !== undefined)
    refuse('--validation-split', 'rows drawn from a stream would tear it', 'give the held-out part as --validation FILE');
  const validates = validation !== undefined || validationSplit !== undefined;
  if (overfit && validates) refuse('--overfit', 'what one batch teaches says nothing of other rows', 'leave the validation out');
  const remedy = 'add --validation FILE or --validation-split 0.1';
  if (patience !== undefined && !validates) refuse('--patience', 'it waits for a better validation loss, and there is none', remedy);
  if (schedule === 'plateau' && !validates) refuse('--schedule', 'plateau follows the validation loss, and there is none', remedy);
  if (validation === '-') refuse('--validation', 'standard input is for the training data', 'give a file');
}
