// What --help promises, over all commands: that it wraps, that it says why, and that its examples name flags that there are.
import { describe, expect, test } from 'vitest';
import { commands } from '../../src/cli.ts';
import { flagOf } from '../../src/commands/command.ts';
import { sentence } from '../../src/commands/program.ts';
import { run } from '../support/run.ts';

describe.each(Object.keys(commands))('the help of rnn %s', (name) => {
  test('breaks a line only where it is full, or before a list: each paragraph is one line of the description', async () => {
    const { description } = await commands[name].load();
    for (const line of description.split('\n').slice(1)) expect(line).toMatch(/^(- .*|Tasks:|)$/);
    const { stdout } = await run([name, '--help']);
    expect(Math.max(...stdout.split('\n').map((line) => line.length))).toBeLessThanOrEqual(110);
  });

  test('has examples whose flags are those of the commands in them', async () => {
    const { examples } = await commands[name].load();
    for (const [line] of examples) {
      for (const [, called, rest] of line.matchAll(/rnn ([a-z-]+)((?:(?!\| )[^"'])*)/g)) {
        const flags = Object.keys((await commands[called].load()).options).map(flagOf);
        for (const [flag] of rest.matchAll(/--[a-z-]+/g)) expect(flags).toContain(flag);
      }
    }
  });
});

test('rnn train says of every value that it takes for Model, Optimisation and the engine what its default is, and why', async () => {
  const { options } = await commands['train'].load();
  const decided = Object.entries(options).filter(
    ([key, { group, argument }]) => argument !== undefined && (group === 'Model' || group === 'Optimisation' || key === 'engine'),
  );
  expect(decided.length).toBeGreaterThan(25);
  const unsaid = decided.filter(([key, spec]) => key !== 'initFrom' && !/default: .+; why: .+\)$/.test(sentence(spec)));
  expect(unsaid.map(([key]) => flagOf(key))).toEqual([]);
});

test.each(['detokenize', 'eval', 'inspect', 'pad', 'predict', 'train'])(
  'rnn %s names every format that --input-format has',
  async (name) => {
    const { options, positionals } = await commands[name].load();
    const file = positionals!.find((positional) => positional.name === 'FILE')!;
    for (const format of options['inputFormat'].choices!) expect(file.help.toLowerCase()).toContain(format);
  },
);

test.each([
  ['trian', 'did you mean train?'],
  ['something', 'see rnn --help for the commands'],
])('rnn help %s: a usage error that names it, and nothing on standard output', async (name, hint) => {
  const { code, stderr, stdout } = await run(['help', name]);
  expect({ code, stderr, stdout }).toEqual({ code: 2, stderr: `rnn help: unknown command '${name}'\nhint: ${hint}\n`, stdout: '' });
});
