// What optimizers are composed of: element by element, in float32. Limited by memory, not by arithmetic.
import { loadPart, storePart, wholeEnd } from './lanes';

/** x ← a·x */
export function scale(x: usize, count: u32, a: f32): void {
  const factor = f32x4.splat(a);
  const end = wholeEnd(x, count);
  for (; x < end; x += 16) v128.store(x, f32x4.mul(v128.load(x), factor));
  const rest = count & 3;
  if (rest) storePart(x, f32x4.mul(loadPart(x, rest), factor), rest);
}

/** x ← min(max(x, −limit), limit) */
export function clamp(x: usize, count: u32, limit: f32): void {
  const end = wholeEnd(x, count);
  for (; x < end; x += 16) v128.store(x, clamp4(v128.load(x), limit));
  const rest = count & 3;
  if (rest) storePart(x, clamp4(loadPart(x, rest), limit), rest);
}

/** In this order of operands a NaN passes both bounds. */
@inline
function clamp4(x: v128, limit: f32): v128 {
  return f32x4.pmax(f32x4.pmin(x, f32x4.splat(limit)), f32x4.splat(-limit));
}

/** y ← a·y + b·x */
export function blend(y: usize, x: usize, count: u32, a: f32, b: f32): void {
  const end = wholeEnd(y, count);
  for (; y < end; y += 16, x += 16) v128.store(y, blend4(v128.load(y), v128.load(x), a, b));
  const rest = count & 3;
  if (rest) storePart(y, blend4(loadPart(y, rest), loadPart(x, rest), a, b), rest);
}

@inline
function blend4(y: v128, x: v128, a: f32, b: f32): v128 {
  return f32x4.add(f32x4.mul(f32x4.splat(a), y), f32x4.mul(f32x4.splat(b), x));
}

/** v ← a·v + b·x² */
export function blendSquares(v: usize, x: usize, count: u32, a: f32, b: f32): void {
  const end = wholeEnd(v, count);
  for (; v < end; v += 16, x += 16) v128.store(v, blendSquares4(v128.load(v), v128.load(x), a, b));
  const rest = count & 3;
  if (rest) storePart(v, blendSquares4(loadPart(v, rest), loadPart(x, rest), a, b), rest);
}

@inline
function blendSquares4(v: v128, x: v128, a: f32, b: f32): v128 {
  return f32x4.add(f32x4.mul(f32x4.splat(a), v), f32x4.mul(f32x4.mul(f32x4.splat(b), x), x));
}

/** y ← a·y + b·x / (s·√v + eps) */
export function blendByRoot(y: usize, x: usize, v: usize, count: u32, a: f32, b: f32, s: f32, eps: f32): void {
  const end = wholeEnd(y, count);
  for (; y < end; y += 16, x += 16, v += 16) {
    v128.store(y, blendByRoot4(v128.load(y), v128.load(x), v128.load(v), a, b, s, eps));
  }
  const rest = count & 3;
  if (rest) {
    storePart(y, blendByRoot4(loadPart(y, rest), loadPart(x, rest), loadPart(v, rest), a, b, s, eps), rest);
  }
}

@inline
function blendByRoot4(y: v128, x: v128, v: v128, a: f32, b: f32, s: f32, eps: f32): v128 {
  const root = f32x4.add(f32x4.mul(f32x4.splat(s), f32x4.sqrt(v)), f32x4.splat(eps));
  return f32x4.add(f32x4.mul(f32x4.splat(a), y), f32x4.div(f32x4.mul(f32x4.splat(b), x), root));
}
