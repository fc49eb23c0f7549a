import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { wasmKind } from '../../src/engine/engines.ts';
import { createNetwork } from '../../src/model/network.ts';
import type { Network } from '../../src/model/network.ts';
import { optimizerWith } from '../../src/model/optimizers.ts';
import { planStep } from '../../src/model/plan.ts';
import type { ModelShape } from '../../src/model/shape.ts';
import { startTeam } from '../../src/run/team.ts';
import type { WorkerOrders } from '../../src/run/team.ts';
import { furtherKinds } from '../support/kinds.ts';
import { ended, fixture, folder, run, spawnRnn } from '../support/run.ts';

describe('weights are the same bytes at 1, 2, 3, 4 and 7 threads', () => {
  test.each([
    ['one-hot classes', ['words.csv', '--hidden', '33', '--validation-split', '0.1']],
    ['embedding, folded, two layers', ['words.csv', '--hidden', '20', '--embedding', '9', '--layers', '2', '--batch-size', '50']],
    ['embedding of a vocabulary larger than the batch', ['lecture.json', '--hidden', '17', '--embedding', '5', '--batch-size', '3']],
    ['a stream with carried state', ['verse.csv', '--stream', '--bptt', '21', '--batch-size', '13', '--optimizer', 'rmsprop']],
    [
      'dropout, ragged rows, learned initial states',
      ['words.csv', '--hidden', '19', '--layers', '3', '--dropout', '0.3', '--learn-initial-state'],
    ],
    [
      'tied, a stream, dropout, learned initial states',
      ['verse.csv', '--stream', '--bptt', '21', '--hidden', '18', '--layers', '2', '--tied', '--dropout', '0.2', '--learn-initial-state'],
    ],
    ['tied, a vocabulary larger than the batch', ['lecture.json', '--task', 'next-token', '--hidden', '17', '--tied', '--batch-size', '1']],
    ['fewer rows than threads', ['lecture.json', '--hidden', '5', '--batch-size', '2', '--optimizer', 'sgd', '--momentum', '0.9']],
  ])('%s', async (_what, [file, ...flags]) => {
    const out = folder();
    const hashes: string[] = [];
    for (const threads of ['1', '2', '3', '4', '7']) {
      const directory = join(out, threads);
      const { code, stderr } = await run([
        'train',
        fixture(file),
        ...flags,
        '--epochs',
        '2',
        '--threads',
        threads,
        '--out',
        directory,
        '--quiet',
      ]);
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      hashes.push(
        createHash('sha256')
          .update(readFileSync(join(directory, 'weights.safetensors')))
          .digest('hex'),
      );
    }
    expect(new Set(hashes).size).toBe(1);
  });
});

test.each(furtherKinds)(
  '$name trains on 3 threads to the losses of wasm, within 1e-3 where its bits depend on something, which it says',
  async ({ name: engine, bitsDependOn }) => {
    const finalLoss = async (name: string): Promise<{ loss: number; stderr: string }> => {
      const out = join(folder(), 'run');
      const flags = ['--engine', name, '--threads', '3', '--hidden', '40', '--epochs', '3', '--json', '--out', out];
      const { code, stdout, stderr } = await run(['train', fixture('verse.csv'), ...flags]);
      expect(code).toBe(0);
      return { loss: (JSON.parse(stdout) as { result: { trainLoss: number } }).result.trainLoss, stderr };
    };
    const { loss, stderr } = await finalLoss(engine);
    const expected = await finalLoss('wasm');
    expect(Math.abs(loss / expected.loss - 1)).toBeLessThanOrEqual(bitsDependOn === undefined ? 0 : 1e-3);
    const said = `note: with the engine ${engine} the last bits of the weights depend on `;
    expect(stderr.includes(said)).toBe(bitsDependOn !== undefined);
    expect(expected.stderr).not.toContain('last bits');
  },
);

const shape: ModelShape = { task: 'next-token', vocab: 9, embedding: 0, hidden: 6, layers: 1, outputs: 9, activation: 'tanh', bias: true };

function orders(): { plan: ReturnType<typeof planStep>; engine: ReturnType<typeof wasmKind.create>; updating: WorkerOrders['updating'] } {
  const plan = planStep(shape, { rows: 4, steps: 5, positions: 20 }, 0, wasmKind);
  const { options } = optimizerWith('sgd', {});
  return { plan, engine: wasmKind.create(plan.size), updating: { rule: 'sgd', options, clipping: {} } };
}

const batch = {
  tokens: Int32Array.from({ length: 24 }, (_, i) => i % 9),
  begins: Int32Array.of(0, 6, 12, 18),
  lengths: Int32Array.of(5, 5, 5, 5),
  rows: 4,
  targets: undefined,
};

test('a worker that cannot start rejects with its reason', async () => {
  const { plan, engine, updating } = orders();
  const damaged = { ...plan, layers: undefined } as unknown as typeof plan;
  await expect(startTeam(2, damaged, wasmKind, engine, updating)).rejects.toThrow(/layers|undefined/);
});

/** A network of which the last worker dies at the first update: it alone has parameters to move, and is told of no options. */
async function dyingTeam(count: number): Promise<Network> {
  const { plan, engine, updating } = orders();
  const damaged = { ...updating, options: undefined } as unknown as typeof updating;
  const team = await startTeam(count, plan, wasmKind, engine, damaged);
  const { rule, options } = optimizerWith('sgd', {});
  const network = createNetwork(plan, engine, { rule, options, clipping: {} }, team);
  network.load(batch);
  network.differentiate();
  return network;
}

test.each([3, 7])('a worker that dies at work, of %d threads, ends the step with its reason, and no thread waits for it', async (count) => {
  for (let attempt = 0; attempt < 10; attempt++) {
    const network = await dyingTeam(count);
    expect(() => network.update(0.1)).toThrow(/a worker thread has died: .*undefined/);
    network.stop();
  }
});

test('a run on one thread starts no worker, and a finished run on three leaves none: both processes end by themselves', async () => {
  for (const threads of ['1', '3']) {
    const out = join(folder(), 'run');
    const { code, stdout } = await ended(spawnRnn(['train', fixture('lecture.json'), '--threads', threads, '--out', out, '--quiet']));
    expect({ code, stdout }).toEqual({ code: 0, stdout: `${out}\n` });
  }
});

test('the reference engine refuses threads, with a hint', async () => {
  const { code, stderr } = await run([
    'train',
    fixture('lecture.json'),
    '--engine',
    'reference',
    '--threads',
    '2',
    '--out',
    join(folder(), 'run'),
  ]);
  expect(code).toBe(2);
  expect(stderr).toMatch(/^--threads: the engine reference runs on one thread\nhint: /);
});
