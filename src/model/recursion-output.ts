// The output and the loss of the forward recursion, row by row, and what they differentiate to. Part of the oracle: naive, and
// shares no code with what trains.
import { exp, log } from '../engine/elementary.ts';
import type { Batch } from './batch.ts';
import type { Tensors } from './recursion.ts';
import { outputMatrix } from './shape.ts';
import type { ModelShape } from './shape.ts';

/** ŷ = V H + c */
export function readOut(shape: ModelShape, parameters: Tensors, H: Float64Array): Float64Array {
  const V = parameters.get(outputMatrix(shape))!;
  const c = parameters.get('c');
  return Float64Array.from({ length: shape.outputs }, (_, o) => H.reduce((sum, h, i) => sum + V[o * H.length + i] * h, c ? c[o] : 0));
}

/** ∂L/∂V += ∂L/∂ŷ Hᵀ, ∂L/∂c += ∂L/∂ŷ; returns ∂L/∂H = Vᵀ ∂L/∂ŷ. */
export function addReadOutGradients(
  shape: ModelShape,
  parameters: Tensors,
  gradients: Map<string, Float64Array>,
  H: Float64Array,
  dY: Float64Array,
): Float64Array {
  const V = parameters.get(outputMatrix(shape))!;
  const dV = gradients.get(outputMatrix(shape))!;
  const dc = gradients.get('c');
  const dH = new Float64Array(H.length);
  for (let o = 0; o < shape.outputs; o++) {
    if (dc) dc[o] += dY[o];
    for (let i = 0; i < H.length; i++) {
      dV[o * H.length + i] += dY[o] * H[i];
      dH[i] += V[o * H.length + i] * dY[o];
    }
  }
  return dH;
}

/** Outputs that the mean is taken over: rows, or real tokens. */
export function countOutputs(shape: ModelShape, batch: Batch): number {
  if (shape.task !== 'next-token') return batch.rows;
  return batch.lengths.subarray(0, batch.rows).reduce((sum, length) => sum + length, 0);
}

export function targetOf(shape: ModelShape, batch: Batch, row: number, at: number): ArrayLike<number> {
  if (shape.task === 'next-token') return [batch.tokens[at + 1]];
  const width = shape.task === 'regression' ? shape.outputs : 1;
  return batch.targets!.subarray(row * width, (row + 1) * width);
}

/** ℓ and weight·∂ℓ/∂ŷ: ½|y − ŷ|², or −log softmax(ŷ)[y] in nats. */
export function lossOf(
  shape: ModelShape,
  yHat: Float64Array,
  target: ArrayLike<number>,
  weight: number,
): { value: number; dY: Float64Array } {
  if (shape.task === 'regression') {
    const error = yHat.map((value, o) => value - target[o]);
    return { value: error.reduce((sum, e) => sum + 0.5 * e * e, 0), dY: error.map((e) => weight * e) };
  }
  const maximum = yHat.reduce((a, b) => Math.max(a, b), -Infinity);
  const powers = yHat.map((value) => exp(value - maximum));
  const total = powers.reduce((a, b) => a + b, 0);
  const dY = powers.map((power) => (weight * power) / total);
  dY[target[0]] -= weight;
  return { value: log(total) + maximum - yHat[target[0]], dY };
}
