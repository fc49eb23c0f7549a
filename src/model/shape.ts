// What a model is made of: its sizes, and the table of tensors that gradients, optimizers, files and checks loop over.
import type { Activation } from '../engine/kernels.ts';

export const tasks = ['regression', 'classification', 'next-token'] as const;
/** What the network is trained to give: numbers, a class, or at every step the next token. */
export type Task = (typeof tasks)[number];

export interface ModelShape {
  readonly task: Task;
  /** Tokens are 0 … vocab − 1. */
  readonly vocab: number;
  /** Size E of the embedding rows; 0: x_t is one-hot and U x_t a column of U. */
  readonly embedding: number;
  /** Size H of the state. */
  readonly hidden: number;
  /** States stacked on one another; layer l reads the states of layer l − 1. */
  readonly layers: number;
  /** Size O of ŷ: numbers, classes, or the vocabulary. */
  readonly outputs: number;
  readonly activation: Activation;
  /** Whether there are b and c. */
  readonly bias: boolean;
  /** Whether V is E, one tensor in both places: next-token with embeddings of size H. Absent: no. Press & Wolf (2017). */
  readonly tied?: boolean | undefined;
  /** Whether H_0 is a learned vector s, the same for all rows. Absent: H_0 = 0. */
  readonly learnedState?: boolean | undefined;
}

/** A parameter: name and shape as in the mathematics. */
export interface TensorSpec {
  readonly name: string;
  readonly shape: readonly number[];
  /**
   * Held in memory as its transpose. Only the one-hot U is: U x_t is then one contiguous row, and its gradient one row's sum.
   * Files and checks see the tensor by rows all the same (`readTensor`, `writeTensor`).
   */
  readonly byColumns: boolean;
  /** Number of inputs that a unit sums over; what initializers scale by. */
  readonly fanIn: number;
  readonly fanOut: number;
}

/**
 * The tensors of a model in their fixed order: E, then U W b of each layer, then V (unless it is E) and c, then s of each layer:
 * last, so that the others are drawn as they would be without.
 */
export function tensorsOf(shape: ModelShape): readonly TensorSpec[] {
  const { vocab, embedding, hidden: H, layers, outputs: O, bias, tied = false, learnedState = false } = shape;
  const tensors: TensorSpec[] = [];
  const add = (name: string, dims: readonly number[], fanIn: number, fanOut: number, byColumns = false): void => {
    tensors.push({ name, shape: dims, byColumns, fanIn, fanOut });
  };
  if (tied) add('E', [vocab, H], H, O);
  else if (embedding > 0) add('E', [vocab, embedding], vocab, embedding);
  for (let layer = 0; layer < layers; layer++) {
    const suffix = layerSuffix(layer, layers);
    const inputs = layer > 0 ? H : embedding > 0 ? embedding : vocab;
    add(`U${suffix}`, [H, inputs], inputs, H, layer === 0 && embedding === 0);
    add(`W${suffix}`, [H, H], H, H);
    if (bias) add(`b${suffix}`, [H], H, H);
  }
  if (!tied) add('V', [O, H], H, O);
  if (bias) add('c', [O], H, O);
  if (learnedState) {
    for (let layer = 0; layer < layers; layer++) add(`s${layerSuffix(layer, layers)}`, [H], H, H);
  }
  return tensors;
}

/** Whether the sizes allow what `tied` asks: V (O,H) = E (vocab,E). */
export function canBeTied({ tied = false, task, vocab, embedding, hidden, outputs }: ModelShape): boolean {
  return !tied || (task === 'next-token' && embedding === hidden && outputs === vocab);
}

/** The tensor that gives ŷ = V H + c. */
export function outputMatrix({ tied = false }: Pick<ModelShape, 'tied'>): 'E' | 'V' {
  return tied ? 'E' : 'V';
}

/** '' in a model of one layer, else the layer's number. */
export function layerSuffix(layer: number, layers: number): string {
  return layers === 1 ? '' : String(layer);
}

export function elementsOf({ shape }: Pick<TensorSpec, 'shape'>): number {
  return shape.reduce((product, size) => product * size, 1);
}

/** Parameters of a model. */
export function parameterCount(shape: ModelShape): number {
  return tensorsOf(shape).reduce((sum, tensor) => sum + elementsOf(tensor), 0);
}
