// The promise of `npm start`: on words that it has not seen the trained network is at least 10 points better than naive Bayes
// on their letters, for three seeds. Prints the figures, and exits 1 where the promise is not kept.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { naiveBayes, readRows } from '../fixtures/naive-bayes.mjs';

const MARGIN = 0.1;
const root = fileURLToPath(new URL('..', import.meta.url));
const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const [, ...command] = scripts.start.split(' ');

const baseline = naiveBayes(readRows(join(root, 'fixtures/words.csv')), readRows(join(root, 'fixtures/words-test.csv'))).accuracy;
console.log(`naive Bayes on letters: ${baseline.toFixed(3)}`);

const folder = mkdtempSync(join(tmpdir(), 'rnn-main-job-'));
let kept = true;
try {
  for (const seed of [1, 2, 3]) {
    const words = [...command, '--seed', String(seed), '--out', join(folder, String(seed)), '--quiet', '--json'];
    const { status, stdout, stderr } = spawnSync(process.execPath, words, { cwd: root, encoding: 'utf8' });
    if (status !== 0) throw new Error(stderr);
    const { accuracy, trainingSeconds, tokensPerSecond } = JSON.parse(stdout).result;
    kept &&= accuracy >= baseline + MARGIN;
    console.log(`seed ${seed}: accuracy ${accuracy.toFixed(3)}, ${trainingSeconds.toFixed(1)} s, ${Math.round(tokensPerSecond)} tokens/s`);
  }
} finally {
  rmSync(folder, { recursive: true });
}
console.log(kept ? 'passed: at least 10 points above the baseline' : 'FAILED: less than 10 points above the baseline');
process.exit(kept ? 0 : 1);
