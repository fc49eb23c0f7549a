// Runs one of the checkers that live in checks/, after installing them there the first time:
//   node scripts/with-checkers.mjs oxlint --type-aware
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const checks = `${root}checks`;
// oxlint looks for its type-aware part beside the project, where it is not.
const env = { ...process.env, OXLINT_TSGOLINT_PATH: `${checks}/node_modules/.bin/tsgolint` };
const [tool, ...args] = process.argv.slice(2);

function run(command, words, cwd) {
  const { status, error } = spawnSync(command, words, { cwd, stdio: 'inherit', env, shell: process.platform === 'win32' });
  if (error) console.error(`${command}: ${error.message}`);
  return status ?? 1;
}

if (!existsSync(`${checks}/node_modules/.bin/${tool}`)) {
  console.error('installing the checkers into checks/ (once)');
  // Not npm ci: it refuses a lock that lacks the binaries of other platforms, which npm leaves out of it. Versions are exact.
  const status = run('npm', ['install', '--no-save', '--ignore-scripts', '--no-audit', '--no-fund'], checks);
  if (status !== 0) process.exit(status);
}
process.exit(run(`${checks}/node_modules/.bin/${tool}`, args, root));
