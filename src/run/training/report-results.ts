// What a run says when it ends: the curve, how it ended, how fast and how good it was, and how to go on. Lines of text for stderr.
import { rowCount } from '../../data/rows/rows.ts';
import { confusionTable } from '../../view/confusion.ts';
import { curve } from '../../view/curve.ts';
import { count, duration, plural, significant } from '../../view/numbers.ts';
import { speaksUtf8 } from '../../view/terminal.ts';
import { runFiles } from '../checkpoint/run-directory.ts';
import type { RunStatus, RunSummary } from '../checkpoint/summary.ts';
import { describeBaseline, describeEvaluation } from './report.ts';
import type { TrainingRun } from './run.ts';

export async function reportResults(run: TrainingRun, status: RunStatus, { result }: RunSummary): Promise<void> {
  const { setup, settings, directory, log, io } = run;
  const { validation, training, names, shape } = setup;
  const { best } = run.state;
  const say = (line: string): void => void io.stderr.write(`${line}\n`);
  const width = Math.max(20, Math.min(io.stderr.columns ?? 80, 100));
  const points = log.points.flatMap(({ step, trainLoss }) => (trainLoss === undefined ? [] : [{ x: step, y: trainLoss }]));
  if (points.length > 1) say(curve(points, { width, unicode: speaksUtf8(io.env) }));
  const speed = result.trainingSeconds > 0 ? `, ${count(result.tokensPerSecond)} tokens/s` : '';
  const threads = setup.threads > 1 ? `, ${setup.threads} threads` : '';
  say(`trained ${plural(result.steps, 'step')} in ${duration(result.trainingSeconds)}${speed} (engine ${setup.kind.name}${threads})`);
  if (result.clippedShare > 0) say(`clipped the gradient in ${significant(100 * result.clippedShare, 2)} % of the steps`);
  if (result.retries)
    say(`${plural(result.retries.length, 'step')} diverged; after each the run went on from older weights at half the rate`);
  if (validation && best) {
    const { epoch, evaluation } = best;
    say(`validation after epoch ${epoch}, the best: ${describeEvaluation(evaluation, shape.task, describeBaseline(validation, training))}`);
    if (evaluation.confusion) {
      const classNames = names.classNames ?? evaluation.confusion.map((_, label) => String(label));
      say(confusionTable(evaluation.confusion, classNames, { width }));
    }
  } else if (!validation && !settings.stream && !settings.overfit && rowCount(training.rows) > 1)
    say('no validation data: give --validation FILE or --validation-split 0.1 to see how well it does on new rows');
  say(`results: ${directory} (${Object.values(runFiles).join(', ')})`);
  const ending = describeEnding(run, status);
  if (ending !== undefined) say(ending);
}

/** How a run ended that did not go through all of its epochs, and what goes on with it. */
function describeEnding(run: TrainingRun, status: RunStatus): string | undefined {
  const { settings, state } = run;
  if (status === 'interrupted') return `stopped at step ${state.step}, as asked; go on with: ${resumeCommand(run)}`;
  if (status === 'stopped: time') {
    const longer = `--max-seconds ${2 * settings.maxSeconds!}`;
    return `stopped at step ${state.step}: ${settings.maxSeconds} s are over; go on with: ${resumeCommand(run, longer)}`;
  }
  if (status === 'stopped: patience')
    return `stopped after epoch ${state.epoch}: no better validation loss for ${plural(settings.patience!, 'epoch')}`;
  return undefined;
}

/** The command that goes on with a run, to be pasted into a shell. */
export function resumeCommand({ directory, setup }: Pick<TrainingRun, 'directory' | 'setup'>, ...flags: string[]): string {
  const quoted = /^[\w./@%+=:,-]+$/.test(directory) ? directory : `'${directory.replaceAll("'", `'\\''`)}'`;
  const command = ['rnn train --resume', quoted, ...flags].join(' ');
  return setup.training.file === 'stdin' ? `${command}, with the same rows on standard input` : command;
}
