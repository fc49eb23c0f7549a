// How a training run moves and ends: schedules, early stopping, time, one batch, divergence.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readSafetensors } from '../../src/formats/safetensors.ts';
import { fixture, folder, run } from '../support/run.ts';

const lecture = fixture('lecture.json');
const words = fixture('words.csv');

interface Trained {
  readonly code: number;
  readonly stderr: string;
  readonly status: string;
  readonly out: string;
  readonly result: {
    readonly steps: number;
    readonly epochs: number;
    readonly bestEpoch?: number;
    readonly clippedShare: number;
    readonly retries?: readonly { readonly step: number; readonly rateFactor: number }[];
  };
  /** Columns of loss.csv by name. */
  readonly column: (name: string) => string[];
}

async function train(...argv: readonly string[]): Promise<Trained> {
  const out = join(folder(), 'run');
  const { code, stderr } = await run(['train', ...argv, '--out', out]);
  const { status, result } = JSON.parse(readFileSync(join(out, 'run.json'), 'utf8')) as Pick<Trained, 'status' | 'result'>;
  const [header, ...rows] = readFileSync(join(out, 'loss.csv'), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => line.split(','));
  return { code, stderr, status, out, result, column: (name) => rows.map((row) => row[header.indexOf(name)]) };
}

function weights(out: string): Buffer {
  return readFileSync(join(out, 'weights.safetensors'));
}

test('the rates of loss.csv are those of the schedule: warm-up, then a fall every second epoch', async () => {
  const { column } = await train(
    lecture,
    '--batch-size',
    '16',
    '--epochs',
    '6',
    '--log-every',
    '1',
    '--lr',
    '0.1',
    '--warmup',
    '2',
    '--schedule',
    'step',
    '--step-epochs',
    '2',
    '--quiet',
  );
  expect(column('lr').map(Number)).toEqual([0.05, 0.1, 0.1, 0.1, 0.05, 0.05, 0.05, 0.05, 0.025, 0.025, 0.025, 0.025]);
});

test('plateau: the rate falls where the validation loss of loss.csv has stood still for longer than --plateau-patience', async () => {
  const { column } = await train(
    words,
    '--hidden',
    '4',
    '--lr',
    '0.5',
    '--validation-split',
    '0.1',
    '--epochs',
    '12',
    '--schedule',
    'plateau',
    '--plateau-patience',
    '0',
    '--decay',
    '0.1',
    '--log-every',
    '1000000',
    '--quiet',
  );
  const losses = column('validation_loss').map(Number);
  let [factor, best] = [1, Infinity];
  const expected = losses.map((loss) => {
    const used = factor;
    if (loss < best * (1 - 1e-4)) best = loss;
    else factor *= 0.1;
    return 0.5 * used;
  });
  expect(expected.at(-1)).toBeLessThan(0.5);
  column('lr').forEach((rate, epoch) => expect(Number(rate) / expected[epoch]).toBeCloseTo(1, 12));
});

test('--patience 2 stops two epochs after the best, whose weights are kept', async () => {
  const flags = [words, '--hidden', '8', '--lr', '0.3', '--validation', fixture('words-test.csv')];
  const { code, status, stderr, out, result, column } = await train(
    ...flags,
    '--patience',
    '2',
    '--epochs',
    '40',
    '--log-every',
    '1000000',
  );
  expect({ code, status, epochs: result.epochs }).toEqual({ code: 0, status: 'stopped: patience', epochs: result.bestEpoch! + 2 });
  expect(stderr).toContain(`stopped after epoch ${result.epochs}: no better validation loss for 2 epochs\n`);
  const losses = column('validation_loss').map(Number);
  expect(losses.indexOf(Math.min(...losses)) + 1).toBe(result.bestEpoch);
  const short = await train(...flags, '--epochs', String(result.bestEpoch), '--quiet');
  expect(weights(out).equals(weights(short.out))).toBe(true);
});

test('--max-seconds ends the run after the step with exit 0, and says how to go on', async () => {
  const { code, status, stderr, out, result } = await train(lecture, '--epochs', '100000', '--hidden', '4', '--max-seconds', '0.05');
  expect({ code, status }).toEqual({ code: 0, status: 'stopped: time' });
  expect(stderr).toMatch(
    new RegExp(`stopped at step ${result.steps}: 0.05 s are over; go on with: rnn train --resume ${out} --max-seconds 0.1\n$`),
  );
});

test('--overfit: one batch alone is learned to a loss below 1e-6, and named in the report', async () => {
  const { code, stderr, column, result } = await train(
    lecture,
    '--overfit',
    '--batch-size',
    '4',
    '--hidden',
    '16',
    '--epochs',
    '400',
    '--lr',
    '0.005',
  );
  expect(code).toBe(0);
  expect(stderr).toMatch(/overfit: one batch of \d+ tokens over and over/);
  expect(result).toMatchObject({ steps: 400, epochs: 400 });
  expect(Number(column('train_loss').at(-1))).toBeLessThan(1e-6);
});

describe('the share of clipped steps', () => {
  test('is 1 where every norm is above the limit, by norm or by element, and in report, progress and run.json', async () => {
    for (const limit of [
      ['--clip-norm', '1e-9'],
      ['--clip-norm', '0', '--clip-value', '1e-9'],
    ]) {
      const { stderr, result } = await train(lecture, '--epochs', '3', '--hidden', '4', ...limit);
      expect(result.clippedShare).toBe(1);
      expect(stderr).toContain('clipped the gradient in 100 % of the steps\n');
      expect(stderr).toMatch(/step 3\/3 .*clipped 100%/);
    }
  });

  test('counts the steps whose norm in loss.csv is above the limit', async () => {
    const { result, column } = await train(words, '--epochs', '1', '--hidden', '8', '--log-every', '1', '--clip-norm', '0.5', '--quiet');
    const above = column('grad_norm').filter((norm) => Number(norm) > 0.5).length;
    expect(above).toBeGreaterThan(0);
    expect(result.clippedShare).toBe(above / result.steps);
  });

  test('is 0 without limits', async () => {
    const { stderr, result } = await train(lecture, '--epochs', '3', '--hidden', '4', '--clip-norm', '0');
    expect(result.clippedShare).toBe(0);
    expect(stderr).not.toContain('clipped');
  });
});

describe('divergence', () => {
  const wild = [
    lecture,
    '--optimizer',
    'sgd',
    '--clip-norm',
    '0',
    '--activation',
    'identity',
    '--hidden',
    '8',
    '--epochs',
    '40',
    '--batch-size',
    '8',
  ];

  test.each([
    ['a state that overflows', ['--lr', '1e30'], /loss NaN, gradient norm NaN; the first that is not finite: state H at time step \d+\n/],
    ['a weight that overflows', ['--lr', '3e38', '--weight-decay', '3e38'], /the first that is not finite: weight [UWVbc]\[[\d,]+\]\n/],
    [
      'a gradient that overflows',
      ['--lr', '3'],
      /loss Infinity, gradient norm NaN; the first that is not finite: gradient d[UWVbc]\[[\d,]+\]\n/,
    ],
  ])('%s: exit 3, and the error names step, loss, norm and place', async (_what, flags, message) => {
    const { code, stderr, status, out } = await train(...wild, ...flags, '--quiet');
    expect({ code, status }).toEqual({ code: 3, status: 'diverged' });
    expect(stderr).toMatch(/^training diverged at step \d+ \(epoch \d+\): loss /);
    expect(stderr).toMatch(message);
    expect(stderr).toMatch(/\nhint: lower --lr, or .*--clip-norm 1 or less; --on-divergence retry .*\n$/);
    const { tensors } = readSafetensors(weights(out), 'weights');
    for (const { data } of tensors.values()) expect(Array.from(data, Number).every(Number.isFinite)).toBe(true);
  });

  test('stop keeps the best weights by validation', async () => {
    const flags = [...wild, '--lr', '2', '--validation-split', '0.25', '--quiet'];
    const { code, out, result } = await train(...flags);
    expect({ code, bestEpoch: result.bestEpoch }).toEqual({ code: 3, bestEpoch: 1 });
    const short = await train(...flags, '--epochs', '1');
    expect(weights(out).equals(weights(short.out))).toBe(true);
  });

  test('a validation loss that is not finite is one too', async () => {
    const { code, stderr } = await train(...wild, '--lr', '1.5', '--validation-split', '0.25', '--quiet');
    expect(code).toBe(3);
    expect(stderr).toMatch(/^training diverged at step 6, the end of epoch 2: validation loss Infinity\nhint: /);
  });

  test('retry halves the rate until the run goes through, says so, and gives the same bytes again', async () => {
    const argv = [...wild, '--lr', '3', '--on-divergence', 'retry'];
    const [one, two] = [await train(...argv, '--log-every', '1'), await train(...argv, '--quiet')];
    expect(one).toMatchObject({ code: 0, status: 'finished' });
    const retries = one.result.retries!;
    expect(retries.map(({ rateFactor }) => rateFactor)).toEqual(retries.map((_, i) => 0.5 ** (i + 1)));
    expect(one.stderr).toMatch(/training diverged at step \d+ .*: going on from older weights at 0\.5 of the rate\n/);
    expect(one.stderr).toMatch(/\d steps? diverged; after each the run went on from older weights at half the rate\n/);
    const [first] = retries;
    const steps = one.column('step').map(Number);
    for (const name of ['train_loss', 'grad_norm', 'tokens_per_second']) expect(one.column(name)[steps.indexOf(first.step)], name).toBe('');
    const rates = one.column('lr').map(Number);
    expect(rates[steps.indexOf(first.step + 1)]).toBe(1.5);
    expect(weights(one.out).equals(weights(two.out))).toBe(true);
    expect(Number(one.column('train_loss').at(-1))).toBeLessThan(0.001);
  });

  test('retry gives up after 5 with exit 3, and keeps weights that are finite', async () => {
    const { code, stderr, status, result, out } = await train(...wild, '--lr', '1e30', '--on-divergence', 'retry', '--quiet');
    expect({ code, status }).toEqual({ code: 3, status: 'diverged' });
    expect(result.retries!.length).toBe(5);
    expect(stderr).toMatch(/; 5 retries, each at half the rate, have not helped\nhint: /);
    const { tensors } = readSafetensors(weights(out), 'weights');
    for (const { data } of tensors.values()) expect(Array.from(data, Number).every(Number.isFinite)).toBe(true);
  });

  test('a run that diverged goes on with --resume --on-divergence retry', async () => {
    const { code, out } = await train(...wild, '--lr', '3', '--checkpoint-every', '2', '--quiet');
    expect(code).toBe(3);
    expect((await run(['train', '--resume', out, '--quiet'])).code).toBe(3);
    expect(await run(['train', '--resume', out, '--on-divergence', 'retry', '--quiet'])).toMatchObject({ code: 0, stderr: '' });
    const whole = await train(...wild, '--lr', '3', '--on-divergence', 'retry', '--quiet');
    expect(weights(out).equals(weights(whole.out))).toBe(true);
  });
});

describe('options that contradict one another', () => {
  test.each([
    [['--patience', '2'], /^--patience: it waits for a better validation loss, and there is none\nhint: add --validation/],
    [['--schedule', 'plateau'], /^--schedule: plateau follows the validation loss, and there is none\nhint: add --validation/],
    [['--overfit', '--validation-split', '0.1'], /^--overfit: /],
    [
      ['--decay', '0.5'],
      /^--decay: the schedule constant does not use it\nhint: leave --decay out, or use --schedule exponential or step or plateau/,
    ],
    [['--schedule', 'exponential', '--step-epochs', '2'], /^--step-epochs: the schedule exponential does not use it/],
    [['--schedule', 'step', '--decay', '1.5'], /^--decay: "1.5" is not a number above 0, at most 1/],
    [['--max-seconds', '-1'], /^--max-seconds: "-1" is not a number/],
  ])('%s', async (flags, message) => {
    const out = join(folder(), 'run');
    const { code, stderr } = await run(['train', lecture, ...flags, '--out', out]);
    expect(code).toBe(2);
    expect(stderr).toMatch(message);
  });
});
