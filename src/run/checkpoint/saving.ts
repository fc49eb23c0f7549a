// What a run keeps on disk while it goes on, and when: a checkpoint, the best weights so far, and run.json beside them. Each file is
// whole at any moment. When they are written follows from the clock, and nothing that they hold does, but for the times in run.json.
import { join } from 'node:path';
import { UserError } from '../../errors.ts';
import { writeFileAtomic } from '../../formats/atomic-file.ts';
import { chartOf } from '../training/report.ts';
import type { TrainingRun } from '../training/run.ts';
import { encodeWeights, weightsOf } from '../weights.ts';
import { encodeCheckpoint } from './checkpoint.ts';
import { identityOf } from './resume-rules.ts';
import { runFiles } from './run-directory.ts';
import { configInForce, summarize } from './summary.ts';
import type { RunStatus, RunSummary, RunTimes } from './summary.ts';
import type { NamedWeights } from './training-state.ts';

/** Seconds between two checkpoints where --checkpoint-every does not say: at the end of an epoch, and anywhere. */
export const checkpointSeconds = { afterEpoch: 10, anywhere: 60 } as const;

export interface Saver {
  /** Writes run.json before the first step, so that a run that is killed can be gone on with. */
  begin(): Promise<void>;
  /** Saves if it is time to. */
  afterStep(endsEpoch: boolean): Promise<void>;
  /** Writes the results; a run that diverged leaves its last checkpoint as it is. */
  finish(status: RunStatus): Promise<RunSummary>;
}

/** `now` in milliseconds. */
export function createSaver(run: TrainingRun, times: () => RunTimes, now: () => number): Saver {
  const { setup, settings, directory, log, state, resumed } = run;
  const { network, trainingBatches, shape, names } = setup;
  const identity = identityOf(configInForce(setup, settings), { data: setup.training.sha256, validation: setup.validation?.sha256 });
  let savedAt = now();
  let savedStep = -1;
  let savedWeights: NamedWeights | undefined;

  const write = (name: string, data: Uint8Array | string): Promise<void> => writeFileAtomic(join(directory, name), data);

  function isDue(endsEpoch: boolean): boolean {
    const every = settings.checkpointEvery;
    if (every !== undefined) return every > 0 && state.step % every === 0;
    const seconds = (now() - savedAt) / 1000;
    return seconds >= (endsEpoch ? checkpointSeconds.afterEpoch : checkpointSeconds.anywhere);
  }

  /** loss.csv is on the disk before the checkpoint that counts on its rows. */
  async function writeCheckpoint(): Promise<void> {
    if (savedStep === state.step) return;
    log.flush();
    const goesOn = trainingBatches.carries && state.stepOfEpoch < trainingBatches.stepsPerEpoch;
    const carriedRows = goesOn ? trainingBatches.limits.rows : 0;
    await write(runFiles.checkpoint, encodeCheckpoint({ network, state, identity, names, carriedRows }));
    savedStep = state.step;
    savedAt = now();
  }

  async function writeWeights(weights: NamedWeights): Promise<void> {
    if (weights === savedWeights) return;
    await write(runFiles.weights, encodeWeights({ shape, tensors: weights, ...names }));
    savedWeights = weights;
  }

  async function writeSummary(status: RunStatus): Promise<RunSummary> {
    const lastLoss = log.points.findLast(({ trainLoss }) => trainLoss !== undefined)?.trainLoss;
    const summary = summarize({ setup, settings, directory, status, state, times: times(), resumed, lastLoss });
    await write(runFiles.summary, `${JSON.stringify(summary, undefined, 2)}\n`);
    return summary;
  }

  /** The last weights; where the step just taken made them overflow, which the next step will find, the last good ones. */
  function lastFinite(): NamedWeights {
    const last = weightsOf(network.plan, network.engine.memory);
    return [...last.values()].every((values) => values.every(Number.isFinite)) ? last : state.lastGood;
  }

  return {
    begin: async () => void (await writeSummary('running')),
    async afterStep(endsEpoch) {
      if (!isDue(endsEpoch)) return;
      await writeCheckpoint();
      await writeWeights(state.best?.weights ?? lastFinite());
      await writeSummary('running');
    },
    async finish(status) {
      if (status !== 'diverged') await writeCheckpoint();
      await writeWeights(state.best?.weights ?? (status === 'diverged' ? state.lastGood : lastFinite()));
      await write(runFiles.chart, chartOf(setup, log.points));
      return writeSummary(status);
    },
  };
}

/** An error of writing, with what the run has left to go on from. Another error comes back as it is. */
export function withWayOn(error: unknown, command: string): unknown {
  if (!(error instanceof UserError) || !error.message.startsWith('cannot write')) return error;
  return new UserError(error.message, `${error.hint ?? 'mend it'}; then go on from the last checkpoint: ${command}`, error.exitCode);
}
