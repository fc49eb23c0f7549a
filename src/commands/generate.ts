// rnn generate: text (or token IDs) from weights that were trained on the next token.
import { openOutputs } from '../data/write/output.ts';
import { encodeText } from '../data/text/encode-text.ts';
import type { TextVocabulary } from '../data/text/vocabulary.ts';
import { padId } from '../data/text/vocabulary.ts';
import { parseToken, tokenRule } from '../data/rows/token.ts';
import { DataError, exitCodes, UsageError } from '../errors.ts';
import type { ExitCode } from '../errors.ts';
import { generate as generateTokens, generationLimits } from '../run/inference/generate.ts';
import { inferenceNetwork, lastStepOnly, loadModel, noteOnAssumptions } from '../run/inference/inference.ts';
import type { LoadedModel } from '../run/inference/inference.ts';
import { createSamples } from '../run/inference/samples.ts';
import type { Samples } from '../run/inference/samples.ts';
import type { Weights } from '../run/weights.ts';
import { writeAsItGrows } from '../run/inference/stream-text.ts';
import { plural } from '../view/numbers.ts';
import { defineCommand, integer, real, text, toggle } from './command.ts';
import type { Io, OptionsOf, OptionTable } from './command.ts';
import { engineOptions, unsaidOptions, weightsPositional } from './inference-options.ts';

const options = {
  prime: text({
    group: 'Data',
    help: 'what the model reads first, and what the sample begins with: text, or IDs such as "43,96,2"',
    default: undefined,
    defaultText: 'one token, drawn by the seed',
  }),
  length: integer({ group: 'Data', help: 'tokens to draw after the prime', min: 1, max: 2 ** 31 - 1, default: 200 }),
  count: integer({
    group: 'Data',
    help: 'samples to draw; what a sample holds does not depend on how many there are',
    min: 1,
    max: 1_000_000,
    default: 1,
  }),
  stop: text({
    group: 'Data',
    help: 'a sample ends with this text, or with this ID where the result is IDs',
    default: undefined,
    defaultText: 'only at the end of a row, and at --length',
  }),
  pastEos: toggle({
    group: 'Data',
    help: 'go on after the token that ends a row (--eos of rnn tokenize), as is usual for weights of rnn train --stream',
  }),
  untilEos: toggle({ group: 'Data', help: 'end a sample with that token, as is usual for all other weights' }),
  temperature: real({
    group: 'Model',
    help: 'divides the logits: below 1 the likely becomes likelier, above 1 less so; 0 is the most probable token always',
    min: 0,
    default: 1,
  }),
  topK: integer({
    group: 'Model',
    argument: 'K',
    help: 'draw from the K most probable tokens only',
    min: 1,
    default: undefined,
    defaultText: 'all',
  }),
  topP: real({
    group: 'Model',
    argument: 'P',
    help: 'draw from the fewest most probable tokens that hold this share of the probability',
    above: 0,
    max: 1,
    default: 1,
  }),
  seed: integer({
    group: 'Model',
    help: 'decides what is drawn: the same seed gives the same text on every machine',
    min: 0,
    max: Number.MAX_SAFE_INTEGER,
    default: 1,
  }),
  ...unsaidOptions,
  ...engineOptions,
  ids: toggle({ group: 'Output', help: 'read --prime and --stop as IDs and print IDs, also where the weights have a vocabulary' }),
  json: toggle({ group: 'Output', help: 'print an object for each sample, on a line of its own: prime, tokens, text, and how it ended' }),
  quiet: toggle({ group: 'Output', help: 'print no notes' }),
} satisfies OptionTable;

type Options = OptionsOf<typeof options>;

export const generate = defineCommand({
  summary: 'draw text or token IDs from weights trained on the next token',
  description: [
    'Draw what follows a prime, token by token, from weights that were trained on the next token, and print it as it comes: as',
    'text where the weights carry a vocabulary, else as a row of token IDs with commas between. Each sample ends with a newline.',
  ].join(' '),
  positionals: [weightsPositional],
  options,
  examples: [
    ['rnn generate runs/verse --ids --prime 9,5 --length 40 --temperature 0.8', 'a row of 42 token IDs'],
    ['rnn generate runs/names --count 10 --top-p 0.9 --seed 7', 'ten samples'],
  ],
  run,
});

async function run(flags: Options, io: Io, weights = ''): Promise<ExitCode> {
  if (flags.pastEos && flags.untilEos) throw new UsageError('--past-eos and --until-eos exclude each other', 'leave one of them out');
  const model = await loadModel(weights, { ...flags, blasPath: io.env['RNN_BLAS'] });
  const { shape, vocabulary } = model.weights;
  refuseOtherTasks(model);
  const speaks = flags.ids ? undefined : vocabulary;
  const prime = flags.prime === undefined ? undefined : primeOf(flags.prime, speaks, shape.vocab);
  const single = lastStepOnly(shape);
  const network = await inferenceNetwork(model, generationLimits({ ...flags, prime }), { shape: single });
  const samples = createSamples({
    form: flags.json ? 'json' : speaks ? 'text' : 'ids',
    vocabulary: speaks,
    ...stopOf(flags.stop, speaks, shape.vocab),
    eos: endsAtEos(flags, model.weights) ? vocabulary?.eos : undefined,
  });
  const sampling = { temperature: flags.temperature, topK: flags.topK, topP: flags.topP };
  const steps = generateTokens(network, { ...flags, sampling, prime, first: firstTokens(shape.vocab, vocabulary) }, samples);
  const { rows: output } = await openOutputs('-', { lengths: false, mask: false }, io.stdout);
  const note = noteOnAssumptions(model);
  if (note !== undefined && !flags.quiet) io.stderr.write(`${note}\n`);
  await writeAsItGrows(steps, samples, output, io.interrupted);
  if (!flags.quiet) noteEndings(samples, flags, io);
  return exitCodes.done;
}

/** A stream goes on over the ends of its rows, and so does what learned from it. */
function endsAtEos({ pastEos, untilEos }: Options, { stream }: Weights): boolean {
  return untilEos || !(pastEos || stream === true);
}

function refuseOtherTasks({ weights: { shape }, file }: LoadedModel): void {
  if (shape.task === 'next-token') return;
  throw new UsageError(
    `${file}: the weights are for ${shape.task}; only next-token weights say what comes next`,
    `use rnn predict ${file}, or train with --task next-token`,
  );
}

function primeOf(given: string, vocabulary: TextVocabulary | undefined, vocab: number): Int32Array {
  if (!vocabulary) return Int32Array.from(given.split(/[\s,]+/), (word) => idOf(word, '--prime', vocab));
  try {
    const ids = encodeText(vocabulary, given, '--prime');
    if (ids.length > 0) return ids;
  } catch (error) {
    if (!(error instanceof DataError)) throw error;
    throw new UsageError(error.message, 'rnn inspect WEIGHTS shows the vocabulary; --ids takes token IDs');
  }
  throw new UsageError('--prime: there is no token in it', 'give a text that holds one, or leave --prime out');
}

function stopOf(
  given: string | undefined,
  vocabulary: TextVocabulary | undefined,
  vocab: number,
): { stopText: string | undefined; stopToken: number | undefined } {
  if (given === undefined || vocabulary) return { stopText: given, stopToken: undefined };
  return { stopText: undefined, stopToken: idOf(given, '--stop', vocab) };
}

function idOf(word: string, flag: string, vocab: number): number {
  const id = parseToken(word);
  if (id < 0)
    throw new UsageError(
      `${flag}: ${JSON.stringify(word)} is not ${tokenRule}`,
      'the weights have no vocabulary (or --ids is given): give token IDs, such as 43,96,2',
    );
  if (id >= vocab)
    throw new UsageError(`${flag}: token ${id} is outside the vocabulary 0..${vocab - 1}`, 'the weights know no other tokens');
  return id;
}

/** What a sample without a prime may begin with: any token that stands for text. */
function firstTokens(vocab: number, vocabulary: TextVocabulary | undefined): number[] {
  const all = Array.from({ length: vocab }, (_, token) => token);
  return vocabulary ? all.filter((token) => ![padId, vocabulary.unk, vocabulary.eos].includes(token)) : all;
}

function noteEndings({ endings }: Samples, { count, length }: Options, { stderr }: Io): void {
  if (endings.eos === 0) return;
  const who = count === 1 ? 'the sample' : plural(endings.eos, 'sample');
  stderr.write(`note: ${who} ended at the end of a row, before ${plural(length, 'token')}; --past-eos goes on\n`);
}
