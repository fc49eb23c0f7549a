// The reference cases of test/golden and test/golden-extra, computed by PyTorch in float64 (make.py beside them says how). Facts:
// never adjusted.
import { readdirSync, readFileSync } from 'node:fs';
import { oracleKind, referenceKind, wasmKind } from '../../src/engine/engines.ts';
import type { EngineKind } from '../../src/engine/engines.ts';
import type { Activation } from '../../src/engine/kernels.ts';
import type { Batch } from '../../src/model/batch.ts';
import { createNetwork } from '../../src/model/network.ts';
import type { Network, Update } from '../../src/model/network.ts';
import { planStep, writeTensor } from '../../src/model/plan.ts';
import type { Limits } from '../../src/model/plan.ts';
import type { ModelShape, Task } from '../../src/model/shape.ts';
import { furtherKinds } from './kinds.ts';

type Nested = readonly (number | Nested)[];

export interface GoldenCase {
  readonly note: string;
  readonly task: Task;
  readonly activation: Activation;
  readonly layers: number;
  readonly mask: boolean;
  readonly vocab: number;
  readonly hidden: number;
  readonly outputs: number;
  readonly embed: number | null;
  readonly params: Readonly<Record<string, Nested>>;
  readonly rows: readonly (readonly number[])[];
  readonly targets: Nested | null;
  readonly x: readonly (readonly number[])[];
  readonly lengths: readonly number[];
  readonly hidden_states: readonly (readonly (readonly number[])[])[];
  readonly predictions: Nested;
  readonly loss: number;
  readonly grads: Readonly<Record<string, Nested>>;
}

export interface GoldenCurve {
  readonly task: Task;
  readonly activation: Activation;
  readonly vocab: number;
  readonly hidden: number;
  /** 1 where absent. */
  readonly layers?: number;
  readonly embed?: number | null;
  readonly optimizer: { readonly name: string; readonly lr: number } & Readonly<Record<string, number | boolean | string>>;
  readonly clip_norm: number | null;
  /** None where absent. */
  readonly clip_value?: number | null;
  readonly stream: boolean;
  readonly batch_size: number;
  readonly window: number;
  readonly params: Readonly<Record<string, Nested>>;
  readonly rows: readonly (readonly number[])[];
  readonly losses: readonly number[];
  readonly grad_norms_before_clip: readonly number[];
  readonly final_params: Readonly<Record<string, Nested>>;
}

const folders = ['../golden/', '../golden-extra/'].map((path) => new URL(path, import.meta.url));
const files = folders.flatMap((folder) => readdirSync(folder).flatMap((name) => (name.endsWith('.json') ? [{ name, folder }] : [])));

export function goldenCases(): [string, GoldenCase][] {
  return read((name) => !name.startsWith('curve-')) as [string, GoldenCase][];
}

export function goldenCurves(): [string, GoldenCurve][] {
  return read((name) => name.startsWith('curve-')) as [string, GoldenCurve][];
}

function read(wanted: (name: string) => boolean): [string, unknown][] {
  const found = files.filter(({ name }) => wanted(name));
  return found.map(({ name, folder }) => [name.replace('.json', ''), JSON.parse(readFileSync(new URL(name, folder), 'utf8'))]);
}

export function flat(values: Nested): number[] {
  return values.flatMap((value) => (typeof value === 'number' ? [value] : flat(value)));
}

export const engines: readonly EngineKind[] = [oracleKind, referenceKind, wasmKind, ...furtherKinds];

/** A network of the case's shape with its weights, on a fresh engine. */
export function networkOf(
  maker: EngineKind,
  shape: ModelShape,
  limits: Limits,
  params: Readonly<Record<string, Nested>>,
  updating?: Update,
): Network {
  const plan = planStep(shape, limits, updating?.rule.slots(updating.options) ?? 0, maker);
  const engine = maker.create(plan.size);
  for (const tensor of plan.tensors) writeTensor(engine.memory, tensor, flat(params[tensor.name]));
  return createNetwork(plan, engine, updating);
}

export function shapeOf(golden: GoldenCase): ModelShape {
  return {
    task: golden.task,
    vocab: golden.vocab,
    embedding: golden.embed ?? 0,
    hidden: golden.hidden,
    layers: golden.layers,
    outputs: golden.outputs,
    activation: golden.activation,
    ...membersOf(golden.params),
  };
}

export function shapeOfCurve({ vocab, hidden, layers = 1, embed, activation, params }: GoldenCurve): ModelShape {
  return { task: 'next-token', vocab, embedding: embed ?? 0, hidden, layers, outputs: vocab, activation, ...membersOf(params) };
}

/** What the names of the tensors say of a shape. */
function membersOf(params: Readonly<Record<string, Nested>>): Pick<ModelShape, 'bias' | 'tied' | 'learnedState'> {
  return { bias: 'c' in params, tied: !('V' in params), learnedState: 's' in params || 's0' in params };
}

/** The case's rows as a batch; without a mask the padding of `x` is fed as it stands. */
export function batchOf({ task, mask, rows, x, lengths, targets }: GoldenCase): Batch {
  const fed = mask ? rows : x;
  const begins: number[] = [];
  let at = 0;
  for (const row of fed) {
    begins.push(at);
    at += row.length;
  }
  return {
    tokens: Int32Array.from(fed.flat()),
    begins: Int32Array.from(begins),
    lengths: Int32Array.from(mask ? lengths : fed.map((row) => row.length)),
    rows: fed.length,
    targets: targets === null || task === 'next-token' ? undefined : Float64Array.from(flat(targets)),
  };
}

export function limitsOf(batch: Batch): Limits {
  return {
    rows: batch.rows,
    steps: Math.max(...batch.lengths),
    positions: batch.lengths.reduce((sum, length) => sum + length, 0),
  };
}

/** max |a − n| / max(|a| + |n|, floor), floor = `relativeFloor` of the largest |n|: below it a number is rounding, not signal. */
export function worstRelative(actual: ArrayLike<number>, expected: ArrayLike<number>, relativeFloor: number): number {
  let largest = 0;
  for (let i = 0; i < expected.length; i++) largest = Math.max(largest, Math.abs(expected[i]));
  let worst = 0;
  for (let i = 0; i < expected.length; i++) {
    const error =
      Math.abs(actual[i] - expected[i]) / Math.max(Math.abs(actual[i]) + Math.abs(expected[i]), relativeFloor * largest, Number.MIN_VALUE);
    if (!(error <= worst)) worst = error;
  }
  return actual.length === expected.length ? worst : Infinity;
}
