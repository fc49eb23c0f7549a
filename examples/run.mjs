// npm run examples [NAME …]: runs each example's commands in a folder of their own, shows them, and checks the figure that they are to reach.
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
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
  const { examples } = await import(`./${name}.mjs`);
  for (const { title, commands, figure } of examples) {
    console.log(`${name}: ${title}`);
    const started = performance.now();
    const result = runAll(commands);
    const seconds = ((performance.now() - started) / 1000).toFixed(0);
    const reached = result !== undefined && isReached(figure, result);
    if (!reached) missed++;
    console.log(
      `  ${reached ? 'reached' : 'MISSED'}: ${result === undefined ? 'a command failed' : describe(figure, result)} (${seconds} s)\n`,
    );
  }
}
process.exitCode = missed === 0 ? 0 : 1;

function isReached({ of, atLeast = -Infinity, below = Infinity }, result) {
  return of(result) >= atLeast && of(result) < below;
}

/** `accuracy on rows of another seed 1.000, wanted at least 0.99` */
function describe({ name, of, atLeast, below }, result) {
  return `${name} ${of(result).toPrecision(4)}, wanted ${below === undefined ? `at least ${atLeast}` : `below ${below}`}`;
}

/** Runs `rnn …` lines one after another; the result that the last one prints as JSON, or undefined where one failed. */
function runAll(commands) {
  const cwd = mkdtempSync(join(tmpdir(), 'rnn-example-'));
  cpSync(join(here, '..', 'fixtures'), join(cwd, 'fixtures'), { recursive: true });
  try {
    let last = '';
    for (const command of commands) {
      console.log(`  $ ${command}`);
      const { status, stdout } = spawnSync(process.execPath, [bin, ...command.split(/\s+/).slice(1)], {
        cwd,
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      if (status !== 0) return undefined;
      last = stdout;
    }
    return JSON.parse(last).result;
  } finally {
    rmSync(cwd, { recursive: true, force: true });
  }
}
