// What rnn train does with its options: a new run, or one that goes on; data, set-up, directory and lock, then the training itself.
import { readDataset } from '../data/dataset/dataset.ts';
import type { Dataset } from '../data/dataset/dataset.ts';
import type { ExitCode } from '../errors.ts';
import { noteOnBlas } from '../run/training/blas-note.ts';
import { lockDirectory } from '../run/checkpoint/lock.ts';
import { describeSetup } from '../run/training/report.ts';
import { openRun, requireSameData, weightsToResume } from '../run/checkpoint/resume.ts';
import { clearRunDirectory, createRunDirectory, requireRunDirectory } from '../run/checkpoint/run-directory.ts';
import { unsaidOfWeights } from '../run/settings.ts';
import type { TrainSettings } from '../run/settings.ts';
import { setUpTraining } from '../run/training/setup.ts';
import { beginRun, describeStart, resumeRun } from '../run/training/start.ts';
import { runTraining } from '../run/training/run.ts';
import type { TrainingRun } from '../run/training/run.ts';
import { weightFile } from '../run/inference/inference.ts';
import { readWeights } from '../run/weights.ts';
import type { Io } from './command.ts';
import { requireInputs, withPipeHint } from './resume.ts';
import type { ResumedOptions } from './resume.ts';
import type { TrainOptions } from './train.ts';

/** A new run, in a directory that is made only when all that it needs is sound. */
export async function beginTraining(flags: TrainOptions, io: Io, file: string | undefined): Promise<ExitCode> {
  const { settings, data, validationData } = await readInputs(flags, io, file);
  const weights =
    settings.initFrom === undefined ? undefined : await readWeights(weightFile(settings.initFrom), unsaidOfWeights(data, settings));
  const setup = await setUpTraining(data, validationData, settings, weights);
  const directory = createRunDirectory(settings.out, data.file, settings.force);
  const unlock = lockDirectory(directory);
  try {
    clearRunDirectory(directory, true);
    return await follow(settings, io, beginRun({ setup, settings, directory, io }));
  } finally {
    unlock();
  }
}

/** The run in `directory`, from its last checkpoint on. `merge` gives its options, read under its lock. */
export async function resumeTraining(directory: string, io: Io, merge: () => ResumedOptions): Promise<ExitCode> {
  requireRunDirectory(directory);
  const unlock = lockDirectory(directory);
  try {
    clearRunDirectory(directory, false);
    const found = await openRun(directory);
    const { options, file, changed } = merge();
    requireInputs(found, directory, file, io);
    const { settings, data, validationData } = await readInputs(options as TrainOptions, io, file).catch((error: unknown) => {
      throw withPipeHint(error, found);
    });
    requireSameData(found, data, validationData);
    const weights = await weightsToResume(found, (path) => readWeights(path, unsaidOfWeights(data, settings)));
    const setup = await setUpTraining(data, validationData, settings, weights);
    return await follow(settings, io, resumeRun({ setup, settings, directory, io }, found, changed));
  } finally {
    unlock();
  }
}

type Settings = TrainOptions & TrainSettings;

async function readInputs(
  flags: TrainOptions,
  io: Io,
  file: string | undefined,
): Promise<{ settings: Settings; data: Dataset; validationData: Dataset | undefined }> {
  const settings = { ...flags, file, blasPath: io.env['RNN_BLAS'] };
  const data = await readDataset(file, settings, io);
  const validationData = settings.validation === undefined ? undefined : await readDataset(settings.validation, settings, io);
  return { settings, data, validationData };
}

async function follow({ quiet, json, blasPath }: Settings, io: Io, training: TrainingRun): Promise<ExitCode> {
  if (!quiet) {
    const notice = await noteOnBlas(training.setup, blasPath);
    for (const line of [...describeSetup(training.setup, training.settings), ...describeStart(training), ...(notice ? [notice] : [])])
      io.stderr.write(`${line}\n`);
  }
  const { exitCode, summary } = await runTraining(training);
  io.stdout.write(`${json ? JSON.stringify(summary) : training.directory}\n`);
  return exitCode;
}
