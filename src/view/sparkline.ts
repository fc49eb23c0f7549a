// A small histogram in one line: how often, by height.

const heights = { unicode: '▁▂▃▄▅▆▇█', ascii: '.:-=+*#@' } as const;

/** A character for each count: a space for 0, else the higher the more; the lowest for anything above 0. */
export function sparkline(counts: readonly number[], { unicode }: { readonly unicode: boolean }): string {
  const levels = Array.from(heights[unicode ? 'unicode' : 'ascii']);
  const most = Math.max(...counts);
  return counts.map((n) => (n === 0 ? ' ' : levels[Math.ceil((n / most) * levels.length) - 1])).join('');
}
