// A whole training run on a text, rnn and PyTorch side by side: the loss that each reaches, the time that each takes, and how far
// their curves part from equal first weights.   node bench/language-model.mjs TEXT [--epochs 12]
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { findTorch } from './programs.mjs';

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    epochs: { type: 'string', default: '12' },
    hidden: { type: 'string', default: '256' },
    engines: { type: 'string', default: 'wasm,blas' },
    'no-curve': { type: 'boolean', default: false },
  },
});
const [B, T, lr] = [32, 64, 0.002];
const hidden = Number(options.hidden);
const CURVE_STEPS = 300;

/** The text as character IDs: nine tenths to train on, the rest to validate; and the first 300 steps of it alone. */
function writeData(folder, file) {
  const characters = Array.from(readFileSync(file, 'utf8'));
  const alphabet = [...new Set(characters)].sort();
  const idOf = new Map(alphabet.map((character, id) => [character, id]));
  const ids = characters.map((character) => idOf.get(character));
  const cut = Math.floor(ids.length * 0.9);
  const write = (name, part) => {
    writeFileSync(join(folder, name), `${part.join(',')}\n`);
    return join(folder, name);
  };
  return {
    vocab: alphabet.length,
    train: write('train.csv', ids.slice(0, cut)),
    validation: write('validation.csv', ids.slice(cut)),
    start: write('start.csv', ids.slice(0, B * T * CURVE_STEPS + 1)),
  };
}

function run(command, words, env = {}) {
  const { status, stdout, stderr } = spawnSync(command, words, { encoding: 'utf8', env: { ...process.env, ...env }, maxBuffer: 1 << 28 });
  if (status !== 0) throw new Error(`${command} ${words.join(' ')} ended with ${status}: ${stderr}`);
  return stdout;
}

function rnn(data, folder, ...flags) {
  const model = ['--stream', '--bptt', T, '--batch-size', B, '--hidden', hidden, '--embedding', hidden, '--vocab-size', data.vocab];
  const rule = ['--optimizer', 'adam', '--lr', lr, '--schedule', 'cosine', '--clip-norm', 1];
  const words = [here('../bin/rnn.js'), 'train', ...model, ...rule, '--out', join(folder, 'run'), '--force', '--quiet', '--json', ...flags];
  return JSON.parse(run(process.execPath, words.map(String))).result;
}

function torch(data, python, settings) {
  const all = { ...data, hidden, rows: B, window: T, lr, epochs: Number(options.epochs), ...settings };
  const lines = run(python, [here('peers/language_model.py'), JSON.stringify(all)], { OMP_WAIT_POLICY: 'PASSIVE' });
  return JSON.parse(lines.trim().split('\n').at(-1));
}

/** The largest relative difference of the losses of 300 steps from the same first weights, in float32 on both sides. */
function curveDifference(data, folder, python) {
  const [initial, losses] = [join(folder, 'initial.safetensors'), join(folder, 'losses.json')];
  torch(data, python, { train: data.start, validation: data.start, epochs: 1, threads: 1, initial, losses });
  rnn(data, folder, data.start, '--epochs', 1, '--init-from', initial, '--log-every', 1);
  const theirs = JSON.parse(readFileSync(losses, 'utf8'));
  const rows = readFileSync(join(folder, 'run', 'loss.csv'), 'utf8')
    .trim()
    .split('\n')
    .slice(1);
  const ours = rows.map((row) => Number(row.split(',')[2]));
  if (ours.length !== theirs.length) throw new Error(`${ours.length} steps against ${theirs.length}`);
  return Math.max(...ours.map((loss, i) => Math.abs(loss - theirs[i]) / theirs[i]));
}

const found = findTorch();
const folder = mkdtempSync(join(tmpdir(), 'rnn-language-model-'));
try {
  if (positionals.length !== 1) throw new Error('usage: node bench/language-model.mjs TEXT [--epochs 12] [--engines wasm,blas]');
  const data = writeData(folder, positionals[0]);
  if (!found) console.log('PyTorch: left out: no python here has torch (Debian: python3-torch)');
  if (found && !options['no-curve']) {
    const difference = curveDifference(data, folder, found.python);
    console.log(
      `losses of ${CURVE_STEPS} steps from the same weights: largest relative difference to PyTorch ${difference.toExponential(1)}`,
    );
  }
  const results = [];
  for (const engine of options.engines.split(',')) {
    const { validationLoss, trainingSeconds } = rnn(
      data,
      folder,
      data.train,
      '--validation',
      data.validation,
      '--epochs',
      options.epochs,
      '--engine',
      engine,
    );
    results.push([`rnn, ${engine}`, validationLoss, trainingSeconds]);
  }
  for (const threads of found ? new Set([1, availableParallelism()]) : []) {
    const { validation, seconds } = torch(data, found.python, { threads });
    results.push([`PyTorch, ${threads} thread${threads > 1 ? 's' : ''}`, validation, seconds]);
  }
  const best = Math.min(...results.filter(([name]) => name.startsWith('PyTorch')).map(([, , seconds]) => seconds));
  console.log('| program | validation, nats per character | seconds of training | of the best PyTorch |\n|---|---|---|---|');
  for (const [name, loss, seconds] of results) {
    console.log(`| ${name} | ${loss.toFixed(4)} | ${seconds.toFixed(0)} | ${Number.isFinite(best) ? (seconds / best).toFixed(2) : '–'} |`);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
