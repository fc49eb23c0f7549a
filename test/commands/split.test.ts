import * as fc from 'fast-check';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, readFileSync, watch } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { readDataset } from '../../src/data/dataset/dataset.ts';
import { prepare } from '../../src/data/dataset/prepare.ts';
import { drawParts, splitRows } from '../../src/data/dataset/split.ts';
import { rowCount } from '../../src/data/rows/rows.ts';
import { copyLines } from '../../src/data/split-file/copy-lines.ts';
import { openParts } from '../../src/data/split-file/part-files.ts';
import { createRandom, permutation, purposes } from '../../src/model/random.ts';
import { npy } from '../support/npy.ts';
import { bin, chunked, ended, folder, run } from '../support/run.ts';

const words = readFileSync(join(bin, '../../fixtures/words.csv'), 'utf8');

/** The files that a split of `text` leaves in a folder of its own. */
async function split(name: string, text: string | Uint8Array, ...flags: string[]): Promise<Record<string, string>> {
  const path = folder({ [name]: text });
  const { code, stdout, stderr } = await run(['split', join(path, name), '--quiet', ...flags]);
  expect([code, stderr]).toEqual([0, '']);
  const files = stdout.trimEnd().split('\n');
  expect(readdirSync(path).sort()).toEqual([name, ...files.map((file) => file.slice(path.length + 1))].sort());
  return Object.fromEntries(files.map((file) => [file.slice(path.length + 1), readFileSync(file, 'utf8')]));
}

describe('rnn split', () => {
  test('writes every row once, as it stands and in its order, with the header in every file', async () => {
    const files = await split('words.csv', words, '--test', '0.2');
    const [header, ...rows] = words.trimEnd().split('\n');
    const parts = Object.values(files).map((text) => text.trimEnd().split('\n'));
    for (const [first] of parts) expect(first).toBe(header);
    const written = parts.map((lines) => lines.slice(1));
    expect(written.flat().sort()).toEqual(rows.toSorted());
    for (const lines of written) {
      const own = new Set(lines);
      expect(lines).toEqual(rows.filter((row) => own.has(row)));
    }
    expect(Object.keys(files)).toEqual(['words.train.csv', 'words.validation.csv', 'words.test.csv']);
    expect(written.map((lines) => lines.length)).toEqual([4550, 650, 1300]);
  });

  test('keeps the share of each class to a row, and the share of the rows alone with --stratify none', async () => {
    const text = `label,tokens\n${Array.from({ length: 400 }, (_, i) => `${i % 8 === 0 ? 1 : 0},${i}\n`).join('')}`;
    const ofClass1 = (csv: string): number => csv.match(/^1,/gm)?.length ?? 0;
    const rows = (csv: string): number => csv.match(/^[01],/gm)!.length;
    for (const seed of ['1', '2', '3']) {
      const { 'a.validation.csv': validation } = await split('a.csv', text, '--validation', '0.3', '--seed', seed);
      expect([rows(validation), ofClass1(validation)]).toEqual([120, 15]);
    }
    const plain = await Promise.all(
      ['1', '2', '3', '4'].map((seed) => split('a.csv', text, '--validation', '0.3', '--stratify', 'none', '--seed', seed)),
    );
    expect(plain.map((files) => rows(files['a.validation.csv']))).toEqual([120, 120, 120, 120]);
    expect(new Set(plain.map((files) => ofClass1(files['a.validation.csv']))).size).toBeGreaterThan(1);
  });

  test('stratifies by any column, also of text, also of JSONL', async () => {
    const lines = Array.from({ length: 60 }, (_, i) => `{"lang":"${i < 20 ? 'fr' : 'en'}","tokens":[${i}]}\n`);
    const files = await split('a.ndjson', lines.join(''), '--stratify', 'lang', '--validation', '0.25');
    expect(files['a.validation.ndjson'].match(/"fr"/g)).toHaveLength(5);
    expect(files['a.validation.ndjson'].match(/"en"/g)).toHaveLength(10);
  });

  test('holds out what rnn train --validation-split holds out, at any seed', async () => {
    for (const [name, text] of [
      ['words.csv', words],
      ['plain.csv', Array.from({ length: 77 }, (_, i) => `${i},1\n`).join('')],
    ] as const) {
      const path = folder({ [name]: text });
      for (const seed of [1, 7]) {
        const data = await readDataset(join(path, name), {}, { stdin: chunked([]) });
        const all = prepare(data, { truncating: 'post', padding: 'post', noMask: false });
        const order = permutation(rowCount(all.rows), createRandom(seed, purposes.split));
        const { validation } = splitRows(all, 0.13, order);
        const files = await split(name, text, '--validation', '0.13', '--seed', String(seed));
        const expected = [...validation.sourceRows].map((row) => text.split('\n')[data.lines[row] - 1]);
        const held = files[name.replace('.csv', '.validation.csv')].trimEnd().split('\n');
        expect(held.slice(name === 'words.csv' ? 1 : 0)).toEqual(expected);
      }
    }
  });

  test('copies quoted line breaks, carriage returns, spaces and the missing end of the last line as they are', async () => {
    const rows = ['"a\nb", 1 2 ,0\r\n', '"""\r\n,\t",3,1\n', 'c,4 5,0\r', '"d\r",6,1\n', 'e,"7",0'];
    const files = await split('q.csv', `name,tokens,n\n${rows.join('')}`, '--validation', '0.4');
    const parts = Object.values(files).map((text) => text.slice('name,tokens,n\n'.length));
    expect(parts.map((text) => rows.filter((row) => text.includes(row)).join(''))).toEqual(parts);
    expect(parts.join('')).toHaveLength(rows.join('').length);
  });

  test('unpacks .gz, reads standard input, and gives the same files each time', async () => {
    const text = Array.from({ length: 50 }, (_, i) => `[${i}]\n\n`).join('');
    const unpacked = await split('a.jsonl.gz', gzipSync(text));
    expect(Object.keys(unpacked)).toEqual(['a.train.jsonl', 'a.validation.jsonl']);
    const path = folder();
    const { stdout } = await run(['split', '-', '--out-dir', join(path, 'new'), '--prefix', 'a'], {
      stdin: [text.slice(0, 33), text.slice(33)],
    });
    expect(stdout).toBe(`${join(path, 'new/a.train.jsonl')}\n${join(path, 'new/a.validation.jsonl')}\n`);
    for (const [name, content] of Object.entries(unpacked)) expect(readFileSync(join(path, 'new', name), 'utf8')).toBe(content);
    expect(Object.values(unpacked).join('')).not.toContain('\n\n');
  });

  test.skipIf(process.platform === 'win32')('reads a pipe that has a name, and names its files data', async () => {
    const path = folder();
    const shell = `"${process.execPath}" "${bin}" split /dev/fd/3 --validation 0.5 3<&0 | cat`;
    execFileSync('sh', ['-c', `printf '1\\n2\\n' | cat | ${shell}`], { cwd: path, stdio: ['ignore', 'pipe', 'ignore'] });
    expect(readdirSync(path).sort()).toEqual(['data.train.csv', 'data.validation.csv']);
  });

  test('writes over nothing without --force, and says so before it reads', async () => {
    const path = folder({ 'a.csv': '1\nx\n', 'a.train.csv': 'old' });
    const { code, stderr } = await run(['split', join(path, 'a.csv')]);
    expect(code).toBe(1);
    expect(stderr).toContain('a.train.csv: the file is there already\nhint: --force');
    expect(readFileSync(join(path, 'a.train.csv'), 'utf8')).toBe('old');
  });

  test('leaves nothing where a token is wrong, a part is empty, a file cannot be made, or the format has no lines', async () => {
    const path = folder({
      'bad.csv': '1\n2\nx\n',
      'few.csv': '1\n2\n',
      'a.json': '[[1],[2]]',
      'a.npy': npy([[1], [2]]),
      'ok.csv': '1\n2\n3\n4\n',
    });
    const before = readdirSync(path).sort();
    const failing: [string, RegExp][] = [
      ['bad.csv', /^\S*bad.csv:3:1: token "x"/],
      ['few.csv', /the validation part of 2 rows would be empty/],
      ['a.json', /rows do not stand on lines of their own.*\nhint: .*jq/],
      ['a.npy', /rows do not stand on lines of their own.*\nhint: .*rnn pad data.npy --lengths -o data.jsonl/],
      ['missing.csv', /no such file/],
    ];
    for (const [name, message] of failing) {
      const { code, stderr, stdout } = await run(['split', join(path, name)]);
      expect([code, stdout]).toEqual([1, '']);
      expect(stderr).toMatch(message);
      expect(readdirSync(path).sort()).toEqual(before);
    }
    // The second file cannot take its name: a folder has it.
    mkdirSync(join(path, 'ok.validation.csv'));
    const { code } = await run(['split', join(path, 'ok.csv'), '--validation', '0.5', '--force']);
    expect(code).toBe(2);
    expect(readdirSync(path).sort()).toEqual([...before, 'ok.validation.csv'].sort());
  });

  test.each([
    ['--validation 0', /^--validation: with both shares 0/],
    ['--validation 0.6 --test 0.4', /^--test: 0.6 to validate and 0.4 to test leave nothing/],
    ['--prefix a/b', /^--prefix: "a\/b" holds a folder/],
  ])('%s is a usage error', async (flags, message) => {
    const { code, stderr } = await run(['split', ...flags.split(' ')], { stdin: '1\n2\n' });
    expect(code).toBe(2);
    expect(stderr).toMatch(message);
  });

  test.skipIf(process.platform === 'win32')(
    'interrupted while standard input is awaited leaves nothing, in the temporary folder neither',
    async () => {
      const path = folder();
      mkdirSync(join(path, 'tmp'));
      const watcher = watch(join(path, 'tmp'));
      const child = spawn(process.execPath, [bin, 'split'], { cwd: path, env: { ...process.env, TMPDIR: join(path, 'tmp') } });
      child.stdin.write('1,2\n');
      await once(watcher, 'change');
      watcher.close();
      child.kill('SIGINT');
      expect(await ended(child)).toEqual({ code: 130, stdout: '', stderr: '' });
      expect(readdirSync(path, { recursive: true })).toEqual(['tmp']);
    },
  );

  test('--json names the files and their rows', async () => {
    const path = folder({ 'a.csv': 'label,tokens\n0,1\n1,1\n0,2\n1,2\n' });
    const { stdout } = await run(['split', join(path, 'a.csv'), '--json', '--validation', '0', '--test', '0.5']);
    expect(JSON.parse(stdout)).toEqual({
      file: join(path, 'a.csv'),
      rows: 4,
      seed: 1,
      stratify: 'label',
      strata: 2,
      train: { path: join(path, 'a.train.csv'), rows: 2 },
      test: { path: join(path, 'a.test.csv'), rows: 2 },
    });
  });
});

describe('parts', () => {
  test('of which one cannot take its name are all taken back', async () => {
    const path = folder();
    const files = await openParts([join(path, 'a'), undefined, join(path, 'b')]);
    for (const output of files.outputs) await output?.write('1\n');
    mkdirSync(join(path, 'b', 'full'), { recursive: true });
    await expect(files.commit()).rejects.toThrow(/^cannot write/);
    await files.discard();
    expect(readdirSync(path)).toEqual(['b']);
  });

  test('are drawn of each stratum to the nearest row, one after another, and leave the rest to train', () => {
    const strata = fc.array(fc.nat(4), { minLength: 1, maxLength: 200 });
    const shares = fc.tuple(fc.double({ min: 0, max: 0.6, noNaN: true }), fc.double({ min: 0, max: 0.39, noNaN: true }));
    fc.assert(
      fc.property(strata, shares, fc.nat(), (of, [first, second], seed) => {
        const parts = drawParts(permutation(of.length, createRandom(seed, purposes.split)), (row) => of[row], [first, second]);
        for (const stratum of new Set(of)) {
          const rows = [...of.keys()].filter((row) => of[row] === stratum);
          const inPart = (part: number): number => rows.filter((row) => parts[row] === part).length;
          expect(inPart(1)).toBe(Math.round(rows.length * first));
          expect(inPart(2)).toBe(Math.min(rows.length - inPart(1), Math.round(rows.length * second)));
          expect(inPart(0)).toBe(rows.length - inPart(1) - inPart(2));
        }
      }),
    );
  });

  test('get the lines of their rows, wherever the bytes are cut and however lines end', async () => {
    const line = fc.tuple(fc.stringMatching(/^[a-c,"]{0,6}$/), fc.constantFrom('\n', '\r\n', '\r'));
    await fc.assert(
      fc.asyncProperty(
        fc.array(line, { minLength: 1, maxLength: 12 }),
        fc.integer({ min: 1, max: 9 }),
        fc.nat(2),
        async (lines, size, header) => {
          // Two line ends that would be one together are no two lines.
          const texts = lines.map(([text, end], i) => (text === '' && lines[i - 1]?.[1] === '\r' && end === '\n' ? `x${end}` : text + end));
          const all = Buffer.from(texts.join(''));
          const rows = Int32Array.from(texts.keys()).subarray(Math.min(header, texts.length - 1));
          const parts = Uint8Array.from(rows, (row) => row % 2);
          const written = ['', ''];
          const outputs = written.map((_, part) => ({
            write: async (data: string | Uint8Array) => void (written[part] += data.toString()),
            commit: async () => {},
            discard: async () => {},
          }));
          const chunks = (async function* () {
            for (let at = 0; at < all.length; at += size) yield all.subarray(at, at + size);
          })();
          await copyLines(chunks, { lines: rows.map((row) => row + 1), format: 'csv' }, parts, outputs);
          const head = texts.slice(0, rows[0]).join('');
          expect(written).toEqual(
            [0, 1].map(
              (part) =>
                head +
                [...rows]
                  .filter((row) => row % 2 === part)
                  .map((row) => texts[row])
                  .join(''),
            ),
          );
        },
      ),
    );
  });
});
