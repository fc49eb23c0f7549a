import { describe, expect, test } from 'vitest';
import { gradientOf, readTensor } from '../../src/model/plan.ts';
import { recursionGradients } from '../../src/model/recursion.ts';
import { optimizerWith } from '../../src/model/optimizers.ts';
import type { OptimizerName, OptimizerOptions } from '../../src/model/optimizers.ts';
import {
  batchOf,
  engines,
  flat,
  goldenCases,
  goldenCurves,
  limitsOf,
  networkOf,
  shapeOf,
  shapeOfCurve,
  worstRelative,
} from '../support/golden.ts';
import type { EngineKind } from '../../src/engine/engines.ts';
import type { GoldenCase, GoldenCurve } from '../support/golden.ts';

/** Agreement asked of each precision: of every number, and above which share of a tensor's largest element it is asked. */
const tolerances = { float64: { relative: 1e-10, floor: 1e-6 }, float32: { relative: 1e-4, floor: 1e-2 } };

describe.each(engines.map((engine) => [engine.name, engine] as const))('%s engine', (_name, maker) => {
  const { relative, floor } = tolerances[maker.precision];

  describe.each(goldenCases())(`%s agrees with PyTorch within ${relative} relative`, (_case, golden) => {
    const run = runCase(maker, golden);
    test('loss', () => expect(worstRelative([run.loss], [golden.loss], 1)).toBeLessThan(relative));
    test('states', () => expect(worstRelative(run.states, run.expectedStates, floor)).toBeLessThan(relative));
    test('predictions', () => expect(worstRelative(run.predictions, run.expectedPredictions, floor)).toBeLessThan(relative));
    test.each(Object.keys(golden.grads))('gradient of %s', (name) => {
      expect(worstRelative(run.gradients.get(name)!, flat(golden.grads[name]), floor)).toBeLessThan(relative);
    });
  });

  test.each(goldenCurves())(
    `%s: 25 steps follow PyTorch's losses, norms and final weights within ${relative} relative`,
    (_curve, golden) => {
      const run = runCurve(maker, golden);
      expect(worstRelative(run.losses, golden.losses, 0)).toBeLessThan(relative);
      expect(worstRelative(run.norms, golden.grad_norms_before_clip, 0)).toBeLessThan(relative);
      for (const [name, values] of run.parameters) {
        expect(worstRelative(values, flat(golden.final_params[name]), floor), name).toBeLessThan(relative);
      }
    },
  );
});

test.each(goldenCases())("%s: the lecture's forward recursion agrees with PyTorch within 1e-10 relative", (_case, golden) => {
  const parameters = new Map(Object.entries(golden.params).map(([name, values]) => [name, Float64Array.from(flat(values))]));
  const { loss, gradients } = recursionGradients(shapeOf(golden), parameters, batchOf(golden));
  expect(worstRelative([loss], [golden.loss], 1)).toBeLessThan(1e-10);
  for (const [name, values] of gradients) expect(worstRelative(values, flat(golden.grads[name]), 1e-6), name).toBeLessThan(1e-10);
});

interface CaseRun {
  loss: number;
  states: number[];
  expectedStates: number[];
  predictions: number[];
  expectedPredictions: number[];
  gradients: Map<string, ArrayLike<number>>;
}

function runCase(maker: EngineKind, golden: GoldenCase): CaseRun {
  const batch = batchOf(golden);
  const network = networkOf(maker, shapeOf(golden), limitsOf(batch), golden.params);
  const { plan, engine } = network;
  const packed = network.load(batch);
  network.forward();
  const states = statesAndPredictions(golden, network, packed);
  const loss = network.differentiate() / packed.outputRows;
  const gradients = new Map(plan.tensors.map((tensor) => [tensor.name, readTensor(engine.memory, tensor, gradientOf(plan, tensor))]));
  return { loss, gradients, ...states };
}

/** Our packed rows and PyTorch's padded ones, both in the order of the packing; padded places are left out. */
function statesAndPredictions(
  golden: GoldenCase,
  { plan, engine }: ReturnType<typeof networkOf>,
  packed: { order: Int32Array; rows: number; steps: number },
) {
  const { floats, ints } = engine.memory;
  const { hidden: H, outputs: O } = golden;
  const run = { states: [] as number[], expectedStates: [] as number[], predictions: [] as number[], expectedPredictions: [] as number[] };
  const take = (address: number, count: number): number[] => Array.from(floats.subarray(address, address + count));
  const top = plan.layers[plan.layers.length - 1];
  for (let t = 0; t < packed.steps; t++) {
    const start = ints[plan.starts + t];
    for (let r = 0; start + r < ints[plan.starts + t + 1]; r++) {
      const row = packed.order[r];
      run.states.push(...take(top.states + (plan.limits.rows + start + r) * H, H));
      run.expectedStates.push(...golden.hidden_states[row][t]);
      if (golden.task !== 'next-token') continue;
      run.predictions.push(...take(plan.outputs + (start + r) * O, O));
      run.expectedPredictions.push(...(golden.predictions[row] as number[][])[t]);
    }
  }
  if (golden.task !== 'next-token') {
    for (let r = 0; r < packed.rows; r++) {
      run.predictions.push(...take(plan.outputs + r * O, O));
      run.expectedPredictions.push(...(golden.predictions[packed.order[r]] as number[]));
    }
  }
  return run;
}

function runCurve(maker: EngineKind, golden: GoldenCurve) {
  const { batch_size: rows, window, optimizer } = golden;
  const { rule, options } = optimizerWith(optimizer.name as OptimizerName, optionsOf(golden));
  const { clip_norm: norm, clip_value: value } = golden;
  const clipping = { ...(norm ? { norm } : {}), ...(value ? { value } : {}) };
  const limits = { rows, steps: window, positions: rows * window };
  const network = networkOf(maker, shapeOfCurve(golden), limits, golden.params, { rule, options, clipping });
  const tokens = Int32Array.from(golden.rows.flat());
  const stride = golden.stream ? Math.floor((tokens.length - 1) / rows) : window + 1;
  const losses: number[] = [];
  const norms: number[] = [];
  for (let step = 0; step < golden.losses.length; step++) {
    const first = golden.stream ? step * window : step * rows * (window + 1);
    const packed = network.load({
      tokens,
      begins: Int32Array.from({ length: rows }, (_, i) => first + i * stride),
      lengths: new Int32Array(rows).fill(window),
      rows,
      targets: undefined,
    });
    losses.push(network.differentiate(golden.stream && step > 0) / packed.outputRows);
    if (golden.stream) network.carry();
    norms.push(network.update(optimizer.lr));
  }
  const parameters = network.plan.tensors.map((tensor) => [tensor.name, readTensor(network.engine.memory, tensor)] as const);
  return { losses, norms, parameters };
}

function optionsOf({ optimizer }: GoldenCurve): Partial<OptimizerOptions> {
  const named: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(optimizer))
    if (key !== 'name' && key !== 'lr') named[key === 'weight_decay' ? 'weightDecay' : key] = value;
  return named;
}
