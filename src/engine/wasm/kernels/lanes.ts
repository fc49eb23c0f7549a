// The last 1 to 3 elements of a vector, in lanes of a register: nothing beyond them is read or written.
// A tail goes through the same arithmetic as the body, so an element's result does not depend on its position.

/** The first `count` (1..3) floats at `at`; the other lanes are 0. */
@inline
export function loadPart(at: usize, count: u32): v128 {
  let x = v128.load_zero<f32>(at);
  if (count > 1) x = v128.load_lane<f32>(at, x, 1, 4);
  if (count > 2) x = v128.load_lane<f32>(at, x, 2, 8);
  return x;
}

/** Writes the first `count` (1..3) lanes of x. */
@inline
export function storePart(at: usize, x: v128, count: u32): void {
  v128.store_lane<f32>(at, x, 0);
  if (count > 1) v128.store_lane<f32>(at, x, 1, 4);
  if (count > 2) v128.store_lane<f32>(at, x, 2, 8);
}

/** The first two lanes in float64. */
@inline
export function lowHalf(x: v128): v128 {
  return f64x2.promote_low_f32x4(x);
}

/** The last two lanes in float64. */
@inline
export function highHalf(x: v128): v128 {
  return f64x2.promote_low_f32x4(v128.shuffle<u64>(x, x, 1, 1));
}

/** The end of the whole vectors of `count` floats at `at`. */
@inline
export function wholeEnd(at: usize, count: u32): usize {
  return at + ((count & ~3) << 2);
}
