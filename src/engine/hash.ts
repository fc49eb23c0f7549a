// Random bits without a state: a function of what they are for. So they are the same on every thread, in any order, and again
// after a resumed run, where a generator's sequence would have to be divided among threads and kept in a file.

/** The step of splitmix32's counter, 2³² over the golden ratio, and the factors of its finalizer. */
export const splitmix = { GOLDEN: 0x9e3779b9, MIX1: 0x21f0aaad, MIX2: 0x735a2d97 } as const;

const { GOLDEN, MIX1, MIX2 } = splitmix;

/** The finalizer of splitmix32: a bijection of 32 bits in which every bit of the input moves every bit of the result. */
export function mix(x: number): number {
  let z = x | 0;
  z = Math.imul(z ^ (z >>> 16), MIX1);
  z = Math.imul(z ^ (z >>> 15), MIX2);
  return (z ^ (z >>> 15)) >>> 0;
}

/** `hash` with one more word taken in. */
export function absorb(hash: number, word: number): number {
  return mix((hash ^ word) + GOLDEN);
}

/** 32 random bits for unit `unit` of row `row` under the key (low, high): what the kernel `dropout` draws. */
export function bitsOf(low: number, high: number, row: number, unit: number): number {
  const at = Math.imul(row + 1, GOLDEN);
  return mix((mix(low + at) + Math.imul(unit, GOLDEN)) ^ mix(high + at));
}
