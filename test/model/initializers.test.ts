import { expect, test } from 'vitest';
import { initialize, initializerNames } from '../../src/model/initializers.ts';
import { elementsOf, tensorsOf } from '../../src/model/shape.ts';
import type { ModelShape } from '../../src/model/shape.ts';

const shape: ModelShape = {
  task: 'classification',
  vocab: 40,
  embedding: 0,
  hidden: 24,
  layers: 2,
  outputs: 3,
  activation: 'tanh',
  bias: true,
};

test.each(initializerNames)('%s fills every tensor with finite numbers, the same for the same seed and others for another', (name) => {
  const first = initialize(shape, name, 5);
  for (const tensor of tensorsOf(shape)) {
    const values = first.get(tensor.name)!;
    expect(values.length).toBe(elementsOf(tensor));
    expect(values.every(Number.isFinite)).toBe(true);
  }
  expect(initialize(shape, name, 5)).toEqual(first);
  expect(initialize(shape, name, 6)).not.toEqual(first);
});

test("uniform is PyTorch's: every tensor, biases too, within ±1/√H, and reaching 90 % of it", () => {
  for (const [name, values] of initialize(shape, 'uniform', 1)) {
    const largest = Math.max(...values.map(Math.abs));
    expect(largest, name).toBeLessThanOrEqual(1 / Math.sqrt(24));
    expect(largest, name).toBeGreaterThan((values.length > 20 ? 0.9 : 0.2) / Math.sqrt(24));
  }
});

test('glorot keeps V within √(6 / (H + O)), and biases are 0', () => {
  const tensors = initialize(shape, 'glorot', 1);
  const limit = Math.sqrt(6 / 27);
  expect(Math.max(...tensors.get('V')!.map(Math.abs))).toBeLessThanOrEqual(limit);
  expect(tensors.get('b0')!.every((x) => x === 0)).toBe(true);
  expect(tensors.get('c')!.every((x) => x === 0)).toBe(true);
});

test('orthogonal: W Wᵀ is the identity within 1e-14', () => {
  const W = initialize(shape, 'orthogonal', 1).get('W0')!;
  for (let i = 0; i < 24; i++) {
    for (let j = 0; j < 24; j++) {
      let dot = 0;
      for (let l = 0; l < 24; l++) dot += W[i * 24 + l] * W[j * 24 + l];
      expect(Math.abs(dot - (i === j ? 1 : 0))).toBeLessThan(1e-14);
    }
  }
});

test('identity: W is exactly I', () => {
  const W = initialize(shape, 'identity', 1).get('W1')!;
  expect([...W].every((value, i) => value === (i % 25 === 0 ? 1 : 0))).toBe(true);
});

test.each(initializerNames)('%s: gain 0.9 multiplies U and W of every layer, and moves no other tensor', (name) => {
  const embedded = { ...shape, embedding: 10 };
  const plain = initialize(embedded, name, 4);
  for (const [tensor, values] of initialize(embedded, name, 4, 0.9)) {
    const factor = /^[UW]/.test(tensor) ? 0.9 : 1;
    expect(values, tensor).toEqual(plain.get(tensor)!.map((value) => factor * value));
  }
});

test.each(initializerNames)('%s: a learned initial state begins at 0, and every other tensor as it would without', (name) => {
  const plain = initialize(shape, name, 4);
  const learned = initialize({ ...shape, learnedState: true }, name, 4);
  for (const start of ['s0', 's1']) expect([...learned.get(start)!].every((x) => x === 0)).toBe(true);
  for (const [tensor, values] of plain) expect(learned.get(tensor), tensor).toEqual(values);
});

test('a tied E is drawn as the V that it is: within ±1/√H by uniform, not N(0, 1)', () => {
  const tied: ModelShape = { ...shape, task: 'next-token', outputs: 40, embedding: 24, tied: true };
  const E = initialize(tied, 'uniform', 1).get('E')!;
  expect(Math.max(...E.map(Math.abs))).toBeLessThanOrEqual(1 / Math.sqrt(24));
  expect(initialize(tied, 'uniform', 1).has('V')).toBe(false);
});

test('rows of E are N(0, 1): 4000 of them have variance 1 within 4 standard errors', () => {
  const E = initialize({ ...shape, vocab: 400, embedding: 10 }, 'uniform', 3).get('E')!;
  const variance = E.reduce((sum, x) => sum + x * x, 0) / E.length;
  expect(Math.abs(variance - 1)).toBeLessThan(4 * Math.sqrt(2 / E.length));
});
