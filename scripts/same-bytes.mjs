// Whether the weights are the same bytes on Node 20, 22, 24 and 26: trains a few small and varied models with each, at several numbers
// of threads and with the engine wasm-wide where there is one, and one that is long enough for `rnn train` to choose the engine itself.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { withNodes } from './other-nodes.mjs';

const MAJORS = [20, 22, 24, 26];
const FIRST_WIDE = 24;
const root = fileURLToPath(new URL('..', import.meta.url));
const models = [
  ['words.csv', '--hidden', '33', '--epochs', '2', '--validation-split', '0.1'],
  ['words.csv', '--hidden', '20', '--embedding', '9', '--layers', '2', '--activation', 'relu', '--optimizer', 'rmsprop', '--epochs', '1'],
  ['verse.csv', '--stream', '--epochs', '3', '--schedule', 'cosine', '--warmup', '2', '--initializer', 'orthogonal'],
  ['verse.csv', '--tied', '--layers', '2', '--dropout', '0.2', '--learn-initial-state', '--hidden', '21', '--epochs', '2'],
  ['lecture.json', '--activation', 'sigmoid', '--optimizer', 'adagrad', '--initializer', 'glorot', '--epochs', '30', '--clip-value', '0.1'],
];
const longModel = ['words.csv', '--hidden', '256', '--epochs', '12'];
const threads = [1, 2, 3, 4, 7];

/** What is trained with each Node: every number of threads with the first, two with the others; wasm-wide where there is one. */
function runsOf({ major, node }, first) {
  const counts = major === first ? threads : [1, 3];
  const engines = major >= FIRST_WIDE ? ['wasm', 'wasm-wide'] : ['wasm'];
  return engines.flatMap((engine) => counts.map((count) => ({ major, node, engine, count })));
}

/** Trains; the fingerprint of the weights, and what computed them. */
function train({ node, engine, count }, folder, [file, ...flags]) {
  const out = join(folder, 'run');
  const chosen = engine === undefined ? [] : ['--engine', engine];
  const words = ['bin/rnn.js', 'train', join('fixtures', file), ...flags, ...chosen, '--threads', String(count)];
  const { status, stderr } = spawnSync(node, [...words, '--out', out, '--force', '--quiet'], { cwd: root, encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
  const hash = createHash('sha256').update(readFileSync(join(out, 'weights.safetensors')));
  return { hash: hash.digest('hex').slice(0, 16), engine: JSON.parse(readFileSync(join(out, 'run.json'), 'utf8')).engine };
}

/** Whether all runs of a model leave the same weights; says so. */
function compare(model, runs, folder) {
  const results = runs.map((run) => ({ ...run, ...train(run, folder, model) }));
  const isSame = results.every(({ hash }) => hash === results[0].hash);
  console.log(`${isSame ? 'same' : 'DIFFERENT'}  ${results[0].hash}  ${model.join(' ')}`);
  if (!isSame) for (const { major, engine, count, hash } of results) console.log(`  Node ${major}, ${engine}, ${count} threads: ${hash}`);
  return { isSame, results };
}

/** Whether the model that names no engine was computed by wasm-wide wherever that is to be had. */
function compareLong(nodes, folder) {
  const { isSame, results } = compare(
    longModel,
    nodes.map(({ major, node }) => ({ major, node, count: 2 })),
    folder,
  );
  const wrong = results.filter(({ major, engine }) => engine !== (major >= FIRST_WIDE ? 'wasm-wide' : 'wasm'));
  for (const { major, engine } of wrong) console.log(`  Node ${major} took the engine ${engine}`);
  return isSame && wrong.length === 0;
}

function compareAll(nodes) {
  const folder = mkdtempSync(join(tmpdir(), 'rnn-same-bytes-'));
  try {
    const runs = nodes.flatMap((node) => runsOf(node, nodes[0].major));
    const same = [...models.map((model) => compare(model, runs, folder).isSame), compareLong(nodes, folder)].every(Boolean);
    const versions = nodes.map(({ major }) => major).join(', ');
    console.log(`${same ? 'the same bytes' : 'DIFFERENT bytes'} on Node ${versions} at ${threads.join(', ')} threads`);
    return same;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

process.exitCode = withNodes(MAJORS, compareAll) === false ? 1 : 0;
