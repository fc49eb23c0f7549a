// The few largest of many numbers.

/** Numbers beyond which moving each into its place takes longer than sorting them all. */
const FEW = 256;

/**
 * The indices (from 0) of the k largest of values[at … at + n), the largest first; of equals the first. No number may be NaN.
 * Each number is compared with the smallest that is kept, and moved in where it is larger: n comparisons, and few moves for small k.
 */
export function largest(values: ArrayLike<number>, at: number, n: number, k: number): number[] {
  const most = Math.min(k, n);
  if (most > FEW) return sorted(values, at, n).slice(0, most);
  const kept: number[] = [];
  for (let i = 0; i < n; i++) {
    const value = values[at + i];
    if (kept.length === most && value <= values[at + kept[most - 1]]) continue;
    let place = kept.length < most ? kept.length : most - 1;
    for (; place > 0 && value > values[at + kept[place - 1]]; place--) kept[place] = kept[place - 1];
    kept[place] = i;
  }
  return kept;
}

function sorted(values: ArrayLike<number>, at: number, n: number): number[] {
  return Array.from({ length: n }, (_, i) => i).sort((a, b) => values[at + b] - values[at + a] || a - b);
}
