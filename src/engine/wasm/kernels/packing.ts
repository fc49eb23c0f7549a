// Matrices laid out as the tiles read them. A right factor (k,n) becomes panels of 16 columns, each with its k rows one
// after the other; the last columns make a panel of 8 or 16, filled up with zeros.

/** Columns in the panel that begins `columns` before the end of a matrix. */
@inline
export function panelColumns(columns: u32): u32 {
  return columns <= 8 ? 8 : 16;
}

/** Panels of columns [from,to) of B (k,n); with `transposed` the input is Bᵀ (n,k). `from` is a multiple of 16. */
export function pack(packed: usize, B: usize, k: u32, n: u32, transposed: bool, from: u32, to: u32): void {
  for (let j = from; j < to; j += 16) {
    const panel = packed + ((j * k) << 2);
    const columns = n - j;
    if (transposed) {
      const rows = B + ((j * k) << 2);
      if (columns >= 16) for (let r: u32 = 0; r < 16; r += 4) packTransposed4(panel + (r << 2), rows + ((r * k) << 2), k);
      else packTransposedEdge(panel, rows, k, columns);
    } else if (columns >= 16) packPanel(panel, B + (j << 2), n << 2, k);
    else packEdge(panel, B + (j << 2), n << 2, k, columns);
  }
}

function packPanel(panel: usize, row: usize, ldb: usize, k: u32): void {
  const end = panel + (k << 6);
  for (; panel < end; panel += 64, row += ldb) copy16(panel, row);
}

@inline
function copy16(to: usize, from: usize): void {
  v128.store(to, v128.load(from));
  v128.store(to, v128.load(from, 16), 16);
  v128.store(to, v128.load(from, 32), 32);
  v128.store(to, v128.load(from, 48), 48);
}

function packEdge(panel: usize, row: usize, ldb: usize, k: u32, columns: u32): void {
  const width = panelColumns(columns);
  for (let l: u32 = 0; l < k; l++, row += ldb) panel = copyPadded(panel, row, columns, width);
}

/** `columns` floats and zeros up to `width`; returns the address behind them. */
@inline
function copyPadded(to: usize, from: usize, columns: u32, width: u32): usize {
  for (let j: u32 = 0; j < width; j++, to += 4) store<f32>(to, j < columns ? load<f32>(from + (j << 2)) : 0);
  return to;
}

/** Four rows of Bᵀ into four columns of a panel, transposed in registers four by four. */
function packTransposed4(panel: usize, row: usize, k: u32): void {
  const row1 = row + (k << 2);
  const row2 = row1 + (k << 2);
  const row3 = row2 + (k << 2);
  const whole = (k & ~3) << 2;
  for (let l: usize = 0; l < whole; l += 16, panel += 256) {
    const x0 = v128.load(row + l), x1 = v128.load(row1 + l), x2 = v128.load(row2 + l), x3 = v128.load(row3 + l);
    const low01 = v128.shuffle<f32>(x0, x1, 0, 4, 1, 5), high01 = v128.shuffle<f32>(x0, x1, 2, 6, 3, 7);
    const low23 = v128.shuffle<f32>(x2, x3, 0, 4, 1, 5), high23 = v128.shuffle<f32>(x2, x3, 2, 6, 3, 7);
    v128.store(panel, v128.shuffle<f32>(low01, low23, 0, 1, 4, 5));
    v128.store(panel, v128.shuffle<f32>(low01, low23, 2, 3, 6, 7), 64);
    v128.store(panel, v128.shuffle<f32>(high01, high23, 0, 1, 4, 5), 128);
    v128.store(panel, v128.shuffle<f32>(high01, high23, 2, 3, 6, 7), 192);
  }
  for (let l = whole; l < k << 2; l += 4, panel += 64) {
    store<f32>(panel, load<f32>(row + l));
    store<f32>(panel, load<f32>(row1 + l), 4);
    store<f32>(panel, load<f32>(row2 + l), 8);
    store<f32>(panel, load<f32>(row3 + l), 12);
  }
}

function packTransposedEdge(panel: usize, row: usize, k: u32, columns: u32): void {
  const width = panelColumns(columns);
  for (let l: u32 = 0; l < k; l++, row += 4) {
    for (let j: u32 = 0; j < width; j++, panel += 4) {
      store<f32>(panel, j < columns ? load<f32>(row + ((j * k) << 2)) : 0);
    }
  }
}

/** One panel of the rows index[0..k) of B, from the column at `B` on, of which the matrix has `columns` more. */
export function packGathered(panel: usize, B: usize, ldb: usize, index: usize, k: u32, columns: u32): void {
  const end = index + (k << 2);
  if (columns >= 16) {
    for (; index < end; index += 4, panel += 64) copy16(panel, B + <usize>load<u32>(index) * ldb);
  } else {
    const width = panelColumns(columns);
    for (; index < end; index += 4) panel = copyPadded(panel, B + <usize>load<u32>(index) * ldb, columns, width);
  }
}

/** Columns [0, columns) of A (k, ·) in pairs: pair i holds A[l, 2i], A[l, 2i+1] for each l. Sixteen columns, one cache line, at a time. */
export function packPairs(pairs: usize, A: usize, lda: usize, columns: u32, k: u32): void {
  const pair = k << 3;
  let i: u32 = 0;
  for (; i + 16 <= columns; i += 16, pairs += pair << 3) {
    let to = pairs;
    let from = A + (i << 2);
    for (let l: u32 = 0; l < k; l++, to += 8, from += lda) {
      const to2 = to + 2 * pair, to4 = to + 4 * pair, to6 = to + 6 * pair;
      store<u64>(to, load<u64>(from));
      store<u64>(to + pair, load<u64>(from, 8));
      store<u64>(to2, load<u64>(from, 16));
      store<u64>(to2 + pair, load<u64>(from, 24));
      store<u64>(to4, load<u64>(from, 32));
      store<u64>(to4 + pair, load<u64>(from, 40));
      store<u64>(to6, load<u64>(from, 48));
      store<u64>(to6 + pair, load<u64>(from, 56));
    }
  }
  for (; i + 2 <= columns; i += 2, pairs += pair) {
    let from = A + (i << 2);
    for (let to = pairs; to < pairs + pair; to += 8, from += lda) store<u64>(to, load<u64>(from));
  }
  if (i < columns) {
    let from = A + (i << 2);
    for (let to = pairs; to < pairs + pair; to += 8, from += lda) store<f32>(to, load<f32>(from));
  }
}
