// The update rules of PyTorch's optimizers, each composed of a few vector kernels. A new optimizer is one entry here.
// Scalars that need powers are carried along by multiplication, so that no bit depends on a machine's pow.
import type { Address, Kernels } from '../engine/kernels.ts';

export interface OptimizerOptions {
  /** Decay of the squared-gradient average (RMSprop). */
  readonly alpha: number;
  readonly beta1: number;
  readonly beta2: number;
  readonly eps: number;
  readonly momentum: number;
  readonly nesterov: boolean;
  readonly weightDecay: number;
}

/** One span of parameters θ with its gradient g and the optimizer's own tensors of the same length. */
export interface Span {
  readonly theta: Address;
  readonly gradient: Address;
  readonly slots: readonly Address[];
  readonly count: number;
}

export interface Optimizer {
  /** The learning rate where none is given. */
  readonly defaultRate: number;
  /** The options' defaults, PyTorch's; `alpha`, `beta1` … that a rule does not use are not listed. */
  readonly defaults: Partial<OptimizerOptions>;
  /** Tensors of state for each parameter, all 0 at the start. */
  slots(options: OptimizerOptions): number;
  /** Numbers of state, as they are before the first step. */
  readonly scalars: readonly number[];
  /** Advances `scalars` by one step. Called once a step, before `update`. */
  advance(scalars: Float64Array, options: OptimizerOptions): void;
  /** Moves θ by one step at rate `lr`; may overwrite the gradient. Called for every span. */
  update(k: Kernels, span: Span, lr: number, scalars: Readonly<Float64Array>, options: OptimizerOptions): void;
}

/** g ← g + λθ: the L2 term of every rule but AdamW's. */
function decay(k: Kernels, { theta, gradient, count }: Span, { weightDecay }: OptimizerOptions): void {
  if (weightDecay !== 0) k.blend(gradient, theta, count, 1, weightDecay);
}

/**
 * m ← β₁m + (1−β₁)g;  v ← β₂v + (1−β₂)g²;  θ ← θ − lr · m̂ / (√v̂ + ε),  m̂ = m/(1−β₁ᵏ), v̂ = v/(1−β₂ᵏ).
 * Kingma & Ba (2015), algorithm 1. scalars: β₁ᵏ, β₂ᵏ.
 */
function adamUpdate(k: Kernels, span: Span, lr: number, scalars: Readonly<Float64Array>, options: OptimizerOptions): void {
  const { theta, gradient, slots, count } = span;
  const [m, v] = slots as readonly [Address, Address];
  const { beta1, beta2, eps } = options;
  k.blend(m, gradient, count, beta1, 1 - beta1);
  k.blendSquares(v, gradient, count, beta2, 1 - beta2);
  k.blendByRoot(theta, m, v, count, 1, -lr / (1 - scalars[0]), 1 / Math.sqrt(1 - scalars[1]), eps);
}

function advanceAdam(scalars: Float64Array, { beta1, beta2 }: OptimizerOptions): void {
  scalars[0] *= beta1;
  scalars[1] *= beta2;
}

const adamDefaults = { beta1: 0.9, beta2: 0.999, eps: 1e-8 };

export const optimizers = {
  adam: {
    defaultRate: 0.002,
    defaults: { ...adamDefaults, weightDecay: 0 },
    slots: () => 2,
    scalars: [1, 1],
    advance: advanceAdam,
    update(k, span, lr, scalars, options) {
      decay(k, span, options);
      adamUpdate(k, span, lr, scalars, options);
    },
  },

  /** Loshchilov & Hutter (2019): decay apart from the gradient, θ ← θ − lr·λθ. */
  adamw: {
    defaultRate: 0.002,
    defaults: { ...adamDefaults, weightDecay: 0.01 },
    slots: () => 2,
    scalars: [1, 1],
    advance: advanceAdam,
    update(k, span, lr, scalars, options) {
      if (options.weightDecay !== 0) k.scale(span.theta, span.count, 1 - lr * options.weightDecay);
      adamUpdate(k, span, lr, scalars, options);
    },
  },

  /** The lecture's rule θ ← θ − lr·g; with momentum u ← μu + g, θ ← θ − lr·u (Nesterov: θ ← θ − lr·(g + μu)). */
  sgd: {
    defaultRate: 0.1,
    defaults: { momentum: 0, nesterov: false, weightDecay: 0 },
    slots: ({ momentum }) => (momentum === 0 ? 0 : 1),
    scalars: [],
    advance: () => {},
    update(k, span, lr, _scalars, options) {
      decay(k, span, options);
      const { theta, gradient, slots, count } = span;
      const { momentum, nesterov } = options;
      const u = slots[0];
      if (u === undefined) return k.blend(theta, gradient, count, 1, -lr);
      k.blend(u, gradient, count, momentum, 1);
      if (!nesterov) return k.blend(theta, u, count, 1, -lr);
      k.blend(gradient, u, count, 1, momentum);
      k.blend(theta, gradient, count, 1, -lr);
    },
  },

  /** v ← αv + (1−α)g²;  θ ← θ − lr·g/(√v + ε); with momentum u ← μu + g/(√v + ε), θ ← θ − lr·u. Tieleman & Hinton (2012). */
  rmsprop: {
    defaultRate: 0.01,
    defaults: { alpha: 0.99, eps: 1e-8, momentum: 0, weightDecay: 0 },
    slots: ({ momentum }) => (momentum === 0 ? 1 : 2),
    scalars: [],
    advance: () => {},
    update(k, span, lr, _scalars, options) {
      decay(k, span, options);
      const { theta, gradient, slots, count } = span;
      const [v, u] = slots as readonly [Address, Address | undefined];
      const { alpha, eps, momentum } = options;
      k.blendSquares(v, gradient, count, alpha, 1 - alpha);
      if (u === undefined) return k.blendByRoot(theta, gradient, v, count, 1, -lr, 1, eps);
      k.blendByRoot(u, gradient, v, count, momentum, 1, 1, eps);
      k.blend(theta, u, count, 1, -lr);
    },
  },

  /** v ← v + g²;  θ ← θ − lr·g/(√v + ε). Duchi, Hazan & Singer (2011). */
  adagrad: {
    defaultRate: 0.01,
    defaults: { eps: 1e-10, weightDecay: 0 },
    slots: () => 1,
    scalars: [],
    advance: () => {},
    update(k, span, lr, _scalars, options) {
      decay(k, span, options);
      const { theta, gradient, slots, count } = span;
      k.blendSquares(slots[0], gradient, count, 1, 1);
      k.blendByRoot(theta, gradient, slots[0], count, 1, -lr, 1, options.eps);
    },
  },
} as const satisfies Readonly<Record<string, Optimizer>>;

export type OptimizerName = keyof typeof optimizers;
export const optimizerNames = Object.keys(optimizers) as readonly OptimizerName[];

/** Every option, at the value that means nothing to a rule that does not use it. */
const unused: OptimizerOptions = { alpha: 0, beta1: 0, beta2: 0, eps: 0, momentum: 0, nesterov: false, weightDecay: 0 };
export const optimizerOptionNames = Object.keys(unused) as readonly (keyof OptimizerOptions)[];

/** The rule, and its options with its defaults (PyTorch's) where none, or undefined, are given. */
export function optimizerWith(
  name: OptimizerName,
  given: { readonly [Option in keyof OptimizerOptions]?: OptimizerOptions[Option] | undefined },
): { rule: Optimizer; options: OptimizerOptions } {
  const rule: Optimizer = optimizers[name];
  const chosen = Object.fromEntries(
    optimizerOptionNames.flatMap((option) => (given[option] === undefined ? [] : [[option, given[option]]])),
  );
  return { rule, options: { ...unused, ...rule.defaults, ...chosen } };
}
