// Rows: look up, scatter, add, sum over, compare.
import { highHalf, lowHalf, wholeEnd } from './lanes';

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

/** Columns that are summed together: long enough for the memory to stream, their float64 sums short enough for the first cache. */
const STRIP: u32 = 1024;

/**
 * out[j] ← out[j] + Σ_r A[r,j] for j in [from,to), each sum in float64, r ascending, rounded once with out[j].
 *
 * for each STRIP columns:  for each four rows:  for each four columns:  sums (in scratch) ← sums + the rows, one by one
 */
export function columnSums(out: usize, A: usize, rows: u32, n: u32, from: u32, to: u32, scratch: usize): void {
  const lda = n << 2;
  for (let j = from; j < to; j += STRIP) {
    const columns = min(STRIP, to - j);
    let a = A + (j << 2);
    let r: u32 = 0;
    memory.fill(scratch, 0, columns << 3);
    for (; r + 4 <= rows; r += 4, a += lda << 2) addFourRows(scratch, a, lda, columns);
    for (; r < rows; r++, a += lda) addOneRow(scratch, a, 0, columns);
    addSums(out + (j << 2), scratch, columns);
  }
}

/** sums[j] ← sums[j] + A[0,j] + A[1,j] + A[2,j] + A[3,j], from the left */
function addFourRows(sums: usize, a: usize, lda: usize, columns: u32): void {
  const a1 = a + lda;
  const a2 = a1 + lda;
  const a3 = a2 + lda;
  const whole = (columns & ~3) << 2;
  for (let at: usize = 0; at < whole; at += 16) {
    const x0 = v128.load(a + at), x1 = v128.load(a1 + at), x2 = v128.load(a2 + at), x3 = v128.load(a3 + at);
    const s = sums + (at << 1);
    const low = f64x2.add(f64x2.add(f64x2.add(f64x2.add(v128.load(s), lowHalf(x0)), lowHalf(x1)), lowHalf(x2)), lowHalf(x3));
    const high = f64x2.add(f64x2.add(f64x2.add(f64x2.add(v128.load(s, 16), highHalf(x0)), highHalf(x1)), highHalf(x2)), highHalf(x3));
    v128.store(s, low);
    v128.store(s, high, 16);
  }
  for (let r = 0; r < 4; r++, a += lda) addOneRow(sums, a, columns & ~3, columns);
}

/** sums[j] ← sums[j] + a[j] for j in [from,to) */
function addOneRow(sums: usize, a: usize, from: u32, to: u32): void {
  for (let j = from; j < to; j++) {
    const s = sums + (j << 3);
    store<f64>(s, load<f64>(s) + <f64>load<f32>(a + (j << 2)));
  }
}

/** out[j] ← out[j] + sums[j], rounded to float32 */
function addSums(out: usize, sums: usize, columns: u32): void {
  for (; columns; columns--, out += 4, sums += 8) store<f32>(out, <f32>(<f64>load<f32>(out) + load<f64>(sums)));
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
