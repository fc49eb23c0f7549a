import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createVocabulary } from '../../src/data/text/vocabulary.ts';
import type { WeightsReport } from '../../src/run/inspect/weights.ts';
import { folder, run } from '../support/run.ts';
import { weightsFile, weightsFor } from '../support/weights.ts';

const weights = weightsFor({ task: 'classification', outputs: 3, layers: 2 });

async function report(file: string): Promise<WeightsReport> {
  const { code, stdout, stderr } = await run(['inspect', file, '--json']);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return JSON.parse(stdout) as WeightsReport;
}

describe('rnn inspect WEIGHTS', () => {
  test('measures every tensor as a loop over its numbers does', async () => {
    const { tensors, model } = await report(weightsFile(weights));
    expect(model).toMatchObject({
      task: 'classification',
      activation: 'tanh',
      vocab: 20,
      hidden: 16,
      layers: 2,
      outputs: 3,
      parameters: 1171,
    });
    expect(tensors.map(({ name }) => name)).toEqual(['U0', 'W0', 'b0', 'U1', 'W1', 'b1', 'V', 'c']);
    for (const { name, norm, mean, deviation, min, max, histogram, nonFinite } of tensors) {
      const values = [...weights.tensors.get(name)!];
      const average = values.reduce((a, b) => a + b, 0) / values.length;
      expect(norm).toBeCloseTo(Math.hypot(...values), 10);
      expect(mean).toBeCloseTo(average, 10);
      expect(deviation).toBeCloseTo(Math.sqrt(values.reduce((sum, x) => sum + (x - average) ** 2, 0) / values.length), 10);
      expect([min, max, nonFinite]).toEqual([Math.min(...values), Math.max(...values), 0]);
      expect(histogram.reduce((a, b) => a + b)).toBe(values.length);
    }
  });

  test('the spectral radius is of W alone, and of an identity 1', async () => {
    const identity = weightsFor();
    identity.tensors.get('W')!.set(Float32Array.from({ length: 256 }, (_, i) => Number(i % 17 === 0)));
    const { tensors } = await report(weightsFile(identity));
    const radii = tensors.map(({ name, spectralRadius }) => [name, spectralRadius]);
    expect(radii.filter(([, radius]) => radius !== undefined)).toEqual([['W', 1]]);
  });

  test('prints model, classes, vocabulary, a line for each tensor in 80 columns; a directory is the weights in it', async () => {
    const vocabulary = createVocabulary({ level: 'char', nfc: false, unk: false, eos: true }, 'abcdefghijklmnopqr');
    const file = weightsFile({ ...weights, classNames: ['x', 'y', 'z'], vocabulary });
    const { stdout } = await run(['inspect', file], { env: { LANG: 'en_US.UTF-8' } });
    const [model, classes, tokens, header, ...rest] = stdout.trimEnd().split('\n');
    expect(model).toContain('classification, 20 tokens -> 2 × H 16 tanh -> 3 outputs, 1171 parameters');
    expect(classes).toBe('classes: x, y, z');
    expect(tokens).toMatch(/^vocabulary: 20 tokens of level char: padding end of row "a" "b"/);
    expect(header).toMatch(/^tensor\s+shape\s+norm\s+mean\s+std\s+min\s+max\s+values, min to max$/);
    expect(rest).toHaveLength(10);
    for (const line of [tokens, header, ...rest]) expect(line.length).toBeLessThanOrEqual(80);
    expect(rest[0]).toMatch(/[▁▂▃▄▅▆▇█]/);
    expect((await run(['inspect', dirname(file)], { env: { LANG: 'en_US.UTF-8' } })).stdout).toBe(stdout);
    const plain = await run(['inspect', file]);
    // oxlint-disable-next-line no-control-regex -- that there is nothing but ASCII in the lines of tensors
    expect(plain.stdout.split('\n').slice(3).join('\n')).toMatch(/^[\x00-\x7f]*$/);
  });

  test('counts the numbers that are not finite, where every other command refuses them', async () => {
    const bytes = readFileSync(weightsFile(weights));
    bytes.writeFloatLE(NaN, bytes.length - 4);
    const file = join(folder({ 'bad.safetensors': bytes }), 'bad.safetensors');
    expect((await report(file)).nonFinite).toBe(1);
    expect((await run(['inspect', file])).stdout).toMatch(/NOT FINITE: 1 number \(c 1|NOT FINITE: 1 number \(\w+ 1\)/);
    expect((await run(['predict', file], { stdin: '1\n' })).stderr).toContain('holds a number that is not finite');
  });

  test('all numbers alike, or none finite, are no special case', async () => {
    const flat = weightsFor();
    for (const values of flat.tensors.values()) values.fill(0.5);
    expect((await report(weightsFile(flat))).tensors[0]).toMatchObject({ min: 0.5, max: 0.5, deviation: 0 });
    for (const values of flat.tensors.values()) values.fill(NaN);
    expect((await run(['inspect', weightsFile(flat)])).code).toBe(0);
  });

  test('what is no weight file of an RNN says so', async () => {
    const cut = readFileSync(weightsFile(weights)).subarray(0, 500);
    const file = join(folder({ 'cut.safetensors': cut }), 'cut.safetensors');
    const { code, stderr } = await run(['inspect', file]);
    expect(code).toBe(1);
    expect(stderr).toContain('cut.safetensors: ');
    expect(stderr).toContain('\nhint: ');
  });
});
