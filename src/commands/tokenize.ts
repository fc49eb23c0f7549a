// `rnn tokenize`: lines of text in, rows of token IDs out, by a vocabulary that is read or made, or by a tokenizer.json.
import { rowFormats } from '../data/text/row-text.ts';
import type { RowFormat } from '../data/text/row-text.ts';
import { openTokenSource } from '../data/text/token-source.ts';
import type { Carried, TokenSource } from '../data/text/token-source.ts';
import { tokenizeJson, tokenizeNotes } from '../data/text/tokenize-report.ts';
import { levels } from '../data/text/vocabulary.ts';
import { writeRows } from '../data/text/write-rows.ts';
import { openOutputs } from '../data/write/output.ts';
import { formatOfOutput } from '../data/write/write.ts';
import { exitCodes, UsageError } from '../errors.ts';
import type { ExitCode } from '../errors.ts';
import { choice, defineCommand, flagOf, integer, text, toggle } from './command.ts';
import type { Io, OptionsOf } from './command.ts';

const options = {
  level: choice({
    group: 'Data',
    choices: levels,
    default: undefined,
    defaultText: 'char, or what the vocabulary says',
    help: 'what a token is: a Unicode code point; a byte of the UTF-8 text, with the ID byte + 1; or a word, which is what stands between whitespace',
  }),
  vocab: text({
    group: 'Data',
    argument: 'FILE',
    default: undefined,
    defaultText: 'made from the input, and not kept',
    help: 'the vocabulary: a file that is there is used, and never changed; else it is made from the input, and written there before the first row',
  }),
  weights: text({
    group: 'Data',
    argument: 'WEIGHTS',
    default: undefined,
    help: 'the vocabulary that weights carry, or those of a run directory, in place of a file',
  }),
  maxVocab: integer({
    group: 'Data',
    default: undefined,
    min: 2,
    max: 2 ** 24,
    defaultText: 'all tokens of the input',
    help: 'size of a new vocabulary at most, padding included: the most frequent tokens stay, of equally frequent ones the first code points',
  }),
  minCount: integer({
    group: 'Data',
    default: 1,
    min: 1,
    max: Number.MAX_SAFE_INTEGER,
    help: 'leave tokens out of a new vocabulary that the input has fewer than N times',
  }),
  unk: toggle({ group: 'Data', help: 'give a new vocabulary a token for all that is not in it, which is an error otherwise' }),
  eos: toggle({
    group: 'Data',
    help: 'end every row with a token for the newline, so that a model learns where lines end; a vocabulary that has one always does',
  }),
  nfc: toggle({ group: 'Data', help: 'put the text into Unicode NFC first, so that é is one code point however it was typed' }),
  skipEmpty: toggle({ group: 'Data', help: 'leave out lines without tokens, and count them' }),
  tokenizer: text({
    group: 'Data',
    argument: 'FILE',
    default: undefined,
    help: 'a tokenizer.json of Hugging Face in place of a vocabulary; its IDs, where 0 is a token and not padding',
  }),
  outputFormat: choice({
    group: 'Output',
    choices: rowFormats,
    default: undefined,
    defaultText: 'by the extension of -o, else csv',
    help: 'format of the rows',
  }),
  output: text({ group: 'Output', short: '-o', argument: 'FILE', default: '-', help: 'where the rows go; - is standard output' }),
  quiet: toggle({ group: 'Output', help: 'print no summary and no notes' }),
  json: toggle({ group: 'Output', help: 'print the summary as JSON, on standard error: standard output holds the rows' }),
};

type Options = OptionsOf<typeof options>;

export const tokenize = defineCommand({
  summary: 'turn lines of text into rows of token IDs',
  description:
    "Turns each line of a text into a row of token IDs; 0 is padding and no token's ID. rnn detokenize turns them back: at level char and byte into the very same text, but that a last line without a newline gets one; at level word with single spaces between the words.",
  positionals: [{ name: 'FILE', help: 'text in UTF-8 (level byte: any bytes), also .gz; - or nothing for standard input' }],
  options,
  examples: [
    ['rnn tokenize train.txt --vocab vocab.json > train.csv', 'makes vocab.json; the same command with valid.txt then uses it'],
    ['rnn tokenize verse.txt --eos --vocab vocab.json | rnn train --vocab vocab.json --stream', 'text to a language model of it'],
    ['rnn tokenize news.txt --level word --max-vocab 10000 --unk --vocab words.json', 'the 9998 most frequent words; others are unknown'],
  ],
  run,
});

async function run(given: Options, io: Io, file?: string): Promise<ExitCode> {
  refuseContradictions(given);
  const format = formatOfRows(given);
  const outputs = await openOutputs(given.output, { lengths: false, mask: false }, io.stdout);
  let source: TokenSource | undefined;
  try {
    source = await openTokenSource(file, given, io, await carriedBy(given.weights));
    const notes = await writeRows(source, format, outputs.rows, io.interrupted);
    await outputs.commit();
    if (given.json) io.stderr.write(`${tokenizeJson(source, notes)}\n`);
    else if (!given.quiet) io.stderr.write(`${tokenizeNotes(source, notes).join('\n')}\n`);
    return exitCodes.done;
  } finally {
    await source?.close();
    await outputs.discard();
  }
}

async function carriedBy(weights: string | undefined): Promise<Carried | undefined> {
  if (weights === undefined) return undefined;
  return { file: weights, vocabulary: await (await import('../run/inference/weights-vocabulary.ts')).vocabularyOfWeights(weights) };
}

/** Throws UsageError at options that exclude each other. */
function refuseContradictions(given: Options): void {
  const { level, vocab, weights, tokenizer, minCount, quiet, json } = given;
  const shapers = ['level', 'vocab', 'weights', 'maxVocab', 'unk', 'eos', 'nfc'] as const;
  const shaper = shapers.find((key) => given[key] !== undefined && given[key] !== false);
  if (tokenizer !== undefined && shaper !== undefined) {
    throw new UsageError(`${flagOf(shaper)}: a tokenizer.json decides what tokens are`, `leave ${flagOf(shaper)} or --tokenizer out`);
  }
  const ofText = (['nfc', 'unk', 'maxVocab'] as const).find((key) => given[key] !== undefined && given[key] !== false);
  const useless = ofText ?? (minCount > 1 ? 'minCount' : undefined);
  if (level === 'byte' && useless !== undefined) {
    throw new UsageError(
      `${flagOf(useless)}: level byte takes every byte as it is, and has an ID for each`,
      `leave ${flagOf(useless)} out`,
    );
  }
  if (vocab !== undefined && weights !== undefined)
    throw new UsageError('--weights: --vocab already names a vocabulary', 'use one of the two');
  if (vocab === '-') throw new UsageError('--vocab: standard input is for the text', 'give the name of a file');
  if (quiet && json) throw new UsageError('--quiet: it excludes --json', 'leave one of them out');
}

/** Throws UsageError at an output that rows of different lengths cannot go to. */
function formatOfRows({ output, outputFormat }: Options): RowFormat {
  if (output.toLowerCase().endsWith('.gz')) {
    throw new UsageError('-o: the result is not compressed here', 'pipe it: rnn tokenize … | gzip > FILE.gz');
  }
  const format = outputFormat ?? formatOfOutput(output) ?? 'csv';
  if (format !== 'npy') return format;
  throw new UsageError('-o: rows of text differ in length, and an .npy has one width', 'pipe them: rnn tokenize … | rnn pad -o FILE.npy');
}
