// The answers of the synthetic tasks by other ways than those that drew them.
import { once } from 'node:events';
import { readdirSync, watch } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { ended, folder, run, spawnRnn } from '../../support/run.ts';

interface Row {
  readonly tokens: readonly number[];
  readonly label?: number;
  readonly target?: number;
}

async function rowsOf(...argv: string[]): Promise<Row[]> {
  const { code, stdout, stderr } = await run(['synth', ...argv, '--output-format', 'jsonl', '--quiet']);
  expect([code, stderr]).toEqual([0, '']);
  return stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Row);
}

const names = ['parity', 'copy', 'echo', 'adding', 'majority', 'dyck', 'walk'];

describe('the answers are right:', () => {
  test('parity is whether the number of ones is odd, and the digit sum modulo a larger vocabulary', async () => {
    for (const { tokens, label } of await rowsOf('parity', '--rows', '300', '--min-length', '1')) {
      expect(label).toBe(tokens.filter((bit) => bit === 1).length % 2);
    }
    for (const { tokens, label } of await rowsOf('parity', '--rows', '300', '--vocab-size', '5')) {
      expect(label).toBe(tokens.reduce((a, b) => a + b) % 5);
    }
  });

  test('copy asks for the token lag steps before the last', async () => {
    for (const { tokens, label } of await rowsOf('copy', '--rows', '300', '--lag', '7', '--length', '20', '--min-length', '8')) {
      expect(label).toBe(tokens.toReversed()[7]);
    }
  });

  test('echo repeats its first lag tokens', async () => {
    for (const { tokens } of await rowsOf('echo', '--rows', '100', '--lag', '4', '--length', '18')) {
      const block = tokens.slice(0, 4);
      expect(tokens).toEqual([...block, ...block, ...block, ...block, ...block].slice(0, 18));
    }
  });

  test('adding marks one value of each half, and asks for their sum', async () => {
    for (const { tokens, target } of await rowsOf('adding', '--rows', '300', '--length', '11', '--min-length', '2', '--vocab-size', '10')) {
      const marked = [...tokens.keys()].filter((at) => tokens[at] >= 5);
      expect(marked).toHaveLength(2);
      expect(marked[0]).toBeLessThan(Math.floor(tokens.length / 2));
      expect(marked[1]).toBeGreaterThanOrEqual(Math.floor(tokens.length / 2));
      expect(target).toBe(marked.reduce((sum, at) => sum + tokens[at] - 5, 0) / 4);
    }
  });

  test('majority is the token that no other occurs more often than, the smallest of several', async () => {
    for (const { tokens, label } of await rowsOf('majority', '--rows', '300', '--length', '6', '--min-length', '1', '--vocab-size', '4')) {
      const sorted = [0, 1, 2, 3].toSorted((a, b) => tokens.filter((t) => t === b).length - tokens.filter((t) => t === a).length || a - b);
      expect(label).toBe(sorted[0]);
    }
  });

  test('dyck rows are balanced exactly where the label is 1, by striking out pairs, for about half of the rows', async () => {
    for (const vocabulary of ['2', '4', '6']) {
      const rows = await rowsOf('dyck', '--rows', '600', '--length', '24', '--min-length', '2', '--vocab-size', vocabulary);
      for (const { tokens, label } of rows) {
        let text = tokens.map((token) => '()[]{}'[token]).join('');
        for (let before = ''; before !== text;) {
          before = text;
          text = text.replaceAll(/\(\)|\[\]|\{\}/g, '');
        }
        expect(text === '').toBe(label === 1);
        expect(tokens.length % 2).toBe(0);
      }
      const balanced = rows.filter(({ label }) => label === 1).length;
      expect(balanced).toBeGreaterThan(240);
      expect(balanced).toBeLessThan(360);
    }
  });

  test('dyck: each of the 14 nestings of 4 pairs is drawn equally often (chi-squared, p = 1e-4)', async () => {
    const rows = await rowsOf('dyck', '--rows', '4000', '--length', '8', '--min-length', '8', '--vocab-size', '2');
    const balanced = rows.filter(({ label }) => label === 1);
    const counts = new Map<string, number>();
    for (const { tokens } of balanced) counts.set(tokens.join(), (counts.get(tokens.join()) ?? 0) + 1);
    expect(counts.size).toBe(14);
    const expected = balanced.length / 14;
    const chi = [...counts.values()].reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
    expect(chi).toBeLessThan(39.4);
  });

  test('walk goes on by one step, modulo the vocabulary, that is not 0', async () => {
    for (const { tokens } of await rowsOf('walk', '--rows', '200', '--vocab-size', '7', '--length', '9')) {
      const step = (tokens[1] - tokens[0] + 7) % 7;
      expect(step).not.toBe(0);
      tokens.slice(1).forEach((token, i) => expect((token - tokens[i] + 7) % 7).toBe(step));
    }
  });
});

describe.each(names)('%s', (name) => {
  test('fewer rows are the first of more, and the same command gives the same bytes', async () => {
    const bytes = async (rows: string, seed = '3'): Promise<string> =>
      (await run(['synth', name, '--rows', rows, '--seed', seed, '--quiet'])).stdout;
    const [few, more, again, other] = [await bytes('20'), await bytes('200'), await bytes('200'), await bytes('200', '4')];
    expect(more.startsWith(few)).toBe(true);
    expect(again).toBe(more);
    expect(other).not.toBe(more);
  });

  test('lengths lie between --min-length and --length, and both occur', async () => {
    const lengths = (await rowsOf(name, '--rows', '500', '--length', '40', '--min-length', '22')).map(({ tokens }) => tokens.length);
    expect([Math.min(...lengths), Math.max(...lengths)]).toEqual([22, 40]);
  });

  test('rnn inspect and rnn pad read it without a flag, from CSV and JSONL', async () => {
    for (const format of ['csv', 'jsonl']) {
      const { stdout } = await run(['synth', name, '--rows', '50', '--output-format', format, '--quiet']);
      const { rows, targets } = JSON.parse((await run(['inspect', '--json'], { stdin: stdout })).stdout) as {
        rows: number;
        targets: { kind: string }[];
      };
      const kind =
        { adding: 'numbers', echo: undefined, walk: undefined }[name] ?? (['echo', 'walk'].includes(name) ? undefined : 'classes');
      expect([rows, targets[0]?.kind]).toEqual([50, kind]);
      expect((await run(['pad'], { stdin: stdout })).code).toBe(0);
    }
  });
});

test('the summary of a next-token task says how often the best guess is right', async () => {
  const { stderr, stdout } = await run(['synth', 'echo', '--lag', '3', '--length', '9', '--vocab-size', '4', '--rows', '20000', '--json']);
  const { bestAccuracy } = JSON.parse(stderr) as { bestAccuracy: number };
  // Six tokens are copies, and the two before them are guessed at 1 in 4.
  expect(bestAccuracy).toBeCloseTo((6 + 2 / 4) / 8, 12);
  expect(stdout.split('\n')).toHaveLength(20_002);
});

describe('a wrong size is a usage error that names its flag:', () => {
  test.each([
    ['parityy', '', /^rnn synth: "parityy" is no task\nhint: did you mean parity\?/],
    ['parity', '--lag 3', /^--lag: parity has no lag/],
    ['copy', '--lag 5 --length 5', /^--length: 5 is too short for copy with --lag 5\nhint: give 6 or more/],
    ['adding', '--vocab-size 7', /^--vocab-size: adding cannot have 7 tokens\nhint: give an even number, 4 or more/],
    ['dyck', '--length 7', /^--length: rows of dyck are even in length/],
    ['walk', '--length 5 --min-length 6', /^--min-length: 6 is above --length 5/],
    ['walk', '-o walk.npy', /^-o: rows of random lengths/],
  ])('%s %s', async (name, flags, message) => {
    const { code, stdout, stderr } = await run(['synth', name, ...flags.split(' ').filter((flag) => flag !== '')]);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(message);
  });
});

test.skipIf(process.platform === 'win32')('SIGINT ends it with 130, and leaves no file; a closed pipe ends it quietly', async () => {
  const path = folder();
  const watcher = watch(path);
  const child = spawnRnn(['synth', 'parity', '--rows', '1000000000', '-o', 'out.csv'], path);
  const result = ended(child);
  await once(watcher, 'change');
  watcher.close();
  child.kill('SIGINT');
  expect(await result).toEqual({ code: 130, stdout: '', stderr: '' });
  expect(readdirSync(path)).toEqual([]);
  const piped = spawnRnn(['synth', 'parity', '--rows', '1000000000']);
  await once(piped.stdout, 'data');
  piped.stdout.destroy();
  expect((await once(piped, 'close'))[0]).toBe(0);
});
