// One training run from the first step to the files of the run directory: drives the trainer, shows progress, and ends well
// however it ends: finished, interrupted or diverged.
import { join } from 'node:path';
import { rowCount } from '../data/rows.ts';
import { exitCodes, UserError } from '../errors.ts';
import type { ExitCode } from '../errors.ts';
import { writeFileAtomic } from '../formats/atomic-file.ts';
import { optimizers } from '../model/optimizers.ts';
import { lossChart } from '../view/chart.ts';
import { confusionTable } from '../view/confusion.ts';
import { curve } from '../view/curve.ts';
import { count, duration, plural } from '../view/numbers.ts';
import { createProgress } from '../view/progress.ts';
import { drawsAnew, speaksUtf8 } from '../view/terminal.ts';
import type { LossLog } from './loss-log.ts';
import { describeBaseline, describeEvaluation, lossUnit } from './report.ts';
import { runFiles } from './run-directory.ts';
import type { TrainSettings } from './settings.ts';
import type { TrainSetup } from './setup.ts';
import { summarize } from './summary.ts';
import type { RunStatus, RunSummary } from './summary.ts';
import { noResultYet, train } from './trainer.ts';
import type { TrainingResult } from './trainer.ts';
import { encodeWeights, weightsOf } from './weights.ts';

export interface RunIo {
  readonly stderr: NodeJS.WritableStream & { readonly isTTY?: boolean; readonly columns?: number };
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly interrupted: AbortSignal;
}

export interface TrainingRun {
  readonly setup: TrainSetup;
  readonly settings: TrainSettings;
  readonly directory: string;
  readonly log: LossLog;
  readonly io: RunIo;
}

export async function runTraining(run: TrainingRun): Promise<{ exitCode: ExitCode; summary: RunSummary }> {
  const progressing = await followTraining(run);
  const { status, error } = progressing;
  const summary = await writeResults(run, progressing);
  if (!run.settings.quiet) await reportResults(run, progressing);
  if (error) throw error;
  return { exitCode: exitCodeOf(status, run.io), summary };
}

interface Followed {
  readonly status: RunStatus;
  readonly result: TrainingResult;
  readonly error: UserError | undefined;
}

/** Trains until done, interrupted or diverged, and hands the event loop its turn now and then so that signals arrive. */
async function followTraining({ setup, settings, log, io }: TrainingRun): Promise<Followed> {
  const { network, trainingBatches, validationBatches, epochs } = setup;
  const total = epochs * trainingBatches.stepsPerEpoch;
  const clock = (): number => performance.now();
  const lr = settings.lr ?? optimizers[settings.optimizer].defaultRate;
  const result = noResultYet(network);
  const progress = await createProgress(io.stderr, {
    total,
    unit: 'step',
    quiet: settings.quiet,
    terminal: drawsAnew(io.stderr, io.env),
    unicode: speaksUtf8(io.env),
    now: clock,
  });
  let status: RunStatus = 'finished';
  let error: UserError | undefined;
  let turn = clock();
  try {
    for (const event of train(network, trainingBatches, validationBatches, { ...settings, epochs, lr, clock }, result)) {
      if (event.kind === 'log') {
        const { point, evaluation } = event;
        log.add(point);
        const { step, epoch, trainLoss: loss, tokensPerSecond } = point;
        progress.update(step, { epoch, loss, tokensPerSecond, ...(evaluation ? { validationLoss: evaluation.loss } : {}) });
      }
      if (clock() - turn < 20) continue;
      await new Promise((resolve) => setImmediate(resolve));
      turn = clock();
      if (!io.interrupted.aborted) continue;
      status = 'interrupted';
      break;
    }
  } catch (thrown) {
    if (!(thrown instanceof UserError) || thrown.exitCode !== exitCodes.diverged) throw thrown;
    status = 'diverged';
    error = thrown;
  } finally {
    progress.stop();
    network.stop();
    log.close();
  }
  return { status, error, result };
}

/** The best weights by validation loss, else the last; where the last step went wrong, those before it that were good. */
function keptWeights({ network: { plan, engine } }: TrainSetup, { status, result }: Followed): ReadonlyMap<string, Float32Array> {
  if (result.best) return result.best.weights;
  return status === 'diverged' ? result.lastGood : weightsOf(plan, engine.memory);
}

async function writeResults({ setup, settings, directory, log }: TrainingRun, followed: Followed): Promise<RunSummary> {
  const { status, result } = followed;
  const { shape, classNames, vocabulary } = setup;
  const tensors = keptWeights(setup, followed);
  const weights = encodeWeights({ shape, tensors, ...(classNames && { classNames }), ...(vocabulary && { vocabulary }) });
  const summary = summarize({
    setup,
    settings,
    directory,
    status,
    result,
    lastLoss: log.points.at(-1)?.trainLoss,
  });
  await writeFileAtomic(join(directory, runFiles.weights), weights);
  await writeFileAtomic(join(directory, runFiles.chart), chartOf(setup, log));
  await writeFileAtomic(join(directory, runFiles.summary), `${JSON.stringify(summary, undefined, 2)}\n`);
  return summary;
}

function chartOf({ training, shape }: TrainSetup, { points }: LossLog): string {
  const measured = points.filter(({ validationLoss }) => validationLoss !== undefined);
  const series = [{ name: 'train', points: points.map(({ step, trainLoss }) => ({ x: step, y: trainLoss })) }];
  if (measured.length > 0)
    series.push({ name: 'validation', points: measured.map(({ step, validationLoss }) => ({ x: step, y: validationLoss! })) });
  return lossChart({ title: `Loss of ${training.file}`, xLabel: 'step', yLabel: `loss, ${lossUnit(shape.task)}`, series });
}

async function reportResults({ setup, settings, directory, log, io }: TrainingRun, followed: Followed): Promise<void> {
  const { result, status } = followed;
  const { validation, training, classNames, shape } = setup;
  const say = (line: string): void => void io.stderr.write(`${line}\n`);
  const width = Math.max(20, Math.min(io.stderr.columns ?? 80, 100));
  if (log.points.length > 1) {
    const points = log.points.map(({ step, trainLoss }) => ({ x: step, y: trainLoss }));
    say(curve(points, { width, unicode: speaksUtf8(io.env) }));
  }
  if (status === 'interrupted') say(`stopped at step ${result.steps}, as asked; the results so far are kept`);
  const speed = result.trainingSeconds > 0 ? `, ${count(result.tokens / result.trainingSeconds)} tokens/s` : '';
  const threads = setup.threads > 1 ? `, ${setup.threads} threads` : '';
  say(`trained ${plural(result.steps, 'step')} in ${duration(result.trainingSeconds)}${speed} (engine ${settings.engine}${threads})`);
  if (validation && result.best) {
    const { epoch, evaluation } = result.best;
    say(`validation after epoch ${epoch}, the best: ${describeEvaluation(evaluation, shape.task, describeBaseline(validation, training))}`);
    if (evaluation.confusion) {
      const names = classNames ?? evaluation.confusion.map((_, label) => String(label));
      say(confusionTable(evaluation.confusion, names, { width }));
    }
  } else if (!validation && !settings.stream && rowCount(training.rows) > 1)
    say('no validation data: give --validation FILE or --validation-split 0.1 to see how well it does on new rows');
  say(`results: ${directory} (${Object.values(runFiles).join(', ')})`);
}

function exitCodeOf(status: RunStatus, { interrupted }: RunIo): ExitCode {
  if (status !== 'interrupted') return exitCodes.done;
  return interrupted.reason === 'SIGTERM' ? exitCodes.terminated : exitCodes.interrupted;
}
