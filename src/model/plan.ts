// Where everything of a training step lies in the engine's memory. Pure arithmetic: the size is known before memory is taken.
import type { EngineKind } from '../engine/engines.ts';
import type { Address, Memory } from '../engine/kernels.ts';
import type { Dropout } from './dropout.ts';
import { elementsOf, layerSuffix, outputMatrix, tensorsOf } from './shape.ts';
import type { ModelShape, TensorSpec } from './shape.ts';

/** The most that one batch can hold. */
export interface Limits {
  /** Rows N. */
  readonly rows: number;
  /** Steps T of the longest row. */
  readonly steps: number;
  /** Real tokens over all rows. */
  readonly positions: number;
}

export interface PlacedTensor extends TensorSpec {
  readonly address: Address;
  readonly size: number;
}

export interface LayerPlan {
  readonly U: PlacedTensor;
  readonly W: PlacedTensor;
  readonly b: PlacedTensor | undefined;
  /** Where it is learned: H_0 of every row that begins, and Σ over the rows of δ_1 (H); −1 where not used. */
  readonly s: PlacedTensor | undefined;
  readonly firstDeltas: Address;
  /** H (rows + positions, H): first the carried state of each row, then H_t of each position. */
  readonly states: Address;
  /** δ = ∂L/∂z (positions, H) */
  readonly deltas: Address;
  /** With dropout, above the bottom layer: what is left of the states below, x_t of each position (positions, H); −1 where not used. */
  readonly dropped: Address;
  /** Wᵀ and W as right factors: forward z += H Wᵀ, backward ∂H += δ W. */
  readonly packedWForward: Address;
  readonly packedWBackward: Address;
  /** Uᵀ and U likewise; unused (−1) where U is read by columns. */
  readonly packedUForward: Address;
  readonly packedUBackward: Address;
}

export interface Plan {
  readonly shape: ModelShape;
  readonly limits: Limits;
  readonly dropout: Dropout | undefined;
  /** Elements of memory that the step takes in all. */
  readonly size: number;

  /** All parameters lie in [parameters, parameters + parameterSpan), and their gradients and optimizer slots in spans of the same form. */
  readonly parameters: Address;
  readonly parameterSpan: number;
  readonly gradients: Address;
  readonly slots: readonly Address[];
  readonly tensors: readonly PlacedTensor[];

  readonly E: PlacedTensor | undefined;
  /** E itself where the two are tied. */
  readonly V: PlacedTensor;
  readonly c: PlacedTensor | undefined;
  readonly layers: readonly LayerPlan[];
  readonly packedVForward: Address;
  readonly packedVBackward: Address;
  /** With an embedding and few tokens: U E[v] + b for every v, (vocab, H), and its gradient; −1 where not used. */
  readonly table: Address;
  readonly tableGradient: Address;
  /** With an embedding and many tokens: E[token] of every position, and its gradient, (positions, E); −1 where not used. */
  readonly embedded: Address;
  readonly embeddedGradient: Address;
  /** H_n of each row and its gradient (rows, H), for tasks that read the last state; −1 for next-token. */
  readonly lastStates: Address;
  readonly lastGradients: Address;
  /** ŷ, then ∂L/∂ŷ (outputs rows, O): a row for each position (next-token) or each row of the batch. */
  readonly outputs: Address;
  readonly losses: Address;
  readonly numericTargets: Address;

  // Integers of the batch.
  /** Position at which each step begins (steps + 1): step t runs starts[t+1] − starts[t] rows. */
  readonly starts: Address;
  readonly ids: Address;
  readonly targets: Address;
  /** Row of `states` that holds H_{t−1} of each position. */
  readonly previous: Address;
  /** Row of `states` that holds H_n of each row of the batch. */
  readonly last: Address;
  /** With dropout: which row of the batch stands at each place (rows), what its masks are known by; −1 where not used. */
  readonly order: Address;
  /** 0, 1, 2 … */
  readonly identity: Address;
  /** A row of zeros, as wide as any: what a product is added to where there is no bias. */
  readonly zeros: Address;
  readonly predicted: Address;
}

/** Elements that tensors are aligned to: 64 bytes of float32. */
const ALIGNMENT = 16;

/**
 * Lays out a model with `slotCount` optimizer tensors for batches within `limits`. Without a slot count the plan is one for inference:
 * what only gradients need takes no memory, and its address is −1. Without `dropout` every state is kept.
 */
export function planStep(
  shape: ModelShape,
  limits: Limits,
  slotCount: number | undefined,
  engine: Pick<EngineKind, 'packedSize'>,
  dropout?: Dropout,
): Plan {
  const trains = slotCount !== undefined;
  let size = 0;
  const take = (elements: number): Address => {
    const address = size;
    size += Math.ceil(elements / ALIGNMENT) * ALIGNMENT;
    return address;
  };
  const takeIf = (needed: boolean, elements: number): Address => (needed ? take(elements) : -1);

  const { hidden: H, embedding, vocab, outputs: O, task } = shape;
  const { rows, steps, positions } = limits;

  const parameters = size;
  const tensors: PlacedTensor[] = tensorsOf(shape).map((tensor) => {
    const elements = elementsOf(tensor);
    return { ...tensor, size: elements, address: take(elements) };
  });
  const parameterSpan = size - parameters;
  const gradients = takeIf(trains, parameterSpan);
  const slots = Array.from({ length: slotCount ?? 0 }, () => take(parameterSpan));
  const named = new Map(tensors.map((tensor) => [tensor.name, tensor]));

  const layers = Array.from({ length: shape.layers }, (_, layer): LayerPlan => {
    const suffix = layerSuffix(layer, shape.layers);
    const U = named.get(`U${suffix}`)!;
    const inputs = U.shape[1];
    const s = named.get(`s${suffix}`);
    return {
      U,
      W: named.get(`W${suffix}`)!,
      b: named.get(`b${suffix}`),
      s,
      firstDeltas: takeIf(trains && s !== undefined, H),
      states: take((rows + positions) * H),
      deltas: takeIf(trains, positions * H),
      dropped: takeIf(dropout !== undefined && layer > 0, positions * H),
      packedWForward: take(engine.packedSize(H, H)),
      packedWBackward: takeIf(trains, engine.packedSize(H, H)),
      packedUForward: takeIf(!U.byColumns, engine.packedSize(inputs, H)),
      packedUBackward: takeIf(trains && !U.byColumns, engine.packedSize(H, inputs)),
    };
  });

  const everyStep = task === 'next-token';
  const outputRows = everyStep ? positions : rows;
  const folded = embedding > 0 && vocab < positions;
  const gathered = embedding > 0 && !folded;
  return {
    shape,
    limits,
    dropout,
    parameters,
    parameterSpan,
    gradients,
    slots,
    tensors,
    E: named.get('E'),
    V: named.get(outputMatrix(shape))!,
    c: named.get('c'),
    layers,
    packedVForward: take(engine.packedSize(H, O)),
    packedVBackward: takeIf(trains, engine.packedSize(O, H)),
    table: takeIf(folded, vocab * H),
    tableGradient: takeIf(trains && folded, vocab * H),
    embedded: takeIf(gathered, positions * embedding),
    embeddedGradient: takeIf(trains && gathered, positions * embedding),
    lastStates: takeIf(!everyStep, rows * H),
    lastGradients: takeIf(trains && !everyStep, rows * H),
    outputs: take(outputRows * O),
    losses: take(outputRows),
    numericTargets: takeIf(task === 'regression', rows * O),
    starts: take(steps + 1),
    ids: take(positions),
    targets: take(outputRows),
    previous: take(positions),
    last: take(rows),
    order: takeIf(dropout !== undefined, rows),
    identity: take(Math.max(positions, rows, vocab)),
    zeros: take(Math.max(H, O, embedding)),
    predicted: take(outputRows),
    size,
  };
}

/** A tensor's elements by rows, as files and people read them. */
export function readTensor(memory: Memory, tensor: PlacedTensor, at: Address = tensor.address): Float32Array | Float64Array {
  const held = memory.floats.slice(at, at + tensor.size);
  return tensor.byColumns ? transposed(held, tensor.shape[1], tensor.shape[0]) : held;
}

/** Writes a tensor given by rows. */
export function writeTensor(memory: Memory, tensor: PlacedTensor, values: ArrayLike<number>, at: Address = tensor.address): void {
  if (values.length !== tensor.size) throw new RangeError(`${tensor.name} has ${tensor.size} elements, not ${values.length}`);
  memory.floats.set(tensor.byColumns ? transposed(values, tensor.shape[0], tensor.shape[1]) : values, at);
}

/** Where the gradient of a parameter lies. */
export function gradientOf(plan: Plan, tensor: PlacedTensor): Address {
  return tensor.address - plan.parameters + plan.gradients;
}

/** Where element i of a tensor by rows lies in memory, relative to the tensor. */
export function elementIndex(tensor: TensorSpec, i: number): number {
  if (!tensor.byColumns) return i;
  const [rows, columns] = tensor.shape as readonly [number, number];
  return (i % columns) * rows + Math.floor(i / columns);
}

/** The transpose of a (rows, columns) matrix. */
function transposed(values: ArrayLike<number>, rows: number, columns: number): Float64Array {
  const out = new Float64Array(rows * columns);
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) out[j * rows + i] = values[i * columns + j]!;
  }
  return out;
}
