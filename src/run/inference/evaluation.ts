// An evaluation of weights on data: sets it up, and says what came of it, in lines and as JSON.
import { rowBatches, streamBatches } from '../../data/dataset/batches.ts';
import type { Batches } from '../../data/dataset/batches.ts';
import type { Dataset } from '../../data/dataset/dataset.ts';
import { prepare } from '../../data/dataset/prepare.ts';
import type { Prepared, PrepareOptions } from '../../data/dataset/prepare.ts';
import { vocabularySize } from '../../data/dataset/vocabulary.ts';
import { rowCount } from '../../data/rows/rows.ts';
import { exp } from '../../engine/elementary.ts';
import { UsageError, UserError } from '../../errors.ts';
import type { Network } from '../../model/network.ts';
import type { ModelShape } from '../../model/shape.ts';
import { confusionTable } from '../../view/confusion.ts';
import { plural } from '../../view/numbers.ts';
import type { Evaluation } from '../evaluate.ts';
import { DEFAULT_WINDOW } from '../settings.ts';
import { describeBaseline, describeData, describeEvaluation, describeLosses, lossUnit } from '../training/report.ts';
import { inferenceNetwork } from './inference.ts';
import type { LoadedModel } from './inference.ts';

export interface EvaluationSettings extends Omit<PrepareOptions, 'task'> {
  readonly stream: boolean;
  readonly batchSize: number;
  readonly bptt: number | undefined;
  readonly threads: number;
}

export interface EvaluationSetup {
  readonly model: LoadedModel;
  readonly data: Prepared;
  readonly batches: Batches;
  readonly network: Network;
}

/** Prepares the data as `rnn train` prepares validation data, and checks it against the model. */
export async function setUpEvaluation(model: LoadedModel, dataset: Dataset, settings: EvaluationSettings): Promise<EvaluationSetup> {
  const { shape } = model.weights;
  const known = {
    tokens: shape.vocab,
    classes: shape.task === 'classification' ? shape.outputs : undefined,
    tokenHint: 'the weights know no other tokens: give the data that they are for',
  };
  const data = prepare(dataset, { ...settings, task: shape.task, taskOfWeights: true, known });
  checkAgainst(shape, data);
  const batches = batchesOf(data, settings);
  return { model, data, batches, network: await inferenceNetwork(model, batches.limits, settings) };
}

function checkAgainst({ task, vocab, outputs }: ModelShape, data: Prepared): void {
  // What padding adds, too, must be a token.
  vocabularySize([data], vocab);
  if (task === 'regression' && data.targetWidth !== outputs) {
    throw new UserError(
      `${data.file}: the rows have ${plural(data.targetWidth, 'target')}, the weights ${plural(outputs, 'output')}`,
      'name as many target columns with --target',
    );
  }
}

function batchesOf(data: Prepared, { stream, batchSize, bptt }: EvaluationSettings): Batches {
  if (!stream) return rowBatches(data, { batchSize });
  if (data.task === 'next-token') return streamBatches(data, { batchSize, window: bptt ?? DEFAULT_WINDOW });
  throw new UsageError(`--stream: the weights are for ${data.task}; only next-token reads rows as one stream`, 'leave --stream out');
}

/** Data, what of it was left out, and the figures. Throws UserError where there is no figure. */
export function describeResult(setup: EvaluationSetup, evaluation: Evaluation, width: number): string[] {
  const { data, batches, model } = setup;
  const { confusion } = evaluation;
  const lines = [describeData(data), ...describeLosses(data)];
  if (data.task === 'next-token' && data.source.targetNames.length > 0) lines.push(`not used: ${data.source.targetNames.join(', ')}`);
  if (batches.leftOver > 0) {
    lines.push(
      `stream: ${plural(batches.leftOver, 'token')} at the end left out: they cannot fill ${batches.limits.rows} streams (--batch-size 1 reads all)`,
    );
  }
  lines.push(describeEvaluation(evaluation, data.task, describeBaseline(data, data)));
  if (confusion) {
    const names = model.weights.classNames ?? confusion.map((_, label) => String(label));
    lines.push(confusionTable(confusion, names, { width }));
  }
  return lines;
}

/** The same as JSON, with the log's base and what the means are over. */
export function resultJson({ model, data, batches }: EvaluationSetup, evaluation: Evaluation): Record<string, unknown> {
  const { loss, outputs, accuracy, rootMeanSquareError, meanAbsoluteError, confusion } = evaluation;
  const { task } = data;
  return {
    weights: model.file,
    task,
    data: { file: data.file, sha256: data.sha256, rows: rowCount(data.rows), tokens: data.rows.tokens.length, counts: data.counts },
    loss,
    lossUnit: lossUnit(task),
    ...(task === 'regression' ? {} : { logBase: 'e' }),
    outputs,
    outputsAre: task === 'next-token' ? 'tokens' : 'rows',
    leftOverTokens: batches.leftOver,
    ...(task === 'next-token' ? { perplexity: exp(loss), bitsPerToken: loss / Math.LN2 } : {}),
    ...(task === 'regression' ? { rootMeanSquareError, meanAbsoluteError } : { accuracy }),
    ...(confusion
      ? { classes: model.weights.classNames ?? confusion.map((_, label) => String(label)), confusion: confusion.map((row) => [...row]) }
      : {}),
  };
}

/** A mean that is not a number is no result. */
export function refuseNonFinite({ data, model }: EvaluationSetup, { loss }: Evaluation): void {
  if (Number.isFinite(loss)) return;
  throw new UserError(
    `${data.file}: the loss is ${loss}: the states of the model overflow on it`,
    `look at the weights: rnn inspect ${model.file}`,
  );
}
