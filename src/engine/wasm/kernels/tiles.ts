// The inner loops of every matrix product: C (rows, 16 or 8) += A (rows,k) · panel (k, 16 or 8), two rows of C at a time.
// A panel holds its k rows one after the other and ends at `end`. `k` is at least 1.
//
// Order of a sum: from 0, l ascending, the products of one call in one float32 sum; C is added to it last. The same for
// every row and column, in tiles of two rows and of one.
//
// What V8 needs to see (measured by its machine code on Node 20; each point is worth 3 to 7 %):
// - Eight sums. It loads all six operands before the first product: 8 + 6 + 1 product fill its 15 registers. One sum more
//   spills, and 3 × 12 or 4 × 12 tiles run at half the speed.
// - No unrolling. V8 unrolls these loops itself, without spilling; unrolled by hand they gain nothing.
// - Steps that are constants, and as few moving addresses as can be.
// - Moving addresses that begin as a sum or a difference. An address that begins as a parameter is not known to be
//   32 bits wide, and costs a move at every load: hence `A + row` and `end - bytes`.

/** c + x·b: rounded twice, the same on every machine; in the relaxed build in one step where the processor has one. */
@inline
function multiplyAdd(c: v128, x: v128, b: v128): v128 {
  if (isDefined(RELAXED)) return f32x4.relaxed_madd(x, b, c);
  return f32x4.add(c, f32x4.mul(x, b));
}

/**
 * A by rows, `lda` bytes apart.
 *
 * for each pair of rows:  c, d ← 0 (8 registers)
 *   for l in 0..k:        x = A[r,l], y = A[r+1,l] in all lanes, b_v = panel[l, 4v..4v+4)
 *                         c_v ← c_v + x·b_v,   d_v ← d_v + y·b_v
 *   C[r] ← C[r] + c,  C[r+1] ← C[r+1] + d
 *
 * 46 GFLOP/s on one core of a Zen 4 (Node 20, m = 32, k = n = 256), where products and sums without a load reach 59;
 * 1.09 × the same tile with steps that are variables and addresses that begin as parameters, measured in one run.
 */
export function tilesByRows(C: usize, ldc: usize, S: usize, lds: usize, rows: i32, A: usize, lda: usize, end: usize, k: u32): void {
  const bytes = k << 6;
  let row: usize = 0;
  for (; rows >= 2; rows -= 2, row += lda << 1) {
    let a0 = A + row;
    let a1 = a0 + lda;
    let b = end - bytes;
    let c0 = f32x4.splat(0), c1 = f32x4.splat(0), c2 = f32x4.splat(0), c3 = f32x4.splat(0);
    let d0 = f32x4.splat(0), d1 = f32x4.splat(0), d2 = f32x4.splat(0), d3 = f32x4.splat(0);
    do {
      const x = v128.load_splat<f32>(a0), y = v128.load_splat<f32>(a1);
      const b0 = v128.load(b), b1 = v128.load(b, 16), b2 = v128.load(b, 32), b3 = v128.load(b, 48);
      c0 = multiplyAdd(c0, x, b0);
      d0 = multiplyAdd(d0, y, b0);
      c1 = multiplyAdd(c1, x, b1);
      d1 = multiplyAdd(d1, y, b1);
      c2 = multiplyAdd(c2, x, b2);
      d2 = multiplyAdd(d2, y, b2);
      c3 = multiplyAdd(c3, x, b3);
      d3 = multiplyAdd(d3, y, b3);
      a0 += 4;
      a1 += 4;
      b += 64;
    } while (b < end);
    add16(C, S, c0, c1, c2, c3);
    add16(C + ldc, S + lds, d0, d1, d2, d3);
    C += ldc << 1;
    S += lds << 1;
  }
  if (rows > 0) lastRow16(C, S, A + row, 4, end - bytes, end);
}

/** A in pairs: A[r,l] and A[r+1,l] lie together, each `step` bytes after those of l − 1; the next pair of rows is `next` bytes on. */
export function tilesByPairs(
  C: usize,
  ldc: usize,
  S: usize,
  lds: usize,
  rows: i32,
  A: usize,
  next: usize,
  step: usize,
  end: usize,
  k: u32,
): void {
  const bytes = k << 6;
  let row: usize = 0;
  for (; rows >= 2; rows -= 2, row += next) {
    let a = A + row;
    let b = end - bytes;
    let c0 = f32x4.splat(0), c1 = f32x4.splat(0), c2 = f32x4.splat(0), c3 = f32x4.splat(0);
    let d0 = f32x4.splat(0), d1 = f32x4.splat(0), d2 = f32x4.splat(0), d3 = f32x4.splat(0);
    do {
      const x = v128.load_splat<f32>(a), y = v128.load_splat<f32>(a, 4);
      const b0 = v128.load(b), b1 = v128.load(b, 16), b2 = v128.load(b, 32), b3 = v128.load(b, 48);
      c0 = multiplyAdd(c0, x, b0);
      d0 = multiplyAdd(d0, y, b0);
      c1 = multiplyAdd(c1, x, b1);
      d1 = multiplyAdd(d1, y, b1);
      c2 = multiplyAdd(c2, x, b2);
      d2 = multiplyAdd(d2, y, b2);
      c3 = multiplyAdd(c3, x, b3);
      d3 = multiplyAdd(d3, y, b3);
      a += step;
      b += 64;
    } while (b < end);
    add16(C, S, c0, c1, c2, c3);
    add16(C + ldc, S + lds, d0, d1, d2, d3);
    C += ldc << 1;
    S += lds << 1;
  }
  if (rows > 0) lastRow16(C, S, A + row, step, end - bytes, end);
}

/** The last of an odd number of rows, and all of a batch of one. */
@inline
function lastRow16(C: usize, S: usize, a: usize, step: usize, b: usize, end: usize): void {
  let c0 = f32x4.splat(0), c1 = f32x4.splat(0), c2 = f32x4.splat(0), c3 = f32x4.splat(0);
  do {
    const x = v128.load_splat<f32>(a);
    c0 = multiplyAdd(c0, x, v128.load(b));
    c1 = multiplyAdd(c1, x, v128.load(b, 16));
    c2 = multiplyAdd(c2, x, v128.load(b, 32));
    c3 = multiplyAdd(c3, x, v128.load(b, 48));
    a += step;
    b += 64;
  } while (b < end);
  add16(C, S, c0, c1, c2, c3);
}

/** C[0..16) ← S + c */
@inline
function add16(C: usize, S: usize, c0: v128, c1: v128, c2: v128, c3: v128): void {
  const s0 = v128.load(S), s1 = v128.load(S, 16), s2 = v128.load(S, 32), s3 = v128.load(S, 48);
  const t0 = f32x4.add(s0, c0), t1 = f32x4.add(s1, c1), t2 = f32x4.add(s2, c2), t3 = f32x4.add(s3, c3);
  v128.store(C, t0);
  v128.store(C, t1, 16);
  v128.store(C, t2, 32);
  v128.store(C, t3, 48);
}

@inline
function add8(C: usize, S: usize, c0: v128, c1: v128): void {
  const s0 = v128.load(S), s1 = v128.load(S, 16);
  const t0 = f32x4.add(s0, c0), t1 = f32x4.add(s1, c1);
  v128.store(C, t0);
  v128.store(C, t1, 16);
}

/**
 * Panels of 8 columns, for the last columns of a matrix: 3 cycles a term for two rows, where a panel of 16 takes 5.
 * Element (r,l) of A is at `A + (r >> 1)·next + (r & 1)·second + l·step`, which covers rows and pairs.
 */
export function narrowTiles(
  C: usize,
  ldc: usize,
  S: usize,
  lds: usize,
  rows: i32,
  A: usize,
  second: usize,
  next: usize,
  step: usize,
  end: usize,
  k: u32,
): void {
  const bytes = k << 5;
  let row: usize = 0;
  for (; rows >= 2; rows -= 2, row += next) {
    let a0 = A + row;
    let a1 = a0 + second;
    let b = end - bytes;
    let c0 = f32x4.splat(0), c1 = f32x4.splat(0), d0 = f32x4.splat(0), d1 = f32x4.splat(0);
    do {
      const x = v128.load_splat<f32>(a0), y = v128.load_splat<f32>(a1);
      const b0 = v128.load(b), b1 = v128.load(b, 16);
      c0 = multiplyAdd(c0, x, b0);
      d0 = multiplyAdd(d0, y, b0);
      c1 = multiplyAdd(c1, x, b1);
      d1 = multiplyAdd(d1, y, b1);
      a0 += step;
      a1 += step;
      b += 32;
    } while (b < end);
    add8(C, S, c0, c1);
    add8(C + ldc, S + lds, d0, d1);
    C += ldc << 1;
    S += lds << 1;
  }
  if (rows > 0) lastRow8(C, S, A + row, step, end - bytes, end);
}

@inline
function lastRow8(C: usize, S: usize, a: usize, step: usize, b: usize, end: usize): void {
  let c0 = f32x4.splat(0), c1 = f32x4.splat(0);
  do {
    const x = v128.load_splat<f32>(a);
    c0 = multiplyAdd(c0, x, v128.load(b));
    c1 = multiplyAdd(c1, x, v128.load(b, 16));
    a += step;
    b += 32;
  } while (b < end);
  add8(C, S, c0, c1);
}
