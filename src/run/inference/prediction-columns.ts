// The columns that a prediction is written in: numbers, or classes (next tokens) with their names and probabilities.
import type { TextVocabulary } from '../../data/text/vocabulary.ts';
import { shownToken } from '../../data/text/vocabulary.ts';
import type { Result } from '../../data/write/result-table.ts';
import type { Weights } from '../weights.ts';
import type { Prediction, PredictorOptions } from './predictor.ts';

export interface PredictionColumns {
  readonly names: readonly string[];
  readonly resultsOf: (prediction: Prediction) => Result[];
}

/**
 * regression `predicted` (`predicted_1`, … where there are several); classification `predicted,class,probability`, next-token
 * `predicted,token,probability`, where the name or text is known; with `top` also `predicted_2`, …; with `all` also `p_<name>` of each.
 */
export function predictionColumns({ shape, classNames, vocabulary }: Weights, { top, all }: PredictorOptions): PredictionColumns {
  const { task, outputs } = shape;
  if (task === 'regression') {
    const names = outputs === 1 ? ['predicted'] : Array.from({ length: outputs }, (_, i) => `predicted_${i + 1}`);
    return { names, resultsOf: (prediction) => [...prediction.all!] };
  }
  const nameOf =
    task === 'next-token' ? vocabulary && ((id: number) => tokenText(vocabulary, id)) : classNames && ((id: number) => classNames[id]);
  const nameColumn = task === 'next-token' ? 'token' : 'class';
  const best = Array.from({ length: Math.min(top, outputs) }, (_, i) => (i === 0 ? '' : `_${i + 1}`)).flatMap((suffix) =>
    ['predicted', ...(nameOf ? [nameColumn] : []), 'probability'].map((name) => name + suffix),
  );
  const each = all ? Array.from({ length: outputs }, (_, id) => `p_${task === 'classification' && nameOf ? nameOf(id) : id}`) : [];
  return {
    names: [...best, ...each],
    resultsOf({ best: ids, probabilities, all: ofEach }) {
      const results: Result[] = [];
      for (const [i, id] of ids.entries()) results.push(id, ...(nameOf ? [nameOf(id)] : []), probabilities[i]);
      return ofEach ? [...results, ...ofEach] : results;
    },
  };
}

/** The text of a token itself; at level byte, where it may be no whole character, its name. */
function tokenText(vocabulary: TextVocabulary, id: number): string {
  return vocabulary.tokens[id] ?? shownToken(vocabulary, id);
}
