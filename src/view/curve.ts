// A small loss curve in text, for the end of a training run: braille dots, or `*` where the terminal speaks no UTF-8.
import { displayWidth, padLeft, shorten } from './display-width.ts';
import { position, significant } from './numbers.ts';
import { decimate, extentOf, inOrder, isDrawable, wantsLogScale } from './points.ts';
import type { Extent, Point } from './points.ts';

interface CurveOptions {
  /** Columns; no line is wider. */
  readonly width: number;
  /** Lines of the plot itself, at least 2; a caption follows. */
  readonly height?: number;
  readonly unicode: boolean;
  readonly xLabel?: string;
}

/** The plot with the highest and lowest value on its y axis; below it the first, last and lowest value in words. */
export function curve(points: readonly Point[], { width, height = 8, unicode, xLabel = 'step' }: CurveOptions): string {
  const ordered = inOrder(points);
  const drawable = ordered.filter(isDrawable);
  const yExtent = extentOf(drawable.map(({ y }) => y));
  if (yExtent === undefined) return shorten('no finite value to draw', width);
  const words = wrap(caption(drawable, yExtent, xLabel), width);
  const labels = yLabels(yExtent, height);
  const gutter = Math.max(...labels.map(displayWidth));
  const columns = width - gutter - 2;
  if (columns < 2) return words.join('\n');
  const raster = unicode ? braille(columns, height) : asterisks(columns, height);
  trace(ordered, yExtent, raster);
  const tick = unicode ? '┤' : '+';
  const axis = unicode ? '│' : '|';
  const plot = raster.lines().map((line, row) => `${padLeft(labels[row], gutter)} ${labels[row] === '' ? axis : tick}${line}`.trimEnd());
  return [...plot, ...words].join('\n');
}

/** One text a line of the plot, most of them empty. */
function yLabels({ min, max }: Extent, height: number): readonly string[] {
  const labels = Array.from({ length: height }, () => '');
  // A constant curve is drawn in the middle.
  labels[min === max ? Math.floor(height / 2) : height - 1] = significant(min);
  if (min < max) labels[0] = significant(max);
  return labels;
}

function caption(drawable: readonly Point[], yExtent: Extent, xLabel: string): readonly string[] {
  const [first, last] = [drawable[0], drawable.at(-1)!];
  if (drawable.length === 1) return [`${xLabel} ${position(first.x)}: ${significant(first.y)}`];
  const lowest = drawable.find(({ y }) => y === yExtent.min)!;
  const pieces = [
    `${xLabel} ${position(first.x)} to ${position(last.x)}:`,
    `first ${significant(first.y)},`,
    `last ${significant(last.y)},`,
  ];
  pieces.push(`lowest ${significant(lowest.y)}`, `at ${xLabel} ${position(lowest.x)}`);
  return wantsLogScale(yExtent) ? [...pieces, '(log scale)'] : pieces;
}

/** Pieces joined by spaces, on as many lines as the width asks for. */
function wrap(pieces: readonly string[], width: number): readonly string[] {
  const lines: string[] = [];
  for (const piece of pieces) {
    const longer = `${lines.at(-1)} ${piece}`;
    if (lines.length > 0 && displayWidth(longer) <= width) lines[lines.length - 1] = longer;
    else lines.push(shorten(piece, width));
  }
  return lines;
}

/** A grid of dots that becomes lines of text. Dots count from the upper left. */
interface Raster {
  readonly dotColumns: number;
  readonly dotRows: number;
  readonly set: (column: number, row: number) => void;
  readonly lines: () => readonly string[];
}

/** Two by four dots a character: bit i of the code point is the dot that Unicode numbers i + 1. */
function braille(columns: number, rows: number): Raster {
  const bits = [0x01, 0x08, 0x02, 0x10, 0x04, 0x20, 0x40, 0x80];
  const cells = new Uint8Array(columns * rows);
  return {
    dotColumns: columns * 2,
    dotRows: rows * 4,
    set(column, row) {
      cells[(row >> 2) * columns + (column >> 1)] |= bits[(row & 3) * 2 + (column & 1)];
    },
    lines: () => rowsOf(cells, columns, (cell) => (cell === 0 ? ' ' : String.fromCharCode(0x2800 + cell))),
  };
}

function asterisks(columns: number, rows: number): Raster {
  const cells = new Uint8Array(columns * rows);
  return {
    dotColumns: columns,
    dotRows: rows,
    set(column, row) {
      cells[row * columns + column] = 1;
    },
    lines: () => rowsOf(cells, columns, (cell) => (cell === 0 ? ' ' : '*')),
  };
}

function rowsOf(cells: Uint8Array, columns: number, show: (cell: number) => string): readonly string[] {
  return Array.from({ length: cells.length / columns }, (_, row) =>
    Array.from(cells.subarray(row * columns, (row + 1) * columns), show).join(''),
  );
}

/** Sets the dots under the line through the points; a point that cannot be drawn breaks it. */
function trace(ordered: readonly Point[], yExtent: Extent, { dotColumns, dotRows, set }: Raster): void {
  const height = wantsLogScale(yExtent) ? Math.log : (y: number): number => y;
  const place = (value: number, from: number, to: number, dots: number): number =>
    to > from ? Math.round(((value - from) / (to - from)) * (dots - 1)) : Math.floor((dots - 1) / 2);
  const { min: left, max: right } = extentOf(ordered.filter(isDrawable).map(({ x }) => x))!;
  let before: readonly [number, number] | undefined;
  for (const point of decimate(ordered, 4 * dotColumns)) {
    if (!isDrawable(point)) {
      before = undefined;
      continue;
    }
    const column = place(point.x, left, right, dotColumns);
    const row = dotRows - 1 - place(height(point.y), height(yExtent.min), height(yExtent.max), dotRows);
    const [fromColumn, fromRow] = before ?? [column, row];
    const steps = Math.max(Math.abs(column - fromColumn), Math.abs(row - fromRow), 1);
    for (let i = 0; i <= steps; i++) {
      set(Math.round(fromColumn + ((column - fromColumn) * i) / steps), Math.round(fromRow + ((row - fromRow) * i) / steps));
    }
    before = [column, row];
  }
}
