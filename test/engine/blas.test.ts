import { expect, test } from 'vitest';
import { loadBlas } from '../../src/engine/blas/library.ts';
import { loadEngine } from '../../src/engine/engines.ts';
import { UserError } from '../../src/errors.ts';
import { run } from '../support/run.ts';

test('a path that is no library names the path and the remedy', async () => {
  await expect(loadBlas('/no/such/library.so')).rejects.toThrow(UserError);
  await expect(loadBlas('/no/such/library.so')).rejects.toThrow(/RNN_BLAS=\/no\/such\/library\.so: the library cannot be loaded/);
});

test('an empty RNN_BLAS is none: the first library by name, or the hint that names the package', async () => {
  const outcome = (path?: string): Promise<string> =>
    loadBlas(path).then(
      ({ name }) => name,
      (error: unknown) => (error as UserError).message,
    );
  expect(await outcome('')).toBe(await outcome());
});

test('rnn bench measures the library that RNN_BLAS names, and says what is wrong with it', async () => {
  const { code, stdout } = await run(['bench', '--seconds', '0.2', '--hidden', '8', '--json'], {
    env: { RNN_BLAS: '/no/such/library.so' },
  });
  expect(code).toBe(0);
  const { engines } = JSON.parse(stdout) as { engines: { engine: string; reason?: string }[] };
  expect(engines.find(({ engine }) => engine === 'blas')?.reason).toMatch(
    /^(RNN_BLAS=\/no\/such\/library.so|--engine blas: the package koffi)/,
  );
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
