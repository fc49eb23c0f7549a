import { describe, expect, test } from 'vitest';
import { oracleKind, wasmKind } from '../../src/engine/engines.ts';
import type { EngineKind } from '../../src/engine/engines.ts';
import type { Kernels } from '../../src/engine/kernels.ts';
import { checkGradients } from '../../src/model/grad-check.ts';
import type { TensorCheck } from '../../src/model/grad-check.ts';
import { builtInCases } from '../../src/model/grad-check-cases.ts';
import { describeVerdict, failuresOf } from '../../src/run/grad-check/report.ts';

const tolerances = { float64: 1e-7, float32: 1e-4 };

/** An engine whose kernels are changed: what a mistake in BPTT would be. */
function broken(kind: EngineKind, change: (kernels: Kernels) => Partial<Kernels>): EngineKind {
  return {
    ...kind,
    create(size) {
      const engine = kind.create(size);
      return { ...engine, kernels: { ...engine.kernels, ...change(engine.kernels) } };
    },
  };
}

function check(name: string, oracle: EngineKind = oracleKind, production: EngineKind = wasmKind): TensorCheck[] {
  const found = builtInCases(1).find((gradientCase) => gradientCase.name === name)!;
  return checkGradients(found, { production, oracle, seed: 1 });
}

describe('seeds 1 to 3: all tasks, activations and shapes agree, in float64 within 1e-7, the wasm engine within 1e-4', () => {
  test.each([1, 2, 3].flatMap((seed) => builtInCases(seed).map((gradientCase) => [seed, gradientCase.name, gradientCase] as const)))(
    'seed %d: %s',
    (seed, name, gradientCase) => {
      const tensors = checkGradients(gradientCase, { production: wasmKind, seed });
      expect(failuresOf([{ name, tensors }], tolerances)).toEqual([]);
      expect(tensors.every(({ checked, kinks }) => checked > 0 && kinks === 0)).toBe(true);
    },
  );
});

describe('a term that is broken on purpose is found, by the name of its tensor and by both other witnesses', () => {
  test.each([
    [
      'b',
      'the sum over positions forgets the last',
      {
        columnSums:
          (k: Kernels): Kernels['columnSums'] =>
          (out, A, rows, n, from, to) =>
            k.columnSums(out, A, rows - 1, n, from, to),
      },
    ],
    [
      'U',
      'the scatter forgets the first position',
      {
        scatterAdd:
          (k: Kernels): Kernels['scatterAdd'] =>
          (table, A, ids, rows, n, from, to) =>
            k.scatterAdd(table, A + n, ids + 1, rows - 1, n, from, to),
      },
    ],
    [
      'W',
      'the outer product forgets the last position',
      {
        multiplyTransposed:
          (k: Kernels): Kernels['multiplyTransposed'] =>
          (C, A, B, index, p, m, n, from, to) =>
            k.multiplyTransposed(C, A, B, index, p - 1, m, n, from, to),
      },
    ],
  ])('%s: %s', (tensor, _what, changes) => {
    const oracle = broken(oracleKind, (kernels) =>
      Object.fromEntries(Object.entries(changes).map(([name, change]) => [name, change(kernels)])),
    );
    const failures = failuresOf([{ name: 'x', tensors: check('next-token, tanh', oracle) }], tolerances);
    const named = failures.filter((failure) => failure.tensor === tensor).map(({ comparison }) => comparison);
    expect(named).toEqual(expect.arrayContaining(['differences', 'recursion', 'engine']));
    expect(describeVerdict([{ name: 'x', tensors: [] }], failures, 'wasm')).toContain(`FAILED x: ${tensor}[`);
  });

  test('g′ = 1 in place of 1 − h²: every tensor below the output fails, V and c do not', () => {
    const oracle = broken(oracleKind, () => ({ activationGradient: () => {} }));
    const failing = new Set(
      failuresOf([{ name: 'x', tensors: check('regression, tanh', oracle) }], tolerances).map(({ tensor }) => tensor),
    );
    expect([...failing].toSorted()).toEqual(['U', 'W', 'b']);
  });

  test('a fault of the production engine alone fails its own column only', () => {
    const production = broken(wasmKind, (k) => ({
      columnSums: (out, A, rows, n, from, to) => k.columnSums(out, A, rows - 1, n, from, to),
    }));
    const failures = failuresOf([{ name: 'x', tensors: check('classification, tanh', oracleKind, production) }], tolerances);
    expect(failures.map(({ tensor, comparison }) => `${tensor} ${comparison}`)).toEqual(['b engine', 'c engine']);
  });

  test('NaN in a gradient is a failure, not a figure that compares as small', () => {
    const oracle = broken(oracleKind, (k) => ({
      columnSums(out, A, rows, n, from, to) {
        k.columnSums(out, A, rows, n, from, to);
        k.fill(out, 1, NaN);
      },
    }));
    const failures = failuresOf([{ name: 'x', tensors: check('regression, tanh', oracle) }], tolerances);
    expect(failures.filter(({ tensor }) => tensor === 'b').length).toBe(3);
  });
});

test('--samples checks so many elements of every tensor, or all of a smaller one', () => {
  const found = builtInCases(1)[0];
  const tensors = checkGradients(found, { production: wasmKind, seed: 1, samples: 4 });
  expect(tensors.map(({ name, checked }) => [name, checked])).toEqual([
    ['U', 4],
    ['W', 4],
    ['b', 4],
    ['V', 4],
    ['c', 2],
  ]);
});
