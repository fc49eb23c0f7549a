// Tokens per second that rnn's engines and PyTorch train on the same work, in the same run:  npm run bench -- --help
// Every program is a process of its own, and they take turns, so that what else the machine does meets them all alike.
import { writeFileSync } from 'node:fs';
import { availableParallelism, cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { engineNames, loadEngine } from '../dist/engine/engines.js';
import { cases } from './cases.mjs';
import { benchData } from './data.mjs';
import { findTorch, startEngine, startTorch } from './programs.mjs';

const usage = `npm run bench -- [options]
  --cases A,B      cases whose name holds one of these texts (default: all of bench/cases.mjs, then bench/data.mjs)
  --engines A,B    of ${engineNames.join(', ')} (default: all but reference)
  --rounds N       turns of each program (default: 7)
  --seconds X      length of a turn (default: 0.5)
  --one-thread     every program on one thread, by the processor time that it takes: fair on a machine that others use
  --no-peers       leave PyTorch out
  --json FILE      also write the figures of every round to FILE
PYTHON names a python that has torch (default: python3, then /usr/bin/python3).`;

const { values: options } = parseArgs({
  options: {
    cases: { type: 'string', default: '' },
    engines: { type: 'string', default: engineNames.filter((name) => name !== 'reference').join(',') },
    rounds: { type: 'string', default: '7' },
    seconds: { type: 'string', default: '0.5' },
    'one-thread': { type: 'boolean', default: false },
    'no-peers': { type: 'boolean', default: false },
    json: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});

const cores = options['one-thread'] ? 1 : availableParallelism();
const clock = options['one-thread'] ? 'cpu' : 'wall';

/** The engines that this machine can run; a note for each that it cannot. */
async function loadable(names) {
  const found = [];
  for (const name of names) {
    try {
      await loadEngine(name, process.env.RNN_BLAS);
      found.push(name);
    } catch (error) {
      console.error(`${name}: left out: ${error.message}`);
    }
  }
  return found;
}

/** Starts what is timed on one case: each engine on the threads that `rnn train` takes, wasm also on one and on all; PyTorch on one and on all. */
async function startAll(shape, engines, python) {
  const started = [];
  for (const engine of engines) {
    const chosen = await startEngine(shape, engine, options['one-thread'] ? 1 : undefined);
    started.push({ ...chosen, chosen: true });
    if (engine !== 'wasm') continue;
    for (const threads of new Set([1, cores])) if (threads !== chosen.threads) started.push(await startEngine(shape, engine, threads));
  }
  if (python) for (const threads of new Set([1, cores])) started.push(await startTorch(shape, python, threads));
  return started;
}

/** Each program's rates, in turns: A B C A B C … */
async function timeCase(shape, engines, python, rounds, seconds) {
  const programs = await startAll(shape, engines, python);
  const rates = programs.map(() => []);
  try {
    for (let round = 0; round < rounds; round++) {
      for (const [i, program] of programs.entries()) rates[i].push(await program.rate(seconds, clock));
    }
  } finally {
    for (const program of programs) program.stop();
  }
  return programs.map(({ name, threads, chosen = false }, i) => ({ name, threads, chosen, ...summary(rates[i]), rates: rates[i] }));
}

/** Median, and the middle half of the rounds. */
function summary(rates) {
  const sorted = [...rates].sort((a, b) => a - b);
  const n = sorted.length;
  return { median: (sorted[(n - 1) >> 1] + sorted[n >> 1]) / 2, low: sorted[n >> 2], high: sorted[n - 1 - (n >> 2)] };
}

const best = (results) => results.reduce((a, b) => (b.median > a.median ? b : a));
const ofPyTorch = ({ results }) => results.filter(({ name }) => name === 'PyTorch');
const plural = (threads) => `${threads} thread${threads === 1 ? '' : 's'}`;

/** `254 k ±3 %`: half the width of the middle half of the rounds. */
function cell(result) {
  if (!result) return '';
  const { median, low, high } = result;
  const digits = Number(median.toPrecision(3));
  const shown = digits >= 1e6 ? `${digits / 1e6} M` : digits >= 1e3 ? `${digits / 1e3} k` : String(digits);
  return `${shown} ±${Math.round((50 * (high - low)) / median)} %`;
}

function columnsFor(engines, withTorch) {
  const find =
    (name, threads) =>
    ({ results }) =>
      cell(results.find((result) => result.name === name && result.threads === threads));
  const columns = [{ title: 'case', of: ({ name }) => name }];
  const fixed = withTorch ? ['PyTorch', 'wasm'] : ['wasm'];
  for (const name of fixed) {
    if (name === 'wasm' && !engines.includes(name)) continue;
    for (const threads of new Set([1, cores])) columns.push({ title: `${name}, ${plural(threads)}`, of: find(name, threads) });
  }
  for (const engine of engines) {
    const chosen = ({ results }) => results.find((result) => result.name === engine && result.chosen);
    columns.push({ title: `${engine} (threads)`, of: (row) => `${cell(chosen(row))} (${chosen(row).threads})` });
    if (withTorch)
      columns.push({ title: `${engine} : PyTorch`, of: (row) => (chosen(row).median / best(ofPyTorch(row)).median).toFixed(2) });
  }
  return columns;
}

function markdown(rows, columns) {
  const line = (cells) => `| ${cells.join(' | ')} |`;
  return [
    line(columns.map(({ title }) => title)),
    `|${'---|'.repeat(columns.length)}`,
    ...rows.map((row) => line(columns.map(({ of }) => of(row)))),
  ].join('\n');
}

async function main() {
  if (options.help) return console.log(usage);
  const [rounds, seconds] = [Number(options.rounds), Number(options.seconds)];
  if (!(Number.isInteger(rounds) && rounds > 0 && seconds > 0)) throw new Error(`--rounds and --seconds take numbers above 0\n${usage}`);
  const wanted = cases.filter(({ name }) => options.cases.split(',').some((text) => name.includes(text)));
  const engines = await loadable(options.engines.split(',').filter((name) => engineNames.includes(name)));
  const torch = options['no-peers'] ? undefined : findTorch();
  if (!torch && !options['no-peers'])
    console.error('PyTorch: left out: no python with torch; on Debian install python3-torch and libopenblas0-openmp');
  const machine = `${cpus()[0]?.model.trim()}, ${plural(cores)}; Node ${process.versions.node}${torch ? `; PyTorch ${torch.version}` : ''}`;
  const rows = [];
  for (const shape of wanted) {
    const results = await timeCase(shape, engines, torch?.python, rounds, seconds);
    rows.push({ ...shape, results });
    console.error(`${shape.name}: ${results.map((result) => `${result.name} ${result.threads}: ${cell(result)}`).join(', ')}`);
  }
  console.log(`${machine}\n`);
  const second = options['one-thread'] ? 'second of processor time on one thread' : 'second';
  console.log(`Tokens trained a ${second}, median of ${rounds} turns of ${seconds} s; ± half the range of the middle half of them.`);
  console.log(`Ratios: ${cores === 1 ? '' : 'on the threads that rnn train takes, '}to PyTorch at its better number of threads.\n`);
  console.log(markdown(rows, columnsFor(engines, torch !== undefined)));
  if (options.cases === '') {
    console.log('');
    benchData(45, rounds);
  }
  if (options.json) writeFileSync(options.json, `${JSON.stringify({ machine, rounds, seconds, cases: rows }, null, 2)}\n`);
}

await main();
