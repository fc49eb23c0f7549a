// The vocabulary of a model's text: from --vocab, or carried by the weights that the run starts from; both must be the same.
import type { TextVocabulary } from '../../data/text/vocabulary.ts';
import { readVocabulary } from '../../data/text/vocabulary-file.ts';
import { sameVocabulary } from '../../data/text/vocabulary-json.ts';
import { UsageError } from '../../errors.ts';
import type { TrainSettings } from '../settings.ts';
import type { Weights } from '../weights.ts';

/** Throws UserError where --vocab cannot be read, and UsageError where it is not what --init-from or --vocab-size says. */
export async function textVocabulary({ vocab, vocabSize }: TrainSettings, given: Weights | undefined): Promise<TextVocabulary | undefined> {
  if (vocab === undefined) return given?.vocabulary;
  const vocabulary = await readVocabulary(vocab);
  const { size } = vocabulary;
  if (vocabSize !== undefined && vocabSize !== size) {
    throw new UsageError(`--vocab-size: ${vocab} has ${size} tokens, not ${vocabSize}`, 'leave --vocab-size out');
  }
  if (given?.vocabulary !== undefined && !sameVocabulary(given.vocabulary, vocabulary)) {
    throw new UsageError(
      `--vocab: ${vocab} is not the vocabulary of the weights of --init-from`,
      'leave --vocab out, and make the rows with the vocabulary of the weights',
    );
  }
  if (given !== undefined && given.shape.vocab !== size) {
    throw new UsageError(
      `--vocab: ${vocab} has ${size} tokens; the weights of --init-from have a vocabulary of ${given.shape.vocab}`,
      'give the vocabulary that the weights were trained with',
    );
  }
  return vocabulary;
}
