import { describe, expect, test } from 'vitest';
import { fixture, run } from '../support/run.ts';

test('without a file: 24 cases and 228 tensors agree, exit 0', async () => {
  const { code, stdout, stderr } = await run(['grad-check']);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toMatch(
    /\npassed: 228 tensors in 36 cases; largest relative errors: differences \d\.\de-\d+, recursion \d\.\de-\d+, wasm \d\.\de-\d+\n$/,
  );
});

test.each([
  ['words.csv', []],
  ['verse.csv', ['--max-len', '6', '--embedding', '3']],
  ['lecture.json', ['--layers', '2', '--activation', 'sigmoid', '--samples', '10']],
  ['words.csv', ['--layers', '2', '--dropout', '0.4', '--learn-initial-state', '--samples', '20']],
  ['verse.csv', ['--max-len', '6', '--tied', '--initializer', 'identity', '--gain', '0.9', '--samples', '20']],
])('the first rows of %s agree', async (name, flags) => {
  const { code, stdout } = await run(['grad-check', fixture(name), '--hidden', '4', ...flags]);
  expect(code).toBe(0);
  expect(stdout).toContain(name);
});

test('a tolerance below rounding fails: exit 1, and the verdict names case, tensor, index, both numbers and the tolerance', async () => {
  const { code, stdout } = await run(['grad-check', '--quiet', '--tolerance', '1e-17']);
  expect(code).toBe(1);
  expect(stdout).toMatch(
    /^FAILED regression, tanh: U\[\d,\d+\]: BPTT -?[\d.e-]+ but difference -?[\d.e-]+, relative error \d\.\de-\d+ above 1e-17$/m,
  );
  expect(stdout).toMatch(/\nfailed: \d+ comparisons of 228 tensors in 36 cases\n$/);
});

test('--json holds every figure', async () => {
  const { code, stdout } = await run(['grad-check', '--json', '--samples', '3']);
  expect(code).toBe(0);
  const { passed, cases, failures } = JSON.parse(stdout);
  expect({ passed, failures, count: cases.length }).toEqual({ passed: true, failures: [], count: 36 });
  expect(cases[0].tensors[0]).toMatchObject({ name: 'U', shape: [5, 11], checked: 3, kinks: 0 });
});

describe('refused with a hint', () => {
  test.each([
    ['--layers 2 without a file', ['--layers', '2'], 2, /^--layers: /],
    ['--samples 0', ['--samples', '0'], 2, /^--samples: "0"/],
    [
      'hours of recursion',
      [fixture('words.csv'), '--hidden', '512', '--rows', '1000'],
      1,
      /the forward recursion would take [\d ]+ multiply-adds/,
    ],
    ['a missing file', ['none.csv'], 1, /^none\.csv: /],
  ])('%s', async (_what, flags, exit, message) => {
    const { code, stdout, stderr } = await run(['grad-check', ...flags]);
    expect({ code, stdout }).toEqual({ code: exit, stdout: '' });
    expect(stderr).toMatch(message);
    expect(stderr).toContain('\nhint: ');
  });
});
