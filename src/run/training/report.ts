// What a run says of itself: before, what will be trained on what; afterwards, how good it is. Lines of text for stderr.
import { badRowNotes } from '../../data/rows/bad-rows.ts';
import { describePadding, looksPadded } from '../../data/pad/looks-padded.ts';
import type { PrepareCounts, Prepared } from '../../data/dataset/prepare.ts';
import { rowCount } from '../../data/rows/rows.ts';
import { describeTokenColumns } from '../../data/rows/token-columns.ts';
import { exp } from '../../engine/elementary.ts';
import type { ModelShape, Task } from '../../model/shape.ts';
import { lossChart } from '../../view/chart.ts';
import { count, plural, significant } from '../../view/numbers.ts';
import type { Evaluation } from '../evaluate.ts';
import type { LogPoint } from './trainer.ts';
import type { TrainSettings } from '../settings.ts';
import type { TrainSetup } from './setup.ts';

/** What the loss of a task is measured in. */
export function lossUnit(task: Task): string {
  return { regression: 'half squared error per row', classification: 'nats per row', 'next-token': 'nats per token' }[task];
}

/** Data, what was left out, model, optimizer. */
export function describeSetup(setup: TrainSetup, settings: TrainSettings): string[] {
  const { training, validation, trainingBatches, shape, parameters } = setup;
  const { origin } = training.source;
  const sources = new Set([training.source, ...(validation ? [validation.source] : [])]);
  const notes = [...sources].flatMap((source) => [...(source.badRows ? badRowNotes(source.badRows) : []), ...(source.origin?.notes ?? [])]);
  const tokenColumns = origin && describeTokenColumns(origin.layout);
  const lines = [
    ...notes.map((note) => note.report()),
    describeData(training),
    ...(tokenColumns ? [tokenColumns] : []),
    ...describeLosses(training),
    ...noteOnPadding(training, settings),
  ];
  lines.push(`task ${training.task}: ${training.taskReason}`, ...notesOn(training));
  if (trainingBatches.leftOver > 0) {
    lines.push(
      `stream: ${plural(trainingBatches.leftOver, 'token')} at the end cannot fill ${settings.batchSize} streams, and cannot be read`,
    );
  }
  if (validation) lines.push(`validation: ${describeData(validation)}`, ...describeLosses(validation).map((line) => `validation: ${line}`));
  if (setup.kind.bitsDependOn !== undefined) {
    lines.push(`note: with the engine ${setup.kind.name} the last bits of the weights depend on ${setup.kind.bitsDependOn}`);
  }
  lines.push(`model: ${describeModel(shape, settings.dropout)}, ${plural(parameters, 'parameter')}`);
  lines.push(`engine: ${setup.kind.name} on ${plural(setup.threads, 'thread')}`);
  if (setup.paddingShare > 0) {
    const share = significant(100 * setup.paddingShare, 2);
    lines.push(`batches: padding to the longest row of each would be ${share} % of them; it is not computed`);
  }
  if (settings.overfit) {
    const tokens = plural(trainingBatches.tokensPerEpoch, 'token');
    lines.push(`overfit: one batch of ${tokens} over and over, to see whether the model can learn it; it says nothing of other rows`);
  }
  return lines;
}

/** `48 tokens -> H 64 tanh -> 5 outputs` */
export function describeModel(shape: Omit<ModelShape, 'task' | 'activation'> & { readonly activation: string }, dropout = 0): string {
  const { vocab, embedding, tied, layers, hidden, activation, learnedState, outputs } = shape;
  const input = embedding > 0 ? `, embedding ${embedding}${tied ? ' (tied to the output)' : ''}` : '';
  const between = dropout > 0 ? `, dropout ${dropout} between` : '';
  const start = learnedState ? ', H_0 learned' : '';
  const state = `${layers > 1 ? `${layers} × ` : ''}H ${hidden} ${activation}${between}${start}`;
  return `${count(vocab)} tokens${input} -> ${state} -> ${plural(outputs, 'output')}`;
}

/** `rows.csv: 1500 rows, 14 045 tokens (4 to 14 a row)` */
export function describeData({ file, rows, counts }: Prepared): string {
  const n = rowCount(rows);
  const lengths = counts.shortest === counts.longest ? `${counts.longest} each` : `${counts.shortest} to ${counts.longest} a row`;
  return `${file}: ${plural(n, 'row')}, ${plural(rows.tokens.length, 'token')} (${lengths})`;
}

/** Padding that nothing speaks of is learned as if it were tokens. */
function noteOnPadding({ source }: Prepared, { padValue, noMask }: TrainSettings): string[] {
  const padding = padValue === undefined && !noMask ? looksPadded(source.rows) : undefined;
  return padding ? [`note: ${describePadding(padding, rowCount(source.rows))}`] : [];
}

/** What in the targets may be meant otherwise. */
function notesOn({ task, targets, source }: Prepared): string[] {
  const names = source.targetNames.join(', ');
  const distinct = new Set(targets);
  if (task === 'classification') {
    const classes = Math.max(...distinct) + 1;
    const empty = Array.from({ length: classes }, (_, label) => label).filter((label) => !distinct.has(label));
    return empty.length === 0 ? [] : [`note: no row has class ${empty.slice(0, 5).join(', ')}; classes are numbered from 0`];
  }
  const couldBeClasses =
    targets.length > distinct.size && [...distinct].every((value) => Number.isInteger(value) && value >= 0 && value < 100);
  if (task !== 'regression' || source.targetNames.length > 1 || !couldBeClasses) return [];
  return [`note: ${names} holds whole numbers; --task classification would learn them as classes`];
}

/** One line for each thing that was left out or added. */
export function describeLosses({ counts }: { readonly counts: Omit<PrepareCounts, 'rowsRead' | 'shortest' | 'longest'> }): string[] {
  const { emptyRows, badRows, tooShort, truncatedRows, tokensCut, paddingRemoved, paddingAdded } = counts;
  const lines: string[] = [];
  if (emptyRows > 0) lines.push(`left out ${plural(emptyRows, 'empty row')}`);
  if (badRows > 0) lines.push(`left out ${plural(badRows, 'bad row')}`);
  if (tooShort > 0) lines.push(`left out ${plural(tooShort, 'row')} of fewer than two tokens: there is no next token to learn`);
  if (truncatedRows > 0) lines.push(`truncated ${plural(truncatedRows, 'row')} (${plural(tokensCut, 'token')} cut)`);
  if (paddingRemoved > 0) lines.push(`took ${plural(paddingRemoved, 'token')} of padding off`);
  if (paddingAdded > 0) lines.push(`--no-mask: ${plural(paddingAdded, 'token')} of padding are fed to the model`);
  return lines;
}

/** The figures of an evaluation, each with what it counts. */
export function describeEvaluation(evaluation: Evaluation, task: Task, baseline: string | undefined): string {
  const { loss, outputs, accuracy, rootMeanSquareError, meanAbsoluteError } = evaluation;
  const parts = [`loss ${significant(loss)} ${lossUnit(task)}`];
  if (task === 'regression') parts.push(`RMSE ${significant(rootMeanSquareError!)}`, `MAE ${significant(meanAbsoluteError!)}`);
  else parts.push(`accuracy ${significant(accuracy!, 3)}`);
  if (task === 'next-token') parts.push(`perplexity ${significant(exp(loss))}`, `${significant(loss / Math.LN2)} bits per token`);
  const over = task === 'next-token' ? plural(outputs, 'token') : plural(outputs, 'row');
  return `${parts.join(', ')} over ${over}${baseline === undefined ? '' : ` (${baseline})`}`;
}

/** What a model that ignores the tokens would reach on the same data. */
export function describeBaseline(data: Prepared, training: Prepared): string | undefined {
  if (data.task === 'classification') {
    const counts = new Map<number, number>();
    for (const label of training.targets) counts.set(label, (counts.get(label) ?? 0) + 1);
    const [majority] = [...counts].reduce((a, b) => (b[1] > a[1] ? b : a));
    const right = data.targets.reduce((sum, label) => sum + (label === majority ? 1 : 0), 0);
    return `always the largest class: ${significant(right / data.targets.length, 3)}`;
  }
  if (data.task === 'regression' && data.targetWidth === 1) {
    const mean = training.targets.reduce((a, b) => a + b, 0) / training.targets.length;
    const square = data.targets.reduce((sum, y) => sum + (y - mean) ** 2, 0) / data.targets.length;
    return `always the mean: RMSE ${significant(Math.sqrt(square))}`;
  }
  return undefined;
}

/** loss.svg: the losses over the steps. */
export function chartOf({ training, shape }: TrainSetup, points: readonly LogPoint[]): string {
  const curveOf = (name: string, field: 'trainLoss' | 'validationLoss'): { name: string; points: { x: number; y: number }[] } => ({
    name,
    points: points.flatMap((point) => (point[field] === undefined ? [] : [{ x: point.step, y: point[field] }])),
  });
  const validation = curveOf('validation', 'validationLoss');
  const series = [curveOf('train', 'trainLoss'), ...(validation.points.length > 0 ? [validation] : [])];
  return lossChart({ title: `Loss of ${training.file}`, xLabel: 'step', yLabel: `loss, ${lossUnit(shape.task)}`, series });
}
