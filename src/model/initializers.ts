// The weights before the first step. A new initializer is one new entry here. Only + − × ÷ √ and the project's own log reach
// a weight, so that the same seed gives the same bytes on every machine.
import { createRandom, purposes } from './random.ts';
import type { Random } from './random.ts';
import { elementsOf, tensorsOf } from './shape.ts';
import type { ModelShape, TensorSpec } from './shape.ts';

type Rule = (tensor: TensorSpec, random: Random, shape: ModelShape) => Float64Array;

/** What a tensor is, whatever its layer. */
function kindOf({ name }: TensorSpec): string {
  return name.charAt(0);
}

/** Uniform in (−limit, limit). */
function uniform(tensor: TensorSpec, random: Random, limit: number): Float64Array {
  return Float64Array.from({ length: elementsOf(tensor) }, () => limit * (2 * random.uniform() - 1));
}

function normal(tensor: TensorSpec, random: Random, deviation: number): Float64Array {
  return Float64Array.from({ length: elementsOf(tensor) }, () => deviation * random.normal());
}

function zeros(tensor: TensorSpec): Float64Array {
  return new Float64Array(elementsOf(tensor));
}

/** U(−l, l), l = √(6 / (fan in + fan out)), biases 0. Glorot & Bengio (2010), eq. 16. */
function glorot(tensor: TensorSpec, random: Random): Float64Array {
  if (tensor.shape.length === 1) return zeros(tensor);
  return uniform(tensor, random, Math.sqrt(6 / (tensor.fanIn + tensor.fanOut)));
}

/** Q of a random normal (n, n) matrix by modified Gram–Schmidt, run twice for orthogonality to the last digits. Saxe et al. (2014). */
function orthogonal(tensor: TensorSpec, random: Random): Float64Array {
  const n = tensor.shape[0];
  const q = normal(tensor, random, 1);
  const dot = (i: number, j: number): number => {
    let sum = 0;
    for (let l = 0; l < n; l++) sum += q[i * n + l] * q[j * n + l];
    return sum;
  };
  for (let i = 0; i < n; i++) {
    for (let pass = 0; pass < 2; pass++) {
      for (let j = 0; j < i; j++) {
        const overlap = dot(i, j);
        for (let l = 0; l < n; l++) q[i * n + l] -= overlap * q[j * n + l];
      }
    }
    const length = Math.sqrt(dot(i, i));
    for (let l = 0; l < n; l++) q[i * n + l] /= length;
  }
  return q;
}

function identityMatrix(tensor: TensorSpec): Float64Array {
  const n = tensor.shape[0];
  const values = zeros(tensor);
  for (let i = 0; i < n; i++) values[i * n + i] = 1;
  return values;
}

const rules = {
  /** PyTorch's nn.RNN and nn.Linear: every tensor, biases too, U(−1/√H, 1/√H). */
  uniform: (tensor, random, shape) => uniform(tensor, random, 1 / Math.sqrt(shape.hidden)),
  glorot,
  /** Keras' SimpleRNN: W orthogonal, the others Glorot, biases 0. */
  orthogonal: (tensor, random) => (kindOf(tensor) === 'W' ? orthogonal(tensor, random) : glorot(tensor, random)),
  /** IRNN, for relu and long sequences: W = I, U ~ N(0, 0.001), V Glorot, biases 0. Le, Jaitly & Hinton (2015). */
  identity(tensor, random) {
    if (kindOf(tensor) === 'W') return identityMatrix(tensor);
    return kindOf(tensor) === 'U' ? normal(tensor, random, 0.001) : glorot(tensor, random);
  },
} as const satisfies Readonly<Record<string, Rule>>;

export type InitializerName = keyof typeof rules;
export const initializerNames = Object.keys(rules) as readonly InitializerName[];

/**
 * Every tensor of the model, by rows. The same shape, rule, seed and gain give the same numbers. Under every rule
 *   rows of E are N(0, 1), as in PyTorch's nn.Embedding; but a tied E is drawn as the V that it is: N(0, 1) makes logits of size √H
 *   s is 0: training begins where a model without it does
 *   U and W, whose sums the nonlinearity takes, are multiplied by `gain`, as torch.nn.init means it
 */
export function initialize(shape: ModelShape, name: InitializerName, seed: number, gain = 1): Map<string, Float64Array> {
  const rule: Rule = rules[name];
  const draw = (tensor: TensorSpec, random: Random): Float64Array => {
    const kind = kindOf(tensor);
    if (kind === 's') return zeros(tensor);
    if (kind === 'E' && !shape.tied) return normal(tensor, random, 1);
    const values = rule(tensor, random, shape);
    return kind === 'U' || kind === 'W' ? values.map((value) => gain * value) : values;
  };
  return new Map(tensorsOf(shape).map((tensor, index) => [tensor.name, draw(tensor, createRandom(seed, purposes.initialize, index))]));
}
