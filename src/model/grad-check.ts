// Three witnesses for every gradient: backpropagation through time, the lecture's forward recursion, and differences of the
// loss itself, all in float64; then the engine that trains, in float32, against the first.
import { oracleKind } from '../engine/engines.ts';
import type { EngineKind } from '../engine/engines.ts';
import type { Batch } from './batch.ts';
import type { Dropout } from './dropout.ts';
import { createNetwork } from './network.ts';
import type { Network } from './network.ts';
import { elementIndex, gradientOf, planStep, readTensor, writeTensor } from './plan.ts';
import type { Limits, PlacedTensor } from './plan.ts';
import { createRandom, permutation, purposes } from './random.ts';
import { recursionGradients } from './recursion.ts';
import type { Tensors } from './recursion.ts';
import type { ModelShape } from './shape.ts';

export interface GradientCase {
  readonly shape: ModelShape;
  readonly parameters: Tensors;
  readonly batch: Batch;
  /** Absent: every state is kept. */
  readonly dropout?: Dropout | undefined;
}

export interface GradientCheckOptions {
  /** The engine that is held against float64 BPTT. */
  readonly production: EngineKind;
  /** The float64 engine of BPTT and of the differences. */
  readonly oracle?: EngineKind;
  /** Elements of each tensor that differences are taken of; all where absent. */
  readonly samples?: number;
  readonly seed: number;
}

/** The worst element of a comparison: max of |a − n| / max(|a| + |n|, floor). */
export interface Discrepancy {
  readonly relativeError: number;
  /** Index by rows, as in W[2,3]. */
  readonly index: readonly number[];
  readonly a: number;
  readonly n: number;
}

export interface TensorCheck {
  readonly name: string;
  readonly shape: readonly number[];
  /** Elements whose difference was taken. */
  readonly checked: number;
  /** Elements left out, since a relu changes side within the step. */
  readonly kinks: number;
  /** BPTT against central differences, in float64. */
  readonly differences: Discrepancy;
  /** BPTT against the forward recursion, in float64. */
  readonly recursion: Discrepancy;
  /** The production engine against BPTT. */
  readonly engine: Discrepancy;
}

/**
 * Below floor = share · max|n| of its tensor a number is left over from cancelled terms, and its relative error says nothing:
 * float64 rounds at 1e-16 of the largest term, float32 at 6e-8. For differences the floor is at least `differenceFloor` too.
 */
export const floorShares = { float64: 1e-4, float32: 1e-2 } as const;

/** The training step whose dropout masks the checks hold fixed: the loss is then a function of the weights, and has differences. */
const MASK_STEP = 1;

/** Checks every tensor of a case. */
export function checkGradients(checked: GradientCase, options: GradientCheckOptions): TensorCheck[] {
  const { shape, parameters, batch, dropout } = checked;
  const oracle = networkFor(options.oracle ?? oracleKind, checked);
  const production = networkFor(options.production, checked);
  const recursion = recursionGradients(shape, parameters, batch, { masks: dropout && { dropout, step: MASK_STEP } });
  oracle.load(batch);
  production.load(batch);
  const loss = oracle.differentiate(false, MASK_STEP) / outputRows(oracle);
  production.differentiate(false, MASK_STEP);
  const bptt = new Map(oracle.plan.tensors.map((tensor) => [tensor.name, gradientValues(oracle, tensor)]));
  const random = createRandom(options.seed, purposes.sample);
  return oracle.plan.tensors.map((tensor, i): TensorCheck => {
    const analytic = bptt.get(tensor.name)!;
    const chosen = permutation(tensor.size, random)
      .subarray(0, options.samples ?? tensor.size)
      .sort();
    const { numeric, smooth } = centralDifferences(oracle, tensor, chosen);
    const all = Int32Array.from({ length: tensor.size }, (_, j) => j);
    return {
      name: tensor.name,
      shape: tensor.shape,
      checked: smooth.length,
      kinks: chosen.length - smooth.length,
      differences: worst(analytic, numeric, smooth, tensor, floorShares.float64, differenceFloor(loss)),
      recursion: worst(analytic, recursion.gradients.get(tensor.name)!, all, tensor, floorShares.float64),
      engine: worst(gradientValues(production, production.plan.tensors[i]), analytic, all, tensor, floorShares.float32),
    };
  });
}

function limitsOf({ lengths, rows }: Batch): Limits {
  const used = lengths.subarray(0, rows);
  return { rows, steps: used.reduce((a, b) => Math.max(a, b), 0), positions: used.reduce((a, b) => a + b, 0) };
}

function networkFor(kind: EngineKind, { shape, parameters, batch, dropout }: GradientCase): Network {
  const plan = planStep(shape, limitsOf(batch), 0, kind, dropout);
  const engine = kind.create(plan.size);
  for (const tensor of plan.tensors) writeTensor(engine.memory, tensor, parameters.get(tensor.name)!);
  return createNetwork(plan, engine);
}

function gradientValues({ plan, engine }: Network, tensor: PlacedTensor): Float64Array {
  return Float64Array.from(readTensor(engine.memory, tensor, gradientOf(plan, tensor)));
}

/** Steps of the differences. Their error is about h⁴ times the fifth derivative, and 1e-16 · L / h of rounding: 1e-12 in all. */
const STEP = 2e-3;
/** A loss L is rounded to 2⁻⁵³ L, so a difference over h has an error of about 4 · 2⁻⁵³ L / h: below 10⁷ of those it has fewer than seven digits. */
function differenceFloor(loss: number): number {
  return (1e7 * 4 * (Number.EPSILON / 2) * loss) / STEP;
}

/** Where a relu changes side within STEP, shorter steps are tried down to this one. */
const SHORTEST_STEP = 1e-6;

/**
 * ∂L/∂θ_i ≈ (4 D(h/2) − D(h)) / 3 with D(h) = (L(θ_i + h) − L(θ_i − h)) / 2h: central differences, extrapolated once
 * (Richardson), so that seven digits can be compared. `smooth` lists the chosen elements that do not lie on a kink.
 */
function centralDifferences(network: Network, tensor: PlacedTensor, chosen: Int32Array): { numeric: Float64Array; smooth: Int32Array } {
  const { floats } = network.engine.memory;
  const numeric = new Float64Array(tensor.size);
  const smooth: number[] = [];
  for (const i of chosen) {
    const at = tensor.address + elementIndex(tensor, i);
    const kept = floats[at];
    const lossAt = (offset: number): number => {
      floats[at] = kept + offset;
      network.weightsChanged();
      network.forward(false, MASK_STEP);
      return network.score();
    };
    const slope = (h: number): number => (lossAt(h) - lossAt(-h)) / (2 * h);
    const h = smoothStep(network, lossAt);
    if (h !== undefined) {
      smooth.push(i);
      numeric[i] = (4 * slope(h / 2) - slope(h)) / 3 / outputRows(network);
    }
    floats[at] = kept;
  }
  network.weightsChanged();
  return { numeric, smooth: Int32Array.from(smooth) };
}

/** The longest step within which no relu changes side: always STEP for the smooth activations. */
function smoothStep(network: Network, lossAt: (offset: number) => number): number | undefined {
  if (network.plan.shape.activation !== 'relu') return STEP;
  const sidesAt = (offset: number): string => {
    lossAt(offset);
    return activeStates(network);
  };
  for (let h = STEP; h >= SHORTEST_STEP; h /= 4) if (sidesAt(h) === sidesAt(-h)) return h;
  return undefined;
}

/** Which states are above 0, as a text that can be compared. */
function activeStates({ plan, engine }: Network): string {
  const { rows } = plan.limits;
  const { hidden } = plan.shape;
  const positions = engine.memory.ints[plan.starts + plan.limits.steps];
  let sides = '';
  for (const { states } of plan.layers) {
    const from = states + rows * hidden;
    for (const h of engine.memory.floats.subarray(from, from + positions * hidden)) sides += h > 0 ? '1' : '0';
  }
  return sides;
}

function outputRows({ plan }: Network): number {
  return plan.shape.task === 'next-token' ? plan.limits.positions : plan.limits.rows;
}

function worst(
  a: ArrayLike<number>,
  n: ArrayLike<number>,
  chosen: Int32Array,
  tensor: PlacedTensor,
  floorShare: number,
  leastFloor = Number.MIN_VALUE,
): Discrepancy {
  let largest = 0;
  for (const i of chosen) if (Math.abs(n[i]) > largest) largest = Math.abs(n[i]);
  const floor = Math.max(floorShare * largest, leastFloor);
  let found: Discrepancy = { relativeError: 0, index: tensor.shape.map(() => 0), a: 0, n: 0 };
  for (const i of chosen) {
    const relativeError = Math.abs(a[i] - n[i]) / Math.max(Math.abs(a[i]) + Math.abs(n[i]), floor);
    if (relativeError <= found.relativeError) continue;
    found = { relativeError, index: indexOf(tensor, i), a: a[i], n: n[i] };
    if (Number.isNaN(relativeError)) break;
  }
  return found;
}

/** 7 of a (2, 5) tensor → [1, 2] */
function indexOf({ shape }: PlacedTensor, i: number): number[] {
  const index: number[] = [];
  for (const size of shape.toReversed()) {
    index.unshift(i % size);
    i = Math.floor(i / size);
  }
  return index;
}
