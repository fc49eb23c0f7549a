// The inputs of a fuzz run: the one of a seed and a number is always the same, so that what fails can be run again alone.
import * as fc from 'fast-check';
import { gzipSync } from 'node:zlib';
import type { ReadOptions } from '../../src/data/rows/names.ts';
import { createRandom } from '../../src/model/random.ts';
import type { Random } from '../../src/model/random.ts';
import { readCorpus } from './corpus.ts';
import { nearlyRight } from './generators.ts';
import { mutate } from './mutate.ts';

export interface FuzzInput {
  readonly bytes: Buffer;
  /** The same in parts, as a pipe may deliver them. */
  readonly parts: readonly Buffer[];
  readonly options: ReadOptions;
}

const purpose = 101;
const corpus = readCorpus();

export function inputOf(seed: number, index: number): FuzzInput {
  const random = createRandom(seed, purpose, index);
  const bytes = bytesOf(random);
  const options = optionsOf(random);
  return { bytes, parts: cut(bytes, random), options };
}

/** What the library for Parquet takes for such a file. */
function isParquet(bytes: Buffer): boolean {
  return bytes.subarray(0, 4).toString('latin1') === 'PAR1' || bytes.subarray(-4).toString('latin1') === 'PAR1';
}

/** A third nearly right texts, a third those with some bytes changed, a third changed files; some compressed, and changed again. */
function bytesOf(random: Random): Buffer {
  const kind = random.below(3);
  const other = pick(corpus, random);
  const begin = kind < 2 ? generated(random) : pick(corpus, random);
  const mutated = kind === 0 ? begin : mutate(begin, random, other);
  // A damaged Parquet file takes long, and may take all the time it is given: most are only cut, which is found at once.
  const isSpared = isParquet(mutated) && mutated !== begin && random.below(4) > 0;
  const changed = isSpared ? begin.subarray(0, random.below(begin.length + 1)) : mutated;
  if (random.below(16) > 0) return changed;
  const compressed = gzipSync(changed);
  return random.below(2) === 0 ? compressed : mutate(compressed, random, other);
}

function generated(random: Random): Buffer {
  return Buffer.from(fc.sample(nearlyRight, { seed: random.next() | 0, numRuns: 1 })[0]);
}

function cut(bytes: Buffer, random: Random): Buffer[] {
  // Many parts of a long input take long, and find no more.
  const longest = pick(bytes.length < 200 ? [1, 3, 16, 1000] : [16, 64, 1000], random);
  const parts: Buffer[] = [];
  for (let at = 0; at < bytes.length;) {
    const size = 1 + random.below(longest);
    parts.push(bytes.subarray(at, at + size));
    at += size;
  }
  return parts;
}

/** Most often none. */
function optionsOf(random: Random): ReadOptions {
  const rarely = <T>(values: readonly T[], oneOf = 12): T | undefined => (random.below(oneOf) === 0 ? pick(values, random) : undefined);
  return {
    inputFormat: rarely(['csv', 'csv', 'tsv', 'json', 'jsonl', 'npy', 'parquet'] as const),
    delimiter: rarely([',', ';', '\t', ' ', '|'] as const),
    sequence: rarely(['tokens', 'sequences', 't1', '__proto__', 'constructor', 'note'], 24),
    target: rarely([['label'], ['y', 'target'], ['constructor'], ['tokens']], 24),
    padding: rarely(['pre'] as const),
  };
}

function pick<T>(values: readonly T[], random: Random): T {
  return values[random.below(values.length)];
}
