// Rows in, a line of predictions out for each, in their order. Works on the rows that have arrived, and writes them before it reads on:
// memory stays bounded, and a slow pipe gets its answers at once.
import { noRowsLeft } from '../../data/rows/bad-rows.ts';
import type { BadRows } from '../../data/rows/bad-rows.ts';
import { emptyRow } from '../../data/dataset/dataset.ts';
import type { Output } from '../../data/write/output.ts';
import { withoutEmptyRows } from '../../data/pad/rows.ts';
import { layOutForReading } from '../../data/dataset/prepare.ts';
import type { LaidOut, PrepareCounts, PrepareOptions } from '../../data/dataset/prepare.ts';
import { keptValues, resultTable } from '../../data/write/result-table.ts';
import type { TableFormat } from '../../data/write/result-table.ts';
import { rowCount, rowLength } from '../../data/rows/rows.ts';
import type { Origin, RowChunk, SequenceInput } from '../../data/rows/rows.ts';
import { vocabularySize } from '../../data/dataset/vocabulary.ts';
import { rowError } from '../../data/dataset/dataset.ts';
import type { Dataset } from '../../data/dataset/dataset.ts';
import { DataError } from '../../errors.ts';
import type { Network } from '../../model/network.ts';
import { predictionColumns } from './prediction-columns.ts';
import { createPredictor } from './predictor.ts';
import type { Prediction, PredictorOptions } from './predictor.ts';
import type { Weights } from '../weights.ts';

export interface PredictSettings extends Omit<PrepareOptions, 'task'>, PredictorOptions {
  readonly skipEmpty: boolean;
  readonly keep: readonly string[];
  readonly format: TableFormat;
}

export interface PredictCounts extends Pick<
  PrepareCounts,
  'truncatedRows' | 'tokensCut' | 'paddingRemoved' | 'paddingAdded' | 'emptyRows'
> {
  readonly rows: number;
  /** Tokens that the model read. */
  readonly tokens: number;
}

/** Rows and tokens that are worked on at once. */
const WINDOW_ROWS = 4096;
const WINDOW_TOKENS = 1 << 16;
/** Probabilities that are held at once, where all are wanted. */
const WINDOW_OUTPUTS = 1 << 20;

/** Reads, predicts and writes until the input ends. `turn` is awaited between two windows. */
export async function predictRows(
  weights: Weights,
  network: Network,
  input: SequenceInput,
  settings: PredictSettings,
  output: Output,
  turn: () => Promise<void> | undefined,
): Promise<PredictCounts> {
  const { chunks: _, close: __, ...origin } = input;
  const { names, resultsOf } = predictionColumns(weights, settings);
  const table = resultTable(settings.format, origin, settings.keep, names);
  const keptOf = keptValues(origin, settings.keep, settings.format);
  const predict = createPredictor(network, settings);
  const counts = { rows: 0, tokens: 0, emptyRows: 0, truncatedRows: 0, tokensCut: 0, paddingRemoved: 0, paddingAdded: 0 };
  const chunks = settings.skipEmpty ? withoutEmptyRows(input, (rows) => (counts.emptyRows += rows)) : input.chunks;
  const answer = (chunk: RowChunk, rows: RowRange): Answered => {
    const laid = layOutForReading(datasetOf(origin, chunk, rows), settings);
    vocabularySize([laid], weights.shape.vocab, 'the weights know no other tokens: give the data that they are for');
    const predictions = predict(laid.rows);
    refuseNonFinite(laid, predictions);
    return { first: rows.from, laid, predictions };
  };
  let begin = table.begin;
  for await (const chunk of chunks) {
    for (const window of windowsOf(chunk, settings.all ? Math.floor(WINDOW_OUTPUTS / network.plan.shape.outputs) : WINDOW_ROWS)) {
      for (const { first, laid, predictions } of goodParts(window, (rows) => answer(chunk, rows), input.badRows)) {
        const text = predictions.map((prediction, i) => {
          const row = first + i;
          return table.row(chunk.lines[row], resultsOf(prediction), keptOf(chunk.others[row], chunk.columns?.[row]));
        });
        await output.write(begin + text.join(''));
        begin = '';
        add(counts, { ...laid.counts, rows: predictions.length, tokens: laid.rows.tokens.length });
      }
      await turn();
    }
  }
  if (counts.rows === 0 && input.badRows.count > 0) throw noRowsLeft(origin.file, input.badRows, '');
  return counts;
}

interface RowRange {
  readonly from: number;
  readonly to: number;
}

interface Answered {
  readonly first: number;
  readonly laid: LaidOut;
  readonly predictions: readonly Prediction[];
}

/** The answers to a window, as one where no row is at fault; else halved until the rows at fault stand alone, which `badRows` takes. */
function* goodParts(window: RowRange, answer: (rows: RowRange) => Answered, badRows: BadRows): Generator<Answered> {
  const { from, to } = window;
  let answered: Answered | undefined;
  try {
    answered = answer(window);
  } catch (error) {
    if (to - from === 1 || !badRows.skips || !(error instanceof DataError)) {
      badRows.add(error);
      return;
    }
  }
  if (answered) {
    yield answered;
    return;
  }
  const middle = (from + to) >> 1;
  yield* goodParts({ from, to: middle }, answer, badRows);
  yield* goodParts({ from: middle, to }, answer, badRows);
}

/** Cuts a chunk so that no part is large; a row is never cut. */
function* windowsOf(chunk: RowChunk, mostRows: number): Generator<RowRange> {
  const rows = rowCount(chunk);
  for (let from = 0; from < rows;) {
    let to = from + 1;
    let tokens = rowLength(chunk, from);
    while (to < rows && to - from < Math.min(mostRows, WINDOW_ROWS)) {
      tokens += rowLength(chunk, to);
      if (tokens > WINDOW_TOKENS) break;
      to++;
    }
    yield { from, to };
    from = to;
  }
}

/** A part of a chunk as data that messages can name places in. Throws DataError at an empty row. */
function datasetOf(origin: Origin, { tokens, offsets, lines, begins }: RowChunk, { from, to }: RowRange): Dataset {
  const own = offsets.slice(from, to + 1);
  for (let i = 0; i + 1 < own.length; i++) if (own[i] === own[i + 1]) throw emptyRow(origin, lines[from + i]);
  const first = own[0];
  return {
    file: origin.file,
    rows: { tokens: tokens.subarray(first, own.at(-1)), offsets: own.map((offset) => offset - first) },
    lines: lines.subarray(from, to),
    ...(begins && { begins: begins.subarray(from, to) }),
    targetNames: [],
    targets: new Float64Array(0),
    sha256: '',
    emptyRows: 0,
    origin,
  };
}

function refuseNonFinite({ source }: LaidOut, predictions: readonly Prediction[]): void {
  const isFinite = ({ all, probabilities }: Prediction): boolean =>
    probabilities.every(Number.isFinite) && (all?.every(Number.isFinite) ?? true);
  const row = predictions.findIndex((prediction) => !isFinite(prediction));
  if (row >= 0)
    throw rowError(
      source,
      row,
      'the prediction is not finite: the states of the model overflow on this row',
      'look at the weights: rnn inspect WEIGHTS',
    );
}

function add(counts: { -readonly [Name in keyof PredictCounts]: number }, more: Omit<PredictCounts, 'emptyRows'>): void {
  for (const name of Object.keys(more) as (keyof typeof more)[]) counts[name] += more[name];
}
