import { expect, test } from 'vitest';
import { loadBlas } from '../../src/engine/blas/library.ts';
import { loadEngine } from '../../src/engine/engines.ts';
import { UserError } from '../../src/errors.ts';
import { run } from '../support/run.ts';

test('a path that is no library names the path and the remedy', async () => {
  await expect(loadBlas('/no/such/library.so')).rejects.toThrow(UserError);
  await expect(loadBlas('/no/such/library.so')).rejects.toThrow(/RNN_BLAS=\/no\/such\/library\.so: the library cannot be loaded/);
});

test('rnn train --engine blas with a wrong RNN_BLAS exits 1 with two lines, and never falls back', async () => {
  const env = { RNN_BLAS: '/no/such/library.so' };
  const { code, stdout, stderr } = await run(['train', '--engine', 'blas', '--out', 'no-such-run'], { stdin: '1,2,3\n', env });
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(stderr).toMatch(/^(RNN_BLAS=.*|--engine blas: the package koffi.*)\nhint: .*\n$/);
});

test('an engine that is not there rejects with a hint, whatever the machine has', async () => {
  const outcome = await loadEngine('blas').then(
    (kind) => kind.name,
    (error: unknown) => (error instanceof UserError ? error.hint : undefined),
  );
  expect(outcome).toMatch(/^blas$|libopenblas0-openmp|npm install koffi/);
});
