// rnn train as a process of its own: signals, pipes, and what is left behind.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { initialize } from '../../src/model/initializers.ts';
import { readWeights } from '../../src/run/weights.ts';
import { ended, fixture, folder, spawnRnn } from '../support/run.ts';

const unsaid = { activation: 'tanh', task: 'classification' } as const;

describe.skipIf(process.platform === 'win32')('a run that is stopped by', () => {
  test.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('%s ends its step, keeps whole results and exits %d', async (signal, exit) => {
    const out = join(folder(), 'run');
    const child = spawnRnn(['train', fixture('words.csv'), '--epochs', '100000', '--log-every', '10', '--out', out]);
    const onText = (text: Buffer): void => {
      if (!text.includes('step ')) return;
      child.stderr.off('data', onText); // a second signal would end it at once
      child.kill(signal);
    };
    child.stderr.on('data', onText);
    const { code, stdout, stderr } = await ended(child);
    expect({ code, stdout }).toEqual({ code: exit, stdout: `${out}\n` });
    expect(stderr).toMatch(/stopped at step \d+, as asked/);
    expect(readdirSync(out).toSorted()).toEqual(['checkpoint.safetensors', 'loss.csv', 'loss.svg', 'run.json', 'weights.safetensors']);
    expect(JSON.parse(readFileSync(join(out, 'run.json'), 'utf8')).status).toBe('interrupted');
    // The weights are those of the last step, not those that the run began with.
    const { shape, tensors } = await readWeights(join(out, 'weights.safetensors'), unsaid);
    expect(shape.hidden).toBe(128);
    expect(tensors.get('W')).not.toEqual(Float32Array.from(initialize(shape, 'uniform', 1).get('W')!));
  });
});

test.skipIf(process.platform === 'win32')(
  'SIGINT while the data is still being read ends quietly with exit 130, and writes nothing',
  async () => {
    const cwd = folder();
    const child = spawnRnn(['train', '-'], cwd);
    child.stdin.write('1,2,3\n');
    setTimeout(() => child.kill('SIGINT'), 700);
    expect(await ended(child)).toEqual({ code: 130, stdout: '', stderr: '' });
    expect(readdirSync(cwd)).toEqual([]);
  },
);

test('without --out the runs of a folder are numbered, and never written over', async () => {
  const cwd = folder();
  for (const n of [1, 2]) {
    const { code, stdout } = await ended(spawnRnn(['train', fixture('lecture.json'), '--epochs', '2', '--quiet'], cwd));
    expect({ code, stdout }).toEqual({ code: 0, stdout: `runs/lecture-${n}\n` });
  }
});
