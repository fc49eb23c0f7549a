// Which classes a classifier takes for which: the whole table where it can be read, else the most frequent mistakes.
import { printable, shorten } from './display-width.ts';
import { count, plural } from './numbers.ts';
import { alignedTable } from './table.ts';

const mostClasses = 20;
const mostPairs = 20;
const narrowestHeader = 3;
const gap = '  ';
const recall = 'recall';

/**
 * counts (C, C): row i, column j holds how many of true class i were predicted as class j. names (C).
 * Every line but the caption has the same width on a terminal, at most `width` columns.
 */
export function confusionTable(counts: readonly ArrayLike<number>[], names: readonly string[], { width = 80 } = {}): string {
  const shown = names.map(printable);
  const table = counts.length <= mostClasses ? wholeTable(counts, shown, width) : undefined;
  return table ?? pairTable(counts, shown, width);
}

/** Undefined where the columns do not fit. */
function wholeTable(counts: readonly ArrayLike<number>[], names: readonly string[], width: number): string | undefined {
  const widest = Math.max(...counts.flatMap((row) => Array.from(row, (n) => count(n).length)), narrowestHeader);
  const widestLabel = Math.floor(width / 4);
  const room = Math.floor((width - widestLabel - gap.length - recall.length) / counts.length) - gap.length;
  if (room < widest) return undefined;
  const headers = names.map((name) => shorten(name, room));
  // Names that look alike once they are short give way to the class's number, on both sides.
  const distinct = new Set(headers).size === headers.length;
  const labels = names.map((name, i) => shorten(distinct ? name : `${i} ${name}`, widestLabel));
  const lines = alignedTable(
    ['', ...(distinct ? headers : names.map((_, i) => String(i))), recall],
    counts.map((row, i) => [labels[i], ...Array.from(row, count), percentOf(row[i], row)]),
    1,
  );
  return ['Rows: true class. Columns: predicted class.', ...lines].join('\n');
}

function pairTable(counts: readonly ArrayLike<number>[], names: readonly string[], width: number): string {
  const mistakes = counts.flatMap((row, i) =>
    Array.from(row, (times, j) => ({ i, j, times })).filter(({ j, times }) => j !== i && times > 0),
  );
  const classes = plural(counts.length, 'class', 'classes');
  if (mistakes.length === 0) return `${classes}, none taken for another.`;
  mistakes.sort((a, b) => b.times - a.times || a.i - b.i || a.j - b.j);
  const headers = ['true class', 'predicted as', 'times', 'of its rows'];
  const widestCount = Math.max('times'.length, count(mistakes[0].times).length);
  const room = width - 3 * gap.length - widestCount - 'of its rows'.length;
  const nameWidth = Math.max('predicted as'.length, Math.floor(room / 2));
  const rows = mistakes.slice(0, mostPairs).map(({ i, j, times }) => {
    return [shorten(names[i], nameWidth), shorten(names[j], nameWidth), count(times), percentOf(times, counts[i])];
  });
  return [`The most frequent of ${plural(mistakes.length, 'mistake')} between ${classes}.`, ...alignedTable(headers, rows, 2)].join('\n');
}

/** `-` of nothing. */
function percentOf(part: number, row: ArrayLike<number>): string {
  const total = Array.from(row).reduce((sum, n) => sum + n, 0);
  return total === 0 ? '-' : `${((100 * part) / total).toFixed(1)}%`;
}
