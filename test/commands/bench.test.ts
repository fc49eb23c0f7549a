import { expect, test } from 'vitest';
import { ended, run, spawnRnn } from '../support/run.ts';

interface Report {
  readonly engines: readonly { readonly engine: string; readonly rates?: readonly { readonly median: number }[] }[];
  readonly steps: readonly {
    readonly threads: number;
    readonly tokensPerSecond: { readonly median: number };
    readonly shareOfPeak: number;
  }[];
}

const small = ['--seconds', '0.5', '--hidden', '16', '--batch-size', '8', '--bptt', '9'];

test('--json: each engine has a positive rate for each product, and the step for each number of threads', async () => {
  const { code, stdout, stderr } = await run(['bench', ...small, '--threads', '2', '--json']);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  const { engines, steps } = JSON.parse(stdout) as Report;
  expect(engines.map(({ engine }) => engine)).toEqual(expect.arrayContaining(['wasm', 'reference']));
  // An engine whose library is not on the machine is named, without rates.
  const without = engines.filter(({ rates }) => rates === undefined).map(({ engine }) => engine);
  for (const name of ['wasm', 'wasm-relaxed', 'reference']) expect(without).not.toContain(name);
  for (const { rates = [] } of engines) for (const { median } of rates) expect(median).toBeGreaterThan(0);
  expect(steps.map(({ threads }) => threads)).toEqual(expect.arrayContaining([1, 2]));
  for (const { tokensPerSecond, shareOfPeak } of steps) {
    expect(tokensPerSecond.median).toBeGreaterThan(0);
    expect(shareOfPeak).toBeGreaterThan(0);
  }
});

test('the phases of a step are 100 % of it, within rounding, and the text says what rnn train would take', async () => {
  const { code, stdout } = await run(['bench', ...small]);
  expect(code).toBe(0);
  const phases = ['packing', 'forward', 'loss', 'backward', 'weight gradients', 'optimizer', 'barrier'];
  const shares = phases.map((phase) => Number(new RegExp(`^ *${phase} .* ([\\d.]+) %$`, 'm').exec(stdout)?.[1] ?? 0));
  expect(Math.abs(shares.reduce((a, b) => a + b) - 100)).toBeLessThan(0.5);
  expect(stdout).toMatch(/rnn train takes the engine wasm(-wide)? on \d+ threads? for such a step/);
});

test.each([
  ['--hidden', '0'],
  ['--seconds', '0'],
  ['--threads', '0'],
  ['--task', 'sorting'],
])('%s %s is refused with exit 2', async (flag, value) => {
  const { code, stdout, stderr } = await run(['bench', flag, value]);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toMatch(new RegExp(`^${flag}: .*\nhint: `));
});

test.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const)('%s ends it while it measures, with exit %d and no report', async (signal, code) => {
  const child = spawnRnn(['bench', ...small, '--seconds', '600']);
  setTimeout(() => child.kill(signal), 700);
  expect(await ended(child)).toEqual({ code, stdout: '', stderr: '' });
});
