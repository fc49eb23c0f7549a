import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { folder, run } from '../support/run.ts';

const rows = Array.from({ length: 24 }, (_, i) => `${i % 7},${(i * 3) % 7},${i % 2}`).join('\n');
const data = `a,b,label\n${rows}\n`;

function bytes(directory: string): Buffer {
  return readFileSync(join(directory, 'weights.safetensors'));
}

test('run.json is a configuration: rnn train --config alone repeats the run byte for byte', async () => {
  const path = folder({ 'rows.csv': data });
  const flags = ['--hidden', '5', '--epochs', '3', '--optimizer', 'rmsprop', '--momentum', '0.5', '--schedule', 'cosine', '--no-bias'];
  const more = ['--validation-split', '0.25', '--seed', '7', '--class-names', 'even,odd', '--target', 'label', '--batch-size', '5'];
  const first = join(path, 'first');
  expect(await run(['train', join(path, 'rows.csv'), ...flags, ...more, '--out', first, '--quiet'])).toMatchObject({ code: 0 });
  const second = join(path, 'second');
  expect(await run(['train', '--config', join(first, 'run.json'), '--out', second, '--quiet'])).toMatchObject({ code: 0, stderr: '' });
  expect(bytes(second)).toEqual(bytes(first));
  const [a, b] = [first, second].map((directory) => JSON.parse(readFileSync(join(directory, 'run.json'), 'utf8')));
  expect(b.config).toEqual(a.config);
});

test('a flag on the command line goes before the file', async () => {
  const path = folder({ 'rows.csv': data, 'config.json': '{"hidden": 4, "epochs": 1, "file": "nowhere.csv"}' });
  const config = ['--config', join(path, 'config.json')];
  const { code } = await run(['train', join(path, 'rows.csv'), ...config, '--hidden', '6', '--out', join(path, 'run'), '--quiet']);
  expect(code).toBe(0);
  const { config: inForce } = JSON.parse(readFileSync(join(path, 'run', 'run.json'), 'utf8'));
  expect(inForce).toMatchObject({ hidden: 6, epochs: 1 });
});

describe('a file that is no configuration is a usage error that says what to mend', () => {
  test.each([
    ['a misspelled key', '{"hiden": 4}', /"hiden" is no option of rnn train\nhint: did you mean "hidden"\?/],
    ['a key with its dashes', '{"--max-len": 4}', /"--max-len" is no option of rnn train\nhint: did you mean "max-len"\?/],
    ['a key as programs write it', '{"maxLen": 4}', /"maxLen" is no option of rnn train\nhint: did you mean "max-len"\?/],
    ['an unknown key', '{"attention": 4}', /"attention" is no option of rnn train\nhint: see rnn train --help/],
    ['a prototype key', '{"__proto__": 4}', /"__proto__" is no option/],
    [
      'a value out of bounds',
      '{"hidden": 0}',
      /hidden: "0" is not a whole number from 1 to 65536\nhint: give a whole number from 1 to 65536\n/,
    ],
    ['a fraction where a whole number is due', '{"epochs": 1.5}', /epochs: "1.5" is not a whole number/],
    ['a word that is no choice', '{"optimizer": "adan"}', /optimizer: "adan" is not one of .*\nhint: did you mean adam\?/],
    ['a text for a switch', '{"no-bias": "yes"}', /no-bias: "yes" is neither true nor false/],
    ['null', '{"lr": null}', /lr: null is no value of an option/],
    ['an object', '{"lr": {"a": 1}}', /lr: \{"a":1\} is no value of an option/],
    ['a name with a comma', '{"class-names": ["a,b", "c"]}', /class-names: .* is no value of an option/],
    ['a key twice', '{"lr": 1, "lr": 2}', /the key "lr" stands twice/],
    ['a file within the file', '{"config": "other.json"}', /one file of options cannot name another/],
    ['a list', '[1]', /this is no JSON object/],
    ['no JSON', 'hidden: 4', /this is not JSON/],
  ])('%s', async (_what, text, message) => {
    const path = folder({ 'rows.csv': data, 'config.json': text });
    const { code, stdout, stderr } = await run(['train', join(path, 'rows.csv'), '--config', join(path, 'config.json')]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(message);
  });

  test('a file that is not there', async () => {
    const { code, stderr } = await run(['train', '--config', join(folder(), 'none.json')]);
    expect(code).toBe(2);
    expect(stderr).toMatch(/^--config .*none\.json: there is no such file\nhint: /);
  });
});
