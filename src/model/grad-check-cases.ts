// The cases that `rnn grad-check` builds for itself: ragged rows and all sizes different, so that neither a transposed matrix
// nor a wrong mask can hide.
import { activations } from '../engine/kernels.ts';
import type { Batch } from './batch.ts';
import type { GradientCase } from './grad-check.ts';
import { createRandom, purposes } from './random.ts';
import type { Random } from './random.ts';
import { elementsOf, tasks, tensorsOf } from './shape.ts';
import type { ModelShape, Task } from './shape.ts';

export interface NamedCase extends GradientCase {
  readonly name: string;
}

/** Steps of each row: unsorted, one of a single step, all different. */
const LENGTHS = [4, 7, 1, 3];
const VOCAB = 11;
const HIDDEN = 5;
/** Tokens enough that some of a small vocabulary repeat, and few enough that of this one most never occur. */
const LARGE_VOCAB = 29;

/** Every task with every activation, and with each task the shapes that have code of their own. */
export function builtInCases(seed: number): NamedCase[] {
  const cases: NamedCase[] = [];
  const add = (name: string, shape: ModelShape, dropoutShare = 0): void => {
    const random = createRandom(seed, purposes.initialize, cases.length);
    const dropout = dropoutShare > 0 ? { share: dropoutShare, seed } : undefined;
    cases.push({ name, ...randomCase(shape, random), dropout });
  };
  for (const task of tasks) {
    for (const activation of activations) add(`${task}, ${activation}`, { ...plainShape(task), activation });
    add(`${task}, no biases`, { ...plainShape(task), bias: false });
    add(`${task}, embedding`, { ...plainShape(task), embedding: 6 });
    add(`${task}, embedding of a large vocabulary`, withVocab({ ...plainShape(task), embedding: 6 }, LARGE_VOCAB));
    add(`${task}, two layers`, { ...plainShape(task), layers: 2 });
    add(`${task}, three layers, dropout`, { ...plainShape(task), layers: 3 }, 0.3);
    add(`${task}, learned initial state`, { ...plainShape(task), learnedState: true });
    add(`${task}, two layers, learned initial states`, { ...plainShape(task), layers: 2, learnedState: true });
  }
  const tied: ModelShape = { ...plainShape('next-token'), embedding: HIDDEN, tied: true };
  add('next-token, tied', tied);
  add('next-token, tied, a large vocabulary, no biases', { ...withVocab(tied, LARGE_VOCAB), bias: false });
  add('next-token, tied, two layers, dropout, learned initial states', { ...tied, layers: 2, learnedState: true }, 0.5);
  return cases;
}

function plainShape(task: Task): ModelShape {
  const outputs = { regression: 2, classification: 3, 'next-token': VOCAB }[task];
  return { task, vocab: VOCAB, embedding: 0, hidden: HIDDEN, layers: 1, outputs, activation: 'tanh', bias: true };
}

function withVocab(shape: ModelShape, vocab: number): ModelShape {
  return { ...shape, vocab, outputs: shape.task === 'next-token' ? vocab : shape.outputs };
}

function randomCase(shape: ModelShape, random: Random): GradientCase {
  const parameters = new Map(
    tensorsOf(shape).map((tensor) => [tensor.name, Float64Array.from({ length: elementsOf(tensor) }, () => random.uniform() - 0.5)]),
  );
  return { shape, parameters, batch: randomBatch(shape, random) };
}

function randomBatch(shape: ModelShape, random: Random): Batch {
  const extra = shape.task === 'next-token' ? 1 : 0;
  const begins: number[] = [];
  const tokens: number[] = [];
  for (const length of LENGTHS) {
    begins.push(tokens.length);
    for (let i = 0; i < length + extra; i++) tokens.push(random.below(shape.vocab));
  }
  const rows = LENGTHS.length;
  const targets = {
    regression: () => Float64Array.from({ length: rows * shape.outputs }, () => 2 * random.uniform() - 1),
    classification: () => Int32Array.from({ length: rows }, () => random.below(shape.outputs)),
    'next-token': () => undefined,
  }[shape.task]();
  return { tokens: Int32Array.from(tokens), begins: Int32Array.from(begins), lengths: Int32Array.from(LENGTHS), rows, targets };
}
