// `rnn detokenize`: rows of token IDs in, lines of text out, by the vocabulary that the rows were made with.
import { openSequences } from '../data/open.ts';
import type { RowChunk, SequenceInput } from '../data/rows/rows.ts';
import { loadPretrained } from '../data/text/pretrained.ts';
import { createPretrainedDecoder, createRowDecoder } from '../data/text/row-decoder.ts';
import type { RowDecoder } from '../data/text/row-decoder.ts';
import { byteVocabulary } from '../data/text/vocabulary.ts';
import type { TextVocabulary } from '../data/text/vocabulary.ts';
import { readVocabulary } from '../data/text/vocabulary-file.ts';
import { openOutputs } from '../data/write/output.ts';
import type { Output } from '../data/write/output.ts';
import { exitCodes, UsageError } from '../errors.ts';
import type { ExitCode } from '../errors.ts';
import { choice, defineCommand, integer, text } from './command.ts';
import type { Io, OptionsOf } from './command.ts';
import { dataOptions, paddingOptions, rowFormats } from './data-options.ts';

const options = {
  inputFormat: dataOptions.inputFormat,
  sequence: dataOptions.sequence,
  target: dataOptions.target,
  padding: paddingOptions.padding,
  vocab: text({ group: 'Data', argument: 'FILE', default: undefined, help: 'the vocabulary, as rnn tokenize --vocab writes it' }),
  weights: text({
    group: 'Data',
    argument: 'WEIGHTS',
    default: undefined,
    help: 'the vocabulary in weights, or in those of a run directory',
  }),
  tokenizer: text({ group: 'Data', argument: 'FILE', default: undefined, help: 'a tokenizer.json of Hugging Face' }),
  level: choice({ group: 'Data', choices: ['byte'], default: undefined, help: 'the IDs of bytes, which need no file' }),
  padValue: integer({
    group: 'Data',
    argument: 'ID',
    min: 0,
    max: 2 ** 31 - 1,
    default: undefined,
    defaultText: '0; with --tokenizer none',
    help: 'padding at the ends of a row, which prints nothing',
  }),
  output: text({ group: 'Output', short: '-o', argument: 'FILE', default: '-', help: 'where the text goes; - is standard output' }),
};

type Options = OptionsOf<typeof options>;

export const detokenize = defineCommand({
  summary: 'turn rows of token IDs back into lines of text',
  description:
    'Prints each row of token IDs as a line of text. Padding prints nothing, the end of a row its newline, words a space between them, and an unknown token U+FFFD at level char, <unk> at level word. Columns beside the tokens are left out.',
  positionals: [{ name: 'FILE', help: `${rowFormats}; - or nothing for standard input` }],
  options,
  examples: [
    ['rnn detokenize rows.csv --vocab vocab.json', 'the text that rows.csv was made of'],
    ['rnn pad rows.csv --max-len 20 --quiet | rnn detokenize --vocab vocab.json | head', 'see what padding to 20 tokens would cut'],
  ],
  run,
});

async function run(given: Options, io: Io, file?: string): Promise<ExitCode> {
  check(given);
  const outputs = await openOutputs(given.output, { lengths: false, mask: false }, io.stdout);
  try {
    const input = await openSequences(file, given, io);
    try {
      await writeText(input.chunks, () => decoderFor(input, given), outputs.rows, io.interrupted);
    } finally {
      input.close();
    }
    await outputs.commit();
    return exitCodes.done;
  } finally {
    await outputs.discard();
  }
}

function check({ vocab, weights, tokenizer, level }: Options): void {
  const named = Object.entries({ '--vocab': vocab, '--weights': weights, '--tokenizer': tokenizer, '--level': level }).flatMap(
    ([flag, value]) => (value === undefined ? [] : [flag]),
  );
  if (named.length > 1) throw new UsageError(`${named[1]}: ${named[0]} already says what the IDs mean`, 'use one of the two');
  if (named.length === 0) {
    throw new UsageError(
      '--vocab: nothing says what the IDs mean',
      'give --vocab vocab.json, --weights RUN, --tokenizer tokenizer.json or --level byte',
    );
  }
}

/** The decoder is asked for when the first rows are there: in a pipe, the vocabulary is written before them and not before that. */
async function writeText(
  chunks: AsyncIterable<RowChunk>,
  makeDecoder: () => Promise<RowDecoder>,
  output: Output,
  interrupted: AbortSignal,
): Promise<void> {
  let decoder: RowDecoder | undefined;
  for await (const chunk of chunks) {
    if (interrupted.aborted) throw new DOMException('interrupted', 'AbortError');
    decoder ??= await makeDecoder();
    const bytes = decoder(chunk);
    if (bytes.length > 0) await output.write(bytes);
  }
}

async function decoderFor(origin: SequenceInput, given: Options): Promise<RowDecoder> {
  const { tokenizer, padValue } = given;
  if (tokenizer !== undefined) return createPretrainedDecoder(await loadPretrained(tokenizer), { padValue, origin });
  return createRowDecoder(await vocabularyOf(given), { padValue, origin });
}

async function vocabularyOf({ vocab, weights }: Options): Promise<TextVocabulary> {
  if (vocab !== undefined) return readVocabulary(vocab);
  if (weights === undefined) return byteVocabulary(true);
  return (await import('../run/inference/weights-vocabulary.ts')).vocabularyOfWeights(weights);
}
