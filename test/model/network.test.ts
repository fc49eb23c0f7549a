// What must hold of a step on every engine, beyond agreeing with the reference cases.
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Batch } from '../../src/model/batch.ts';
import { initialize } from '../../src/model/initializers.ts';
import { optimizerWith } from '../../src/model/optimizers.ts';
import { gradientOf, readTensor } from '../../src/model/plan.ts';
import type { ModelShape } from '../../src/model/shape.ts';
import { engines, networkOf, worstRelative } from '../support/golden.ts';
import type { EngineKind } from '../../src/engine/engines.ts';

const shape: ModelShape = {
  task: 'classification',
  vocab: 9,
  embedding: 0,
  hidden: 6,
  layers: 1,
  outputs: 3,
  activation: 'tanh',
  bias: true,
};
const limits = { rows: 8, steps: 12, positions: 96 };

function batchOf(rows: readonly (readonly number[])[], targets: readonly number[], gap = 0): Batch {
  const begins = rows.map((_, i) => rows.slice(0, i).reduce((sum, row) => sum + row.length + gap, 0));
  const tokens = rows.flatMap((row) => [...row, ...Array.from({ length: gap }, () => 8)]);
  return {
    tokens: Int32Array.from(tokens),
    begins: Int32Array.from(begins),
    lengths: Int32Array.from(rows, (row) => row.length),
    rows: rows.length,
    targets: Float64Array.from(targets),
  };
}

function gradients(maker: EngineKind, batch: Batch): { loss: number; values: Float64Array } {
  const params = Object.fromEntries([...initialize(shape, 'uniform', 3)].map(([name, values]) => [name, [...values]]));
  const network = networkOf(maker, shape, limits, params);
  const { outputRows } = network.load(batch);
  const loss = network.differentiate() / outputRows;
  const { plan, engine } = network;
  return {
    loss,
    values: Float64Array.from(plan.tensors.flatMap((tensor) => [...readTensor(engine.memory, tensor, gradientOf(plan, tensor))])),
  };
}

const row = fc.array(fc.nat(8), { minLength: 1, maxLength: 12 });
const rowsWithTargets = fc.array(fc.tuple(row, fc.nat(2)), { minLength: 1, maxLength: 8 });

describe.each(engines.map((engine) => [engine.name, engine] as const))('%s engine', (_name, maker) => {
  const tolerance = maker.precision === 'float64' ? 1e-12 : 1e-5;

  test('what stands behind a row in memory changes no bit of loss and gradient: padding never trains', () => {
    fc.assert(
      fc.property(rowsWithTargets, fc.integer({ min: 1, max: 5 }), (pairs, gap) => {
        const rows = pairs.map(([tokens]) => tokens);
        const targets = pairs.map(([, target]) => target);
        expect(gradients(maker, batchOf(rows, targets, gap))).toEqual(gradients(maker, batchOf(rows, targets)));
      }),
      { numRuns: 25 },
    );
  });

  test('the order of rows within a batch changes nothing beyond rounding', () => {
    fc.assert(
      fc.property(rowsWithTargets, (pairs) => {
        const forwards = gradients(
          maker,
          batchOf(
            pairs.map(([tokens]) => tokens),
            pairs.map(([, target]) => target),
          ),
        );
        const turned = pairs.toReversed();
        const backwards = gradients(
          maker,
          batchOf(
            turned.map(([tokens]) => tokens),
            turned.map(([, target]) => target),
          ),
        );
        expect(worstRelative([backwards.loss], [forwards.loss], 1)).toBeLessThan(tolerance);
        expect(worstRelative(backwards.values, forwards.values, 0.1)).toBeLessThan(tolerance);
      }),
      { numRuns: 25 },
    );
  });

  test('inputs are not mutated', () => {
    const batch = batchOf([[1, 2, 3], [4], [5, 6]], [0, 1, 2]);
    const before = structuredClone(batch);
    gradients(maker, batch);
    expect(batch).toEqual(before);
  });

  test('a gradient that is not finite leaves weights and optimizer state as they were', () => {
    const { rule, options } = optimizerWith('adam', {});
    const params = Object.fromEntries([...initialize(shape, 'uniform', 3)].map(([name, values]) => [name, [...values]]));
    const network = networkOf(maker, shape, limits, params, { rule, options, clipping: { norm: 1 } });
    const { plan, engine } = network;
    network.load(batchOf([[1, 2, 3]], [0]));
    network.differentiate();
    engine.memory.floats[plan.gradients] = NaN;
    const before = engine.memory.floats.slice(plan.parameters, plan.parameters + plan.parameterSpan);
    expect(network.update(0.1)).toBeNaN();
    expect(engine.memory.floats.slice(plan.parameters, plan.parameters + plan.parameterSpan)).toEqual(before);
    expect([...network.scalars]).toEqual([1, 1]);
  });
});

test('a batch that does not fit its plan is refused with both sizes', () => {
  const params = Object.fromEntries([...initialize(shape, 'uniform', 3)].map(([name, values]) => [name, [...values]]));
  const network = networkOf(engines[0], shape, limits, params);
  const many = Array.from({ length: 9 }, () => [1]);
  expect(() =>
    network.load(
      batchOf(
        many,
        many.map(() => 0),
      ),
    ),
  ).toThrow(/9 rows; the plan holds 1 to 8/);
  expect(() => network.load(batchOf([Array.from({ length: 13 }, () => 1)], [0]))).toThrow(/13 steps; the plan holds 1 to 12/);
  expect(() => network.load(batchOf([[]], [0]))).toThrow(/0 steps/);
});

test('a step on the wasm engine allocates no tensor: 2000 steps grow the heap by less than a tenth of the states', () => {
  const { rule, options } = optimizerWith('adam', {});
  const large: ModelShape = { ...shape, hidden: 60 };
  const params = Object.fromEntries([...initialize(large, 'uniform', 3)].map(([name, values]) => [name, [...values]]));
  const network = networkOf(
    engines.find(({ name }) => name === 'wasm')!,
    large,
    limits,
    params,
    { rule, options, clipping: { norm: 1 } },
  );
  const batch = batchOf(
    Array.from({ length: 8 }, (_, i) => Array.from({ length: 12 }, (__, t) => (i + t) % 9)),
    [0, 1, 2, 0, 1, 2, 0, 1],
  );
  const step = (): void => {
    network.load(batch);
    network.differentiate();
    network.update(0.001);
  };
  for (let i = 0; i < 3000; i++) step();
  // A tensor made in every step would show in every round; what the runtime itself puts on the heap now and then does not,
  // nor the numbers that it boxes between JavaScript and WebAssembly (12 bytes a token on Node 26).
  const growth = Array.from({ length: 5 }, () => {
    const before = process.memoryUsage().heapUsed;
    for (let i = 0; i < 2000; i++) step();
    return (process.memoryUsage().heapUsed - before) / (2000 * 96 * large.hidden * 4);
  });
  expect(growth.toSorted((a, b) => a - b)[2]).toBeLessThan(0.1);
});
