// Losses over the rows of y (rows,n), which become the gradients ∂L/∂y in place. Sums in float64.
import { exp4, log } from './elementary';
import { highHalf, loadPart, lowHalf, storePart, wholeEnd } from './lanes';

/** Lane j of the result: x_j for j < count, else −∞, whose e^x is 0. */
@inline
function orMinusInfinity(x: v128, count: u32): v128 {
  const mask = i32x4.gt_s(i32x4.splat(count), i32x4(0, 1, 2, 3));
  return v128.bitselect(x, f32x4.splat(f32.NEGATIVE_INFINITY), mask);
}

/** The largest of n numbers; a NaN may be passed over. Four maxima at a time, none of which waits for another. */
@inline
function largest(row: usize, n: u32): f32 {
  let best = f32x4.splat(f32.NEGATIVE_INFINITY);
  const end = wholeEnd(row, n);
  if (row + 48 < end) {
    let best1 = best, best2 = best, best3 = best;
    for (; row + 48 < end; row += 64) {
      best = f32x4.pmax(best, v128.load(row));
      best1 = f32x4.pmax(best1, v128.load(row, 16));
      best2 = f32x4.pmax(best2, v128.load(row, 32));
      best3 = f32x4.pmax(best3, v128.load(row, 48));
    }
    best = f32x4.pmax(f32x4.pmax(best, best1), f32x4.pmax(best2, best3));
  }
  for (; row < end; row += 16) best = f32x4.pmax(best, v128.load(row));
  const rest = n & 3;
  if (rest) best = f32x4.pmax(best, orMinusInfinity(loadPart(row, rest), rest));
  const low = max(f32x4.extract_lane(best, 0), f32x4.extract_lane(best, 1));
  return max(low, max(f32x4.extract_lane(best, 2), f32x4.extract_lane(best, 3)));
}

/** row ← e^{row − maximum}, and returns the sum, in float64, element j in partial sum j mod 4. */
@inline
function exponentials(row: usize, n: u32, maximum: f32): f64 {
  let even = f64x2.splat(0);
  let odd = f64x2.splat(0);
  const shift = f32x4.splat(maximum);
  const end = wholeEnd(row, n);
  for (; row + 48 < end; row += 64) {
    const y0 = v128.load(row), y1 = v128.load(row, 16), y2 = v128.load(row, 32), y3 = v128.load(row, 48);
    const e0 = exp4(f32x4.sub(y0, shift));
    const e1 = exp4(f32x4.sub(y1, shift));
    const e2 = exp4(f32x4.sub(y2, shift));
    const e3 = exp4(f32x4.sub(y3, shift));
    v128.store(row, e0);
    v128.store(row, e1, 16);
    v128.store(row, e2, 32);
    v128.store(row, e3, 48);
    even = f64x2.add(f64x2.add(f64x2.add(f64x2.add(even, lowHalf(e0)), lowHalf(e1)), lowHalf(e2)), lowHalf(e3));
    odd = f64x2.add(f64x2.add(f64x2.add(f64x2.add(odd, highHalf(e0)), highHalf(e1)), highHalf(e2)), highHalf(e3));
  }
  for (; row < end; row += 16) {
    const e = exp4(f32x4.sub(v128.load(row), shift));
    v128.store(row, e);
    even = f64x2.add(even, lowHalf(e));
    odd = f64x2.add(odd, highHalf(e));
  }
  const rest = n & 3;
  if (rest) {
    const e = exp4(f32x4.sub(orMinusInfinity(loadPart(row, rest), rest), shift));
    storePart(row, e, rest);
    even = f64x2.add(even, lowHalf(e));
    odd = f64x2.add(odd, highHalf(e));
  }
  const sums = f64x2.add(even, odd);
  return f64x2.extract_lane(sums, 0) + f64x2.extract_lane(sums, 1);
}

/**
 * ℓ_r = ln Σ_j e^{y_j − M} + (M − y_target),   y ← scale · (e^{y_j − M} / Σ − onehot(target)),   M = max_j y_j
 * A NaN or +∞ in a row makes Σ, the loss and the whole row of gradients NaN, whatever M was taken to be.
 */
export function softmaxCrossEntropy(y: usize, losses: usize, targets: usize, rows: u32, n: u32, factor: f32): void {
  for (let r: u32 = 0; r < rows; r++) {
    const target = y + (load<u32>(targets) << 2);
    const maximum = largest(y, n);
    const logit = load<f32>(target);
    const total = exponentials(y, n, maximum);
    store<f32>(losses, <f32>(log(total) + (<f64>maximum - <f64>logit)));
    scaleRow(y, n, <f32>(<f64>factor / total));
    store<f32>(target, load<f32>(target) - factor);
    y += n << 2;
    losses += 4;
    targets += 4;
  }
}

@inline
function scaleRow(row: usize, n: u32, a: f32): void {
  const factor = f32x4.splat(a);
  const end = wholeEnd(row, n);
  for (; row < end; row += 16) v128.store(row, f32x4.mul(v128.load(row), factor));
  const rest = n & 3;
  if (rest) storePart(row, f32x4.mul(loadPart(row, rest), factor), rest);
}

/** ℓ_r = ½ Σ_j (target_j − y_j)²,   y ← scale · (y − target).   Outputs are few, so this one is scalar. */
export function squaredError(y: usize, losses: usize, targets: usize, rows: u32, n: u32, factor: f32): void {
  for (let r: u32 = 0; r < rows; r++) {
    let total: f64 = 0;
    for (let j: u32 = 0; j < n; j++) {
      const error = load<f32>(y) - load<f32>(targets);
      total += 0.5 * <f64>error * <f64>error;
      store<f32>(y, factor * error);
      y += 4;
      targets += 4;
    }
    store<f32>(losses, <f32>total);
    losses += 4;
  }
}
