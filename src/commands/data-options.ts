// The options of every command that reads rows: where the tokens and targets stand, and how long a row may be.
import { UsageError } from '../errors.ts';
import { parseDelimiter } from '../data/rows/delimiter.ts';
import type { Delimiter } from '../data/rows/delimiter.ts';
import { boundsOfMostLineBytes, usualMostLineBytes } from '../data/source/line-limit.ts';
import type { MaxLen } from '../data/padding.ts';
import { choice, integer, toggle, list, text } from './command.ts';
import type { OptionSpec } from './command.ts';

const delimiterOption: OptionSpec<Delimiter | undefined> = {
  group: 'Data',
  argument: 'comma|semicolon|tab|space|pipe',
  help: 'what separates the cells of CSV, as a word or as the character; quotation marks keep it inside a cell',
  default: undefined,
  defaultText: 'by the first line: comma, tab or semicolon, or spaces between nothing but digits',
  parse: parseDelimiter,
};

/** What every command that reads rows reads. */
export const rowFormats = 'CSV, TSV, JSON, JSONL, .npy or Parquet, also .gz';

export const dataOptions = {
  inputFormat: choice({
    group: 'Data',
    choices: ['csv', 'tsv', 'json', 'jsonl', 'npy', 'parquet'],
    default: undefined,
    defaultText: 'by the extension, else by the first bytes; .gz is read too',
    help: 'format of the input',
  }),
  delimiter: delimiterOption,
  sequence: text({
    group: 'Data',
    argument: 'NAME',
    default: undefined,
    defaultText: 'tokens or sequence, where there is one',
    help: 'column or key that holds all the tokens of a row: "43 96 2" in a CSV cell, a list in JSON',
  }),
  target: list({
    group: 'Data',
    argument: 'A,B',
    defaultText: 'target, label or y, where there is one',
    help: 'columns or keys that hold targets; columns named target, label, y, length or mask_1, mask_2, … are never tokens',
  }),
  skipEmpty: toggle({ group: 'Data', help: 'leave out rows without tokens, and count them' }),
  onError: choice({
    group: 'Data',
    choices: ['stop', 'skip'],
    default: 'stop',
    help: 'what becomes of a row that breaks a rule: skip leaves it out, counts it, and names the first five; a bad header always stops',
    why: 'a row left out unseen changes results',
  }),
  maxLineBytes: integer({
    group: 'Data',
    ...boundsOfMostLineBytes,
    default: usualMostLineBytes,
    help: 'the longest line, or in a JSON document the longest row; keeps a file without line ends from filling the memory',
  }),
};

/** The longest row that is written or trained on; 2^24 tokens are 64 MB. */
export const longestMaxLen = 1 << 24;

export const paddingOptions = {
  padding: choice({
    group: 'Data',
    choices: ['post', 'pre'],
    default: 'post',
    help: 'side on which short rows are filled up, and on which a length in the input leaves padding',
    why: "the lecture's",
  }),
  truncating: choice({
    group: 'Data',
    choices: ['post', 'pre'],
    default: 'post',
    help: 'side on which long rows are cut',
    why: "the lecture's",
  }),
};

/** Of rows that were padded before they came, for the commands that train and ask a model. */
export const padValueOption = integer({
  group: 'Data',
  argument: 'ID',
  help: 'the rows are padded with this ID: take it off their end',
  min: 0,
  max: 2 ** 31 - 1,
  default: undefined,
  defaultText: 'rows are not padded',
});

/** `--max-len N|longest|pNN` */
export function maxLenOption<D extends MaxLen | undefined>(spec: { readonly default: D; readonly help: string }): OptionSpec<MaxLen | D> {
  const bounds = `a whole number from 1 to ${longestMaxLen}, longest, or a percentile of the lengths from p1 to p100`;
  return {
    group: 'Data',
    argument: 'N|longest|pNN',
    bounds,
    ...spec,
    parse(value, name) {
      if (value === 'longest') return value;
      const percentile = /^p(\d{1,3})$/.exec(value);
      if (percentile && inRange(Number(percentile[1]), 100)) return `p${Number(percentile[1])}`;
      if (/^\d+$/.test(value) && inRange(Number(value), longestMaxLen)) return Number(value);
      throw new UsageError(`${name}: ${JSON.stringify(value)} is not ${bounds}`, `give for instance ${name} 32 or ${name} p95`);
    },
  };
}

function inRange(value: number, max: number): boolean {
  return value >= 1 && value <= max;
}
