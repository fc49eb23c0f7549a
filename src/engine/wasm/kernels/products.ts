// The two matrix products of a training step, cut into blocks that stay in the caches.
//
// Order of a sum: blocks of DEPTH terms, ascending; each block's sum is made in a tile (tiles.ts) and added to C. It depends on
// k (or p) alone: any range of rows or columns gives the same bits.
import { packGathered, packPairs, panelColumns } from './packing';
import { narrowTiles, tilesByPairs, tilesByRows } from './tiles';

/** Terms of a sum in one block: a panel of 16 columns × 256 fills half of a 32 KiB first-level cache. */
const DEPTH: u32 = 256;
/** Rows of C whose A is packed at once: 256 × 256 floats stay in a second-level cache. */
const HEIGHT: u32 = 256;
/** Up to this many columns A is read in place; packing a wider one gains 8 % at 64 and 20 % at 512 columns, where they share cache sets. */
const NARROW: u32 = 32;
/** Rows of C that `multiply` runs all terms of before the next: 128 × 256 of A and as many of C stay in a second-level cache. */
const ROWS: u32 = 128;
/** Rows of C that are computed aside where the last panel is wider than C. */
const ASIDE: u32 = 64;

// Parts of the scratch memory (SCRATCH_PAGES in ../engine.ts holds them and the pairs).
const PANEL_BYTES: usize = 16 * 256 * 4;
const ASIDE_BYTES: usize = 16 * 64 * 4;

/**
 * C (m,n) ← S + A (m,k) · B, B packed;   row i of S is at S + i·lds: C itself, or with lds = 0 the same row for all
 *
 * for each ROWS rows of C:  for each DEPTH terms:  for each panel of 16 columns:  for each two rows of A:  a tile
 *
 * With all terms of a panel before the next panel, each panel would fetch the rows of A again: at k = 10000, n = 200 this order
 * gains 12 %. A start S that is not C saves filling C and reading it back: 28 % at m = 64, k = 200, n = 10000, whose
 * rows lie too far apart for the processor to fetch them ahead.
 */
export function multiply(C: usize, S: usize, lds: usize, A: usize, packedB: usize, m: u32, k: u32, n: u32, scratch: usize): void {
  const lda = k << 2;
  const ldc = n << 2;
  for (let i: u32 = 0; i < m; i += ROWS) {
    const rows = min(ROWS, m - i);
    const c = C + i * ldc;
    let s = S + <usize>i * lds;
    let step = lds;
    for (let l: u32 = 0; l < k; l += DEPTH) {
      const depth = min(DEPTH, k - l);
      const a = A + i * lda + (l << 2);
      if (k > DEPTH) touch(a, lda, rows, depth);
      for (let j: u32 = 0; j < n; j += 16) {
        const columns = n - j;
        const panel = packedB + j * lda + l * (panelColumns(columns) << 2);
        columnBlock(c + (j << 2), n, s + (j << 2), step, rows, a, lda, 2 * lda, 4, panel, depth, columns, scratch);
      }
      s = c;
      step = ldc;
    }
  }
}

/**
 * Reads a word of each cache line of A (rows, columns): in the order of memory they come many at a time, and not as they are met,
 * a line here and there. Gains 6 % where A has 10000 columns, and costs nothing where it is in cache already.
 */
function touch(A: usize, lda: usize, rows: u32, columns: u32): void {
  const bytes = columns << 2;
  for (; rows; rows--, A += lda) {
    for (let at = A; at < A + bytes; at += 64) load<u32>(at);
  }
}

/**
 * C[i,·] ← C[i,·] + Σ_l A[l,i] · B[index[l],·] for i in [from,to).   C (m,n), A (p,m)
 *
 * for each DEPTH terms:  for each HEIGHT rows of C:  touch and pack those columns of A, in pairs (unless A is narrow)
 *   for each panel of 16 columns:  gather it from B into scratch;  for each two rows of C:  a tile
 *
 * 42 GFLOP/s for m = n = 128 to 1024 and p = 2500 or 4096 on the core where `multiply` reaches 46. Gathering a panel at a time
 * is as fast as packing 64 to 256 columns of B at once, and needs 16 KiB.
 */
export function multiplyTransposed(
  C: usize,
  A: usize,
  B: usize,
  index: usize,
  p: u32,
  m: u32,
  n: u32,
  from: u32,
  to: u32,
  scratch: usize,
): void {
  const lda = m << 2;
  const ldb = n << 2;
  const panel = scratch + ASIDE_BYTES;
  const pairs = panel + PANEL_BYTES;
  for (let l: u32 = 0; l < p; l += DEPTH) {
    const depth = min(DEPTH, p - l);
    for (let i = from; i < to; i += HEIGHT) {
      const rows = min(HEIGHT, to - i);
      let a = A + l * lda + (i << 2);
      let next: usize = 8;
      let step: usize = lda;
      if (m > NARROW) {
        touch(a, lda, depth, rows);
        packPairs(pairs, a, lda, rows, depth);
        a = pairs;
        next = depth << 3;
        step = 8;
      }
      for (let j: u32 = 0; j < n; j += 16) {
        packGathered(panel, B + (j << 2), ldb, index + (l << 2), depth, n - j);
        columnBlock(C + i * ldb + (j << 2), n, C + i * ldb + (j << 2), ldb, rows, a, 4, next, step, panel, depth, n - j, scratch);
      }
    }
  }
}

/**
 * The tiles below one panel; element (r,l) of A is at `a + (r >> 1)·next + (r & 1)·second + l·step`.
 * A panel wider than C is multiplied aside, and its first `columns` columns added to C.
 */
function columnBlock(
  C: usize,
  n: u32,
  S: usize,
  lds: usize,
  rows: u32,
  a: usize,
  second: usize,
  next: usize,
  step: usize,
  panel: usize,
  depth: u32,
  columns: u32,
  aside: usize,
): void {
  const ldc = n << 2;
  if (columns >= 16 || columns == 8) return tiles(C, ldc, S, lds, rows, a, second, next, step, panel, depth, columns);
  for (let r: u32 = 0; r < rows; r += ASIDE) {
    const some = min(ASIDE, rows - r);
    memory.fill(aside, 0, some << 6);
    tiles(aside, 64, aside, 64, some, a, second, next, step, panel, depth, columns);
    for (let i: u32 = 0; i < some; i++, C += ldc, S += lds) {
      for (let j: u32 = 0; j < columns; j++) {
        const at = j << 2;
        store<f32>(C + at, load<f32>(S + at) + load<f32>(aside + (i << 6) + at));
      }
    }
    a += next * (ASIDE >> 1);
  }
}

@inline
function tiles(
  C: usize,
  ldc: usize,
  S: usize,
  lds: usize,
  rows: u32,
  a: usize,
  second: usize,
  next: usize,
  step: usize,
  panel: usize,
  depth: u32,
  columns: u32,
): void {
  if (columns <= 8) narrowTiles(C, ldc, S, lds, rows, a, second, next, step, panel + (depth << 5), depth);
  else if (step == 4) tilesByRows(C, ldc, S, lds, rows, a, second, panel + (depth << 6), depth);
  else tilesByPairs(C, ldc, S, lds, rows, a, next, step, panel + (depth << 6), depth);
}
