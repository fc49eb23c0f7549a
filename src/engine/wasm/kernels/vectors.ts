// Whole vectors: fill, copy, and sums in float64 in an order fixed by the count.
import { highHalf, lowHalf, wholeEnd } from './lanes';

/** x ← value */
export function fill(x: usize, count: u32, value: f32): void {
  const v = f32x4.splat(value);
  const end = wholeEnd(x, count);
  for (; x < end; x += 16) v128.store(x, v);
  for (let rest = count & 3; rest; rest--, x += 4) store<f32>(x, value);
}

/** y ← x; upwards unless y begins inside x, where only memory.copy (a slow call, but right) will do. */
export function copy(y: usize, x: usize, count: u32): void {
  if (y - x < count << 2) {
    memory.copy(y, x, count << 2);
    return;
  }
  const end = wholeEnd(y, count);
  for (; y < end; y += 16, x += 16) v128.store(y, v128.load(x));
  for (let rest = count & 3; rest; rest--, y += 4, x += 4) store<u32>(y, load<u32>(x));
}

/** Σ x: element i goes to partial sum i mod 8 up to the last multiple of 8, the rest is added at the end. */
export function sum(x: usize, count: u32): f64 {
  let a = f64x2.splat(0);
  let b = a;
  let c = a;
  let d = a;
  const end = x + ((count & ~7) << 2);
  for (; x < end; x += 32) {
    const low = v128.load(x);
    const high = v128.load(x, 16);
    a = f64x2.add(a, lowHalf(low));
    b = f64x2.add(b, highHalf(low));
    c = f64x2.add(c, lowHalf(high));
    d = f64x2.add(d, highHalf(high));
  }
  let total = inTwos(a, b, c, d);
  for (let rest = count & 7; rest; rest--, x += 4) total += <f64>load<f32>(x);
  return total;
}

/** Σ x², as `sum`; a square of a float32 is exact in float64. */
export function sumOfSquares(x: usize, count: u32): f64 {
  let a = f64x2.splat(0);
  let b = a;
  let c = a;
  let d = a;
  const end = x + ((count & ~7) << 2);
  for (; x < end; x += 32) {
    const low = v128.load(x);
    const high = v128.load(x, 16);
    a = f64x2.add(a, square(lowHalf(low)));
    b = f64x2.add(b, square(highHalf(low)));
    c = f64x2.add(c, square(lowHalf(high)));
    d = f64x2.add(d, square(highHalf(high)));
  }
  let total = inTwos(a, b, c, d);
  for (let rest = count & 7; rest; rest--, x += 4) {
    const element = <f64>load<f32>(x);
    total += element * element;
  }
  return total;
}

@inline
function square(x: v128): v128 {
  return f64x2.mul(x, x);
}

/** The sum of eight partial sums, in pairs. */
@inline
function inTwos(a: v128, b: v128, c: v128, d: v128): f64 {
  const all = f64x2.add(f64x2.add(a, b), f64x2.add(c, d));
  return f64x2.extract_lane(all, 0) + f64x2.extract_lane(all, 1);
}
