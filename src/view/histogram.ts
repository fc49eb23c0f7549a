// Horizontal bars in text: eighths of a block, or `#` where the terminal speaks no UTF-8.
import { displayWidth, padLeft } from './display-width.ts';
import { count } from './numbers.ts';

export interface Bar {
  readonly label: string;
  readonly value: number;
}

export interface HistogramOptions {
  /** Columns; no line is wider, unless label and number alone are. */
  readonly width: number;
  readonly unicode: boolean;
}

const eighths = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];
const widestBar = 50;

/** A line for each bar: its label, the bar, its value. The longest bar fills the width, up to 50 columns; what is not 0 shows. */
export function histogram(bars: readonly Bar[], { width, unicode }: HistogramOptions): string[] {
  const labelWidth = Math.max(0, ...bars.map(({ label }) => displayWidth(label)));
  const numberWidth = Math.max(0, ...bars.map(({ value }) => count(value).length));
  const room = Math.min(widestBar, width - labelWidth - numberWidth - 3);
  const most = Math.max(...bars.map(({ value }) => value));
  return bars.map(({ label, value }) => {
    const bar = room < 1 || value === 0 ? '' : barOf((value / most) * room, unicode);
    return `${padLeft(label, labelWidth)}  ${bar}${bar === '' ? '' : ' '}${count(value)}`;
  });
}

function barOf(columns: number, unicode: boolean): string {
  if (!unicode) return '#'.repeat(Math.max(1, Math.round(columns)));
  const parts = Math.max(1, Math.round(columns * 8));
  return '█'.repeat(parts >> 3) + eighths[parts & 7];
}
