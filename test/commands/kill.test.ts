// The kill test: a run killed with SIGKILL at random moments, and resumed each time, ends with the bytes of one that never stopped.
// RNN_KILLS=12 in continuous integration; a few here.
import { existsSync, mkdirSync, readdirSync, readFileSync, watch } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { createRandom } from '../../src/model/random.ts';
import { ended, folder, spawnRnn } from '../support/run.ts';

const KILLS = Number(process.env['RNN_KILLS'] ?? 3);
const SEED = Number(process.env['RNN_KILL_SEED'] ?? 1);
const verse = fileURLToPath(new URL('../../fixtures/verse.csv', import.meta.url));
const model = ['--hidden', '24', '--layers', '2', '--dropout', '0.2', '--stream', '--bptt', '12', '--batch-size', '8', '--epochs', '6'];
const flags = [...model, '--validation', verse, '--schedule', 'plateau', '--plateau-patience', '0', '--checkpoint-every', '5', '--quiet'];

/** Resolves after so many changes of a file of the directory (of any, without a name), or at the end of the process. */
async function changesOf(directory: string, file: string | undefined, count: number, end: Promise<unknown>): Promise<void> {
  const stop = new AbortController();
  const changes = new Promise<void>((resolve) => {
    let left = count;
    watch(directory, { signal: stop.signal }, (_event, name) => {
      if ((file === undefined || name === file) && --left <= 0) resolve();
    });
  });
  await Promise.race([changes, end]);
  stop.abort();
}

test.skipIf(process.platform === 'win32')(
  `${KILLS} SIGKILLs at random moments: weights, checkpoint and losses are the bytes of a run that never stopped`,
  async () => {
    const path = folder();
    const [whole, cut] = [join(path, 'whole'), join(path, 'cut')];
    expect(await ended(spawnRnn(['train', verse, ...flags, '--out', whole]))).toMatchObject({ code: 0, stderr: '' });
    const random = createRandom(SEED, 99);
    const places: number[] = [];
    mkdirSync(cut);
    for (let kill = 0; kill < KILLS; kill++) {
      const begun = existsSync(join(cut, 'run.json'));
      const child = spawnRnn(begun ? ['train', '--resume', cut, '--quiet'] : ['train', verse, ...flags, '--out', cut]);
      const end = ended(child);
      // The first while the run sets itself up, the others while it trains.
      if (kill === 0) await changesOf(cut, undefined, 1 + random.below(6), end);
      else await changesOf(cut, 'checkpoint.safetensors', 1 + random.below(Math.floor(70 / KILLS)), end);
      // Anywhere between two checkpoints, and while one is written.
      await new Promise<void>((resolve) => setTimeout(resolve, random.below(12)));
      child.kill('SIGKILL');
      expect(await end).toMatchObject({ code: 137, stderr: '' });
      places.push(existsSync(join(cut, 'loss.csv')) ? readFileSync(join(cut, 'loss.csv'), 'utf8').split('\n').length : 0);
    }
    expect(await ended(spawnRnn(['train', '--resume', cut, '--quiet']))).toEqual({ code: 0, stdout: `${cut}\n`, stderr: '' });
    for (const name of ['weights.safetensors', 'checkpoint.safetensors'])
      expect(
        readFileSync(join(cut, name)).equals(readFileSync(join(whole, name))),
        `${name}, killed with ${places.join(', ')} rows logged`,
      ).toBe(true);
    const losses = (directory: string): string => readFileSync(join(directory, 'loss.csv'), 'utf8').replace(/(,[^,\n]*){2}$/gm, '');
    expect(losses(cut)).toBe(losses(whole));
    expect(readdirSync(cut).toSorted()).toEqual(readdirSync(whole).toSorted());
  },
  600_000,
);
