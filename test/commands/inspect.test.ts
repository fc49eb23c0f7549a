import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { writeSafetensors } from '../../src/formats/safetensors.ts';
import { folder, run } from '../support/run.ts';

const rows = 'label,tokens\n0,3 1 4\n1,1 5\n0,3 1 4\n1,3 1 4\n2,9 2 6 5 3\n';

async function inspected(text: string, ...flags: string[]): Promise<Record<string, unknown>> {
  const { code, stdout, stderr } = await run(['inspect', '--json', ...flags], { stdin: text });
  expect([code, stderr]).toEqual([0, '']);
  return JSON.parse(stdout) as Record<string, unknown>;
}

describe('rnn inspect', () => {
  test('shows rows, vocabulary, classes, duplicates, lengths, and what --max-len would cut', async () => {
    const { code, stdout, stderr } = await run(['inspect'], { stdin: rows });
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toBe(`file        stdin, csv, tokens: column tokens
rows        5
tokens      16
vocabulary  10: 7 distinct IDs from 1 to 9, unused: 0, 7-8
frequent    1 25.0%, 3 25.0%, 4 18.8%, 5 12.5%, 2 6.3%, 6 6.3%, 9 6.3%
label       3 classes: 0 40.0%, 1 40.0%, 2 20.0%
duplicates  2 rows like an earlier one, 1 of them with another target
padding     rows do not look padded
lengths     2 to 5, mean 3.20
  2  ################# 1
  3  ################################################## 3
  4  0
  5  ################# 1
--max-len would cut
  p50 = 3  20.0% of rows, 12.5% of tokens
  p90 = 5  0% of rows, 0% of tokens
  p95 = 5  0% of rows, 0% of tokens
  p99 = 5  0% of rows, 0% of tokens
`);
  });

  test('--json holds all of it, with shares of 1', async () => {
    expect(await inspected(rows, '--max-len', '4', '--top', '1')).toEqual({
      kind: 'data',
      file: 'stdin',
      format: 'csv',
      layout: 'cell',
      rows: 5,
      emptyRows: 0,
      badRows: 0,
      tokens: 16,
      vocabulary: {
        size: 10,
        smallest: 1,
        largest: 9,
        distinct: 7,
        unused: 3,
        unusedFrom: [
          [0, 0],
          [7, 8],
        ],
        frequent: [{ token: 1, count: 4, share: 0.25 }],
      },
      lengths: {
        shortest: 2,
        longest: 5,
        mean: 3.2,
        percentiles: { p50: 3, p90: 5, p95: 5, p99: 5 },
        histogram: [
          { from: 2, to: 2, rows: 1 },
          { from: 3, to: 3, rows: 3 },
          { from: 4, to: 4, rows: 0 },
          { from: 5, to: 5, rows: 1 },
        ],
      },
      cuts: [{ name: '4', maxLen: 4, rows: 1, tokens: 1, rowShare: 0.2, tokenShare: 0.0625 }],
      targets: [
        {
          name: 'label',
          kind: 'classes',
          classes: [
            { label: 0, rows: 2, share: 0.4 },
            { label: 1, rows: 2, share: 0.4 },
            { label: 2, rows: 1, share: 0.2 },
          ],
        },
      ],
      duplicates: { rows: 2, otherTargets: 1, forgotten: 0 },
    });
  });

  test('says what is padded, and with which flags rnn train takes it off', async () => {
    const padded = await run(['pad', '--padding', 'pre'], { stdin: '1,2,3,4\n5\n6,7\n8,9,3\n2\n' });
    const { padding, rows: all } = await inspected(padded.stdout);
    expect([padding, all]).toEqual([
      { value: 0, side: 'pre', rows: 4, tokens: 9, length: 4, rowShare: 0.8, tokenShare: 0.45, flags: '--pad-value 0 --padding pre' },
      5,
    ]);
    const { stdout } = await run(['inspect'], { stdin: padded.stdout });
    expect(stdout).toContain('are they padded? --pad-value 0 --padding pre takes it off (45.0% of the tokens)');
  });

  test('counts empty rows, reads lists, tables and .gz, and takes padding off that a length tells of', async () => {
    const empty = await inspected('[]\n[1,2]\n[]\n', '--input-format', 'jsonl');
    expect([empty['rows'], empty['emptyRows'], empty['tokens']]).toEqual([3, 2, 2]);
    expect(await inspected('[[],[]]')).toMatchObject({ rows: 2, emptyRows: 2, tokens: 0, cuts: expect.anything() });
    const path = folder({ 'a.tsv.gz': gzipSync('t1\tt2\tt3\tlength\ty\n1\t2\t0\t2\t0.5\n1\t0\t0\t1\t1.5\n') });
    const { stdout } = await run(['inspect', '--json', join(path, 'a.tsv.gz')]);
    expect(JSON.parse(stdout)).toMatchObject({
      layout: 'wide',
      tokens: 3,
      targets: [{ name: 'y', kind: 'numbers', mean: 1, deviation: 0.5, min: 0.5, max: 1.5 }],
    });
  });

  test('the histogram fits --width, and draws blocks where the locale is UTF-8', async () => {
    const long = Array.from({ length: 300 }, (_, i) => Array.from({ length: 1 + (i % 97) }, () => 1).join()).join('\n');
    const { stdout } = await run(['inspect', '--width', '30'], { stdin: long, env: { LC_ALL: 'C.UTF-8' } });
    const bars = stdout.split('\n').filter((line) => line.includes('█'));
    expect(bars.length).toBeGreaterThan(3);
    for (const bar of bars) expect(bar.length).toBeLessThanOrEqual(30);
    expect(Math.max(...bars.map((bar) => bar.length))).toBe(30);
  });

  test('stops at the first token or target that breaks a rule, with its place', async () => {
    expect(await run(['inspect'], { stdin: '1,2\n3,x\n' })).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^stdin:2:2: token "x"/),
    });
    expect(await run(['inspect'], { stdin: 'label,tokens\nFrench,1 2\n' })).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^stdin:2:1: target label/),
    });
    expect((await run(['inspect', 'missing.csv'])).stderr).toBe(
      'missing.csv: no such file\nhint: check the path; - reads standard input\n',
    );
  });

  test('--on-error skip measures the rows without those of a bad token or target, counts them and names the first', async () => {
    const bad = 'tokens,label\n1 2,0\n3 x,1\n4 5 6,French\n7 8,1\n';
    const { stdout, stderr } = await run(['inspect', '--on-error', 'skip'], { stdin: bad });
    expect(stdout).toContain('left out    2 bad rows');
    expect(stderr).toContain('warning: left out: stdin:3:1: token 2, "x"');
    expect(stderr).toContain('warning: left out: stdin:4:2: target label is "French"');
    const good = await inspected('tokens,label\n1 2,0\n7 8,1\n');
    const json = await run(['inspect', '--json', '--on-error', 'skip'], { stdin: bad });
    expect(JSON.parse(json.stdout)).toEqual({ ...good, badRows: 2 });
    expect((await run(['inspect', '--on-error', 'skip'], { stdin: 'tokens,label\n4 5,French\n' })).stderr).toMatch(
      /^stdin: no row is left of 1 bad row; the first: stdin:2:2: target label/,
    );
  });

  test('knows weights by folder, name or first bytes, and never takes them for data', async () => {
    const tensors = writeSafetensors([{ name: 'W', dtype: 'F32', shape: [1], data: new Float32Array(1) }]);
    const path = folder({ 'weights.safetensors': tensors, renamed: tensors });
    mkdirSync(join(path, 'run'));
    writeFileSync(join(path, 'run', 'weights.safetensors'), tensors);
    for (const name of ['weights.safetensors', 'renamed', 'run']) {
      const { stdout, stderr } = await run(['inspect', join(path, name)]);
      expect(stdout).not.toContain('vocabulary  ');
      expect(stderr).not.toContain('not text');
      expect(stderr).not.toContain('folder');
    }
  });
});
