// Columns of text, each as wide as its widest cell.
import { displayWidth, padLeft, padRight } from './display-width.ts';

const gap = '  ';

/** The first `left` columns flush left, the others right. */
export function alignedTable(headers: readonly string[], rows: readonly (readonly string[])[], left: number): string[] {
  const widths = headers.map((header, column) => Math.max(displayWidth(header), ...rows.map((row) => displayWidth(row[column]))));
  const line = (cells: readonly string[]): string => cells.map((cell, i) => (i < left ? padRight : padLeft)(cell, widths[i])).join(gap);
  return [headers, ...rows].map(line);
}
