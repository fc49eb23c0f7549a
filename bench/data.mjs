// Megabytes of rows that are read, padded and written a second, by rnn and by what else would be taken for it:  node bench/data.mjs --help
// Every turn is a process of its own, start-up and all, and they take turns, so that what else the machine does meets them all alike.
import { spawnSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { availableParallelism, cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const usage = `node bench/data.mjs [options], after npm run build
  --megabytes N    of CSV and of JSONL (default: 45)
  --rounds N       turns of each program (default: 7)
  --json FILE      also write the seconds of every turn to FILE
Beside rnn: mawk, csv-parse alone, and python3 with numpy, where they are installed.`;

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const width = 40;
const rnn = (...words) => [process.execPath, here('../bin/rnn.js'), ...words];

/** Splits, pads or truncates, prints: what `rnn pad` does, without its checks. */
const awkLoop = `BEGIN { FS = "," } { n = NF < ${width} ? NF : ${width}; for (i = 1; i < n; i++) printf "%s,", $i; printf "%s", $n; for (; i < ${width}; i++) printf ",0"; printf "\\n" }`;
/** The shortest way there is in awk: short rows are never split, and get a text of padding at their end. */
const awkShort = `BEGIN { FS = OFS = ","; z = ""; for (i = ${width}; i > 0; i--) { pad[i] = z; z = z ",0" } } { if (NF > ${width}) NF = ${width}; print NF == ${width} ? $0 : $0 pad[NF] }`;
const numpy = `
import sys, numpy as np
out = np.zeros((1, ${width}), np.int32)
for line in open(sys.argv[1]):
    row = np.fromstring(line, np.int32, sep=',')[:${width}]
    out[0, :] = 0
    out[0, :len(row)] = row
    np.savetxt(sys.stdout, out, '%d', ',')
`;
const csvParse = `
import { createReadStream } from 'node:fs';
import { parse } from ${JSON.stringify(import.meta.resolve('csv-parse'))};
let cells = 0;
for await (const row of createReadStream(process.argv[1]).pipe(parse({ relax_column_count: true }))) cells += row.length;
console.log(cells);`;
const startOnly = [process.execPath, '-e', '0'];

/** `like`: has to print the same bytes. */
const programs = (files) => [
  { name: 'rnn pad, CSV', words: rnn('pad', files.csv, '--max-len', String(width), '--quiet'), of: files.csv },
  { name: 'rnn pad, JSONL', words: rnn('pad', files.jsonl, '--max-len', String(width), '--quiet'), of: files.jsonl },
  { name: 'rnn pad, CSV, longest row (two readings)', words: rnn('pad', files.csv, '--quiet'), of: files.csv },
  { name: 'reading for rnn train, CSV', words: [process.execPath, here('read-dataset.mjs'), files.csv], of: files.csv },
  { name: 'reading for rnn train, JSONL', words: [process.execPath, here('read-dataset.mjs'), files.jsonl], of: files.jsonl },
  { name: 'mawk, a loop over the cells', words: ['mawk', awkLoop, files.csv], of: files.csv, like: 'rnn pad, CSV' },
  { name: 'mawk, cells left unsplit where it can', words: ['mawk', awkShort, files.csv], of: files.csv, like: 'rnn pad, CSV' },
  { name: 'csv-parse, reading only', words: [process.execPath, '--input-type=module', '-e', csvParse, files.small], of: files.small },
  { name: 'python3, numpy row by row', words: ['python3', '-W', 'ignore', '-c', numpy, files.small], of: files.small },
  { name: 'node -e 0', words: startOnly },
  { name: 'rnn --version', words: rnn('--version') },
  { name: 'rnn pad, 32 rows', words: rnn('pad', here('../fixtures/lecture.json'), '--max-len', '7', '--quiet') },
];

/** Rows of 5 to 60 tokens below 10 000, the same on every machine. */
function makeFiles(folder, megabytes) {
  const names = { csv: 'rows.csv', jsonl: 'rows.jsonl', small: 'small.csv' };
  const files = Object.fromEntries(Object.entries(names).map(([key, name]) => [key, join(folder, name)]));
  const [csv, jsonl] = [openSync(files.csv, 'w'), openSync(files.jsonl, 'w')];
  let state = 12345;
  const below = (n) => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    return (state >>> 8) % n;
  };
  for (let size = 0; size < megabytes * 1e6;) {
    const rows = Array.from({ length: 1000 }, () => Array.from({ length: 5 + below(56) }, () => 1 + below(9999)).join(','));
    size += writeSync(csv, `${rows.join('\n')}\n`);
    writeSync(jsonl, rows.map((row) => `[${row}]\n`).join(''));
  }
  closeSync(csv);
  closeSync(jsonl);
  const bytes = readFileSync(files.csv);
  writeFileSync(files.small, bytes.subarray(0, bytes.indexOf(0x0a, Math.floor(bytes.length / 10)) + 1));
  return files;
}

/** Seconds of one turn; what it prints goes to a file. */
function turn({ words: [command, ...rest] }, result) {
  const stdout = openSync(result, 'w');
  const begin = performance.now();
  const { status, stderr } = spawnSync(command, rest, { stdio: ['ignore', stdout, 'pipe'], encoding: 'utf8' });
  const seconds = (performance.now() - begin) / 1000;
  closeSync(stdout);
  return { seconds, status, stderr };
}

/** Those that run here, and print what they should; a note for each that does not. */
function usable(all, result) {
  const printed = new Map();
  return all.filter((program) => {
    const { status, stderr } = turn(program, result);
    if (status !== 0) {
      console.error(`${program.name}: left out: ${stderr?.trim().split('\n').at(-1) ?? 'not installed'}`);
      return false;
    }
    if (program.name.startsWith('rnn pad, CSV')) printed.set(program.name, readFileSync(result));
    if (program.like && !printed.get(program.like)?.equals(readFileSync(result))) throw new Error(`${program.name} prints other bytes`);
    return true;
  });
}

function summary(seconds) {
  const sorted = [...seconds].sort((a, b) => a - b);
  const n = sorted.length;
  return { median: (sorted[(n - 1) >> 1] + sorted[n >> 1]) / 2, low: sorted[n >> 2], high: sorted[n - 1 - (n >> 2)] };
}

function markdown(results, sizes) {
  const medianOf = (name) => results.find((result) => result.name === name)?.median;
  const [mawk, node] = [medianOf('mawk, a loop over the cells'), medianOf('node -e 0')];
  const spread = ({ median, low, high }) => `±${Math.round((50 * (high - low)) / median)} %`;
  const rates = results.filter(({ of }) => of);
  const starts = results.filter(({ of }) => !of);
  const rate = (result) => sizes.get(result.of) / 1e6 / result.median;
  const toMawk = (result) => (mawk ? (rate(result) / (sizes.get(rates[0].of) / 1e6 / mawk)).toFixed(2) : '');
  return [
    '| | MB/s | | to mawk |\n|---|---|---|---|',
    ...rates.map((result) => `| ${result.name} | ${rate(result).toPrecision(3)} | ${spread(result)} | ${toMawk(result)} |`),
    '\n| start-up | ms | | to node -e 0 |\n|---|---|---|---|',
    ...starts.map(
      (result) => `| ${result.name} | ${Math.round(1000 * result.median)} | ${spread(result)} | ${(result.median / node).toFixed(2)} |`,
    ),
  ].join('\n');
}

/** Prints the tables; writes the seconds of every turn to `json`. */
export function benchData(megabytes, rounds, json) {
  if (!(megabytes > 0 && Number.isInteger(rounds) && rounds > 0))
    throw new Error(`--megabytes and --rounds take numbers above 0\n${usage}`);
  const folder = mkdtempSync(join(tmpdir(), 'rnn-bench-'));
  try {
    const files = makeFiles(folder, megabytes);
    const sizes = new Map(Object.values(files).map((file) => [file, readFileSync(file).length]));
    const result = join(folder, 'result');
    const running = usable(programs(files), result).map((program) => ({ ...program, seconds: [] }));
    for (let round = 0; round < rounds; round++) for (const program of running) program.seconds.push(turn(program, result).seconds);
    const results = running.map((program) => ({ ...program, ...summary(program.seconds) }));
    console.log(`${cpus()[0]?.model.trim()}, ${availableParallelism()} processors; Node ${process.versions.node}\n`);
    console.log(
      `Processes one after another, start-up included; median of ${rounds} turns, ± half the range of the middle half of them.\n`,
    );
    console.log(markdown(results, sizes));
    if (json)
      writeFileSync(
        json,
        `${JSON.stringify(
          results.map(({ name, seconds }) => ({ name, seconds })),
          null,
          2,
        )}\n`,
      );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

if (process.argv[1] === here('data.mjs')) {
  const { values: options } = parseArgs({
    options: {
      megabytes: { type: 'string', default: '45' },
      rounds: { type: 'string', default: '7' },
      json: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (options.help) console.log(usage);
  else benchData(Number(options.megabytes), Number(options.rounds), options.json);
}
