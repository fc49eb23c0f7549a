// Runs the README: every `$ …` line of its console blocks in a shell, with `rnn` on the path and the fixtures at hand, from the first
// to the last in one folder, as someone does who follows it.
// In the expected output `…` stands for any text within a line, and a line `...` for any number of lines.
import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { flagOf } from '../src/commands/command.ts';
import { sentence } from '../src/commands/program.ts';
import { commands } from '../src/cli.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const readme = readFileSync(join(root, 'README.md'), 'utf8');

interface Step {
  readonly command: string;
  readonly expected: string;
}

function stepsOf(block: string): Step[] {
  const steps: { command: string; expected: string }[] = [];
  for (const line of block.trimEnd().split('\n')) {
    if (line.startsWith('$ ')) steps.push({ command: line.slice(2), expected: '' });
    else steps.at(-1)!.expected += `${line}\n`;
  }
  return steps;
}

function pattern(expected: string): RegExp {
  const escaped = expected.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  return new RegExp(`^${escaped.replaceAll('\\.\\.\\.\n', '(?:.*\n)*').replaceAll('…', '.*')}$`);
}

/** Makes a folder look as a fresh clone does, as far as the README's commands look. */
function clone(cwd: string): NodeJS.ProcessEnv {
  cpSync(join(root, 'fixtures'), join(cwd, 'fixtures'), { recursive: true });
  mkdirSync(join(cwd, 'bin'));
  const shim = join(cwd, 'bin', 'rnn');
  writeFileSync(shim, `#!/bin/sh\nexec "${process.execPath}" "${join(root, 'bin', 'rnn.js')}" "$@"\n`);
  chmodSync(shim, 0o755);
  return { ...process.env, PATH: `${join(cwd, 'bin')}${delimiter}${process.env['PATH']}` };
}

const blocks = [...readme.matchAll(/```console\n([\s\S]*?)```/g)].map(([, block]) => stepsOf(block));

describe.skipIf(process.platform === 'win32')('README', () => {
  let cwd: string;
  let env: NodeJS.ProcessEnv;
  beforeAll(() => {
    cwd = mkdtempSync(join(tmpdir(), 'rnn-readme-'));
    env = clone(cwd);
  });
  afterAll(() => rmSync(cwd, { recursive: true, force: true }));

  test.each(blocks.map((steps) => [steps[0].command, steps] as const))('%s and what follows it print what is shown', (_first, steps) => {
    for (const { command, expected } of steps) {
      const { stdout } = spawnSync('sh', ['-c', `{ ${command}\n} 2>&1`], { cwd, env, encoding: 'utf8' });
      expect(stdout).toMatch(pattern(expected));
    }
  });

  test('its first screen names the two commands, and package.json has their scripts', () => {
    const first = readme.slice(0, readme.indexOf('## '));
    expect(first).toContain('npm ci && npm start');
    expect(first).toContain('npm cit');
    const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
    expect(Object.keys(scripts)).toEqual(expect.arrayContaining(['start', 'test', 'prepare', 'check', 'bench', 'build']));
  });

  test.each(Object.keys(commands))(
    'its table of rnn %s has every flag with the help, bounds and default of the option table',
    async (name) => {
      const { options } = await commands[name].load();
      for (const [key, spec] of Object.entries(options)) {
        expect(readme).toContain(
          `\`${flagOf(key)}${spec.argument ? ` ${spec.argument.replaceAll('|', '\\|')}` : ''}\` | ${sentence(spec).replaceAll('|', '\\|')} |`,
        );
      }
    },
  );
});
