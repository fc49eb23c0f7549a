// What rnn grad-check says when backpropagation is wrong: the reference engine is replaced by one that forgets a position.
import { expect, test, vi } from 'vitest';
import type * as Reference from '../../src/engine/reference.ts';
import { run } from '../support/run.ts';

vi.mock('../../src/engine/reference.ts', async (original) => {
  const reference = await original<typeof Reference>();
  return {
    ...reference,
    createReferenceEngine(size: number, precision?: 'float32' | 'float64') {
      const engine = reference.createReferenceEngine(size, precision);
      const { kernels } = engine;
      const forgetful: typeof kernels.columnSums = (out, A, rows, n, from, to) => kernels.columnSums(out, A, rows - 1, n, from, to);
      return { ...engine, kernels: { ...kernels, columnSums: forgetful } };
    },
  } satisfies typeof Reference;
});

test('∂L/∂b without its last position: exit 1, b, c and s, which are sums of it, are named in every case that has them, U W V E in none', async () => {
  const { code, stdout } = await run(['grad-check', '--quiet']);
  expect(code).toBe(1);
  const failing = new Set([...stdout.matchAll(/^FAILED .*?: ([A-Za-z]\d?)\[/gm)].map(([, tensor]) => tensor));
  expect([...failing].toSorted()).toEqual(['b', 'b0', 'b1', 'b2', 'c', 's', 's0', 's1']);
  expect(stdout).toMatch(/^FAILED regression, tanh: b\[\d\]: BPTT -?[\d.e-]+ but difference -?[\d.e-]+, relative error/m);
});
