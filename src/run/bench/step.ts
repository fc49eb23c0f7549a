// The training step of a model on full batches of random tokens, on any number of threads over one memory.
import type { EngineKind } from '../../engine/engines.ts';
import type { Activation, Engine } from '../../engine/kernels.ts';
import { soloThread } from '../../engine/thread.ts';
import type { Batch } from '../../model/batch.ts';
import { initialize } from '../../model/initializers.ts';
import { boardBytes, boardOn } from '../../model/member.ts';
import type { Update } from '../../model/member.ts';
import { createNetwork } from '../../model/network.ts';
import type { Network, Team } from '../../model/network.ts';
import { optimizerWith } from '../../model/optimizers.ts';
import type { OptimizerName } from '../../model/optimizers.ts';
import { planStep, writeTensor } from '../../model/plan.ts';
import type { Plan } from '../../model/plan.ts';
import { createRandom, purposes } from '../../model/random.ts';
import type { ModelShape, Task } from '../../model/shape.ts';
import { takeEngine } from '../memory.ts';
import { startTeam } from '../team.ts';
import { letSignalsIn } from './rounds.ts';
import { createStopwatch, phases, watchKernels, watchThread } from './phases.ts';
import type { Phase } from './phases.ts';

/** What is trained: `batchSize` rows of `bptt` tokens each. */
export interface StepSettings {
  readonly task: Task;
  readonly vocabSize: number;
  readonly hidden: number;
  readonly layers: number;
  readonly embedding: number;
  readonly activation: Activation;
  readonly batchSize: number;
  readonly bptt: number;
  readonly optimizer: OptimizerName;
}

/** Classes of `classification`, for which there are no labels to count. */
export const CLASSES = 10;
/** So small that the weights stay where they are: every step has the same work, however many there are. */
const RATE = 1e-7;
const clipping = { norm: 1 };
/** Milliseconds between two turns of the event loop. */
const TURN = 100;

/** A step that can be run. `teams` are the threads that it has been run on so far. */
export interface TrainingStep {
  readonly plan: Plan;
  readonly kind: EngineKind;
  readonly engine: Engine;
  readonly batch: Batch;
  readonly optimizer: OptimizerName;
  readonly updating: Update;
  readonly teams: Map<number, Team>;
}

/** Takes the memory for a step. Throws UserError where there is not enough. */
export function createStep(settings: StepSettings, kind: EngineKind): TrainingStep {
  const { batchSize: rows, bptt: steps, optimizer } = settings;
  const shape = shapeOf(settings);
  const { rule, options } = optimizerWith(optimizer, {});
  const plan = planStep(shape, { rows, steps, positions: rows * steps }, rule.slots(options), kind);
  const engine = takeEngine(kind, plan.size, {
    what: (need) => `the step needs ${need} of memory, more than can be had`,
    remedy: 'lower --batch-size, --bptt, --hidden or --vocab-size',
  });
  const tensors = initialize(shape, 'uniform', 1);
  for (const tensor of plan.tensors) writeTensor(engine.memory, tensor, tensors.get(tensor.name)!);
  const batch = randomBatch(shape, rows, steps);
  return { plan, kind, engine, batch, optimizer, updating: { rule, options, clipping }, teams: new Map() };
}

/** A training step on so many threads: the batch is packed, every gradient computed, the weights updated. */
export async function stepOn(step: TrainingStep, threads: number): Promise<() => void> {
  const network = createNetwork(step.plan, step.engine, step.updating, await teamOf(step, threads));
  return () => {
    network.load(step.batch);
    network.differentiate();
    network.update(RATE);
  };
}

/** Milliseconds of each phase of a step on so many threads: the median over the steps of about `seconds`. */
export async function phasesOn(
  step: TrainingStep,
  threads: number,
  seconds: number,
  interrupted: AbortSignal,
): Promise<Record<Phase, number>> {
  const watch = createStopwatch();
  const team = await teamOf(step, threads);
  const watched = { ...step.engine, kernels: watchKernels(step.engine.kernels, watch) };
  const network = createNetwork(step.plan, watched, step.updating, { ...team, thread: watchThread(team.thread, watch) });
  await runWatched(network, step.batch, watch, seconds * 0.25, interrupted);
  const spent = await runWatched(network, step.batch, watch, seconds * 0.75, interrupted);
  return Object.fromEntries(phases.map((phase) => [phase, median(spent.map((times) => times[phase]))])) as Record<Phase, number>;
}

async function runWatched(
  network: Network,
  batch: Batch,
  watch: ReturnType<typeof createStopwatch>,
  seconds: number,
  interrupted: AbortSignal,
): Promise<Record<Phase, number>[]> {
  const spent: Record<Phase, number>[] = [];
  const end = performance.now() + seconds * 1000;
  let turn = performance.now();
  do {
    watch.enter('packing');
    network.load(batch);
    network.differentiate();
    watch.enter('optimizer');
    network.update(RATE);
    spent.push(watch.stop());
    if (performance.now() - turn < TURN) continue;
    await letSignalsIn(interrupted);
    turn = performance.now();
  } while (performance.now() < end);
  return spent;
}

/** Lets the threads go. The step is of no use afterwards. */
export function stopStep({ plan, engine, updating, teams }: TrainingStep): void {
  for (const team of teams.values()) if (team.thread.count > 1) createNetwork(plan, engine, updating, team).stop();
  teams.clear();
}

async function teamOf({ plan, kind, engine, optimizer, updating, teams }: TrainingStep, threads: number): Promise<Team> {
  const orders = { rule: optimizer, options: updating.options, clipping };
  const solo = (): Team => ({ thread: soloThread, board: boardOn(new ArrayBuffer(boardBytes(plan))) });
  const team = teams.get(threads) ?? (threads === 1 ? solo() : await startTeam(threads, plan, kind, engine, orders));
  teams.set(threads, team);
  return team;
}

function shapeOf({ task, vocabSize, embedding, hidden, layers, activation }: StepSettings): ModelShape {
  const outputs = { regression: 1, classification: CLASSES, 'next-token': vocabSize }[task];
  return { task, vocab: vocabSize, embedding, hidden, layers, outputs, activation, bias: true };
}

/** Rows of one length, and what each should give. */
function randomBatch({ task, vocab, outputs }: ModelShape, rows: number, steps: number): Batch {
  const random = createRandom(1, purposes.sample);
  const tokens = Int32Array.from({ length: rows * (steps + 1) }, () => random.below(vocab));
  const begins = Int32Array.from({ length: rows }, (_, row) => row * (steps + 1));
  const targets = {
    regression: () => Float64Array.from({ length: rows }, () => random.uniform()),
    classification: () => Int32Array.from({ length: rows }, () => random.below(outputs)),
    'next-token': () => undefined,
  }[task]();
  return { tokens, begins, lengths: new Int32Array(rows).fill(steps), rows, targets };
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1];
}
