import { describe, expect, test } from 'vitest';
import { cosine } from '../../src/engine/elementary.ts';
import { learningRate, scheduleWith } from '../../src/model/schedules.ts';
import type { ScheduleName, ScheduleOptions } from '../../src/model/schedules.ts';

interface Given extends Partial<ScheduleOptions> {
  readonly name: ScheduleName;
  readonly lr?: number;
  readonly warmup?: number;
  readonly steps?: number;
}

/** The rate at each of `steps`, epochs of 10 steps; after each epoch the schedule sees the next of `losses`. */
function rates({ name, lr = 0.2, warmup = 0, steps = 100, ...options }: Given, losses: readonly number[] = []): number[] {
  const chosen = scheduleWith(name, options);
  const state = Float64Array.from(chosen.schedule.state);
  return Array.from({ length: steps }, (_, k) => {
    const epoch = Math.floor(k / 10) + 1;
    if (k > 0 && k % 10 === 0 && losses.length > 0) chosen.schedule.observe?.(losses[epoch - 2], lr, chosen.options, state);
    return learningRate(lr, chosen, { step: k + 1, epoch, steps, warmup }, state);
  });
}

/** max |a − b| / |b| */
function relative(actual: readonly number[], expected: readonly number[]): number {
  expect(actual.length).toBe(expected.length);
  return Math.max(...actual.map((a, i) => Math.abs(a - expected[i]) / Math.abs(expected[i])));
}

test('constant: every step has the rate that was asked for', () => {
  expect(new Set(rates({ name: 'constant', lr: 0.3 }))).toEqual(new Set([0.3]));
});

test("cosine follows PyTorch's CosineAnnealingLR(T_max = steps): lr ½(1 + cos π k/steps) at step k + 1, within 1e-15", () => {
  rates({ name: 'cosine' }).forEach((rate, k) => {
    const expected = 0.2 * 0.5 * (1 + Math.cos((Math.PI * k) / 100));
    expect(Math.abs(rate - expected)).toBeLessThan(1e-15);
  });
});

test("exponential follows PyTorch's ExponentialLR: lr · γ^(epoch − 1), within 1e-14 relative", () => {
  const expected = Array.from({ length: 100 }, (_, k) => 0.2 * 0.9 ** Math.floor(k / 10));
  expect(relative(rates({ name: 'exponential', decay: 0.9 }), expected)).toBeLessThan(1e-14);
});

test("step follows PyTorch's StepLR(step_size = 3): lr · γ^⌊(epoch − 1)/3⌋, within 1e-14 relative", () => {
  const expected = Array.from({ length: 100 }, (_, k) => 0.2 * 0.1 ** Math.floor(Math.floor(k / 10) / 3));
  expect(relative(rates({ name: 'step', decay: 0.1, stepEpochs: 3 }), expected)).toBeLessThan(1e-14);
});

describe("plateau follows PyTorch's ReduceLROnPlateau", () => {
  // torch.optim.lr_scheduler.ReduceLROnPlateau(factor=0.1, patience=2), stepped with these losses by hand:
  // an epoch that improves by less than 1e-4 of the best counts as bad; the third bad one in a row lowers the rate and counts anew.
  test.each([
    ['the third bad epoch lowers the rate', [5, 4, 4, 4, 4, 4, 4, 4, 4], [1, 1, 1, 1, 1, 0.1, 0.1, 0.1, 0.01, 0.01]],
    ['an improvement starts the count again', [5, 5, 5, 4, 4, 4, 4, 3, 3], [1, 1, 1, 1, 1, 1, 1, 0.1, 0.1, 0.1]],
    ['less than 1e-4 of the best is none', [1, 0.99995, 0.99995, 0.99991], [1, 1, 1, 1, 0.1]],
    ['the best is what was last an improvement', [1, 0.99995, 0.9998, 0.99975, 0.99971, 0.9998], [1, 1, 1, 1, 1, 1, 0.1]],
  ])('%s', (_what, losses, factors) => {
    const ofEpochs = rates({ name: 'plateau', decay: 0.1, plateauPatience: 2, steps: 10 * factors.length }, losses).filter(
      (_, k) => k % 10 === 0,
    );
    expect(
      relative(
        ofEpochs,
        factors.map((factor) => 0.2 * factor),
      ),
    ).toBeLessThan(1e-14);
  });

  test('the rate no longer falls where it would by less than 1e-8', () => {
    const losses = Array.from({ length: 100 }, () => 1);
    const last = rates({ name: 'plateau', decay: 0.1, plateauPatience: 0, steps: 1000, lr: 1 }, losses).at(-1)!;
    expect(last).toBeCloseTo(1e-8, 15);
  });
});

test('warm-up rises in equal parts, reaches the rate at its last step, and the schedule is on it', () => {
  expect(rates({ name: 'constant', lr: 0.8, warmup: 4, steps: 5 })).toEqual([0.2, 0.4, 0.6000000000000001, 0.8, 0.8]);
  const cosines = rates({ name: 'cosine', lr: 0.8, warmup: 4 });
  expect(cosines.slice(0, 5)).toEqual([0.2, 0.4, 0.6000000000000001, 0.8, 0.8]);
  expect(cosines.at(-1)).toBeLessThan(0.001);
});

test('cosine is within 4e-16 of Math.cos on [0, π]', () => {
  for (let i = 0; i <= 10_000; i++) {
    const x = (Math.PI * i) / 10_000;
    expect(Math.abs(cosine(x) - Math.cos(x))).toBeLessThan(4e-16);
  }
});
