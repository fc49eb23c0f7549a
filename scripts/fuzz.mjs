// npm run fuzz: 200 000 damaged inputs through every reader (test/fuzz), with a seed of its own that it prints, or with the one given.
//   npm run fuzz -- [--inputs N] [--seed S] [--first INDEX]
import { spawnSync } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const text = { type: 'string' };
const { values } = parseArgs({ options: { inputs: text, seed: text, first: text } });
const given = {
  RNN_FUZZ_INPUTS: values.inputs ?? '200000',
  RNN_FUZZ_SEED: values.seed ?? String(randomInt(2 ** 31)),
  RNN_FUZZ_FIRST: values.first ?? '0',
};
for (const [name, value] of Object.entries(given)) {
  if (/^\d{1,15}$/.test(value)) continue;
  console.error(`${name.replace('RNN_FUZZ_', '--').toLowerCase()}: ${JSON.stringify(value)} is not a whole number\nhint: give digits only`);
  process.exit(2);
}
console.error(`fuzz: ${String(given.RNN_FUZZ_INPUTS)} inputs of seed ${String(given.RNN_FUZZ_SEED)}`);
const root = fileURLToPath(new URL('..', import.meta.url));
const vitest = join(dirname(createRequire(import.meta.url).resolve('vitest/package.json')), 'vitest.mjs');
const { status } = spawnSync(process.execPath, [vitest, 'run', 'test/fuzz', '--disable-console-intercept'], {
  cwd: root,
  stdio: 'inherit',
  env: { ...process.env, ...given },
});
process.exit(status ?? 1);
