// The vocabulary that weights carry, for text in and out of a model.
import type { TextVocabulary } from '../../data/text/vocabulary.ts';
import { UserError } from '../../errors.ts';
import { readWeights } from '../weights.ts';
import { weightFile } from './inference.ts';

/** Of a weight file, or of the one in a run directory. Throws UserError where it has none. */
export async function vocabularyOfWeights(path: string): Promise<TextVocabulary> {
  const file = weightFile(path);
  // What weights of another program leave unsaid has no say in their vocabulary.
  const { vocabulary } = await readWeights(file, { activation: 'tanh', task: 'next-token' });
  if (vocabulary !== undefined) return vocabulary;
  throw new UserError(`${file}: these weights carry no vocabulary`, 'rnn train --vocab vocab.json puts it there; or give --vocab here');
}
