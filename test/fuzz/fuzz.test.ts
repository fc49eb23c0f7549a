// Many damaged inputs, few by default; `npm run fuzz` runs 200 000 with a seed of its own, or repeats one.
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { problemOf } from './check.ts';
import { inputOf } from './inputs.ts';
import { watchdog } from './watchdog.ts';

const seed = Number(process.env['RNN_FUZZ_SEED'] ?? 1);
const count = Number(process.env['RNN_FUZZ_INPUTS'] ?? 2000);
const first = Number(process.env['RNN_FUZZ_FIRST'] ?? 0);

/** Of every so many, one goes through `rnn pad` too, which takes longest. */
const commandEvery = 8;
const mostProblems = 10;
const secondsEach = 20;

test(`${count} damaged inputs: no crash, no hang, no token that is not there, no error without its place and a hint`, async () => {
  const guard = watchdog(seed, secondsEach);
  const problems: string[] = [];
  const begin = Date.now();
  for (let index = first; index < first + count && problems.length < mostProblems; index++) {
    guard.begin(index);
    const input = inputOf(seed, index);
    const problem = await problemOf(input, count === 1 || index % commandEvery === 0);
    if (problem !== undefined) problems.push(describe(index, input, problem));
    if (count > 10_000 && (index - first + 1) % 10_000 === 0) {
      const seconds = (Date.now() - begin) / 1000;
      process.stderr.write(`fuzz: ${index - first + 1} inputs in ${seconds.toFixed(0)} s, ${problems.length} problems\n`);
    }
  }
  await guard.stop();
  expect(problems.join('\n\n')).toBe('');
}, 3_600_000);

function describe(index: number, { bytes, options }: ReturnType<typeof inputOf>, problem: string): string {
  const file = join(mkdtempSync(join(tmpdir(), 'rnn-fuzz-')), 'input');
  writeFileSync(file, bytes);
  const again = `npm run fuzz -- --seed ${seed} --first ${index} --inputs 1`;
  return `${again}\n${file}, ${JSON.stringify(options)}\n${JSON.stringify(bytes.toString().slice(0, 300))}\n${problem}`;
}
