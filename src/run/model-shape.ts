// The model that flags and data describe, and what training does with it; flags that contradict each other or the task are
// refused here.
import type { Prepared } from '../data/dataset/prepare.ts';
import { classCount } from '../data/dataset/vocabulary.ts';
import { UsageError } from '../errors.ts';
import type { Dropout } from '../model/dropout.ts';
import { canBeTied } from '../model/shape.ts';
import type { ModelShape } from '../model/shape.ts';
import { modelSizes } from './settings.ts';
import type { ModelSettings } from './settings.ts';

/** The shape of a new model for the data and a vocabulary of `vocab` tokens. */
export function shapeFor(parts: readonly Prepared[], settings: ModelSettings, vocab: number): ModelShape {
  const { task, targetWidth } = parts[0];
  const outputs = { regression: () => targetWidth, classification: () => classCount(parts), 'next-token': () => vocab }[task]();
  const shape: ModelShape = {
    task,
    vocab,
    outputs,
    bias: !settings.noBias,
    ...modelSizes(settings),
    ...(settings.tied ? { tied: true } : {}),
    ...(settings.learnInitialState ? { learnedState: true } : {}),
  };
  if (!canBeTied(shape)) throw tiedInVain(shape);
  return shape;
}

function tiedInVain({ task, embedding, hidden }: ModelShape): UsageError {
  if (task !== 'next-token')
    return new UsageError(`--tied: the task is ${task}, whose outputs are no tokens`, 'leave --tied out, or use --task next-token');
  const sizes = `the embedding has size ${embedding} and the state ${hidden}`;
  return new UsageError(`--tied: one tensor cannot be both: ${sizes}`, `use --embedding ${hidden}, or leave --embedding out`);
}

/** The dropout that the flags ask for. */
export function dropoutFor({ layers }: ModelShape, { dropout: share, seed }: { dropout: number; seed: number }): Dropout | undefined {
  if (share === 0) return undefined;
  if (layers === 1)
    throw new UsageError('--dropout: it acts between layers, and the model has one', 'add --layers 2, or leave --dropout out');
  return { share, seed };
}
