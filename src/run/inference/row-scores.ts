// How each row fared in an evaluation: its loss, what was right and what was said.
import type { Prepared } from '../../data/dataset/prepare.ts';
import { resultTable } from '../../data/write/result-table.ts';
import type { Result, TableFormat } from '../../data/write/result-table.ts';
import type { Network } from '../../model/network.ts';
import type { Task } from '../../model/shape.ts';
import type { ScoredBatch } from '../evaluate.ts';

export interface RowScores {
  readonly begin: string;
  /** The rows of the batch that was just scored, which come one batch after another in the order of the file. */
  readonly take: (scored: ScoredBatch) => string;
}

/** The scores of the rows of `data`, as a table. Losses are in nats, or half squared units; next-token: the mean over the row's tokens. */
export function rowScores(data: Prepared, network: Network, format: TableFormat): RowScores {
  const table = resultTable(format, data.source.origin, [], columnsOf(data.task, data.targetWidth));
  const resultsOf = { regression: numberResults, classification: classResults, 'next-token': tokenResults }[data.task](network);
  let done = 0;
  return {
    begin: table.begin,
    take(scored) {
      const results = resultsOf(scored);
      const text = results.map((result, i) => table.row(data.source.lines[data.sourceRows[done + i]], result));
      done += results.length;
      return text.join('');
    },
  };
}

function columnsOf(task: Task, width: number): string[] {
  if (task === 'next-token') return ['tokens', 'loss', 'accuracy'];
  if (width === 1) return ['target', 'predicted', 'loss'];
  const numbered = (stem: string): string[] => Array.from({ length: width }, (_, i) => `${stem}_${i + 1}`);
  return [...numbered('target'), ...numbered('predicted'), 'loss'];
}

/** By row of the batch, as the functions below are. */
type ResultsOf = (scored: ScoredBatch) => Result[][];

function numberResults({ plan, engine }: Network): ResultsOf {
  const O = plan.shape.outputs;
  const { floats } = engine.memory;
  return ({ packed: { rows, order }, numbers }) => {
    const results: Result[][] = [];
    for (let r = 0; r < rows; r++) {
      const targets = floats.subarray(plan.numericTargets + r * O, plan.numericTargets + (r + 1) * O);
      results[order[r]] = [...targets, ...numbers!.subarray(r * O, (r + 1) * O), floats[plan.losses + r]];
    }
    return results;
  };
}

function classResults({ plan, engine }: Network): ResultsOf {
  const { floats, ints } = engine.memory;
  return ({ packed: { rows, order } }) => {
    const results: Result[][] = [];
    for (let r = 0; r < rows; r++) results[order[r]] = [ints[plan.targets + r], ints[plan.predicted + r], floats[plan.losses + r]];
    return results;
  };
}

function tokenResults({ plan, engine }: Network): ResultsOf {
  const { floats, ints } = engine.memory;
  return ({ packed: { rows, steps, order } }) => {
    const sums = Array.from({ length: rows }, () => ({ tokens: 0, loss: 0, correct: 0 }));
    for (let t = 0; t < steps; t++) {
      const start = ints[plan.starts + t];
      const running = ints[plan.starts + t + 1] - start;
      for (let r = 0; r < running; r++) {
        const sum = sums[order[r]];
        sum.tokens++;
        sum.loss += floats[plan.losses + start + r];
        if (ints[plan.predicted + start + r] === ints[plan.targets + start + r]) sum.correct++;
      }
    }
    return sums.map(({ tokens, loss, correct }) => [tokens, loss / tokens, correct / tokens]);
  };
}
