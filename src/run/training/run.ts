// One training run from its first step, or the one after a checkpoint, to the files of the run directory: drives the trainer, shows
// progress, saves, and ends well however it ends: finished, stopped early, out of time, interrupted or diverged.
import { exitCodes, interruptedCode } from '../../errors.ts';
import type { ExitCode } from '../../errors.ts';
import { optimizers } from '../../model/optimizers.ts';
import { scheduleWith } from '../../model/schedules.ts';
import { createProgress } from '../../view/progress.ts';
import type { Progress } from '../../view/progress.ts';
import { drawsAnew, speaksUtf8 } from '../../view/terminal.ts';
import type { LossLog } from '../checkpoint/loss-log.ts';
import { createSaver, withWayOn } from '../checkpoint/saving.ts';
import type { Saver } from '../checkpoint/saving.ts';
import type { Resumption, RunStatus, RunSummary, RunTimes } from '../checkpoint/summary.ts';
import { patienceIsOver, rateFactorOf } from '../checkpoint/training-state.ts';
import type { TrainingState } from '../checkpoint/training-state.ts';
import { clippingOf } from '../network.ts';
import type { TrainSettings } from '../settings.ts';
import { DivergenceError } from './divergence.ts';
import { reportResults, resumeCommand } from './report-results.ts';
import type { TrainSetup } from './setup.ts';
import { train } from './trainer.ts';
import type { TrainerOptions, TrainingEvent } from './trainer.ts';

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
  /** As before the first step, or as a checkpoint has it; kept up to date. */
  readonly state: TrainingState;
  /** What the parts of the run before this one have taken. */
  readonly before: RunTimes;
  /** Where it was resumed, this time included. */
  readonly resumed: readonly Resumption[];
}

/** Milliseconds of work between two looks at signals. */
const TURN = 20;

export async function runTraining(run: TrainingRun): Promise<{ exitCode: ExitCode; summary: RunSummary }> {
  const { before, settings, io } = run;
  const start = performance.now();
  const clock = (): number => before.seconds * 1000 + (performance.now() - start);
  let stepping = 0;
  const times = (): RunTimes => ({ seconds: clock() / 1000, trainingSeconds: before.trainingSeconds + stepping / 1000 });
  const saver = createSaver(run, times, clock);
  try {
    await saver.begin();
    run.log.open();
    const { status, error } = await followTraining(run, clock, saver, (event) => (stepping = event.stepping));
    const summary = await saver.finish(status);
    if (!settings.quiet) await reportResults(run, status, summary);
    if (error) throw error;
    return { exitCode: exitCodeOf(status, io), summary };
  } catch (error) {
    throw withWayOn(error, resumeCommand(run));
  } finally {
    run.log.close();
  }
}

interface Ending {
  readonly status: RunStatus;
  readonly error?: DivergenceError;
}

/** Trains until done, stopped or diverged, and hands the event loop its turn now and then so that signals arrive. */
async function followTraining(
  run: TrainingRun,
  clock: () => number,
  saver: Saver,
  onStep: (event: TrainingEvent) => void,
): Promise<Ending> {
  const { setup, settings, log, io, state } = run;
  const { network, trainingBatches, validationBatches } = setup;
  const progress = await progressOf(run, clock);
  let turn = clock();
  try {
    for (const event of train(network, trainingBatches, validationBatches, optionsOf(run, clock), state)) {
      onStep(event);
      if (event.retried) progress.note(`${event.retried.message}: going on from older weights at ${rateFactorOf(state)} of the rate`);
      if (event.point) {
        log.add(event.point);
        show(progress, run, event);
      }
      await saver.afterStep(event.endsEpoch);
      if (isComplete(run)) continue;
      if (settings.maxSeconds && clock() >= settings.maxSeconds * 1000) return { status: 'stopped: time' };
      if (clock() - turn < TURN) continue;
      await new Promise((resolve) => setImmediate(resolve));
      turn = clock();
      if (io.interrupted.aborted) return { status: 'interrupted' };
    }
    const early = !isComplete(run) && patienceIsOver(state, trainingBatches.stepsPerEpoch, settings.patience);
    return { status: early ? 'stopped: patience' : 'finished' };
  } catch (error) {
    if (error instanceof DivergenceError) return { status: 'diverged', error };
    throw error;
  } finally {
    progress.stop();
    network.stop();
  }
}

/** What the trainer is told; `clock` in milliseconds. */
export function optionsOf({ setup, settings }: Pick<TrainingRun, 'setup' | 'settings'>, clock: () => number): TrainerOptions {
  const rule = optimizers[settings.optimizer];
  return {
    ...settings,
    epochs: setup.epochs,
    lr: settings.lr ?? rule.defaultRate,
    schedule: scheduleWith(settings.schedule, settings),
    clipping: clippingOf(settings),
    initialScalars: rule.scalars,
    clock,
  };
}

/** Whether every step of every epoch is done. */
function isComplete({ setup, state }: TrainingRun): boolean {
  return state.epoch >= setup.epochs && state.stepOfEpoch === setup.trainingBatches.stepsPerEpoch;
}

function progressOf({ setup, settings, io }: TrainingRun, now: () => number): Promise<Progress> {
  return createProgress(io.stderr, {
    total: setup.epochs * setup.trainingBatches.stepsPerEpoch,
    unit: 'step',
    quiet: settings.quiet,
    terminal: drawsAnew(io.stderr, io.env),
    unicode: speaksUtf8(io.env),
    now,
  });
}

function show(progress: Progress, { state }: TrainingRun, { point }: TrainingEvent): void {
  const { step, epoch, trainLoss, validationLoss, tokensPerSecond } = point!;
  progress.update(step, {
    epoch,
    ...(trainLoss === undefined ? {} : { loss: trainLoss }),
    ...(validationLoss === undefined ? {} : { validationLoss }),
    ...(tokensPerSecond === undefined ? {} : { tokensPerSecond }),
    ...(state.clippedSteps > 0 ? { clipped: state.clippedSteps / step } : {}),
  });
}

function exitCodeOf(status: RunStatus, { interrupted }: RunIo): ExitCode {
  if (status !== 'interrupted') return exitCodes.done;
  return interruptedCode(interrupted);
}
