// Rows: look up, scatter, add, sum over, compare.
import { highHalf, loadPart, lowHalf, storePart, wholeEnd } from './lanes';

/** to[0..n) ← from[0..n) */
@inline
function copyRow(to: usize, from: usize, n: u32): void {
  const end = wholeEnd(to, n);
  for (; to < end; to += 16, from += 16) v128.store(to, v128.load(from));
  for (let rest = n & 3; rest; rest--, to += 4, from += 4) store<f32>(to, load<f32>(from));
}

/** to[0..n) ← to + from */
@inline
function addToRow(to: usize, from: usize, n: u32): void {
  const end = wholeEnd(to, n);
  for (; to < end; to += 16, from += 16) v128.store(to, f32x4.add(v128.load(to), v128.load(from)));
  for (let rest = n & 3; rest; rest--, to += 4, from += 4) store<f32>(to, load<f32>(to) + load<f32>(from));
}

/** out[r,·] ← table[ids[r],·] */
export function gather(out: usize, table: usize, ids: usize, rows: u32, n: u32): void {
  const row = n << 2;
  for (; rows; rows--, out += row, ids += 4) copyRow(out, table + load<u32>(ids) * row, n);
}

/** table[ids[r], j] ← table[ids[r], j] + A[r, j] for j in [from,to), r ascending */
export function scatterAdd(table: usize, A: usize, ids: usize, rows: u32, n: u32, from: u32, to: u32): void {
  const row = n << 2;
  table += from << 2;
  A += from << 2;
  for (; rows; rows--, A += row, ids += 4) addToRow(table + load<u32>(ids) * row, A, to - from);
}

/** out[r,·] ← out[r,·] + row */
export function addRow(out: usize, row: usize, rows: u32, n: u32): void {
  for (; rows; rows--, out += n << 2) addToRow(out, row, n);
}

/**
 * out[j] ← out[j] + Σ_r A[r,j] for j in [from,to), each sum in float64, r ascending, rounded once with out[j].
 * Sixteen columns, one cache line, at a time.
 */
export function columnSums(out: usize, A: usize, rows: u32, n: u32, from: u32, to: u32): void {
  const lda = n << 2;
  let j = from;
  for (; j + 16 <= to; j += 16) sum16(out + (j << 2), A + (j << 2), rows, lda);
  for (; j + 4 <= to; j += 4) {
    const at = out + (j << 2);
    v128.store(at, sum4(v128.load(at), A + (j << 2), rows, lda, 4));
  }
  const rest = to - j;
  if (rest) {
    const at = out + (j << 2);
    storePart(at, sum4(loadPart(at, rest), A + (j << 2), rows, lda, rest), rest);
  }
}

function sum16(out: usize, a: usize, rows: u32, lda: usize): void {
  const zero = f64x2.splat(0);
  let s0 = zero, s1 = zero, s2 = zero, s3 = zero, s4 = zero, s5 = zero, s6 = zero, s7 = zero;
  for (; rows; rows--, a += lda) {
    const x0 = v128.load(a), x1 = v128.load(a, 16), x2 = v128.load(a, 32), x3 = v128.load(a, 48);
    s0 = f64x2.add(s0, lowHalf(x0));
    s1 = f64x2.add(s1, highHalf(x0));
    s2 = f64x2.add(s2, lowHalf(x1));
    s3 = f64x2.add(s3, highHalf(x1));
    s4 = f64x2.add(s4, lowHalf(x2));
    s5 = f64x2.add(s5, highHalf(x2));
    s6 = f64x2.add(s6, lowHalf(x3));
    s7 = f64x2.add(s7, highHalf(x3));
  }
  v128.store(out, rounded(v128.load(out), s0, s1));
  v128.store(out, rounded(v128.load(out, 16), s2, s3), 16);
  v128.store(out, rounded(v128.load(out, 32), s4, s5), 32);
  v128.store(out, rounded(v128.load(out, 48), s6, s7), 48);
}

/** x + Σ_r A[r, 0..4), of which the first `count` lanes are read. */
@inline
function sum4(x: v128, a: usize, rows: u32, lda: usize, count: u32): v128 {
  let low = f64x2.splat(0);
  let high = f64x2.splat(0);
  for (; rows; rows--, a += lda) {
    const row = count == 4 ? v128.load(a) : loadPart(a, count);
    low = f64x2.add(low, lowHalf(row));
    high = f64x2.add(high, highHalf(row));
  }
  return rounded(x, low, high);
}

/** x + (low, high), rounded to float32 once. */
@inline
function rounded(x: v128, low: v128, high: v128): v128 {
  const first = f32x4.demote_f64x2_zero(f64x2.add(lowHalf(x), low));
  const last = f32x4.demote_f64x2_zero(f64x2.add(highHalf(x), high));
  return v128.shuffle<u64>(first, last, 0, 2);
}

/** out[r] ← the first j with the largest y[r,j]; a NaN is never larger, and as y[r,0] never smaller. */
export function argmax(out: usize, y: usize, rows: u32, n: u32): void {
  for (; rows; rows--, out += 4, y += n << 2) store<u32>(out, firstLargest(y, n));
}

/** The largest first, four at a time, then its place. */
@inline
function firstLargest(row: usize, n: u32): u32 {
  const first = load<f32>(row);
  if (first != first) return 0;
  let most = f32x4.splat(first);
  const end = wholeEnd(row, n);
  for (let at = row; at < end; at += 16) most = f32x4.pmax(most, v128.load(at));
  const rest = n & 3;
  for (let at = end; at < end + (rest << 2); at += 4) most = f32x4.pmax(most, v128.load_splat<f32>(at));
  const low = max(f32x4.extract_lane(most, 0), f32x4.extract_lane(most, 1));
  const largest = max(low, max(f32x4.extract_lane(most, 2), f32x4.extract_lane(most, 3)));
  let j: u32 = 0;
  while (load<f32>(row + (j << 2)) != largest) j++;
  return j;
}
