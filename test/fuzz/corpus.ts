// What the byte-mutating loop begins with: the heads of all fixtures, and small files in every format and layout.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { npy } from '../support/npy.ts';
import { parquet } from '../support/parquet.ts';

const fixtures = join(import.meta.dirname, '../../fixtures');

/** Longer ones find no more. */
const mostBytes = 1200;

const texts = [
  '43,96,2,78,43\n11,51,9,52,6,1,75,29\n',
  '1;2;3\n\n4;5\n',
  '43 96 2\n7\n 1  2 \n',
  '1\t2\r\n3\r\n',
  '"1","2"\n"3"\n',
  't1,t2,t3,label\n1,2,3,0\n4,,,1\n',
  't1,t2,length,mask_1,mask_2,y\n1,0,1,1,0,0.5\n3,4,2,1,1,-1e2\n',
  'word,tokens,label\n"a,""b",43 96 2,1\né𝄞,,0\n',
  'tokens,length,mask\n1 2 0,2,1 1 0\n',
  '[[43,96,2],\n [11,51],\n []]\n',
  '[{"tokens":[1,2],"y":0.5,"x":{"a":[1,"\\u0041"]}},{"y":1,"tokens":[3]}]',
  '{"name":"x","sequences":[[1,2,0],[4,0,0]],"lengths":[2,1],"targets":[1,2.5]}',
  '{"masks":[[1,0],[1,1]],"sequences":[[5,0],[6,7]]}',
  '[1,2,3]\n[4]\n\n[]\n',
  '{"tokens":[1,2],"label":1}\n{"label":0,"tokens":[3,0],"length":1,"mask":[1,0]}\n',
  '\ufeff{"__proto__":1,"tokens":[1],"constructor":"a\\"b"}\n',
];

const binaries = [
  npy([
    [1, 2, 3],
    [4, 5, 6],
  ]),
  npy([[1n], [2n], [2n ** 40n]], { descr: '>i8', version: 2 }),
  npy([[1, 200]], { descr: '|u1', fortran: true }),
  parquet([
    { name: 'tokens', lists: [[1, 2, 3], [], [4]] },
    { name: 'label', values: [1, 0, 1], type: 'INT32' },
  ]),
  parquet(
    [
      { name: 'tokens', lists: [[1n], null, [2n, null]], type: 'INT64' },
      { name: 'word', values: ['a', 'b', null], type: 'STRING' },
    ],
    1,
  ),
  readFileSync(join(import.meta.dirname, '../data/pyarrow.parquet')),
];

export function readCorpus(): readonly Buffer[] {
  const heads = readdirSync(fixtures)
    .filter((name) => /\.(csv|json|txt|md)$/.test(name))
    .map((name) => readFileSync(join(fixtures, name)).subarray(0, mostBytes));
  const plain = [...heads, ...texts.map((text) => Buffer.from(text)), ...binaries];
  return [
    ...plain,
    ...plain.slice(0, 2).map((bytes) => gzipSync(bytes)),
    Buffer.concat([gzipSync('1,2\n'), gzipSync('3\n')]),
    gzipSync(binaries[0]),
  ];
}
