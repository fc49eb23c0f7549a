// The two ways into a training run: from its first step, or from a checkpoint. Both give the run that `runTraining` follows.
import { join } from 'node:path';
import { sameBytesEngines } from '../../engine/engines.ts';
import { scheduleWith } from '../../model/schedules.ts';
import { count } from '../../view/numbers.ts';
import { createLossLog } from '../checkpoint/loss-log.ts';
import { requireWayOn } from '../checkpoint/resume.ts';
import type { RunToResume } from '../checkpoint/resume.ts';
import { runFiles } from '../checkpoint/run-directory.ts';
import type { Resumption, RunTimes } from '../checkpoint/summary.ts';
import { initialState } from '../checkpoint/training-state.ts';
import type { TrainingState } from '../checkpoint/training-state.ts';
import type { TrainingRun } from './run.ts';

type Prepared = Pick<TrainingRun, 'setup' | 'settings' | 'directory' | 'io'>;

export function beginRun(run: Prepared): TrainingRun {
  return { ...run, log: logOf(run), state: stateBeforeStart(run), before: { seconds: 0, trainingSeconds: 0 }, resumed: [] };
}

/** Throws UsageError or UserError where the run has nothing left to do, or its files do not belong together. */
export function resumeRun(run: Prepared, found: RunToResume, changed: Resumption['changed']): TrainingRun {
  const { record, checkpoint } = found;
  const before: RunTimes = { seconds: record.result.seconds, trainingSeconds: record.result.trainingSeconds };
  requireWayOn(found, run.setup, run.settings, before);
  const state = checkpoint?.state ?? stateBeforeStart(run);
  checkpoint?.restore(run.setup.network);
  const resumption = { step: state.step, changed, before: { engine: record.engine, node: record.versions?.node } };
  return { ...run, log: logOf(run, state.step), state, before, resumed: [...(record.resumed ?? []), resumption] };
}

/** Where a resumed run goes on, and what is new; nothing for one that begins. */
export function describeStart({ resumed, state, log, setup }: TrainingRun): string[] {
  const latest = resumed.at(-1);
  if (latest === undefined) return [];
  const lines = [
    state.step === 0
      ? 'resuming: the run ended before its first checkpoint, and starts from its first step'
      : `resuming after step ${count(state.step)} (epoch ${state.epoch}, step ${state.stepOfEpoch} of ${setup.trainingBatches.stepsPerEpoch})`,
  ];
  for (const [flag, [was, is]] of Object.entries(latest.changed)) lines.push(`--${flag}: ${shown(was)} before, ${shown(is)} from here on`);
  if ('engine' in latest.changed && !sameBytes(latest.changed['engine']))
    lines.push('note: engines differ in the last bits: the weights will not be those of a run that never stopped');
  if ((log.points.at(-1)?.step ?? 0) !== state.loggedStep)
    lines.push(`note: ${runFiles.losses} lacks rows up to step ${state.loggedStep}, and goes on without them`);
  return lines;
}

/** Whether the engines before and after give the same bytes; null is a run that chose among those by itself. */
function sameBytes(engines: readonly unknown[]): boolean {
  return engines.every((name) => name === null || sameBytesEngines.some((strict) => strict === name));
}

function shown(value: unknown): string {
  return value === null ? 'none' : typeof value === 'string' ? value : JSON.stringify(value);
}

function stateBeforeStart({ setup, settings }: Prepared): TrainingState {
  return initialState(setup.network, scheduleWith(settings.schedule, settings).schedule);
}

function logOf({ directory }: Prepared, upTo?: number): TrainingRun['log'] {
  return createLossLog(join(directory, runFiles.losses), upTo);
}
