// The members of the model family through the command: what their flags do, what the files hold, and what is refused.
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readSafetensors, writeSafetensors } from '../../src/formats/safetensors.ts';
import { readWeights } from '../../src/run/weights.ts';
import { fixture, folder, run } from '../support/run.ts';

const unsaid = { activation: 'tanh', task: 'next-token' } as const;

async function train(file: string, flags: readonly string[], out = join(folder(), 'run')) {
  const { code, stderr, stdout } = await run(['train', file, '--epochs', '2', '--hidden', '8', '--out', out, ...flags]);
  return { code, stderr, stdout, out, weights: join(out, 'weights.safetensors') };
}

function bytes(file: string): string {
  return createHash('sha256').update(readFileSync(file)).digest('hex');
}

function namesIn(weights: string): string[] {
  return [...readSafetensors(readFileSync(weights), weights).tensors.keys()];
}

describe('what the weight file holds', () => {
  test('tied: E once and no V, of the size of the state, and the metadata says so', async () => {
    const { weights } = await train(fixture('verse.csv'), ['--tied', '--quiet']);
    expect(namesIn(weights).toSorted()).toEqual(['E', 'U', 'W', 'b', 'c']);
    const { shape } = await readWeights(weights, unsaid);
    expect(shape).toMatchObject({ embedding: 8, hidden: 8, tied: true, outputs: shape.vocab });
  });

  test('a learned initial state: s of each layer, which training has moved from 0', async () => {
    const { weights } = await train(fixture('words.csv'), ['--layers', '2', '--learn-initial-state', '--quiet']);
    const { tensors, shape } = await readWeights(weights, unsaid);
    expect(shape.learnedState).toBe(true);
    for (const name of ['s0', 's1']) expect(tensors.get(name)!.every((x) => x !== 0)).toBe(true);
  });

  test('a model without these says nothing of them', async () => {
    const { weights } = await train(fixture('lecture.json'), ['--quiet']);
    expect(readSafetensors(readFileSync(weights), weights).metadata['model']).toBe(
      '{"task":"regression","vocab":100,"outputs":1,"bias":true,"hidden":8,"layers":1,"embedding":0,"activation":"tanh"}',
    );
  });

  test('a description that ties what has two sizes is damaged', async () => {
    const { weights } = await train(fixture('verse.csv'), ['--tied', '--quiet']);
    const { tensors, metadata } = readSafetensors(readFileSync(weights), weights);
    const model = metadata['model'].replace('"embedding":8', '"embedding":9');
    const copies = [...tensors].map(([name, { shape, data }]) => ({
      name,
      dtype: 'F32' as const,
      shape,
      data: Float32Array.from(data, Number),
    }));
    writeFileSync(weights, writeSafetensors(copies, { ...metadata, model }));
    await expect(readWeights(weights, unsaid)).rejects.toThrow(/the description of the model is damaged/);
  });
});

describe('--init-from', () => {
  test.each([
    ['tied', 'verse.csv', ['--tied']],
    ['a learned initial state in a stream', 'verse.csv', ['--stream', '--learn-initial-state', '--layers', '2']],
  ])('%s: the weights bring their shape along, and training goes on from them', async (_what, file, flags) => {
    const first = await train(fixture(file), [...flags, '--quiet']);
    const stream = flags.filter((flag) => flag === '--stream');
    const rest = ['--epochs', '1', '--init-from', first.weights, '--quiet'];
    const silent = await train(fixture(file), [...stream, ...rest]);
    const said = await train(fixture(file), [...flags, ...rest]);
    expect({ code: silent.code, stderr: silent.stderr }).toEqual({ code: 0, stderr: '' });
    expect(bytes(said.weights)).toBe(bytes(silent.weights));
    expect(namesIn(silent.weights)).toEqual(namesIn(first.weights));
    expect(bytes(silent.weights)).not.toBe(bytes(first.weights));
  });

  test('--learn-initial-state with weights that have no s begins at H_0 = 0, as they do, and moves it', async () => {
    const { weights } = await train(fixture('verse.csv'), ['--layers', '2', '--quiet']);
    const rest = ['--init-from', weights, '--log-every', '1', '--epochs', '1', '--quiet'];
    const without = await train(fixture('verse.csv'), rest);
    const having = await train(fixture('verse.csv'), [...rest, '--learn-initial-state']);
    const losses = (file: string): string[] =>
      readFileSync(join(dirname(file), 'loss.csv'), 'utf8')
        .split('\n')
        .map((line) => line.split(',')[2]);
    expect(losses(having.weights)[1]).toBe(losses(without.weights)[1]);
    expect(losses(having.weights)[2]).not.toBe(losses(without.weights)[2]);
    expect(namesIn(having.weights).toSorted()).toEqual([...namesIn(without.weights), 's0', 's1'].toSorted());
  });

  test.each([
    [['--tied'], /^--tied: the weights of --init-from have no embedding\nhint: leave --tied out\n/],
    [['--gain', '2'], /^--gain: with --init-from no weights are drawn\nhint: leave --gain out\n/],
  ])('%s against the weights is refused', async (flags, message) => {
    const { weights } = await train(fixture('verse.csv'), ['--quiet']);
    const { code, stderr } = await train(fixture('verse.csv'), ['--init-from', weights, ...flags]);
    expect(code).toBe(2);
    expect(stderr).toMatch(message);
  });
});

describe('dropout', () => {
  const flags = ['--layers', '2', '--quiet'];

  test('the same command gives the same weights; another share, or another seed, others', async () => {
    const of = async (...more: string[]): Promise<string> => bytes((await train(fixture('words.csv'), [...flags, ...more])).weights);
    const first = await of('--dropout', '0.3');
    expect(await of('--dropout', '0.3')).toBe(first);
    expect(new Set([first, await of(), await of('--dropout', '0'), await of('--dropout', '0.31')]).size).toBe(3);
  });

  test('every step has masks of its own: two steps on one row from weights that do not move have two losses', async () => {
    const out = join(folder(), 'run');
    await train(
      fixture('lecture.csv'),
      [...flags, '--dropout', '0.5', '--lr', '1e-30', '--optimizer', 'sgd', '--epochs', '4', '--batch-size', '1000', '--log-every', '1'],
      out,
    );
    const losses = readFileSync(join(out, 'loss.csv'), 'utf8')
      .trimEnd()
      .split('\n')
      .slice(1)
      .map((line) => line.split(',')[2]);
    expect(new Set(losses).size).toBe(4);
  });

  test('validation is without it: weights that do not move have the validation loss that they have without the flag', async () => {
    const still = ['--lr', '1e-30', '--optimizer', 'sgd', '--validation-split', '0.1', '--epochs', '1'];
    const lossWith = async (...more: string[]): Promise<string> => {
      const { out } = await train(fixture('words.csv'), [...flags, ...still, ...more]);
      return readFileSync(join(out, 'loss.csv'), 'utf8').trimEnd().split('\n').at(-1)!.split(',')[3];
    };
    expect(await lossWith('--dropout', '0.5')).toBe(await lossWith());
  });
});

test('run.json of a run with every member repeats it byte for byte through --config', async () => {
  const members = [
    '--tied',
    '--learn-initial-state',
    '--layers',
    '2',
    '--dropout',
    '0.2',
    '--gain',
    '1.2',
    '--initializer',
    'glorot',
    '--quiet',
  ];
  const first = await train(fixture('verse.csv'), members);
  const out = join(folder(), 'again');
  const { code } = await run(['train', '--config', join(first.out, 'run.json'), '--out', out, '--quiet']);
  expect(code).toBe(0);
  expect(bytes(join(out, 'weights.safetensors'))).toBe(bytes(first.weights));
});

test('the report names the members', async () => {
  const { stderr } = await train(fixture('verse.csv'), ['--tied', '--learn-initial-state', '--layers', '2', '--dropout', '0.2']);
  expect(stderr).toContain(
    '57 tokens, embedding 8 (tied to the output) -> 2 × H 8 tanh, dropout 0.2 between, H_0 learned -> 57 outputs, 801 parameters\n',
  );
});

describe('refused with the remedy, before anything is written', () => {
  test.each([
    [
      'tied sizes that differ',
      'verse.csv',
      ['--tied', '--embedding', '64'],
      /^--tied: .* embedding has size 64 and the state 8\nhint: use --embedding 8, or leave/,
    ],
    [
      'tied without tokens to put out',
      'words.csv',
      ['--tied'],
      /^--tied: the task is classification, .*\nhint: leave --tied out, or use --task next-token\n/,
    ],
    ['dropout in one layer', 'words.csv', ['--dropout', '0.1'], /^--dropout: it acts between layers, .*\nhint: add --layers 2, or leave/],
    ['dropout of everything', 'words.csv', ['--layers', '2', '--dropout', '1'], /^--dropout: "1" is not a number from 0 to 0\.99\n/],
    ['a gain of 0', 'words.csv', ['--gain', '0'], /^--gain: "0" is not a number above 0\n/],
  ])('%s', async (_what, file, flags, message) => {
    const { code, stderr, stdout } = await train(fixture(file), flags);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(message);
  });
});
