import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readDataset } from '../../src/data/dataset/dataset.ts';
import { openSequences } from '../../src/data/open.ts';
import { packFirst, unpackFirst } from '../../src/formats/packed-lists.ts';
import { parquet } from '../support/parquet.ts';
import { inParts, readError, readText } from '../support/read.ts';
import { chunked, folder, run } from '../support/run.ts';

const lists = (...rows: (readonly (number | bigint | null)[] | null)[]): Parameters<typeof parquet>[0] => [{ name: 'tokens', lists: rows }];

describe('a Parquet file', () => {
  test('gives its lists as rows, over row groups, from 32-bit and 64-bit columns, through a pipe', async () => {
    const rowsOf = fc.array(fc.array(fc.nat(2147483647), { maxLength: 9 }), { minLength: 1, maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(rowsOf, fc.constantFrom(1, 3, 1000), fc.boolean(), async (rows, groups, isWide) => {
        const column = isWide
          ? { name: 'tokens', lists: rows.map((row) => row.map(BigInt)), type: 'INT64' as const }
          : { name: 'tokens', lists: rows };
        const read = await readText(inParts(parquet([column], groups), 100));
        expect([read.rows, read.lines]).toEqual([rows, rows.map((_, i) => i + 1)]);
      }),
      { numRuns: 40 },
    );
  });

  test('written by pyarrow is read from the file: other columns become JSON, whole numbers keep all their digits', async () => {
    const file = join(import.meta.dirname, 'pyarrow.parquet');
    const { code, stdout, stderr } = await run(['pad', file]);
    expect(code, stderr).toBe(0);
    expect(stdout).toBe(
      [
        '{"word":"ab","tokens":[1,2,3],"label":1,"id":9007199254740993}',
        '{"word":"c","tokens":[0,0,0],"label":0,"id":2}',
        '{"word":null,"tokens":[4,0,0],"label":1,"id":3}',
        '',
      ].join('\n'),
    );
    expect((await run(['pad', file, '--output-format', 'csv', '--max-len', '1'])).stdout).toBe(
      'word,token_1,label,id\nab,1,1,9007199254740993\nc,0,0,2\n,4,1,3\n',
    );
  });

  test('--sequence and --target name columns, __proto__ and constructor among them', async () => {
    const bytes = parquet([
      { name: '__proto__', values: [1.5, NaN], type: 'DOUBLE' },
      { name: 'constructor', lists: [[7], [8, 9]] },
    ]);
    const { rows, others, input } = await readText([bytes], { sequence: 'constructor', target: ['__proto__'] });
    expect([rows, others, input.columns.names]).toEqual([[[7], [8, 9]], [['1.5'], ['"NaN"']], ['__proto__']]);
    const options = { sequence: 'constructor', target: ['__proto__'] };
    await expect(readDataset('-', options, { stdin: chunked([bytes]) })).rejects.toThrow(
      'stdin: row 2: target __proto__ is "NaN", not a finite number',
    );
  });

  test('a length tells which tokens are real', async () => {
    const bytes = parquet([...lists([1, 0, 0], [2, 3, 0]), { name: 'length', values: [1, 2], type: 'INT32' }]);
    expect((await readText([bytes])).rows).toEqual([[1], [2, 3]]);
  });

  test('has the fingerprint of its bytes, from the file or a pipe', async () => {
    const bytes = parquet([...lists([1], [2]), { name: 'y', values: [0.5, 1], type: 'DOUBLE' }]);
    const path = join(folder({ 'x.parquet': bytes }), 'x.parquet');
    const fromFile = await readDataset(path, {}, { stdin: chunked([]) });
    const fromPipe = await readDataset('-', {}, { stdin: chunked([bytes]) });
    expect([fromFile.sha256, [...fromFile.targets]]).toEqual([fromPipe.sha256, [0.5, 1]]);
  });

  test('may be gzipped as a whole', async () => {
    const path = join(folder({ 'x.parquet.gz': gzipSync(parquet(lists([1], [2, 3]))) }), 'x.parquet.gz');
    expect((await run(['pad', path, '--output-format', 'csv', '--quiet'])).stdout).toBe('token_1,token_2\n1,0\n2,3\n');
  });

  test.each([
    ['a negative token', parquet(lists([1], [2, -5])), 'row 2, token 2: -5 is not a whole number from 0 to 2147483647'],
    [
      'a token beyond 2^53',
      parquet([{ name: 'tokens', lists: [[2n ** 53n + 1n]], type: 'INT64' }]),
      'row 1, token 1: 9007199254740993 is not a whole number from 0 to 2147483647',
    ],
    ['a token that is null', parquet(lists([1, null])), 'row 1, token 2: null is not a whole number from 0 to 2147483647'],
    ['a row that is null', parquet(lists([1], null)), 'row 2: "null" stands where a list of tokens should'],
    ['no column of that name', parquet([{ name: 'ids', lists: [[1]] }]), 'no column is named "tokens" or "sequence"'],
    [
      'lists of floats',
      parquet([{ name: 'tokens', lists: [[1]], type: 'DOUBLE' }]),
      'the column "tokens" holds a list of DOUBLE, not lists of whole numbers',
    ],
    [
      'a column of text',
      parquet([{ name: 'tokens', values: ['1 2'], type: 'STRING' }]),
      'the column "tokens" holds UTF8, not lists of whole numbers',
    ],
    ['no rows', parquet(lists()), 'holds no rows'],
    [
      'a file that is cut',
      parquet(lists([1])).subarray(0, -9),
      'the Parquet data is damaged, or of an unknown kind: file invalid (footer != PAR1)',
    ],
  ])('%s: an error that names the row, and a hint', async (_, bytes, message) => {
    expect(await readError([bytes])).toBe(`stdin: ${message}`);
    await expect(readText([bytes])).rejects.toMatchObject({ hint: expect.stringMatching(/./) });
  });

  test('with --on-error skip gives the rows that are sound', async () => {
    const bytes = parquet(lists([1], [2, -5], null, [3, 4]));
    const { rows, input } = await readText([bytes], { onError: 'skip' });
    expect([rows, input.badRows.count]).toEqual([[[1], [3, 4]], 2]);
  });

  test('whose pages hyparquet decodes for ever is an error when its time is up, and is left at once when interrupted', async () => {
    const file = join(import.meta.dirname, 'endless.parquet');
    const reading = async (mostSeconds: number, interrupted?: AbortSignal): Promise<unknown> => {
      const stdin = chunked([]);
      const input = await openSequences(file, { mostSeconds }, interrupted ? { stdin, interrupted } : { stdin });
      for await (const _ of input.chunks);
      return undefined;
    };
    await expect(reading(3)).rejects.toMatchObject({
      message: `${file}: the Parquet data is damaged, or of an unknown kind: decoding does not end within 3 seconds`,
      hint: expect.stringMatching(/^read the file with another tool/),
    });
    const interruption = new AbortController();
    const interrupted = reading(3600, interruption.signal);
    setImmediate(() => interruption.abort('SIGTERM'));
    await expect(interrupted).rejects.toMatchObject({ name: 'AbortError' });
  });
});

test('lists of whole numbers come out of packing as they went in, and what cannot be packed as it was', () => {
  const value = fc.oneof(
    fc.integer(),
    fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
    fc.bigInt({ min: 0n, max: 99n }),
    fc.constant(null),
  );
  const first = fc.oneof(fc.array(fc.integer()), fc.array(fc.bigInt({ min: 0n, max: 2n ** 31n })), fc.array(value), fc.constant(null));
  fc.assert(
    fc.property(fc.array(first, { maxLength: 20 }), (given) => {
      const rows = unpackFirst(packFirst(given.map((list, row) => [list, row])));
      const texts = (list: unknown): readonly string[] | null => (list === null ? null : Array.from(list as ArrayLike<unknown>, String));
      expect(rows.map(([list, row]) => [texts(list), row])).toEqual(given.map((list, row) => [texts(list), row]));
    }),
  );
});
