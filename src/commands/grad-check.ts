// rnn grad-check: every gradient by three ways that share no code, and the engine that trains against them.
import { readDataset } from '../data/dataset/dataset.ts';
import { badRowNotes } from '../data/rows/bad-rows.ts';
import { engineNames } from '../engine/engines.ts';
import { exitCodes, interruptedCode, UsageError } from '../errors.ts';
import type { ExitCode } from '../errors.ts';
import { checkGradients } from '../model/grad-check.ts';
import { builtInCases } from '../model/grad-check-cases.ts';
import type { NamedCase } from '../model/grad-check-cases.ts';
import { tasks } from '../model/shape.ts';
import { openEngine } from '../run/engine.ts';
import { caseFromData } from '../run/grad-check/case.ts';
import { describeCase, describeVerdict, failuresOf, noteOnFigures } from '../run/grad-check/report.ts';
import type { CheckedCase, Tolerances } from '../run/grad-check/report.ts';
import { choice, defineCommand, flagOf, integer, real, toggle } from './command.ts';
import type { Io, OptionsOf, OptionTable } from './command.ts';
import { dataOptions } from './data-options.ts';
import { modelOptions } from './model-options.ts';

/** What holds for a FILE where flags do not say otherwise. */
const smallCase = { rows: 4, maxLen: 20, hidden: 5 };

const options = {
  ...dataOptions,
  task: choice({
    group: 'Data',
    help: 'what the file is to be learned for',
    choices: tasks,
    default: undefined,
    defaultText: 'as rnn train decides',
  }),
  rows: integer({
    group: 'Data',
    help: 'rows of FILE that are read',
    min: 1,
    max: 1000,
    default: undefined,
    defaultText: String(smallCase.rows),
  }),
  maxLen: integer({
    group: 'Data',
    help: 'cut rows to N tokens',
    min: 1,
    max: 2 ** 24,
    default: undefined,
    defaultText: String(smallCase.maxLen),
  }),
  padding: choice({ group: 'Data', help: 'the end that padding is at, beside a length', choices: ['post', 'pre'], default: 'post' }),
  ...modelOptions,
  hidden: integer({
    group: 'Model',
    help: 'size H of the state',
    min: 1,
    max: 65_536,
    default: undefined,
    defaultText: String(smallCase.hidden),
  }),
  samples: integer({
    group: 'Run',
    help: 'elements of each tensor that differences are taken of',
    min: 1,
    default: undefined,
    defaultText: 'all',
  }),
  tolerance: real({ group: 'Run', help: 'largest relative error between the float64 ways', above: 0, default: 1e-7 }),
  engineTolerance: real({ group: 'Run', help: 'largest relative error of the float32 engine', above: 0, default: 1e-4 }),
  engine: choice({ group: 'Run', help: 'the engine that is checked', choices: engineNames, default: 'wasm' }),
  seed: integer({ group: 'Run', help: 'decides weights, rows of its own, and samples', min: 0, max: Number.MAX_SAFE_INTEGER, default: 1 }),
  quiet: toggle({ group: 'Output', help: 'print the verdict, and what fails, without the tables' }),
  json: toggle({ group: 'Output', help: 'print one JSON object' }),
} satisfies OptionTable;

export const gradCheck = defineCommand({
  summary: 'check BPTT against finite differences and the forward recursion',
  description: [
    "Checks every gradient of backpropagation through time (BPTT) against central differences of the loss and against the lecture's",
    'forward recursion, all in float64; then the gradients of the engine that trains, in float32, against those of BPTT.',
    'Without FILE it builds ragged rows of its own, for every task and activation. Exits 1 where a relative error',
    '|a-n| / max(|a|+|n|, floor) is above its tolerance; below the floor a number is what is left of larger ones that cancel.',
  ].join(' '),
  positionals: [{ name: 'FILE', help: 'rows to check on, - for standard input; without it, cases of its own' }],
  options,
  examples: [
    ['rnn grad-check', 'every task, activation and kind of model'],
    ['rnn grad-check fixtures/words.csv --hidden 8 --samples 50', 'its first rows, 50 elements of each tensor'],
  ],
  run,
});

type GradCheckOptions = OptionsOf<typeof options>;

async function run(given: GradCheckOptions, io: Io, file?: string): Promise<ExitCode> {
  const cases = file === undefined ? ownCases(given) : [await caseOf(file, given, io)];
  const tolerances = { float64: given.tolerance, float32: given.engineTolerance };
  const production = await openEngine(given.engine, io.env['RNN_BLAS']);
  const checked: CheckedCase[] = [];
  for (const gradientCase of cases) {
    const tensors = checkGradients(gradientCase, {
      production,
      seed: given.seed,
      ...(given.samples === undefined ? {} : { samples: given.samples }),
    });
    const result = { name: gradientCase.name, tensors };
    checked.push(result);
    if (!given.quiet && !given.json) io.stdout.write(`${describeCase(result, tolerances, production.name)}\n\n`);
    await new Promise((resolve) => setImmediate(resolve));
    if (io.interrupted.aborted) return interruptedCode(io.interrupted);
  }
  return conclude(checked, tolerances, given, io);
}

async function caseOf(file: string, given: GradCheckOptions, io: Io): Promise<NamedCase> {
  const { leftOut, ...gradientCase } = caseFromData(await readDataset(file, given, io), { ...given, ...sizesOf(given) });
  if (leftOut && !given.quiet) for (const note of badRowNotes(leftOut)) io.stderr.write(`${note.report()}\n`);
  return gradientCase;
}

function conclude(checked: readonly CheckedCase[], tolerances: Tolerances, { json, quiet, engine }: GradCheckOptions, io: Io): ExitCode {
  const failures = failuresOf(checked, tolerances);
  if (json) io.stdout.write(`${JSON.stringify({ passed: failures.length === 0, tolerances, failures, cases: checked })}\n`);
  else io.stdout.write(`${quiet ? '' : `${noteOnFigures(tolerances, engine)}\n`}${describeVerdict(checked, failures, engine)}\n`);
  return failures.length === 0 ? exitCodes.done : exitCodes.failed;
}

/** A case from a file is as small as it can be and still have something of everything. */
function sizesOf({ rows, maxLen, hidden }: GradCheckOptions): { rows: number; maxLen: number; hidden: number } {
  return { rows: rows ?? smallCase.rows, maxLen: maxLen ?? smallCase.maxLen, hidden: hidden ?? smallCase.hidden };
}

/** The built-in cases have rows, sizes and weights of their own. */
function ownCases(given: GradCheckOptions): NamedCase[] {
  const ofFile = Object.entries(options).filter(([, { group }]) => group === 'Data' || group === 'Model');
  for (const [name, { default: unset }] of ofFile) {
    if (given[name as keyof GradCheckOptions] === unset) continue;
    throw new UsageError(`${flagOf(name)}: only says something of a FILE, and none is named`, 'name a file, or leave the flag out');
  }
  return builtInCases(given.seed);
}
