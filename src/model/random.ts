// The one source of randomness: xoshiro128** (Blackman & Vigna, 2021), seeded by splitmix32. Never Math.random.
import { log } from '../engine/elementary.ts';
import { absorb, mix } from '../engine/hash.ts';

export interface Random {
  /** A whole number from 0 to 2³² − 1. */
  next(): number;
  /** A number in [0, 1), in steps of 2⁻⁵³. */
  uniform(): number;
  /** A whole number from 0 to n − 1, each equally likely; 1 ≤ n ≤ 2³². */
  below(n: number): number;
  /** A number from the normal distribution N(0, 1). */
  normal(): number;
}

/** What randomness is drawn for. Each purpose has a sequence of its own, so that one more draw here moves nothing there. */
export const purposes = { initialize: 1, shuffle: 2, split: 3, sample: 4, dropout: 5, generate: 6, synth: 16 } as const;

/** The sequence of a seed (0 … 2⁵³ − 1), a purpose, and for repeated draws an index such as the epoch. */
export function createRandom(seed: number, purpose: number, index = 0): Random {
  let hash = 0;
  for (const part of [seed >>> 0, Math.floor(seed / 4294967296), purpose, index]) hash = absorb(hash, part);
  let [a, b, c, d] = [0, 1, 2, 3].map((i) => mix(hash + Math.imul(i + 1, 0x9e3779b9))) as [number, number, number, number];
  if ((a | b | c | d) === 0) a = 1;

  function next(): number {
    const result = Math.imul(rotate(Math.imul(b, 5), 7), 9) >>> 0;
    const shifted = b << 9;
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= shifted;
    d = rotate(d, 11);
    return result;
  }

  function uniform(): number {
    return ((next() >>> 5) * 67108864 + (next() >>> 6)) / 9007199254740992;
  }

  function below(n: number): number {
    const limit = 4294967296 - (4294967296 % n);
    let draw = next();
    while (draw >= limit) draw = next();
    return draw % n;
  }

  /** Marsaglia's polar method. */
  function normal(): number {
    for (;;) {
      const x = 2 * uniform() - 1;
      const y = 2 * uniform() - 1;
      const square = x * x + y * y;
      if (square > 0 && square < 1) return x * Math.sqrt((-2 * log(square)) / square);
    }
  }

  return { next, uniform, below, normal };
}

/** 0 … n − 1 in random order (Fisher and Yates). */
export function permutation(n: number, random: Random): Int32Array {
  const order = Int32Array.from({ length: n }, (_, i) => i);
  for (let i = n - 1; i > 0; i--) {
    const j = random.below(i + 1);
    const kept = order[i];
    order[i] = order[j]!;
    order[j] = kept;
  }
  return order;
}

function rotate(x: number, by: number): number {
  return (x << by) | (x >>> (32 - by));
}
