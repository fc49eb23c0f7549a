// Loss curves as one SVG file that needs nothing else: no script, no font, no style sheet.
// The same points give the same text. Points that are not finite leave a gap, and the chart says so.
import { line } from 'd3-shape';
import { xAxis, yAxis } from './chart-axes.ts';
import type { Axis } from './chart-axes.ts';
import { endLabels, legend } from './chart-labels.ts';
import { chartClass, fontSize, seriesStyle, styleSheet, titleSize } from './chart-style.ts';
import { count, plural, position, significant } from './numbers.ts';
import { decimate, extentOf, inOrder, isDrawable } from './points.ts';
import type { Point } from './points.ts';
import { escapeXml, shortenTo, tag, textWidth } from './svg.ts';

export interface Series {
  readonly name: string;
  /** Leave out what was not measured; what was measured and is NaN or infinite leaves a gap. */
  readonly points: readonly Point[];
}

export interface LossChart {
  readonly title: string;
  readonly xLabel: string;
  /** With its unit: `loss (nats/token)`. */
  readonly yLabel: string;
  /** In the order of the legend; later ones are drawn over earlier ones. */
  readonly series: readonly Series[];
  /** Pixels; 720 by 420. */
  readonly width?: number;
  readonly height?: number;
}

/** Where the curves go, in pixels from the upper left. */
interface Plot {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
  readonly x: Axis;
  readonly y: Axis;
}

interface Curve extends Series {
  readonly index: number;
  readonly drawable: readonly Point[];
}

const margin = 16;
const noteHeight = 16;
const mostColumns = 500;
const mostMarkers = 40;

export function lossChart(options: LossChart): string {
  const { title, xLabel, yLabel, width = 720, height = 420 } = options;
  const curves = options.series.map(({ name, points }, index): Curve => {
    const ordered = inOrder(points);
    return { name, points: ordered, index, drawable: ordered.filter(isDrawable) };
  });
  const notes = notesOn(options.series, curves, xLabel);
  const names = legend(
    curves.map(({ name }) => name),
    width - 2 * margin,
    Math.max(1, Math.floor(height / 90)),
  );
  const top = margin + titleSize + 8 + names.height + 14;
  const plot = layOut(curves, { width, top, bottom: height - margin - 34 - notes.length * noteHeight });
  const size = { viewBox: `0 0 ${width} ${height}`, width, height };
  const chart = tag(
    'svg',
    { xmlns: 'http://www.w3.org/2000/svg', ...size, class: chartClass, role: 'img', 'aria-label': title },
    tag('title', {}, escapeXml(title)),
    tag('desc', {}, escapeXml(describe(curves, plot, xLabel, yLabel))),
    tag('style', {}, styleSheet()),
    tag('rect', { width, height, class: 'background' }),
    tag('text', { x: margin, y: margin + 13, class: 'text title' }, escapeXml(shortenTo(title, width - 2 * margin, titleSize * 1.08))),
    names.draw(margin, margin + titleSize + 8),
    grid(plot),
    axisTitles(plot, xLabel, yLabel),
    ...curves.map((curve) => drawCurve(curve, plot)),
    drawEndLabels(curves, plot),
    drawNotes(notes, width, height - margin + 4),
  );
  return `${chart}\n`;
}

/** The left margin takes the tick labels, the right one the final values. */
function layOut(
  curves: readonly Curve[],
  { width, top, bottom }: { readonly width: number; readonly top: number; readonly bottom: number },
): Plot {
  const all = curves.flatMap(({ drawable }) => drawable);
  const y = yAxis(extentOf(all.map((point) => point.y)) ?? { min: 0, max: 1 }, [bottom, top], Math.max(3, Math.floor((bottom - top) / 40)));
  const left = margin + fontSize + 8 + Math.max(...y.ticks.map(({ label }) => textWidth(label, fontSize)), 0) + 8;
  const right = width - margin - 10 - Math.max(...curves.map((curve) => textWidth(finalValue(curve), fontSize)), 0);
  // As far as the run went, even where its last losses cannot be drawn.
  const steps = extentOf(curves.flatMap(({ points }) => points.map((point) => point.x)));
  const x = xAxis(steps ?? { min: 0, max: 1 }, [left, right], Math.max(3, Math.floor((right - left) / 80)));
  return { left, right, top, bottom, x, y };
}

function grid({ left, right, top, bottom, x, y }: Plot): string {
  const horizontal = y.ticks.map(({ at, label }) => {
    const across = tag('line', { x1: left, y1: at, x2: right, y2: at, class: 'grid', 'stroke-opacity': label === '' ? 0.45 : 1 });
    return across + (label === '' ? '' : tag('text', { x: left - 8, y: at + 4, 'text-anchor': 'end', class: 'faint' }, escapeXml(label)));
  });
  const vertical = x.ticks.map(
    ({ at, label }) =>
      tag('line', { x1: at, y1: top, x2: at, y2: bottom, class: 'grid', 'stroke-opacity': 0.6 }) +
      tag('text', { x: at, y: bottom + 17, 'text-anchor': 'middle', class: 'faint' }, escapeXml(label)),
  );
  const base = tag('line', { x1: left, y1: bottom, x2: right, y2: bottom, class: 'axis' });
  return tag('g', {}, ...horizontal, ...vertical, base);
}

function axisTitles({ left, right, top, bottom, y }: Plot, xLabel: string, yLabel: string): string {
  const [middle, height] = [(left + right) / 2, (top + bottom) / 2];
  const room = bottom - top + 40;
  const scaled = `${yLabel}, log scale`;
  const yTitle = y.log && textWidth(scaled, fontSize) <= room ? scaled : yLabel;
  const turned = { transform: `rotate(-90 ${margin + 6} ${Math.round(height)})`, 'text-anchor': 'middle', class: 'text' };
  return (
    tag(
      'text',
      { x: middle, y: bottom + 34, 'text-anchor': 'middle', class: 'text' },
      escapeXml(shortenTo(xLabel, right - left, fontSize)),
    ) + tag('text', { x: margin + 6, y: Math.round(height), ...turned }, escapeXml(shortenTo(yTitle, room, fontSize)))
  );
}

/** One path; a dot on every point where they are few, and on the last one always. */
function drawCurve({ points, drawable, index }: Curve, { x, y, left, right }: Plot): string {
  if (drawable.length === 0) return '';
  const columns = Math.min(mostColumns, Math.max(1, Math.ceil(right - left)));
  const path = line<Point>(
    (point) => x.place(point.x),
    (point) => y.place(point.y),
  )
    .defined(isDrawable)
    .digits(2);
  const style = seriesStyle(index);
  const dash = style.dashed ? { 'stroke-dasharray': '5 3' } : {};
  const markers = drawable.length <= mostMarkers ? drawable : drawable.slice(-1);
  return tag(
    'g',
    { class: style.class },
    tag('path', {
      d: path(decimate(points, columns)) ?? '',
      fill: 'none',
      stroke: 'currentColor',
      'stroke-width': drawable.length > 2 * columns ? 1.25 : 2,
      'stroke-linejoin': 'round',
      'stroke-linecap': 'round',
      ...dash,
    }),
    ...markers.map((point) => tag('circle', { cx: x.place(point.x), cy: y.place(point.y), r: 3, fill: 'currentColor' })),
  );
}

function drawEndLabels(curves: readonly Curve[], { x, y, right, top, bottom }: Plot): string {
  const labels = curves.flatMap((curve) => {
    const last = curve.drawable.at(-1);
    return last === undefined ? [] : [{ index: curve.index, text: finalValue(curve), x: x.place(last.x), y: y.place(last.y) }];
  });
  return endLabels(labels, right + 10, [top, bottom]);
}

function drawNotes(notes: readonly string[], width: number, lastLine: number): string {
  const first = lastLine - (notes.length - 1) * noteHeight;
  return notes
    .map((note, i) => {
      const place = { x: margin, y: first + i * noteHeight, class: 'faint' };
      return tag('text', place, escapeXml(shortenTo(note, width - 2 * margin, fontSize)));
    })
    .join('');
}

function finalValue({ drawable }: Curve): string {
  const last = drawable.at(-1);
  return last === undefined ? '' : significant(last.y);
}

/** What the chart cannot show, a line for each curve it is true of. */
function notesOn(series: readonly Series[], curves: readonly Curve[], xLabel: string): readonly string[] {
  const notes = curves.flatMap(({ name, points, drawable, index }) => {
    const all = series[index].points.length;
    if (all === 0) return [`No points: ${name}`];
    if (all === drawable.length) return [];
    const first = points.find((point) => !isDrawable(point));
    const from = first === undefined ? '' : `, the first at ${xLabel} ${position(first.x)}`;
    return [`Not drawn: ${count(all - drawable.length)} of ${plural(all, 'point')} of ${name}, not finite${from}`];
  });
  return notes.length <= 3 ? notes : [...notes.slice(0, 2), `Not drawn: points of ${notes.length - 2} more curves`];
}

/** The chart in words, for those who do not see it. */
function describe(curves: readonly Curve[], { y }: Plot, xLabel: string, yLabel: string): string {
  const sentences = curves.map(({ name, drawable }) => {
    const [first, last] = [drawable[0], drawable.at(-1)];
    if (first === undefined || last === undefined) return `${name}: nothing to draw.`;
    const lowest = drawable.reduce((best, point) => (point.y < best.y ? point : best));
    const at = (point: Point): string => `${significant(point.y)} at ${xLabel} ${position(point.x)}`;
    return drawable.length === 1 ? `${name}: ${at(first)}.` : `${name}: from ${at(first)} to ${at(last)}, lowest ${at(lowest)}.`;
  });
  return [`${yLabel} by ${xLabel}${y.log ? ', log scale' : ''}.`, ...sentences].join(' ');
}
