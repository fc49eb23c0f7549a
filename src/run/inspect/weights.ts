// What is in a weight file: the model, and of each tensor its norm, its range and how its values lie; of each W its spectral radius.
// Reads also what other commands refuse: numbers that are not finite are counted.
import { shownToken } from '../../data/text/vocabulary.ts';
import type { TextVocabulary } from '../../data/text/vocabulary.ts';
import { vocabularyToJson } from '../../data/text/vocabulary-json.ts';
import { oracleKind, wasmKind } from '../../engine/engines.ts';
import { parameterCount, tensorsOf } from '../../model/shape.ts';
import type { ModelShape } from '../../model/shape.ts';
import { spectralRadius, spectralRadiusSize } from '../../model/spectral-radius.ts';
import { printable, shorten } from '../../view/display-width.ts';
import { plural, significant } from '../../view/numbers.ts';
import { sparkline } from '../../view/sparkline.ts';
import { alignedTable } from '../../view/table.ts';
import { weightFile } from '../inference/inference.ts';
import { modelDefaults } from '../settings.ts';
import { describeModel } from '../training/report.ts';
import { readAnyWeights } from '../weights.ts';

/** Of the finite numbers of a tensor, in float64. */
export interface TensorStatistics {
  readonly name: string;
  readonly shape: readonly number[];
  readonly norm: number;
  readonly mean: number;
  /** Standard deviation of the numbers as they are, not of a sample. */
  readonly deviation: number;
  readonly min: number;
  readonly max: number;
  /** How many are NaN or infinite. */
  readonly nonFinite: number;
  readonly zeros: number;
  /** Counts of the values in equal ranges from min to max. */
  readonly histogram: readonly number[];
  /** Of W: by which factor a linear state grows in a step, in the long run; undefined where a number is not finite. */
  readonly spectralRadius?: number;
  /** How far two estimates of it lie apart, relatively. */
  readonly spectralGap?: number;
}

export interface WeightsReport {
  readonly file: string;
  /** The task and activation are undefined where the file does not say them. */
  readonly model: Omit<ModelShape, 'task' | 'activation'> &
    Partial<Pick<ModelShape, 'task' | 'activation'>> & { readonly parameters: number };
  readonly classNames: readonly string[] | undefined;
  readonly vocabulary: TextVocabulary | undefined;
  /** Trained on rows joined into one stream. */
  readonly stream: boolean;
  readonly nonFinite: number;
  readonly tensors: readonly TensorStatistics[];
}

/** Ranges of the histogram: with them the table fits 80 columns. */
const BINS = 20;

/** Size H up to which W is squared in float64; larger ones in float32, on the engine that trains, which takes a second for H 1024. */
const EXACT_UP_TO = 256;

/** Reads the weights that the path means, and measures them. Throws UserError for what are no weights of a recurrent network. */
export async function inspectWeights(path: string): Promise<WeightsReport> {
  const file = weightFile(path);
  const {
    shape,
    tensors,
    classNames,
    vocabulary,
    stream = false,
    assumed,
  } = await readAnyWeights(file, {
    task: undefined,
    activation: modelDefaults.activation,
  });
  const statistics = tensorsOf(shape).map(({ name, shape: sizes }) => measure(name, sizes, tensors.get(name)!));
  const { task, activation, ...sizes } = shape;
  return {
    file,
    model: { ...(assumed ? {} : { task, activation }), ...sizes, parameters: parameterCount(shape) },
    classNames,
    vocabulary,
    stream,
    nonFinite: statistics.reduce((sum, { nonFinite }) => sum + nonFinite, 0),
    tensors: statistics,
  };
}

function measure(name: string, shape: readonly number[], all: Float32Array): TensorStatistics {
  const values = all.filter(Number.isFinite);
  let [sum, squares, zeros, min, max] = [0, 0, 0, Infinity, -Infinity];
  for (const value of values) {
    sum += value;
    squares += value * value;
    if (value === 0) zeros++;
    if (value < min) min = value;
    if (value > max) max = value;
  }
  const mean = sum / values.length;
  let spread = 0;
  for (const value of values) spread += (value - mean) ** 2;
  const nonFinite = all.length - values.length;
  return {
    name,
    shape,
    norm: Math.sqrt(squares),
    mean,
    deviation: Math.sqrt(spread / values.length),
    min,
    max,
    nonFinite,
    zeros,
    histogram: histogramOf(values, min, max),
    ...(/^W\d*$/.test(name) && nonFinite === 0 ? radiusOf(all, shape[0]) : {}),
  };
}

function histogramOf(values: Float32Array, min: number, max: number): number[] {
  const counts = Array.from({ length: BINS }, () => 0);
  for (const value of values) counts[max === min ? 0 : Math.min(BINS - 1, Math.floor(((value - min) / (max - min)) * BINS))]++;
  return counts;
}

function radiusOf(W: Float32Array, hidden: number): Pick<TensorStatistics, 'spectralRadius' | 'spectralGap'> {
  const [kind, tolerance] = hidden <= EXACT_UP_TO ? [oracleKind, 1e-8] : [wasmKind, 1e-5];
  const engine = kind.create(spectralRadiusSize(hidden, kind.packedSize));
  const { value, gap } = spectralRadius(engine, W, hidden, tolerance);
  return { spectralRadius: value, spectralGap: gap };
}

/** The report as JSON; the vocabulary as in the file of the weights. */
export function weightsReportJson({ vocabulary, ...report }: WeightsReport): string {
  return JSON.stringify({ ...report, ...(vocabulary && { vocabulary: JSON.parse(vocabularyToJson(vocabulary)) as unknown }) });
}

/** The report in lines no wider than `width`, as far as names allow. */
export function describeWeights(report: WeightsReport, { width, unicode }: { readonly width: number; readonly unicode: boolean }): string {
  const { file, model, classNames, vocabulary, stream, nonFinite, tensors } = report;
  const task = model.task ?? 'task not said';
  const lines = [
    `${file}: ${task}, ${describeModel({ activation: '(activation not said)', ...model })}, ${plural(model.parameters, 'parameter')}`,
  ];
  if (classNames) lines.push(shorten(`classes: ${classNames.map(printable).join(', ')}`, width));
  if (vocabulary) lines.push(describeVocabulary(vocabulary, width));
  if (stream) lines.push('trained on rows joined into one stream');
  const rows = tensors.map(({ name, shape, norm, mean, deviation, min, max, histogram }) => {
    const numbers = [norm, mean, deviation, min, max].map((x) => significant(x, 3));
    return [name, shape.join('x'), ...numbers, sparkline(histogram, { unicode })];
  });
  lines.push(...alignedTable(['tensor', 'shape', 'norm', 'mean', 'std', 'min', 'max', 'values, min to max'], rows, 2));
  for (const { name, spectralRadius: radius } of tensors) {
    if (radius !== undefined)
      lines.push(`spectral radius of ${name}: ${significant(radius)} (below 1 a linear state fades, above 1 it grows)`);
  }
  if (nonFinite > 0) {
    const where = tensors.filter((tensor) => tensor.nonFinite > 0).map((tensor) => `${tensor.name} ${tensor.nonFinite}`);
    lines.push(`NOT FINITE: ${plural(nonFinite, 'number')} (${where.join(', ')}); no command runs these weights`);
  }
  return lines.join('\n');
}

function describeVocabulary(vocabulary: TextVocabulary, width: number): string {
  const { size, level } = vocabulary;
  const few = Array.from({ length: Math.min(size, width) }, (_, id) => shownToken(vocabulary, id));
  return shorten(`vocabulary: ${plural(size, 'token')} of level ${level}: ${printable(few.join(' '))}`, width);
}
