import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { byteVocabulary, createVocabulary } from '../../src/data/text/vocabulary.ts';
import { ended, endedUnread, folder, run, spawnRnn } from '../support/run.ts';
import { weightsFile, weightsFor } from '../support/weights.ts';

const weights = weightsFor();
const lines = (text: string): string[] => text.trimEnd().split('\n');
const chars = createVocabulary({ level: 'char', nfc: false, unk: false, eos: true }, 'abcdefghijklmnopqr');
const text = { ...weights, vocabulary: chars };

async function generated(argv: readonly string[], file = weightsFile(weights)): Promise<string> {
  const { code, stdout, stderr } = await run(['generate', file, '--quiet', ...argv]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return stdout;
}

describe('rnn generate', () => {
  test('these weights and this seed give these tokens, on every machine and version of Node', async () => {
    expect(await generated(['--prime', '3,1', '--length', '24', '--seed', '5'])).toBe(GOLDEN);
    expect(await generated(['--prime', '3,1', '--length', '24', '--seed', '5', '--engine', 'reference'])).toBe(GOLDEN);
    expect(
      await generated(['--prime', '3,1', '--length', '24', '--seed', '5', '--temperature', '0.7', '--top-k', '9', '--top-p', '0.8']),
    ).toBe(GOLDEN_CUT);
  });

  test('a sample holds the same however many there are', async () => {
    const many = lines(await generated(['--count', '70', '--length', '9', '--seed', '2']));
    expect(many).toHaveLength(70);
    expect(new Set(many).size).toBe(70);
    expect(lines(await generated(['--count', '3', '--length', '9', '--seed', '2']))).toEqual(many.slice(0, 3));
  });

  test('a longer sample begins with the shorter', async () => {
    const short = await generated(['--prime', '4', '--length', '5']);
    expect((await generated(['--prime', '4', '--length', '15'])).startsWith(`${short.trimEnd()},`)).toBe(true);
  });

  test('a prime of more tokens than are read at once is read whole', async () => {
    const prime = Array.from({ length: 600 }, (_, i) => (i * i) % 20);
    const [sample] = lines(await generated(['--prime', prime.join(' '), '--length', '1', '--temperature', '0']));
    const { stdout } = await run(['predict', weightsFile(weights)], { stdin: `${prime.join()}\n` });
    expect(sample.split(',').map(Number)).toEqual([...prime, Number(stdout.split('\n')[1].split(',')[1])]);
  });

  test('temperature 0 is, token by token, what rnn predict calls the most probable', async () => {
    const row = [7, 2];
    const file = weightsFile(weightsFor({ layers: 2, embedding: 6 }));
    for (let i = 0; i < 6; i++) {
      const { stdout } = await run(['predict', file, '--quiet'], { stdin: `${row.join()}\n` });
      row.push(Number(stdout.split('\n')[1].split(',')[1]));
    }
    expect(await generated(['--prime', '7,2', '--length', '6', '--temperature', '0', '--seed', '9'], file)).toBe(`${row.join()}\n`);
  });

  test('with a vocabulary reads and prints text, the same tokens as --ids prints', async () => {
    const file = weightsFile(text);
    const sample = await generated(['--prime', 'cab', '--length', '30', '--past-eos'], file);
    const ids = await generated(
      ['--prime', Array.from('cab', (c) => chars.tokens.indexOf(c)).join(), '--length', '30', '--past-eos', '--ids'],
      file,
    );
    expect(sample).toBe(
      `${ids
        .trimEnd()
        .split(',')
        .map((id) => chars.tokens[Number(id)])
        .join('')}\n`,
    );
  });

  test('--json says prime, tokens, text and how each sample ended', async () => {
    const stdout = await generated(['--prime', 'ab', '--length', '8', '--count', '2', '--json', '--past-eos'], weightsFile(text));
    for (const [i, line] of lines(stdout).entries()) {
      const sample = JSON.parse(line);
      expect(sample).toMatchObject({ sample: i, prime: [2, 3], ended: 'length' });
      expect(sample.tokens).toHaveLength(8);
      expect(sample.text).toBe([...sample.prime, ...sample.tokens].map((id) => chars.tokens[id]).join(''));
    }
  });

  test('a sample ends after the token or the text of --stop, which it holds', async () => {
    const whole = (await generated(['--prime', '3', '--length', '60'])).trimEnd().split(',');
    const stop = whole[20];
    const cut = (await generated(['--prime', '3', '--length', '60', '--stop', stop])).trimEnd().split(',');
    expect(cut).toEqual(whole.slice(0, 1 + whole.indexOf(stop, 1)));
    const file = weightsFile(text);
    const all = (await generated(['--prime', 'aa', '--length', '60', '--past-eos'], file)).slice(0, -1);
    const word = all.slice(30, 33);
    expect(await generated(['--prime', 'aa', '--length', '60', '--past-eos', '--stop', word], file)).toBe(
      `${all.slice(0, all.indexOf(word, 2) + 3)}\n`,
    );
  });

  test('a sample ends at the end of a row, and says so; --past-eos goes on', async () => {
    const file = weightsFile(text);
    const argv = ['generate', file, '--length', '200', '--prime', 'a', '--count', '2'];
    const { stdout, stderr } = await run(argv);
    for (const sample of stdout.split('\n\n').slice(0, 2)) expect(sample).toMatch(/^a[^\n]*$/);
    expect(stderr).toBe('note: 2 samples ended at the end of a row, before 200 tokens; --past-eos goes on\n');
    const past = await generated(['--length', '200', '--prime', 'a', '--past-eos'], file);
    expect(past.length).toBeGreaterThan(180); // a token of padding prints nothing
    expect(past.startsWith(stdout.slice(0, stdout.indexOf('\n') + 1))).toBe(true);
  });

  test('weights of a stream go on after the end of a row, and --until-eos ends there; all others the other way round', async () => {
    const [stream, rows] = [weightsFile({ ...text, stream: true }), weightsFile(text)];
    const argv = ['--length', '200', '--prime', 'a'];
    const [past, until] = [await generated([...argv, '--past-eos'], rows), await generated([...argv, '--quiet'], rows)];
    expect(past).not.toBe(until);
    expect(await generated(argv, stream)).toBe(past);
    expect(await generated([...argv, '--past-eos'], stream)).toBe(past);
    expect(await generated([...argv, '--until-eos', '--quiet'], stream)).toBe(until);
    expect(await generated([...argv, '--until-eos', '--quiet'], rows)).toBe(until);
    expect(await run(['generate', stream, '--past-eos', '--until-eos'])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('--past-eos and --until-eos exclude each other'),
    });
  });

  test('rnn train --stream writes it into the weights, and training by rows from them takes it out', async () => {
    const data = join(folder({ 'rows.csv': '1,2,3,4\n2,3,4,1\n3,4,1,2\n' }), 'rows.csv');
    const [first, second] = [join(folder(), 'a'), join(folder(), 'b')];
    const argv = ['train', data, '--hidden', '4', '--epochs', '1', '--batch-size', '1', '--quiet'];
    await run([...argv, '--stream', '--out', first]);
    await run(['train', data, '--epochs', '1', '--quiet', '--init-from', join(first, 'weights.safetensors'), '--out', second]);
    const said = async (out: string): Promise<boolean> =>
      (JSON.parse((await run(['inspect', out, '--json'])).stdout) as { stream: boolean }).stream;
    expect([await said(first), await said(second)]).toEqual([true, false]);
  });

  test('without a prime a sample begins with a token that stands for text, another for another seed', async () => {
    const first = new Set<string>();
    for (let seed = 0; seed < 30; seed++)
      first.add((await generated(['--length', '1', '--seed', String(seed), '--past-eos', '--temperature', '0'], weightsFile(text)))[0]);
    expect(first.size).toBeGreaterThan(8);
    for (const character of first) expect('abcdefghijklmnopqr').toContain(character);
  });

  test('at level byte only whole characters are printed, and bytes that are none as U+FFFD', async () => {
    const shape = { vocab: 257, outputs: 257 };
    const file = weightsFile({ ...weightsFor(shape), vocabulary: byteVocabulary(false) });
    const sample = await generated(['--prime', 'é', '--length', '100'], file);
    expect(sample.startsWith('é')).toBe(true);
    expect(Buffer.from(sample).toString()).toBe(sample);
    const { tokens } = JSON.parse(await generated(['--prime', 'é', '--length', '100', '--json'], file));
    const bytes = Buffer.from(tokens.filter((id: number) => id > 0).map((id: number) => id - 1));
    expect(sample.slice(1, -1)).toBe(bytes.toString());
  });

  test.each([1e308, 1e-300])('temperature %f is no special case', async (temperature) => {
    expect((await generated(['--length', '30', '--temperature', String(temperature)])).split(',')).toHaveLength(31);
  });

  test.each<[string, readonly string[], string, number]>([
    ['an unknown character, by name', ['--prime', 'abé'], '--prime:1:3: the character "é" (U+00E9) is not in the vocabulary', 2],
    ['an ID outside', ['--ids', '--prime', '3,20'], '--prime: token 20 is outside the vocabulary 0..19', 2],
    ['a text for an ID', ['--ids', '--prime', 'ab'], '--prime: "ab" is not a whole number', 2],
    ['a stop that is no ID', ['--ids', '--stop', 'x'], '--stop: "x" is not a whole number', 2],
    ['an empty prime', ['--prime', ''], '--prime: the value is empty', 2],
    ['top-p 0', ['--top-p', '0'], '--top-p: "0" is not a number above 0, at most 1', 2],
    ['length 0', ['--length', '0'], '--length: "0" is not a whole number', 2],
    ['a negative temperature', ['--temperature', '-1'], '--temperature: "-1" is not a number, at least 0', 2],
  ])('refuses %s', async (_, flags, message, code) => {
    const result = await run(['generate', weightsFile(text), ...flags]);
    expect(result.stderr).toContain(message);
    expect(result.stderr).toContain('\nhint: ');
    expect({ code: result.code, stdout: result.stdout }).toEqual({ code, stdout: '' });
  });

  test.each(['regression', 'classification'] as const)('weights for %s are a usage error that says what to use', async (task) => {
    const { code, stderr } = await run(['generate', weightsFile(weightsFor({ task, outputs: 2 }))]);
    expect(code).toBe(2);
    expect(stderr).toMatch(/the weights are for \w+; only next-token weights say what comes next\nhint: use rnn predict/);
  });

  test('logits that are not numbers are an error, never an endless sample', async () => {
    const { code, stderr } = await run([
      'generate',
      weightsFile(weightsFor({ activation: 'relu' }, 3, 1e20)),
      '--prime',
      '1,2,3,4,5,6,7,8',
    ]);
    expect(code).toBe(1);
    expect(stderr).toMatch(/the model gives the logit (NaN|-?Infinity)/);
  });
});

describe('rnn generate in a pipe', () => {
  const endless = ['--length', '2000000000', '--past-eos'];

  test('shows tokens before it is done, and ends with 130 and a whole line at SIGINT', async () => {
    const child = spawnRnn(['generate', weightsFile(text), ...endless]);
    child.stdout.once('data', () => child.kill('SIGINT'));
    const { code, stdout } = await ended(child);
    expect(code).toBe(130);
    expect(stdout.endsWith('\n')).toBe(true);
    expect(stdout.length).toBeGreaterThan(1);
  });

  test('ends quietly with 0 when its reader has had enough', async () => {
    const child = spawnRnn(['generate', weightsFile(weights), ...endless, '--count', '3']);
    child.stdout.once('data', () => child.stdout.destroy());
    expect(await endedUnread(child)).toEqual({ code: 0, stderr: '' });
  });
});

const GOLDEN = '3,1,17,3,5,6,15,13,14,15,2,12,18,16,19,1,17,5,18,10,19,16,14,1,11,15\n';
const GOLDEN_CUT = '3,1,12,19,1,15,5,18,16,13,14,15,18,5,15,1,5,1,16,13,1,15,18,1,17,5\n';
