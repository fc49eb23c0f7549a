// The names and last values in a chart: a legend above, and beside each curve's end its value, moved apart where curves end close together.
import { seriesStyle, fontSize } from './chart-style.ts';
import { escapeXml, shortenTo, tag, textWidth } from './svg.ts';

const lineHeight = 18;
const swatch = 22;
const labelGap = fontSize + 2;

export interface Legend {
  readonly height: number;
  readonly draw: (left: number, top: number) => string;
}

/** The names from left to right, on as many lines as they need; past `maxLines` the rest is only counted. */
export function legend(names: readonly string[], width: number, maxLines: number): Legend {
  const items: { x: number; line: number; text: string; index: number }[] = [];
  let [x, line] = [0, 0];
  for (const [index, name] of names.entries()) {
    const text = shortenTo(name, Math.min(260, width - swatch), fontSize);
    const itemWidth = swatch + 6 + textWidth(text, fontSize) + 14;
    if (x > 0 && x + itemWidth > width) [x, line] = [0, line + 1];
    items.push({ x, line, text, index });
    x += itemWidth;
  }
  const shown = items.filter((item) => item.line < maxLines);
  const rest = items.length - shown.length;
  const lines = Math.min(line + 1, maxLines) + (rest > 0 ? 1 : 0);
  return {
    height: lines * lineHeight,
    draw(left, top) {
      const drawn = shown.map((item) => legendItem(item.index, item.text, left + item.x, top + item.line * lineHeight));
      if (rest > 0) drawn.push(tag('text', { x: left, y: top + (lines - 1) * lineHeight + 13, class: 'faint' }, `and ${rest} more`));
      return drawn.join('');
    },
  };
}

function legendItem(index: number, text: string, x: number, top: number): string {
  const style = seriesStyle(index);
  const dash = style.dashed ? { 'stroke-dasharray': '5 3' } : {};
  const line = tag('line', {
    x1: x,
    y1: top + 9,
    x2: x + swatch,
    y2: top + 9,
    stroke: 'currentColor',
    'stroke-width': 2.5,
    ...dash,
    class: style.class,
  });
  return line + tag('text', { x: x + swatch + 6, y: top + 13, class: 'text' }, escapeXml(text));
}

export interface EndLabel {
  /** Which series: its colour. */
  readonly index: number;
  readonly text: string;
  /** The end of the curve. */
  readonly x: number;
  readonly y: number;
}

/** The values in a column at `left`, each as near to its curve's end as the others let it; those for which there is no room are left out. */
export function endLabels(labels: readonly EndLabel[], left: number, [top, bottom]: readonly [number, number]): string {
  const room = Math.floor((bottom - top) / labelGap) + 1;
  const placed = labels.slice(0, room).sort((a, b) => a.y - b.y);
  const heights = spread(
    placed.map(({ y }) => y),
    labelGap,
    top,
    bottom,
  );
  return placed
    .map(({ index, text, x, y }, i) => {
      const labelY = heights[i];
      const far = left - x > 24 || Math.abs(labelY - y) > 3;
      const leader = tag('path', {
        d: `M${round(x + 4)},${round(y)}L${round(left - 4)},${round(labelY)}`,
        fill: 'none',
        stroke: 'currentColor',
        'stroke-opacity': 0.6,
        'stroke-dasharray': '1 2',
      });
      const value = tag('text', { x: left, y: labelY + 4, fill: 'currentColor' }, escapeXml(text));
      return tag('g', { class: seriesStyle(index).class }, far ? leader + value : value);
    })
    .join('');
}

/** The wanted heights, in ascending order, moved until each is `gap` from the next and all lie from `low` to `high`, where that can be. */
export function spread(wanted: readonly number[], gap: number, low: number, high: number): readonly number[] {
  const heights: number[] = [];
  for (const height of wanted) heights.push(Math.max(height, low, (heights.at(-1) ?? -Infinity) + gap));
  let limit = high;
  for (let i = heights.length - 1; i >= 0; i--) {
    heights[i] = Math.min(heights[i], limit);
    limit = heights[i] - gap;
  }
  return heights;
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
