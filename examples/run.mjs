// npm run examples [NAME …]: runs each example's commands in a folder of their own, shows them, and checks the figure that they are to reach.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = fileURLToPath(new URL('.', import.meta.url));
const bin = fileURLToPath(new URL('../bin/rnn.js', import.meta.url));

const all = readdirSync(here)
  .filter((name) => name.endsWith('.mjs') && name !== 'run.mjs')
  .map((name) => name.replace('.mjs', ''));
const asked = process.argv.slice(2);
const unknown = asked.find((name) => !all.includes(name));
if (unknown !== undefined) {
  console.error(`examples: there is no ${unknown}\nhint: there are: ${all.join(', ')}`);
  process.exit(2);
}

let missed = 0;
for (const name of asked.length === 0 ? all : asked) {
  const { title, commands, figure } = await import(`./${name}.mjs`);
  console.log(`${name}: ${title}`);
  const started = performance.now();
  const result = runAll(commands);
  const seconds = ((performance.now() - started) / 1000).toFixed(0);
  if (result === undefined) {
    missed++;
    continue;
  }
  const value = figure.of(result);
  const reached = 'atLeast' in figure ? value >= figure.atLeast : value < figure.below;
  if (!reached) missed++;
  const goal = 'atLeast' in figure ? `at least ${figure.atLeast}` : `below ${figure.below}`;
  console.log(`  ${reached ? 'reached' : 'MISSED'}: ${figure.name} ${value.toPrecision(4)}, wanted ${goal} (${seconds} s)\n`);
}
process.exitCode = missed === 0 ? 0 : 1;

/** Runs `rnn …` lines one after another; the result that the last one prints as JSON, or undefined where one failed. */
function runAll(commands) {
  const cwd = mkdtempSync(join(tmpdir(), 'rnn-example-'));
  try {
    let last = '';
    for (const command of commands) {
      console.log(`  $ ${command}`);
      const { status, stdout } = spawnSync(process.execPath, [bin, ...command.split(/\s+/).slice(1)], {
        cwd,
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      if (status !== 0) {
        console.log(`  MISSED: the command ended with ${status}\n`);
        return undefined;
      }
      last = stdout;
    }
    return JSON.parse(last).result;
  } finally {
    rmSync(cwd, { recursive: true, force: true });
  }
}
