// `rnn tokenize`: lines of text in, rows of token IDs out, by a vocabulary that is read or made, or by a tokenizer.json.
import { openOutputs } from '../data/output.ts';
import { rowFormats } from '../data/text/row-text.ts';
import type { RowFormat } from '../data/text/row-text.ts';
import { openTokenSource } from '../data/text/token-source.ts';
import type { TokenSource } from '../data/text/token-source.ts';
import { tokenizeJson, tokenizeNotes } from '../data/text/tokenize-report.ts';
import { levels } from '../data/text/vocabulary.ts';
import { writeRows } from '../data/text/write-rows.ts';
import { formatOfOutput } from '../data/write.ts';
import { exitCodes, UsageError } from '../errors.ts';
import type { ExitCode } from '../errors.ts';
import { choice, defineCommand, integer, text, toggle } from './command.ts';
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
  description: `Turns each line of a text into a row of token IDs; 0 is padding and no token's ID. rnn detokenize turns them back: at level char and
byte into the very same text, but that a last line without a newline gets one; at level word with single spaces between the words.`,
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
  const format = check(given);
  const outputs = await openOutputs(given.output, { lengths: false, mask: false }, io.stdout);
  let source: TokenSource | undefined;
  try {
    source = await openTokenSource(file, given, io);
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

/** The format of the rows. Throws UsageError at options that exclude each other. */
function check({ level, nfc, unk, maxVocab, minCount, vocab, eos, tokenizer, output, outputFormat, quiet, json }: Options): RowFormat {
  const refuse = (flag: string, why: string, hint: string): never => {
    throw new UsageError(`${flag}: ${why}`, hint);
  };
  const shapers = { '--level': level, '--nfc': nfc, '--unk': unk, '--max-vocab': maxVocab, '--vocab': vocab, '--eos': eos };
  const shaper = Object.entries(shapers).find(([, value]) => value !== undefined && value !== false)?.[0];
  if (tokenizer !== undefined && shaper !== undefined)
    refuse(shaper, 'a tokenizer.json decides what tokens are', `leave ${shaper} or --tokenizer out`);
  if (level === 'byte') {
    const useless = Object.entries({ '--nfc': nfc, '--unk': unk, '--max-vocab': maxVocab !== undefined, '--min-count': minCount > 1 }).find(
      ([, is]) => is,
    );
    if (useless) refuse(useless[0], 'level byte takes every byte as it is, and has an ID for each', `leave ${useless[0]} out`);
  }
  if (quiet && json) refuse('--quiet', 'it excludes --json', 'leave one of them out');
  if (vocab === '-') refuse('--vocab', 'standard input is for the text', 'give the name of a file');
  const byName = formatOfOutput(output);
  const format = outputFormat ?? byName ?? 'csv';
  if (format === 'npy')
    return refuse('-o', 'rows of text differ in length, and an .npy has one width', 'pipe them: rnn tokenize … | rnn pad -o FILE.npy');
  if (output.toLowerCase().endsWith('.gz')) refuse('-o', 'the result is not compressed here', 'pipe it: rnn tokenize … | gzip > FILE.gz');
  return format;
}
