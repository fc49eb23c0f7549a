// Says which columns were taken for tokens, since with a header every column is one that no name sets apart.
import { shownName } from './names.ts';
import type { Layout } from './rows.ts';

/** Columns that are named one by one. */
const few = 3;

/**
 * `tokens: columns t1, t2, t3`, `tokens: 12 columns, t1 … t12`, `tokens: 13 columns, id, t1 … t12`; undefined where no columns were
 * chosen. Neighbours that are numbered on are one range, so that what does not belong stands out.
 */
export function describeTokenColumns(layout: Layout): string | undefined {
  if (layout.kind !== 'wide') return undefined;
  const { tokenNames } = layout;
  const columns = tokenNames.length === 1 ? 'column' : 'columns';
  if (tokenNames.length <= few) return `tokens: ${columns} ${tokenNames.map(shownName).join(', ')}`;
  const ranges = rangesOf(tokenNames);
  const shown = ranges.length <= few + 1 ? ranges.join(', ') : `${ranges.slice(0, few).join(', ')} … ${shownName(tokenNames.at(-1)!)}`;
  return `tokens: ${tokenNames.length} columns, ${shown}`;
}

/** `id`, `t1 … t12` */
function rangesOf(names: readonly string[]): string[] {
  const ranges: string[] = [];
  let first = 0;
  for (let i = 1; i <= names.length; i++) {
    if (i < names.length && follows(names[i - 1], names[i])) continue;
    const last = i - 1;
    ranges.push(last === first ? shownName(names[first]) : `${shownName(names[first])} … ${shownName(names[last])}`);
    first = i;
  }
  return ranges;
}

/** `t9` and `t10`, `t09` and `t10` */
function follows(before: string, name: string): boolean {
  const [, stem, digits] = /^(.*?)(\d+)$/s.exec(before) ?? [];
  return stem !== undefined && name === stem + String(Number(digits) + 1).padStart(digits.length, '0');
}
