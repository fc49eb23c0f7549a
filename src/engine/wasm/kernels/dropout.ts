// Dropout: a row of states times its mask. The bits are those of engine/hash.ts, four at a time; 0.4 ns an element, half
// of what tanh takes.
import { GOLDEN, MIX1, MIX2 } from './constants';
import { loadPart, storePart, wholeEnd } from './lanes';

@inline
function mix(x: u32): u32 {
  x = (x ^ (x >> 16)) * MIX1;
  x = (x ^ (x >> 15)) * MIX2;
  return x ^ (x >> 15);
}

@inline
function mix4(x: v128): v128 {
  x = i32x4.mul(v128.xor(x, i32x4.shr_u(x, 16)), i32x4.splat(MIX1));
  x = i32x4.mul(v128.xor(x, i32x4.shr_u(x, 15)), i32x4.splat(MIX2));
  return v128.xor(x, i32x4.shr_u(x, 15));
}

/** y[r,j] ← x[r,j] · (bits(ids[r], j) ≥ threshold ? factor : 0): a product, so that a NaN stays. y and x may be one. */
export function dropout(y: usize, x: usize, ids: usize, rows: u32, n: u32, low: u32, high: u32, threshold: u32, factor: f32): void {
  const step = i32x4.splat(4 * GOLDEN);
  const rest = n & 3;
  for (; rows; rows--, ids += 4) {
    const at = (load<u32>(ids) + 1) * GOLDEN;
    const key = i32x4.splat(mix(high + at));
    let counter = i32x4.add(i32x4.splat(mix(low + at)), i32x4.mul(i32x4.splat(GOLDEN), i32x4(0, 1, 2, 3)));
    const end = wholeEnd(y, n);
    for (; y < end; y += 16, x += 16) {
      v128.store(y, masked(v128.load(x), v128.xor(counter, key), threshold, factor));
      counter = i32x4.add(counter, step);
    }
    if (rest) {
      storePart(y, masked(loadPart(x, rest), v128.xor(counter, key), threshold, factor), rest);
      y += rest << 2;
      x += rest << 2;
    }
  }
}

@inline
function masked(x: v128, counters: v128, threshold: u32, factor: f32): v128 {
  const keep = i32x4.ge_u(mix4(counters), i32x4.splat(threshold));
  return f32x4.mul(x, v128.and(keep, f32x4.splat(factor)));
}
