// What must hold of dropout between layers, on every engine, beyond the gradient check under a fixed mask.
import { describe, expect, test } from 'vitest';
import type { EngineKind } from '../../src/engine/engines.ts';
import type { Batch } from '../../src/model/batch.ts';
import { maskFactor, maskWord } from '../../src/model/dropout.ts';
import type { Dropout } from '../../src/model/dropout.ts';
import { initialize } from '../../src/model/initializers.ts';
import { createNetwork } from '../../src/model/network.ts';
import type { Network } from '../../src/model/network.ts';
import { planStep, writeTensor } from '../../src/model/plan.ts';
import type { ModelShape } from '../../src/model/shape.ts';
import { engines } from '../support/golden.ts';

const shape: ModelShape = {
  task: 'classification',
  vocab: 9,
  embedding: 0,
  hidden: 6,
  layers: 3,
  outputs: 3,
  activation: 'tanh',
  bias: true,
};
const limits = { rows: 8, steps: 12, positions: 96 };
const half: Dropout = { share: 0.5, seed: 11 };

function networkWith(maker: EngineKind, dropout: Dropout | undefined): Network {
  const plan = planStep(shape, limits, 0, maker, dropout);
  const engine = maker.create(plan.size);
  const tensors = initialize(shape, 'glorot', 3);
  for (const tensor of plan.tensors) writeTensor(engine.memory, tensor, tensors.get(tensor.name)!);
  return createNetwork(plan, engine);
}

function batchOf(rows: readonly (readonly number[])[]): Batch {
  return {
    tokens: Int32Array.from(rows.flat()),
    begins: Int32Array.from(rows, (_, i) => rows.slice(0, i).reduce((sum, row) => sum + row.length, 0)),
    lengths: Int32Array.from(rows, (row) => row.length),
    rows: rows.length,
    targets: Int32Array.from(rows, () => 1),
  };
}

const rows = [[1, 2, 3], [4], [5, 6, 7, 8, 1], [2, 2]];

/** ŷ of each row, in the order of the batch. */
function outputsOf(network: Network, batch: Batch, maskStep: number): number[][] {
  const { order } = network.load(batch);
  network.forward(false, maskStep);
  const { plan, engine } = network;
  const found: number[][] = [];
  for (let r = 0; r < batch.rows; r++) {
    const at = plan.outputs + r * shape.outputs;
    found[order[r]] = [...engine.memory.floats.subarray(at, at + shape.outputs)];
  }
  return found;
}

describe.each(engines.map((engine) => [engine.name, engine] as const))('%s engine', (_name, maker) => {
  test('a step has its masks, another step others, and no step none: then the outputs are those of a model without dropout', () => {
    const network = networkWith(maker, half);
    const first = outputsOf(network, batchOf(rows), 1);
    const plain = outputsOf(network, batchOf(rows), 0);
    expect(plain).toEqual(outputsOf(networkWith(maker, undefined), batchOf(rows), 1));
    expect(outputsOf(network, batchOf(rows), 2)).not.toEqual(first);
    expect(outputsOf(network, batchOf(rows), 1)).toEqual(first);
    expect(first).not.toEqual(plain);
  });

  test('another seed draws other masks', () => {
    const outputs = [half, { ...half, seed: 12 }, { ...half, seed: 11 + 2 ** 32 }].map((dropout) =>
      outputsOf(networkWith(maker, dropout), batchOf(rows), 1),
    );
    expect(new Set(outputs.map((values) => JSON.stringify(values))).size).toBe(3);
  });

  test('a mask is known by the row of the batch: what stands beside a row, and where it is packed, moves no more than rounding', () => {
    const network = networkWith(maker, half);
    const [, , third] = outputsOf(network, batchOf(rows), 7);
    const longer = [[1, 2, 3, 4, 5, 6, 7, 8, 1], [4, 4, 4, 4, 4, 4, 4], rows[2], [2]];
    const [, , packedThird] = outputsOf(network, batchOf(longer), 7);
    const tolerance = maker.precision === 'float64' ? 1e-14 : 1e-6;
    third.forEach((value, j) => expect(Math.abs(packedThird[j] - value)).toBeLessThan(tolerance));
  });

  test('the inputs of the upper layers hold exactly the states that maskFactor keeps, at every time, layer and row', () => {
    const network = networkWith(maker, half);
    const { plan, engine } = network;
    const { floats, ints } = engine.memory;
    const H = shape.hidden;
    const packed = network.load(batchOf(rows));
    network.forward(false, 5);
    for (let layer = 1; layer < shape.layers; layer++) {
      for (let t = 0; t < packed.steps; t++) {
        for (let p = ints[plan.starts + t], r = 0; p < ints[plan.starts + t + 1]; p++, r++) {
          for (let unit = 0; unit < H; unit++) {
            const state = floats[plan.layers[layer - 1].states + (limits.rows + p) * H + unit];
            const factor = maskFactor(half, 5, layer, packed.order[r], t, unit);
            expect(floats[plan.layers[layer].dropped + p * H + unit]).toBe(factor * state);
          }
        }
      }
    }
  });
});

test('keys of 200 000 masks of a run (seeds, steps, layers, times) are all different', () => {
  const keys = new Set<number>();
  for (const seed of [0, 1]) {
    for (let step = 1; step <= 500; step++) {
      for (let layer = 1; layer <= 2; layer++) {
        for (let t = 0; t < 100; t++) keys.add(maskWord(0, seed, step, layer, t) * 2 ** 20 + (maskWord(1, seed, step, layer, t) >>> 12));
      }
    }
  }
  expect(keys.size).toBe(200_000);
});
