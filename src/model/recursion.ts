// The lecture's forward recursion, kept as an oracle for backpropagation through time. It shares no code with it:
//
//   ∂H_t/∂θ = g'(z_t) ∘ [ ∂z_t/∂θ direct + W ∂H_{t−1}/∂θ ]      ∂L/∂θ = (∂L/∂ŷ) V ∂H_t/∂θ
//
// for θ every element of W, U, b (and E, s, and lower layers) at once. H²·|θ| work a step where BPTT takes |θ|; never used to train.
import { sigmoid, tanh } from '../engine/elementary.ts';
import type { Activation } from '../engine/kernels.ts';
import type { Batch } from './batch.ts';
import { maskFactor } from './dropout.ts';
import type { Dropout } from './dropout.ts';
import { addReadOutGradients, countOutputs, lossOf, readOut, targetOf } from './recursion-output.ts';
import { elementsOf, layerSuffix, tensorsOf } from './shape.ts';
import type { ModelShape } from './shape.ts';

/** Tensors in float64, by rows, by name. */
export type Tensors = ReadonlyMap<string, Float64Array>;

export interface RecursionResult {
  readonly loss: number;
  readonly gradients: Map<string, Float64Array>;
}

/** What one step of the recursion computed, for those who want to watch it. Arrays are reused; copy what you keep. */
export interface RecursionStep {
  readonly row: number;
  /** From 1, as in H_1 … H_T. */
  readonly t: number;
  readonly layer: number;
  readonly z: Float64Array;
  readonly H: Float64Array;
  /** ∂H_t/∂θ, (H, |θ|): element i of the state by element of E U W b …, in the order of `parameterOffsets`. */
  readonly jacobian: Float64Array;
}

export interface RecursionOptions {
  readonly watch?: (step: RecursionStep) => void;
  /** Dropout under the masks of one training step; absent: every state is kept. */
  readonly masks?: { readonly dropout: Dropout; readonly step: number } | undefined;
}

/** Mean loss and every gradient of a batch, by the forward recursion. */
export function recursionGradients(
  shape: ModelShape,
  parameters: Tensors,
  batch: Batch,
  { watch, masks }: RecursionOptions = {},
): RecursionResult {
  const gradients = new Map(tensorsOf(shape).map((tensor) => [tensor.name, new Float64Array(elementsOf(tensor))]));
  const offsets = parameterOffsets(shape);
  const recurrent = new Float64Array(offsets.total);
  const outputs = countOutputs(shape, batch);
  let loss = 0;
  for (let row = 0; row < batch.rows; row++) {
    const factor: UnitFactor = (layer, t, unit) => (masks ? maskFactor(masks.dropout, masks.step, layer, row, t - 1, unit) : 1);
    const stack = createStack(shape, parameters, offsets, factor);
    for (let t = 1; t <= batch.lengths[row]; t++) {
      const at = batch.begins[row] + t - 1;
      stack.step(batch.tokens[at], t, (layer, z, H, jacobian) => watch?.({ row, t, layer, z, H, jacobian }));
      if (shape.task !== 'next-token' && t < batch.lengths[row]) continue;
      const { H, jacobian } = stack.top();
      const yHat = readOut(shape, parameters, H);
      const { value, dY } = lossOf(shape, yHat, targetOf(shape, batch, row, at), 1 / outputs);
      loss += value / outputs;
      const dH = addReadOutGradients(shape, parameters, gradients, H, dY);
      for (let i = 0; i < shape.hidden; i++) {
        for (let p = 0; p < offsets.total; p++) recurrent[p] += dH[i] * jacobian[i * offsets.total + p];
      }
    }
  }
  for (const [name, offset] of offsets.byName) {
    const gradient = gradients.get(name)!; // that of a tied E holds what comes through the output
    for (let i = 0; i < gradient.length; i++) gradient[i] += recurrent[offset + i];
  }
  return { loss, gradients };
}

export interface ParameterOffsets {
  /** |θ|: elements of all tensors that the states depend on. */
  readonly total: number;
  readonly byName: ReadonlyMap<string, number>;
}

/** Where each tensor's elements stand among the columns of the Jacobian. */
export function parameterOffsets(shape: ModelShape): ParameterOffsets {
  const byName = new Map<string, number>();
  let total = 0;
  for (const tensor of tensorsOf(shape)) {
    if (tensor.name === 'V' || tensor.name === 'c') continue;
    byName.set(tensor.name, total);
    total += elementsOf(tensor);
  }
  return { total, byName };
}

/** What unit `unit` of the state that layer `layer` reads at step t (from 1) is multiplied by. */
type UnitFactor = (layer: number, t: number, unit: number) => number;
type Watch = (layer: number, z: Float64Array, H: Float64Array, jacobian: Float64Array) => void;

interface LayerState {
  H: Float64Array;
  jacobian: Float64Array;
}

/** The states of one row, layer by layer, with their Jacobians. */
function createStack(
  shape: ModelShape,
  parameters: Tensors,
  offsets: ParameterOffsets,
  factor: UnitFactor,
): { step(token: number, t: number, watch: Watch): void; top(): LayerState } {
  const { hidden: n, layers } = shape;
  const states = Array.from({ length: layers }, (_, layer) => initialState(shape, parameters, offsets, layer));

  function step(token: number, t: number, watch: Watch): void {
    let below: Below = inputOf(shape, parameters, offsets, token);
    states.forEach((state, layer) => {
      const { z, jacobian } = linearPart(shape, parameters, offsets, layer, state, below);
      const H = z.map(activation[shape.activation]);
      for (let i = 0; i < n; i++) {
        const slope = derivative[shape.activation](z[i], H[i]);
        for (let p = 0; p < offsets.total; p++) jacobian[i * offsets.total + p] *= slope;
      }
      state.H = H;
      state.jacobian = jacobian;
      watch(layer, z, H, jacobian);
      below = layer + 1 < layers ? scaled({ x: H, jacobian }, (unit) => factor(layer + 1, t, unit)) : { x: H, jacobian };
    });
  }
  return { step, top: () => states[layers - 1] };
}

/** H_0 = s with ∂H_0/∂s = 1, or 0. */
function initialState(shape: ModelShape, parameters: Tensors, offsets: ParameterOffsets, layer: number): LayerState {
  const n = shape.hidden;
  const name = `s${layerSuffix(layer, shape.layers)}`;
  const jacobian = new Float64Array(n * offsets.total);
  if (!shape.learnedState) return { H: new Float64Array(n), jacobian };
  for (let i = 0; i < n; i++) jacobian[i * offsets.total + offsets.byName.get(name)! + i] = 1;
  return { H: parameters.get(name)!, jacobian };
}

/** x and ∂x/∂θ with unit i of x times factor(i). */
function scaled({ x, jacobian }: { x: Float64Array; jacobian: Float64Array }, factor: (unit: number) => number): Below {
  const total = jacobian.length / x.length;
  const factors = x.map((_, unit) => factor(unit));
  return { x: x.map((value, i) => factors[i] * value), jacobian: jacobian.map((value, at) => factors[Math.floor(at / total)] * value) };
}

/** What a layer reads: x_t, and ∂x_t/∂θ unless x_t is one-hot, which depends on nothing. */
interface Below {
  readonly x: Float64Array;
  readonly jacobian: Float64Array | undefined;
}

function inputOf(shape: ModelShape, parameters: Tensors, offsets: ParameterOffsets, token: number): Below {
  const size = shape.embedding;
  if (size === 0) {
    const x = new Float64Array(shape.vocab);
    x[token] = 1;
    return { x, jacobian: undefined };
  }
  const jacobian = new Float64Array(size * offsets.total);
  const E = offsets.byName.get('E')!;
  for (let e = 0; e < size; e++) jacobian[e * offsets.total + E + token * size + e] = 1;
  return { x: parameters.get('E')!.slice(token * size, (token + 1) * size), jacobian };
}

/** z = U x + W H_{t−1} + b, and ∂z/∂θ = direct + U ∂x/∂θ + W ∂H_{t−1}/∂θ. */
function linearPart(
  shape: ModelShape,
  parameters: Tensors,
  offsets: ParameterOffsets,
  layer: number,
  before: LayerState,
  below: Below,
): { z: Float64Array; jacobian: Float64Array } {
  const suffix = layerSuffix(layer, shape.layers);
  const { hidden: n } = shape;
  const { total } = offsets;
  const [U, W, b] = ['U', 'W', 'b'].map((letter) => parameters.get(letter + suffix)) as [Float64Array, Float64Array, Float64Array?];
  const [atU, atW, atB] = ['U', 'W', 'b'].map((letter) => offsets.byName.get(letter + suffix)) as [number, number, number?];
  const inputs = below.x.length;
  const z = new Float64Array(n);
  const jacobian = new Float64Array(n * total);
  const accumulate = (i: number, weight: number, source: Float64Array, j: number): void => {
    if (weight === 0) return;
    for (let p = 0; p < total; p++) jacobian[i * total + p] += weight * source[j * total + p];
  };
  for (let i = 0; i < n; i++) {
    let sum = b ? b[i] : 0;
    if (atB !== undefined) jacobian[i * total + atB + i] += 1;
    for (let j = 0; j < inputs; j++) {
      sum += U[i * inputs + j] * below.x[j];
      jacobian[i * total + atU + i * inputs + j] += below.x[j];
      if (below.jacobian) accumulate(i, U[i * inputs + j], below.jacobian, j);
    }
    for (let j = 0; j < n; j++) {
      sum += W[i * n + j] * before.H[j];
      jacobian[i * total + atW + i * n + j] += before.H[j];
      accumulate(i, W[i * n + j], before.jacobian, j);
    }
    z[i] = sum;
  }
  return { z, jacobian };
}

const activation: Readonly<Record<Activation, (z: number) => number>> = {
  tanh,
  sigmoid,
  relu: (z) => Math.max(0, z),
  identity: (z) => z,
};

const derivative: Readonly<Record<Activation, (z: number, h: number) => number>> = {
  tanh: (_z, h) => 1 - h * h,
  sigmoid: (_z, h) => h * (1 - h),
  relu: (z) => (z > 0 ? 1 : 0),
  identity: () => 1,
};
