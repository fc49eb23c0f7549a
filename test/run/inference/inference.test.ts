import { describe, expect, test } from 'vitest';
import { wasmKind } from '../../../src/engine/engines.ts';
import { createNetwork } from '../../../src/model/network.ts';
import { planStep, writeTensor } from '../../../src/model/plan.ts';
import type { ModelShape } from '../../../src/model/shape.ts';
import { inferenceNetwork, lastStepOnly } from '../../../src/run/inference/inference.ts';
import { createPredictor, predictorLimits } from '../../../src/run/inference/predictor.ts';
import type { Prediction } from '../../../src/run/inference/predictor.ts';
import { weightsFor } from '../../support/weights.ts';

const limits = { rows: 3, steps: 6, positions: 12 };
const batch = {
  tokens: Int32Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9),
  begins: Int32Array.of(0, 3, 5),
  lengths: Int32Array.of(3, 1, 3),
  rows: 3,
  targets: undefined,
};
const shapes: readonly Partial<ModelShape>[] = [
  {},
  { layers: 2, embedding: 5 },
  { embedding: 30, vocab: 8, outputs: 8, activation: 'relu' },
  { task: 'classification', outputs: 4, bias: false },
  { task: 'regression', outputs: 2 },
  { embedding: 16, tied: true },
  { layers: 2, learnedState: true },
];

describe('a plan for inference', () => {
  test.each(shapes.map((shape) => [JSON.stringify(shape), shape] as const))(
    'gives the same bits of ŷ as one for training, in less memory: %s',
    async (_, changes) => {
      const weights = { ...weightsFor({ vocab: 12, outputs: 12, ...changes }) };
      const { shape } = weights;
      const training = planStep(shape, limits, 0, wasmKind);
      const engine = wasmKind.create(training.size);
      for (const tensor of training.tensors) writeTensor(engine.memory, tensor, weights.tensors.get(tensor.name)!);
      const trained = createNetwork(training, engine);
      const inferring = await inferenceNetwork({ file: '', weights, kind: wasmKind }, limits);
      expect(inferring.plan.size).toBeLessThan(training.size);
      const tokens = batch.tokens.map((token) => token % shape.vocab);
      const outputs = [trained, inferring].map((network) => {
        const { outputRows } = network.load({ ...batch, tokens });
        network.forward();
        const { plan } = network;
        return network.engine.memory.floats.slice(plan.outputs, plan.outputs + outputRows * shape.outputs);
      });
      expect(outputs[1]).toEqual(outputs[0]);
    },
  );

  test('refuses to differentiate', async () => {
    const network = await inferenceNetwork({ file: '', weights: weightsFor(), kind: wasmKind }, limits);
    network.load(batch);
    expect(() => network.differentiate()).toThrow(/without memory for gradients/);
  });
});

describe('the predictor', () => {
  /** Rows of 1 to 23 tokens. */
  const lengths = Array.from({ length: 40 }, (_, i) => 1 + ((i * 7) % 23));
  const offsets = Int32Array.from({ length: lengths.length + 1 }, (_, i) => lengths.slice(0, i).reduce((a, b) => a + b, 0));
  const tokens = Int32Array.from({ length: offsets.at(-1)! }, (_, i) => (i * i + 3 * i) % 20);

  async function predictions(shape: ModelShape, most: { rows: number; steps: number }): Promise<Prediction[]> {
    const weights = weightsFor(shape);
    const single = lastStepOnly(weights.shape);
    const network = await inferenceNetwork({ file: '', weights, kind: wasmKind }, { ...most, positions: most.steps }, { shape: single });
    return createPredictor(network, { top: 3, all: true })({ tokens, offsets });
  }

  test.each(
    shapes
      .slice(0, 2)
      .concat(shapes.slice(3))
      .map((changes) => [JSON.stringify(changes), changes] as const),
  )('gives the same bits whether rows run together, one by one, or in pieces of 5 tokens: %s', async (_, changes) => {
    const { shape } = weightsFor(changes);
    const together = await predictions(shape, predictorLimits(shape));
    expect(together).toHaveLength(lengths.length);
    expect(await predictions(shape, { rows: 1, steps: 64 })).toEqual(together);
    expect(await predictions(shape, { rows: 8, steps: 5 })).toEqual(together);
  });

  test('gives probabilities that add up to 1, and the best in their order', async () => {
    for (const { all, best, probabilities } of await predictions(weightsFor().shape, { rows: 8, steps: 64 })) {
      expect(all!.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 5);
      expect(best).toHaveLength(3);
      expect(probabilities).toEqual([...all!].sort((a, b) => b - a).slice(0, 3));
      expect(best.map((id) => all![id])).toEqual(probabilities);
    }
  });
});
