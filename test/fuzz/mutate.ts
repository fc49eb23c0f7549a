// Bytes changed as files are damaged: bits, bytes, stretches, pieces of another file.
import type { Random } from '../../src/model/random.ts';

/** What stands at the borders of the rules. */
const telling = [
  ...'" "" , ; | [ ] { } : \\ - . e 0 9 é 𝄞 [[ ]] {} [] "tokens": "5" \\u0030'.split(' '),
  ...'1e3 0x10 -1 1.5 007 2147483647 2147483648 9007199254740993 NaN null true'.split(' '),
  ...'tokens sequence target label length mask mask_1 __proto__ constructor'.split(' '),
  ...'\t+\n+\r\n+\r+\0+\ufeff+\u200b+ + 5 '.split('+'),
].map((text) => Buffer.from(text));
const bytes = [0x00, 0x0a, 0x0d, 0x1f, 0x8b, 0x22, 0x2c, 0x7f, 0x80, 0xbf, 0xc2, 0xe2, 0xf0, 0xfe, 0xff];

type Mutation = (data: Buffer, random: Random, other: Buffer) => Buffer;

/** These most often make text that is none. */
const ofBytes: readonly Mutation[] = [
  (data, random) => changed(data, random, (byte) => byte ^ (1 << random.below(8))),
  (data, random) => changed(data, random, () => bytes[random.below(bytes.length)]),
  (data, random) => changed(data, random, () => random.below(256)),
];

const ofStretches: readonly Mutation[] = [
  (data, random) => put(data, random.below(data.length + 1), 0, telling[random.below(telling.length)]),
  (data, random) => put(data, random.below(data.length + 1), 1 + random.below(4), telling[random.below(telling.length)]),
  (data, random) => put(data, random.below(data.length + 1), 1 + random.below(16), Buffer.alloc(0)),
  (data, random) => {
    const begin = random.below(data.length + 1);
    return put(data, random.below(data.length + 1), 0, data.subarray(begin, begin + 1 + random.below(64)));
  },
  (data, random) => data.subarray(0, random.below(data.length + 1)),
  (data, random) => data.subarray(random.below(data.length + 1)),
  (data, random, other) => {
    const begin = random.below(other.length + 1);
    return put(data, random.below(data.length + 1), 0, other.subarray(begin, begin + 1 + random.below(64)));
  },
  (data, random, other) => Buffer.concat([data.subarray(0, random.below(data.length + 1)), other.subarray(random.below(other.length + 1))]),
];

/** One to six changes, few more often than many. `other` lends its parts. */
export function mutate(data: Buffer, random: Random, other: Buffer): Buffer {
  const mutations = random.below(5) === 0 ? ofBytes : ofStretches;
  let result = data;
  for (let left = 1 + random.below(1 + random.below(6)); left > 0; left--) {
    result = mutations[random.below(mutations.length)](result, random, other);
  }
  return result;
}

function changed(data: Buffer, random: Random, change: (byte: number) => number): Buffer {
  if (data.length === 0) return data;
  const copy = Buffer.from(data);
  const at = random.below(copy.length);
  copy[at] = change(copy[at]);
  return copy;
}

/** Replaces `count` bytes from `at` on. */
function put(data: Buffer, at: number, count: number, part: Buffer): Buffer {
  return Buffer.concat([data.subarray(0, at), part, data.subarray(at + count)]);
}
