// `rnn split`: the rows of a file into files to train, validate and test on, by seed; each row as it stands.
import { partNames } from '../data/split-file/part-files.ts';
import { noStrata } from '../data/split-file/survey.ts';
import { splitFile } from '../data/split-file/split-file.ts';
import type { SplitResult } from '../data/split-file/split-file.ts';
import { exitCodes, UsageError } from '../errors.ts';
import type { ExitCode } from '../errors.ts';
import { count, plural } from '../view/numbers.ts';
import { defineCommand, integer, real, text, toggle, without } from './command.ts';
import type { Io, OptionsOf } from './command.ts';
import { dataOptions, paddingOptions } from './data-options.ts';

const options = {
  ...without(dataOptions, 'skipEmpty', 'onError'),
  padding: { ...paddingOptions.padding, help: 'side on which a length in the input leaves padding' },
  validation: real({
    group: 'Data',
    argument: 'SHARE',
    default: 0.1,
    min: 0,
    max: 0.99,
    help: 'share of the rows that go to the validation file, rounded to whole rows; 0: no such file',
  }),
  test: real({ group: 'Data', argument: 'SHARE', default: 0, min: 0, max: 0.99, help: 'share of the rows that go to the test file' }),
  stratify: text({
    group: 'Data',
    argument: 'NAME',
    default: undefined,
    defaultText: 'label, where it holds class IDs',
    help: `column or key of which each value keeps its share in every file, each rounded for itself; ${noStrata}: draw from all rows alike`,
  }),
  seed: integer({ group: 'Data', default: 1, min: 0, max: Number.MAX_SAFE_INTEGER, help: 'decides which rows go where' }),
  outDir: text({ group: 'Output', argument: 'DIR', default: undefined, defaultText: "FILE's", help: 'folder for the files' }),
  prefix: text({
    group: 'Output',
    argument: 'NAME',
    default: undefined,
    defaultText: "FILE's name, data for standard input",
    help: `beginning of their names: NAME.${partNames[0]}.csv`,
  }),
  force: toggle({ group: 'Output', help: 'write over files that are there' }),
  quiet: toggle({ group: 'Output', help: 'print no summary' }),
  json: toggle({ group: 'Output', help: 'print one JSON object in place of the paths' }),
};

type Options = OptionsOf<typeof options>;

export const split = defineCommand({
  summary: 'split a file of rows to train, validate and test on',
  description: [
    'Writes each row of FILE to one of FILE.train.csv, FILE.validation.csv and FILE.test.csv, by seed, in the order of FILE; prints their paths.',
    'Rows and header are copied byte for byte; a .gz is unpacked. The validation rows are those that rnn train --validation-split holds out with the',
    'same seed, where it leaves no row out. FILE is read twice; standard input is kept in a temporary file for that. All files appear, or none.',
  ].join(' '),
  positionals: [{ name: 'FILE', help: 'CSV, TSV or JSONL, also .gz; - or nothing for standard input' }],
  options,
  examples: [
    ['rnn split data.csv --validation 0.1 --test 0.1', 'data.train.csv, data.validation.csv, data.test.csv'],
    ['rnn split words.csv --stratify language --out-dir parts', 'each language keeps its share'],
  ],
  run,
});

async function run(given: Options, io: Io, file?: string): Promise<ExitCode> {
  check(given);
  const result = await splitFile(file, given, io);
  if (!given.quiet) io.stderr.write(`${describe(result)}\n`);
  io.stdout.write(given.json ? `${toJson(result, given)}\n` : result.parts.map(({ path }) => `${path}\n`).join(''));
  return exitCodes.done;
}

function check({ validation, test, prefix }: Options): void {
  if (validation + test === 0) throw new UsageError('--validation: with both shares 0 there is nothing to split off', 'give a share');
  if (validation + test >= 1) {
    throw new UsageError(
      `--test: ${validation} to validate and ${test} to test leave nothing to train on`,
      'give shares that sum to less than 1',
    );
  }
  if (prefix !== undefined && /[/\\]/.test(prefix)) {
    throw new UsageError(`--prefix: ${JSON.stringify(prefix)} holds a folder`, 'name the folder with --out-dir');
  }
}

/** `words.csv: 6500 rows: 5200 train, 650 validation, 650 test; each of 5 values of label keeps its share` */
function describe({ file, rows, parts, stratified }: SplitResult): string {
  const kept = stratified ? `; each of ${plural(stratified.strata, 'value')} of ${stratified.column} keeps its share` : '';
  return `${file}: ${plural(rows, 'row')}: ${parts.map((part) => `${count(part.rows)} ${part.name}`).join(', ')}${kept}`;
}

function toJson({ file, rows, parts, stratified }: SplitResult, { seed }: Options): string {
  const files = Object.fromEntries(parts.map(({ name, path, rows: inPart }) => [name, { path, rows: inPart }]));
  return JSON.stringify({ file, rows, seed, stratify: stratified?.column, strata: stratified?.strata, ...files });
}
