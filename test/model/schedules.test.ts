import { expect, test } from 'vitest';
import { cosine } from '../../src/engine/elementary.ts';
import { learningRate } from '../../src/model/schedules.ts';

test('constant: every step has the rate that was asked for', () => {
  for (const step of [1, 50, 100]) expect(learningRate(0.3, 'constant', step, 100, 0)).toBe(0.3);
});

test("cosine follows PyTorch's CosineAnnealingLR(T_max = steps): lr ½(1 + cos π k/steps) at step k + 1, within 1e-15", () => {
  for (let k = 0; k < 100; k++) {
    const expected = 0.2 * 0.5 * (1 + Math.cos((Math.PI * k) / 100));
    expect(Math.abs(learningRate(0.2, 'cosine', k + 1, 100, 0) - expected)).toBeLessThan(1e-15);
  }
});

test('warm-up rises in equal parts and reaches the rate at its last step', () => {
  const rates = [1, 2, 3, 4, 5].map((step) => learningRate(0.8, 'constant', step, 100, 4));
  expect(rates).toEqual([0.2, 0.4, 0.6000000000000001, 0.8, 0.8]);
});

test('cosine is within 4e-16 of Math.cos on [0, π]', () => {
  for (let i = 0; i <= 10_000; i++) {
    const x = (Math.PI * i) / 10_000;
    expect(Math.abs(cosine(x) - Math.cos(x))).toBeLessThan(4e-16);
  }
});
