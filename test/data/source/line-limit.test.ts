import { Readable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { openSequences } from '../../../src/data/open.ts';
import type { ReadOptions } from '../../../src/data/rows/names.ts';
import { collectRows } from '../../../src/data/rows/store.ts';
import { readText } from '../../support/read.ts';
import { run } from '../../support/run.ts';

const mebibyte = 1 << 20;
const part = 1 << 16;

/** A gigabyte that is made as it is read: `begin`, then `filling` over and over. */
function gigabyte(begin: string, filling: string): { readonly stdin: Readable; readonly read: () => number } {
  let size = 0;
  function* bytes(): Generator<Buffer> {
    yield Buffer.from(begin);
    for (; size < 1 << 30; size += part) yield Buffer.alloc(part, filling);
  }
  return { stdin: Readable.from(bytes()), read: () => size };
}

/** The error that reading ends with, and the bytes read until then. */
async function readEndless(begin: string, filling: string, options: ReadOptions): Promise<[message: string, bytes: number]> {
  const { stdin, read } = gigabyte(begin, filling);
  try {
    const { chunks } = await openSequences('-', options, { stdin });
    for await (const _ of chunks);
  } catch (error) {
    return [(error as Error).message, read()];
  }
  return ['no error', read()];
}

describe('a gigabyte without the end of a line is an error once a mebibyte and little more is read', () => {
  const limit = { maxLineBytes: mebibyte };
  test.each<[string, string, string, ReadOptions, string]>([
    ['digits in CSV', '1,2\n', '1', {}, 'stdin:2: the line has more than 1048576 bytes'],
    ['tokens in CSV', '1,2\n3\n', '7,', {}, 'stdin:3: the line has more than 1048576 bytes'],
    ['a first line', '', '7,', {}, 'stdin:1: the line has more than 1048576 bytes'],
    ['words and spaces', '1 2\n', '7 ', {}, 'stdin:2: the line has more than 1048576 bytes'],
    [
      'a quoted cell that takes in the lines after it',
      'tokens,x\n1,"a',
      'b\n',
      {},
      'stdin:2: the row that begins here has more than 1048576 bytes',
    ],
    ['a row of JSONL', '[1]\n[2,', '3,', {}, 'stdin:2: the line has more than 1048576 bytes'],
    ['a text in JSONL', '{"tokens":[1],"x":"', 'a', { inputFormat: 'jsonl' }, 'stdin:1: the line has more than 1048576 bytes'],
    ['a row of a document', '[[1],[2,', '3,', {}, 'stdin:1: row 2 has more than 1048576 bytes'],
    ['white space before a row', '[[1],', ' ', {}, 'stdin:1: row 2 has more than 1048576 bytes'],
    [
      'a document of columns',
      '{"sequences":[[1],[2],',
      '[3],',
      {},
      'stdin:1: the document, which is read whole, has more than 1048576 bytes',
    ],
  ])('%s', async (_, begin, filling, options, message) => {
    const [text, bytes] = await readEndless(begin, filling, { ...options, ...limit });
    expect(text).toBe(message);
    expect(bytes).toBeLessThan(2 * mebibyte + 4 * part);
  });
});

describe('in parts of 64 KiB', () => {
  const read = async (text: string, inputFormat: 'csv' | 'jsonl'): Promise<readonly number[]> => {
    const parts = Array.from({ length: Math.ceil(text.length / part) }, (_, i) => text.slice(i * part, (i + 1) * part));
    return (await readText(parts, { inputFormat, maxLineBytes: mebibyte })).lines;
  };

  test.each([
    ['csv', '1', ''],
    ['jsonl', '[1', ']'],
  ] as const)('%s: a line as long as the limit is read, and one that is two parts longer is not', async (format, first, last) => {
    const rest = mebibyte - first.length - last.length;
    const line = first + ',1'.repeat(rest / 2).padEnd(rest) + last;
    expect(await read(`${line}\n${line}\n`, format)).toEqual([1, 2]);
    await expect(read(`${line}${' '.repeat(2 * part)}\n`, format)).rejects.toThrow('has more than 1048576 bytes');
  });
});

test('rows of JSON that are whole do not add up: a document of 3 MiB is read under a limit of 1', async () => {
  const { stdin } = gigabyte('', '');
  stdin.destroy();
  const text = `[${'[1,2,3],'.repeat(3 << 17)}[4]]`;
  const { chunks } = await openSequences('-', { maxLineBytes: mebibyte }, { stdin: Readable.from([Buffer.from(text)]) });
  expect((await collectRows(chunks)).lines).toHaveLength((3 << 17) + 1);
});

test('the hint is to raise --max-line-bytes, whose bounds are 1 MiB and 511 MiB', async () => {
  const stdin = ['1'.repeat(mebibyte), '1'];
  const { code, stderr } = await run(['pad', '--max-line-bytes', String(mebibyte)], { stdin });
  expect([code, stderr]).toEqual([
    1,
    expect.stringMatching(/^stdin:1: the line has more than 1048576 bytes\nhint: .*raise --max-line-bytes\n$/),
  ]);
  expect((await run(['pad', '--max-line-bytes', '7'])).stderr).toMatch(
    /^--max-line-bytes: "7" is not a whole number from 1048576 to 535822336/,
  );
});
