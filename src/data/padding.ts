// Padding and truncating, as arithmetic on row lengths and typed arrays: truncates first, then pads. Inputs are never changed.

export type Side = 'post' | 'pre';

/** A fixed length, the longest row's, or a percentile of the lengths: `p95`. */
export type MaxLen = number | 'longest' | `p${number}`;

/** Part of a row: its tokens from `begin` up to, not including, `end`. */
export interface Window {
  readonly begin: number;
  readonly end: number;
}

/**
 * The part of a row that truncating keeps: the first maxLen tokens (`post`) or the last (`pre`), as Keras `pad_sequences` does.
 */
export function truncated(length: number, maxLen: number, truncating: Side): Window {
  if (length <= maxLen) return { begin: 0, end: length };
  return truncating === 'post' ? { begin: 0, end: maxLen } : { begin: length - maxLen, end: length };
}

/**
 * step = maxLen − stride: windows of maxLen tokens that share `stride` tokens with their neighbour, in reading order. `post` counts from
 * the start and stops at the window that reaches the end; `pre` counts from the end and stops at the one that reaches the start.
 * A row of no tokens is one empty window. As Hugging Face tokenizers do (`truncate_encodings`, overflowing parts); 0 ≤ stride < maxLen.
 */
export function slidingWindows(length: number, maxLen: number, truncating: Side, stride: number): Window[] {
  const step = maxLen - stride;
  const count = length <= maxLen ? 1 : 1 + Math.ceil((length - maxLen) / step);
  const windows: Window[] = [];
  for (let i = 0; i < count; i++) {
    const begin = i * step;
    windows.push({ begin, end: Math.min(begin + maxLen, length) });
  }
  if (truncating === 'post') return windows;
  return windows.map(({ begin, end }) => ({ begin: length - end, end: length - begin })).reverse();
}

/**
 * width = K · ⌈maxLen / K⌉: the padded length is rounded up to a multiple of K, truncation stays at maxLen (Hugging Face
 * `pad_to_multiple_of`).
 */
export function paddedWidth(maxLen: number, multipleOf: number): number {
  return Math.ceil(maxLen / multipleOf) * multipleOf;
}

/**
 * out[0 … width) = the window's tokens, filled up with `value` at the end (`post`) or the start (`pre`).
 * Returns where the tokens begin in `out`.
 */
export function padWindow(out: Int32Array, tokens: Int32Array, window: Window, padding: Side, value: number): number {
  const length = window.end - window.begin;
  const begin = padding === 'post' ? 0 : out.length - length;
  out.fill(value, 0, begin);
  out.set(tokens.subarray(window.begin, window.end), begin);
  out.fill(value, begin + length);
  return begin;
}

/**
 * The length that `maxLen` stands for. `longest` = max n_i; `pQ` = the nearest-rank percentile, the ⌈Q/100 · N⌉-th shortest of the
 * N lengths. At least 1 even if all rows are empty: a table without columns could not be told from one without rows.
 */
export function resolveMaxLen(maxLen: MaxLen, offsets: Int32Array): number {
  if (typeof maxLen === 'number') return maxLen;
  const rows = offsets.length - 1;
  const lengths = new Int32Array(rows);
  for (let row = 0; row < rows; row++) lengths[row] = offsets[row + 1] - offsets[row];
  lengths.sort();
  const percent = maxLen === 'longest' ? 100 : Number(maxLen.slice(1));
  return Math.max(1, lengths[Math.ceil((percent * rows) / 100) - 1]);
}
