// The points of a curve, before anything is drawn: which of them can be drawn, how far they reach, and fewer of them that look the same.

export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface Extent {
  readonly min: number;
  readonly max: number;
}

/** Beyond this, the height of a chart is no longer a finite number. */
const largest = 1e300;

/** NaN and infinities cannot be drawn: they leave a gap. */
export function isDrawable({ x, y }: Point): boolean {
  return Math.abs(x) <= largest && Math.abs(y) <= largest;
}

/** Undefined for no values. */
export function extentOf(values: Iterable<number>): Extent | undefined {
  let [min, max] = [Infinity, -Infinity];
  for (const value of values) {
    if (value < min) min = value;
    if (value > max) max = value;
  }
  return min <= max ? { min, max } : undefined;
}

/** A linear scale would press most of such a curve onto its lowest line. */
export function wantsLogScale({ min, max }: Extent): boolean {
  return min > 1 / largest && max / min > 20 && max / min < largest;
}

/** Points with a place on the x axis, from left to right. */
export function inOrder(points: readonly Point[]): readonly Point[] {
  const placed = points.filter(({ x }) => Math.abs(x) <= largest);
  return placed.every((point, i) => i === 0 || placed[i - 1].x <= point.x) ? placed : placed.sort((a, b) => a.x - b.x);
}

/**
 * At most four points a column (first, lowest, highest, last), between which lines cover the pixels that all points would.
 * A column without a drawable point keeps one that is not, as a gap. `points` from left to right.
 */
export function decimate(points: readonly Point[], columns: number): readonly Point[] {
  if (points.length <= 4 * columns) return points;
  const [left, right] = [points[0].x, points.at(-1)!.x];
  const columnOf = ({ x }: Point): number => Math.min(columns - 1, Math.floor(((x - left) / (right - left)) * columns) || 0);
  const kept: Point[] = [];
  for (let start = 0; start < points.length;) {
    const column = columnOf(points[start]);
    let end = start + 1;
    while (end < points.length && columnOf(points[end]) === column) end++;
    kept.push(...outline(points.slice(start, end)));
    start = end;
  }
  return kept;
}

/** First, lowest, highest and last in their order, each once. */
function outline(column: readonly Point[]): Iterable<Point> {
  const drawable = column.filter(isDrawable);
  if (drawable.length === 0) return column.slice(0, 1);
  let [lowest, highest] = [0, 0];
  for (let i = 1; i < drawable.length; i++) {
    if (drawable[i].y < drawable[lowest].y) lowest = i;
    if (drawable[i].y > drawable[highest].y) highest = i;
  }
  const chosen = [0, Math.min(lowest, highest), Math.max(lowest, highest), drawable.length - 1];
  return new Set(chosen.map((i) => drawable[i]));
}
