// `rnn inspect` of a data file: its measures as lines for people, and as one JSON object.
import { vocabularyOf } from '../../data/inspect/token-counts.ts';
import type { Vocabulary } from '../../data/inspect/token-counts.ts';
import { measureRows } from '../../data/inspect/measure.ts';
import type { DataMeasures, MeasureOptions } from '../../data/inspect/measure.ts';
import type { TargetSummary } from '../../data/inspect/target-stats.ts';
import type { Cut } from '../../data/inspect/length-counts.ts';
import { describePadding, paddingFlags } from '../../data/pad/looks-padded.ts';
import { shownName } from '../../data/rows/names.ts';
import type { MaxLen } from '../../data/padding.ts';
import type { Layout, SequenceInput } from '../../data/rows/rows.ts';
import { describeTokenColumns } from '../../data/rows/token-columns.ts';
import { padLeft, padRight } from '../../view/display-width.ts';
import { histogram } from '../../view/histogram.ts';
import { count, plural, significant } from '../../view/numbers.ts';

export interface InspectOptions extends MeasureOptions {
  /** Absent: what the percentiles would cut. */
  readonly maxLen?: MaxLen | undefined;
  /** Most frequent tokens that are named. */
  readonly top: number;
}

export interface View {
  /** Columns of the terminal. */
  readonly width: number;
  readonly unicode: boolean;
}

const percents = [50, 90, 95, 99] as const;
const mostBins = 14;
const classesShown = 20;

interface NamedCut extends Cut {
  readonly name: string;
}

export interface DataReport extends Omit<DataMeasures, 'tokens'> {
  readonly file: string;
  readonly layout: Layout;
  readonly format: string;
  /** Rows that --on-error skip left out; they are in no other figure. */
  readonly badRows: number;
  readonly vocabulary: Vocabulary | undefined;
  readonly cuts: readonly NamedCut[];
}

/** Reads the input to its end. */
export async function inspectData(input: SequenceInput, options: InspectOptions): Promise<DataReport> {
  const { tokens, ...measures } = await measureRows(input, options);
  const { lengths } = measures;
  const asked = options.maxLen === undefined ? percents.map((percent) => `p${percent}` as const) : [options.maxLen];
  const cuts = asked.map((maxLen) => ({ name: String(maxLen), ...lengths.cut(lengthOf(maxLen, measures)) }));
  const { file, layout, format } = input;
  return { file, layout, format, badRows: input.badRows.count, ...measures, vocabulary: vocabularyOf(tokens, options.top), cuts };
}

function lengthOf(maxLen: MaxLen, { lengths }: Pick<DataMeasures, 'lengths'>): number {
  if (typeof maxLen === 'number') return maxLen;
  return Math.max(1, maxLen === 'longest' ? lengths.longest : lengths.percentile(Number(maxLen.slice(1))));
}

/** One JSON object; shares are of 1. */
export function dataReportJson(report: DataReport): string {
  const { file, format, layout, badRows, lengths, emptyRows, vocabulary, targets, duplicates, padding, cuts } = report;
  const { rows, tokens } = lengths;
  return JSON.stringify({
    kind: 'data',
    file,
    format,
    layout: layout.kind,
    rows,
    emptyRows,
    badRows,
    tokens,
    vocabulary,
    lengths: {
      shortest: lengths.shortest,
      longest: lengths.longest,
      mean: tokens / rows,
      percentiles: Object.fromEntries(percents.map((percent) => [`p${percent}`, lengths.percentile(percent)])),
      histogram: lengths.bins(mostBins),
    },
    cuts: cuts.map((cut) => ({ ...cut, rowShare: cut.rows / rows, tokenShare: share(cut.tokens, tokens) })),
    targets,
    duplicates,
    padding: padding && {
      ...padding,
      rowShare: padding.rows / rows,
      tokenShare: padding.tokens / tokens,
      flags: paddingFlags(padding),
    },
  });
}

/** The same as lines. */
export function describeData(report: DataReport, view: View): string {
  const { file, format, layout, badRows, lengths, emptyRows, vocabulary, targets, padding, cuts } = report;
  const { rows, tokens, shortest, longest } = lengths;
  const spread = shortest === longest ? `${longest} each` : `${shortest} to ${longest}, mean ${significant(tokens / rows, 3)}`;
  const entries: [name: string, text: string][] = [
    ['file', `${file}, ${format}${describeLayout(layout)}`],
    ['rows', `${count(rows)}${emptyRows > 0 ? `, ${count(emptyRows)} of them empty` : ''}`],
    ...(badRows > 0 ? [['left out', plural(badRows, 'bad row')] as [string, string]] : []),
    ['tokens', count(tokens)],
    ...describeVocabulary(vocabulary),
    ...targets.map((target): [string, string] => [shownName(target.name), describeTarget(target)]),
    ['duplicates', describeDuplicates(report)],
    [
      'padding',
      padding ? `${describePadding(padding, rows)} (${percentText(padding.tokens, tokens)} of the tokens)` : 'rows do not look padded',
    ],
    ['lengths', spread],
  ];
  const bars = lengths.bins(mostBins).map(({ from, to, rows: value }) => ({ label: from === to ? String(from) : `${from}-${to}`, value }));
  return [
    ...aligned(entries),
    ...histogram(bars, { ...view, width: view.width - 2 }).map((line) => `  ${line}`),
    ...describeCuts(cuts, rows, tokens),
  ].join('\n');
}

function describeLayout(layout: Layout): string {
  if (layout.kind === 'wide') return `, ${describeTokenColumns(layout) ?? ''}`;
  if (layout.kind === 'plain') return ' without a header';
  if (layout.kind === 'arrays') return ', a list a row';
  return `, tokens: ${layout.kind === 'cell' ? 'column' : 'key'} ${shownName(layout.sequenceName)}`;
}

function describeVocabulary(vocabulary: Vocabulary | undefined): [string, string][] {
  if (vocabulary === undefined) return [];
  const { size, smallest, largest, distinct, unused, unusedFrom, frequent } = vocabulary;
  const stretches = unusedFrom.map(([first, last]) => (first === last ? String(first) : `${first}-${last}`)).join(', ');
  const shown = unusedFrom.reduce((sum, [first, last]) => sum + last - first + 1, 0);
  const holes = unused === 0 ? 'all in use' : `unused: ${stretches}${shown < unused ? ` … (${count(unused)} in all)` : ''}`;
  const most = frequent.map(({ token, share: ofAll }) => `${token} ${percentText(ofAll, 1)}`).join(', ');
  return [
    ['vocabulary', `${count(size)}: ${plural(distinct, 'distinct ID')} from ${smallest} to ${largest}, ${holes}`],
    ...(most === '' ? [] : [['frequent', most] as [string, string]]),
  ];
}

function describeTarget(target: TargetSummary): string {
  if (target.kind === 'numbers') {
    const [mean, deviation, min, max] = [target.mean, target.deviation, target.min, target.max].map((x) => significant(x));
    return `numbers from ${min} to ${max}, mean ${mean}, deviation ${deviation}`;
  }
  const { classes } = target;
  const shown = classes.length <= classesShown ? classes : classes.toSorted((a, b) => b.rows - a.rows).slice(0, classesShown);
  const shares = shown.map(({ label, share: ofAll }) => `${label} ${percentText(ofAll, 1)}`).join(', ');
  return `${plural(classes.length, 'class', 'classes')}: ${shares}${shown.length < classes.length ? ', …' : ''}`;
}

function describeDuplicates({ duplicates: { rows, otherTargets, forgotten }, targets }: DataReport): string {
  const limit = forgotten > 0 ? ` (${plural(forgotten, 'row')} not looked at: too many distinct ones)` : '';
  if (rows === 0) return `none${limit}`;
  const conflicts = targets.length === 0 ? '' : `, ${otherTargets === 0 ? 'none' : count(otherTargets)} of them with another target`;
  return `${plural(rows, 'row')} like an earlier one${conflicts}${limit}`;
}

/** What a limit would leave out, a line each. */
function describeCuts(cuts: readonly NamedCut[], rows: number, tokens: number): string[] {
  const cells = cuts.map((cut) => [
    `${cut.name === String(cut.maxLen) ? '' : `${cut.name} = `}${cut.maxLen}`,
    `${percentText(cut.rows, rows)} of rows, ${percentText(cut.tokens, tokens)} of tokens`,
  ]);
  const width = Math.max(...cells.map(([name]) => name.length));
  return ['--max-len would cut', ...cells.map(([name, text]) => `  ${padLeft(name, width)}  ${text}`)];
}

function aligned(entries: readonly (readonly [string, string])[]): string[] {
  const width = Math.max(...entries.map(([name]) => name.length));
  return entries.map(([name, text]) => `${padRight(name, width)}  ${text}`);
}

function share(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole;
}

/** `0%`, `0.03%`, `12.5%`, `100%` */
function percentText(part: number, whole: number): string {
  const value = 100 * share(part, whole);
  return `${value > 0 && value < 0.1 ? significant(value, 1) : value.toFixed(value === 0 || value === 100 ? 0 : 1)}%`;
}
