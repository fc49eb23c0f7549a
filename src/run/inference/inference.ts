// A trained model for use: weights read from a file or a run directory, and a network of them without memory for gradients.
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { EngineKind, EngineName } from '../../engine/engines.ts';
import type { Activation } from '../../engine/kernels.ts';
import { UsageError, UserError } from '../../errors.ts';
import { looksLikeWeights } from '../../formats/weight-files.ts';
import { createNetwork } from '../../model/network.ts';
import type { Network } from '../../model/network.ts';
import { planStep, writeTensor } from '../../model/plan.ts';
import type { Limits } from '../../model/plan.ts';
import type { ModelShape, Task } from '../../model/shape.ts';
import { runFiles } from '../checkpoint/run-directory.ts';
import { openEngine } from '../engine.ts';
import { takeMemory } from '../network.ts';
import { modelDefaults } from '../settings.ts';
import { startTeam } from '../team.ts';
import { threadsFor } from '../threads.ts';
import { readWeights } from '../weights.ts';
import type { Weights } from '../weights.ts';

export interface ModelChoice {
  readonly engine: EngineName;
  /** RNN_BLAS: the library that the engine blas takes. */
  readonly blasPath?: string | undefined;
  /** For weights that do not say; those that do must agree. */
  readonly task?: Task | undefined;
  readonly activation?: Activation | undefined;
}

export interface LoadedModel {
  readonly file: string;
  readonly weights: Weights;
  readonly kind: EngineKind;
}

/** The weight file that a path means: itself, or that of a run directory. */
export function weightFile(path: string): string {
  if (!isDirectory(path)) return path;
  const file = join(path, runFiles.weights);
  if (existsSync(file)) return file;
  throw new UserError(`${path}: the directory holds no ${runFiles.weights}`, 'give the directory of a run of rnn train, or a weight file');
}

/** False also where nothing can be said of the path: reading it will tell why. */
function isDirectory(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}

/** Reads the weights and loads the engine. Throws UserError for what is no weight file, UsageError where it is of another model than asked for. */
export async function loadModel(path: string, { engine, blasPath, task, activation }: ModelChoice): Promise<LoadedModel> {
  const file = weightFile(path);
  if (existsSync(file) && !(await looksLikeWeights(file)))
    throw new UserError(`${file}: these are no weights`, 'WEIGHTS comes first: a weights.safetensors of rnn train, or its run directory');
  const weights = await readWeights(file, { task, activation: activation ?? modelDefaults.activation });
  for (const [name, asked] of Object.entries({ task, activation })) {
    const is = weights.shape[name as 'task' | 'activation'];
    if (asked !== undefined && asked !== is) throw new UsageError(`--${name}: ${file} says ${is}, not ${asked}`, `leave --${name} out`);
  }
  return { file, weights, kind: await openEngine(engine, blasPath) };
}

/** What was taken for granted of weights that do not say it; a line for stderr, or nothing. */
export function noteOnAssumptions({ file, weights: { assumed, shape } }: LoadedModel): string | undefined {
  if (!assumed) return undefined;
  return `note: ${file} does not say its model: taken for task ${shape.task} and activation ${shape.activation} (--task and --activation say otherwise)`;
}

/**
 * The network of a model for batches within `limits`. `shape` may differ in the task alone: a next-token model that is read
 * out at the end of each row only is one of classification, with the vocabulary for classes.
 */
export async function inferenceNetwork(
  { weights, kind }: LoadedModel,
  limits: Limits,
  { threads = 1, shape = weights.shape }: { readonly threads?: number; readonly shape?: ModelShape } = {},
): Promise<Network> {
  const plan = planStep(shape, limits, undefined, kind);
  const engine = takeMemory(plan, kind, 'lower --batch-size or --max-len');
  for (const tensor of plan.tensors) writeTensor(engine.memory, tensor, weights.tensors.get(tensor.name)!);
  const count = threadsFor(threads, plan, kind);
  const team = count > 1 ? await startTeam(count, plan, kind, engine) : undefined;
  return createNetwork(plan, engine, undefined, team);
}

/** The shape of the same model, read out at the end of each row and nowhere else. */
export function lastStepOnly(shape: ModelShape): ModelShape {
  return shape.task === 'next-token' ? { ...shape, task: 'classification' } : shape;
}
