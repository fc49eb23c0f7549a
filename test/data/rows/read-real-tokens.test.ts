// Rows that are padded already: a length or a mask beside the tokens tells which are real, in every form of input.
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readDataset, tokenError } from '../../../src/data/dataset/dataset.ts';
import type { ReadOptions } from '../../../src/data/rows/names.ts';
import { chunked } from '../../support/run.ts';
import { inParts, readError, readText } from '../../support/read.ts';

interface PaddedRow {
  readonly tokens: readonly (number | string)[];
  readonly length?: number | string;
  readonly mask?: readonly number[];
}

const csv = { inputFormat: 'csv' } as const;

/** The rows in each of the five forms that have a place for a length or a mask. */
function forms(rows: readonly PaddedRow[]): readonly (readonly [name: string, text: string, options: ReadOptions])[] {
  const [{ tokens, length, mask }] = rows;
  const numbers = tokens.map((_, i) => i + 1);
  const sides = [...(length === undefined ? [] : ['length']), ...(mask === undefined ? [] : ['mask'])];
  const wide = [...numbers.map((i) => `t${i}`), ...sides.flatMap((name) => (name === 'mask' ? numbers.map((i) => `mask_${i}`) : name))];
  const beside = (row: PaddedRow, separator: string): string =>
    [...(row.length === undefined ? [] : [row.length]), ...(row.mask === undefined ? [] : [row.mask.join(separator)])]
      .map((cell) => `,${cell}`)
      .join('');
  const objects = rows.map((row) => {
    const parts = [`"tokens":[${row.tokens.join(',')}]`];
    // Before the tokens and behind them.
    if (row.length !== undefined) parts.unshift(`"length":${row.length}`);
    if (row.mask !== undefined) parts.push(`"mask":[${row.mask.join(',')}]`);
    return `{${parts.join(',')}}`;
  });
  const columns = [
    ...(length === undefined ? [] : [`"lengths":[${rows.map((row) => row.length).join(',')}]`]),
    `"sequences":[${rows.map((row) => `[${row.tokens.join(',')}]`).join(',')}]`,
    ...(mask === undefined ? [] : [`"masks":[${rows.map((row) => `[${row.mask!.join(', ')}]`).join(',')}]`]),
  ];
  return [
    ['wide', `${wide.join(',')}\n${rows.map((row) => `${row.tokens.join(',')}${beside(row, ',')}\n`).join('')}`, csv],
    ['cell', `${['tokens', ...sides].join(',')}\n${rows.map((row) => `${row.tokens.join(' ')}${beside(row, ' ')}\n`).join('')}`, csv],
    ['jsonl', objects.map((object) => `${object}\n`).join(''), { inputFormat: 'jsonl' }],
    ['json', `[${objects.join(',')}]`, { inputFormat: 'json' }],
    ['columns', `{${columns.join(',')}}`, { inputFormat: 'json' }],
  ];
}

/** What the five forms are read as, whole and 3 bytes at a time: one list of rows, since all should be alike. */
async function readForms(rows: readonly PaddedRow[], options: ReadOptions = {}): Promise<readonly (readonly number[])[] | string> {
  const results = new Map<string, string>();
  let last: readonly (readonly number[])[] = [];
  for (const [name, text, format] of forms(rows)) {
    for (const parts of [text, inParts(text, 3)]) {
      ({ rows: last } = await readText(parts, { ...format, ...options }));
      results.set(JSON.stringify(last), name);
    }
  }
  return results.size === 1 ? last : [...results].map(([result, name]) => `${name}: ${result}`).join('; ');
}

/** The errors of the five forms. */
async function errorsOf(rows: readonly PaddedRow[]): Promise<string[]> {
  const errors: string[] = [];
  for (const [, text, format] of forms(rows)) errors.push(await readError(text, format));
  return errors;
}

/** That many errors like this one. */
function all(message: RegExp): unknown[] {
  return Array.from({ length: 5 }, () => expect.stringMatching(message) as unknown);
}

const front: readonly PaddedRow[] = [
  { tokens: [5, 6, 7], length: 3 },
  { tokens: [0, 8, 9], length: 2 },
  { tokens: [0, 0, 4], length: 1 },
];

describe('a length', () => {
  test('leaves out the last tokens of 3, or with padding pre the first', async () => {
    const behind = front.map(({ tokens, length }) => ({ tokens: [...tokens.filter((id) => id !== 0), 0, 0].slice(0, 3), length: length! }));
    expect(await readForms(behind)).toEqual([[5, 6, 7], [8, 9], [4]]);
    expect(await readForms(front, { padding: 'pre' })).toEqual([[5, 6, 7], [8, 9], [4]]);
  });

  test('of 0 leaves no token', async () => {
    expect(await readForms([{ tokens: [0, 0], length: 0 }])).toEqual([[]]);
    expect(await readForms([{ tokens: [0, 0], length: 0 }], { padding: 'pre' })).toEqual([[]]);
  });

  test('that leaves out two values of one row is an error with both, in every form', async () => {
    expect(await errorsOf([{ tokens: [3, 0, 4], length: 1 }])).toEqual(
      all(/^stdin(:1|:2|:2:3|:2:1|:1:3): (row 1, token 3: |token 3: )?length 1 leaves out 0 and 4: padding is one value$/),
    );
  });

  test('that leaves out one value in one row and another in the next is an error at the next', async () => {
    const rows = [
      { tokens: [0, 8, 9], length: 2 },
      { tokens: [0, 3, 4], length: 2 },
    ];
    expect(await errorsOf(rows)).toEqual(
      all(/^stdin(:1|:3:3|:3:1|:2:3): (row 2, token 3: |token 3: )?length 2 leaves out 4, a row before left out 9: padding is one value$/),
    );
    expect(await readForms(rows, { padding: 'pre' })).toEqual([
      [8, 9],
      [3, 4],
    ]);
  });

  test('read from the wrong side has a hint that names the other', async () => {
    const text = 'tokens,length\n0 0 4,1\n';
    await expect(readText(text)).rejects.toMatchObject({ hint: expect.stringMatching(/^say --padding pre .*or check the length$/) });
    const behind = 'tokens,length\n4 0 5,1\n';
    await expect(readText(behind, { padding: 'pre' })).rejects.toMatchObject({ hint: expect.stringMatching(/^say --padding post/) });
  });

  test('and a blank line under a header: the line is an empty row', async () => {
    expect((await readText('t1,t2,length\n1,0,1\n\n2,3,2\n', csv)).rows).toEqual([[1], [], [2, 3]]);
  });
});

describe('a mask', () => {
  const rows = [
    { tokens: [9, 5, 6, 9], mask: [0, 1, 1, 0] },
    { tokens: [0, 5, 6, 7], mask: [0, 1, 1, 1] },
    { tokens: [5, 9, 9, 1], mask: [1, 0, 0, 0] },
    { tokens: [0, 0, 0, 0], mask: [0, 0, 0, 0] },
    { tokens: [1, 2, 3, 4], mask: [1, 1, 1, 1] },
  ];
  const real = [[5, 6], [5, 6, 7], [5], [], [1, 2, 3, 4]];

  test('tells the real tokens on either side, whatever the padding option says', async () => {
    expect(await readForms(rows)).toEqual(real);
    expect(await readForms(rows, { padding: 'pre' })).toEqual(real);
  });

  test('and a length that agrees are read; one that does not is an error', async () => {
    const withLengths = rows.map((row, i) => ({ ...row, length: real[i].length }));
    expect(await readForms(withLengths)).toEqual(real);
    expect(await errorsOf([{ ...rows[0], length: 1 }])).toEqual(all(/: (row 1: )?the length is 1, the mask has 2 ones$/));
  });

  test('with a gap, with a 2, or of another number of digits than tokens is an error', async () => {
    expect(await errorsOf([{ tokens: [1, 2, 3], mask: [1, 0, 1] }])).toEqual(all(/: (row 1: )?the mask has a 0 between its ones$/));
    expect(await errorsOf([{ tokens: [1, 2, 3], mask: [1, 2, 0] }])).toEqual(all(/: (row 1: )?"2" in the mask is neither 0 nor 1$/));
    expect(await readError('tokens,mask\n1 2 3,1 1\n')).toBe('stdin:2:2: the mask has 2 digits, the row 3 tokens');
    expect(await readError('{"tokens":[1],"mask":[1,0]}\n')).toBe('stdin:1: the mask has 2 digits, the row 1 token');
    expect(await readError('{"tokens":[1],"mask":"yes"}\n')).toBe('stdin:1: "\\"yes\\"" in the mask is neither 0 nor 1');
    expect(await readError('t1,t2,mask_1\n1,2,1\n')).toBe('stdin:1:3: the columns of tokens are 2, those of the mask, such as mask_1, 1');
  });

  test('of wide columns names the cell that is wrong, and its columns may stand anywhere and in any order', async () => {
    expect(await readError('t1,mask_1,t2,mask_2\n1,1,2,x\n')).toBe('stdin:2:4: "x" in the mask is neither 0 nor 1');
    expect((await readText('mask_2,t1,t2,mask_1\n1,0,5,0\n')).rows).toEqual([[5]]);
  });

  test('may go on with zeros where the cells of a short row are empty', async () => {
    expect((await readText('t1,t2,t3,mask_1,mask_2,mask_3\n1,,,1,0,0\n,,,0,0,0\n\n', csv)).rows).toEqual([[1], [], []]);
    expect(await readError('t1,t2,mask_1,mask_2\n1,,1,1\n', csv)).toBe('stdin:2:3: the mask has 2 digits, the row 1 token');
  });
});

describe('padding', () => {
  test.each(['-1', '-100', '2147483648', '-9223372036854775808'])(
    'of %s is no token ID, and need not be one: a length or a mask leaves it out',
    async (pad) => {
      expect(await readForms([{ tokens: [5, 6, pad], length: 2 }])).toEqual([[5, 6]]);
      expect(await readForms([{ tokens: [pad, 5, 6], length: 2 }], { padding: 'pre' })).toEqual([[5, 6]]);
      expect(await readForms([{ tokens: [pad, 5, pad], mask: [0, 1, 0] }])).toEqual([[5]]);
    },
  );

  test.each(['1.5', '1e3', 'x', 'null'])('of %s is an error, left out or not', async (pad) => {
    expect(await errorsOf([{ tokens: [5, 6, pad], length: 2 }])).toEqual(all(/is not a whole number from 0|is not JSON/));
  });

  test('-1 among the real tokens is an error at its place, as it is where nothing is left out', async () => {
    expect(await errorsOf([{ tokens: [5, -1, 0], length: 2 }])).toEqual(
      all(/^stdin(:2:2|:2:1|:1:2|:1): .*"-1",? (in column "t2" )?is not a whole number from 0/),
    );
    expect(await readError('[{"y":1,"tokens":[5,\n-1]}]', { inputFormat: 'json' })).toBe(
      'stdin:2: row 1, token 2: "-1" is not a whole number from 0 to 2147483647',
    );
    expect(await readError('{"sequences":[[5],\n[6,-1]],\n"targets":[1,2]}', { inputFormat: 'json' })).toBe(
      'stdin:2: row 2, token 2: "-1" is not a whole number from 0 to 2147483647',
    );
  });

  test('of any width, value and side is left out again, whatever the tokens: 5 forms, by length and by mask', async () => {
    const token = fc.integer({ min: 0, max: 2 ** 31 - 1 });
    const table = fc.record({
      rows: fc.array(fc.array(token, { maxLength: 5 }), { minLength: 1, maxLength: 5 }),
      value: fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
      padding: fc.constantFrom('post' as const, 'pre' as const),
      told: fc.constantFrom('length', 'mask', 'both'),
    });
    await fc.assert(
      fc.asyncProperty(table, async ({ rows, value, padding, told }) => {
        const padded = rows.map((tokens): PaddedRow => {
          const filling = Array<number>(5 - tokens.length).fill(value);
          const ones = tokens.map(() => 1);
          const zeros = filling.map(() => 0);
          return {
            tokens: padding === 'post' ? [...tokens, ...filling] : [...filling, ...tokens],
            ...(told !== 'mask' && { length: tokens.length }),
            ...(told !== 'length' && { mask: padding === 'post' ? [...ones, ...zeros] : [...zeros, ...ones] }),
          };
        });
        for (const [name, text, format] of forms(padded)) expect((await readText(text, { ...format, padding })).rows, name).toEqual(rows);
      }),
      { numRuns: 50 },
    );
  });
});

describe('a place in a row that is padded in front', () => {
  test('counts the padding: the token 9 stands in column 3, in every part of the input', async () => {
    const text = ['t1,t2,t3,length\n1,2,3,3\n', '0,8,9,2\n'];
    const data = await readDataset('-', { padding: 'pre' }, { stdin: chunked(text) });
    expect([...data.rows.tokens]).toEqual([1, 2, 3, 8, 9]);
    expect(tokenError(data, 0, 1, 'here').message).toBe('stdin:2:2: here');
    expect(tokenError(data, 1, 1, 'here').message).toBe('stdin:3:3: here');
  });

  test('counts padding that is no token ID', async () => {
    const data = await readDataset('-', { padding: 'pre' }, { stdin: chunked(['{"tokens":[-1,-1,7],"length":1}\n']) });
    expect(tokenError(data, 0, 0, 'here').message).toBe('stdin:1:3: here');
  });

  test('is right after an empty row was left out', async () => {
    const data = await readDataset(
      '-',
      { skipEmpty: true },
      { stdin: chunked(['{"tokens":[0,0],"mask":[0,0]}\n{"tokens":[0,7],"mask":[0,1]}\n']) },
    );
    expect(tokenError(data, 0, 0, 'here').message).toBe('stdin:2:2: here');
  });
});
