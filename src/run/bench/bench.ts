// What this machine gives for one training step: products, whole steps, phases, and what `rnn train` would choose.
import { availableParallelism, cpus } from 'node:os';
import { wasmKind } from '../../engine/engines.ts';
import type { EngineKind, EngineName } from '../../engine/engines.ts';
import type { Plan } from '../../model/plan.ts';
import { parameterCount } from '../../model/shape.ts';
import { fasterForTheSameBytes, openEngine } from '../engine.ts';
import { threadsFor } from '../threads.ts';
import { phases } from './phases.ts';
import type { Phase } from './phases.ts';
import { findEngines, multiplyAdds, prepareProduct, productsOf } from './products.ts';
import type { FoundEngine, Product } from './products.ts';
import { scaled, timeInTurns } from './rounds.ts';
import type { Timing } from './rounds.ts';
import { createStep, phasesOn, stepOn, stopStep } from './step.ts';
import type { StepSettings, TrainingStep } from './step.ts';

export interface BenchSettings extends StepSettings {
  /** Undefined: that of `rnn train`. */
  readonly engine: EngineName | undefined;
  /** RNN_BLAS: the library that the engine blas takes. */
  readonly blasPath: string | undefined;
  readonly threads: number | undefined;
  readonly seconds: number;
}

export interface EngineRates {
  readonly engine: EngineName;
  /** GFLOP/s of each product on one thread; absent where the engine does not load, for `reason`. */
  readonly rates?: readonly Timing[];
  /** What its last bits depend on; absent where they are the same everywhere. */
  readonly bitsDependOn?: string;
  readonly reason?: string;
}

export interface StepTiming {
  readonly threads: number;
  readonly milliseconds: Timing;
  readonly tokensPerSecond: Timing;
  /** Multiply-adds of the step over its time, as a share of what the threads would do at the engine's own rate of products. */
  readonly shareOfPeak: number;
}

export interface PhaseTiming {
  readonly phase: Phase;
  readonly milliseconds: number;
  readonly share: number;
}

export interface BenchReport {
  readonly machine: Machine;
  readonly step: StepSettings & { readonly outputs: number; readonly parameters: number; readonly multiplyAdds: number };
  readonly products: readonly Product[];
  readonly engines: readonly EngineRates[];
  readonly engine: EngineName;
  readonly steps: readonly StepTiming[];
  readonly phases: { readonly threads: number; readonly times: readonly PhaseTiming[] };
  /** What `rnn train` takes where no flag says otherwise, in a run that is long enough for a choice. */
  readonly chosen: { readonly engine: EngineName; readonly threads: number };
}

export interface Machine {
  readonly cpu: string;
  readonly processors: number;
  readonly platform: string;
  readonly node: string;
}

/** How the time is shared out. */
const shares = { products: 0.35, steps: 0.4, phases: 0.25 };

/** Measures for about `settings.seconds`. Throws the signal's reason where it was interrupted. */
export async function bench(settings: BenchSettings, interrupted: AbortSignal): Promise<BenchReport> {
  const chosen = await fasterForTheSameBytes(wasmKind, Infinity);
  const engine = settings.engine ?? (chosen.name as EngineName);
  const step = createStep(settings, await openEngine(engine, settings.blasPath));
  try {
    const { counts, phasesOf } = threadCounts(settings, step.plan, step.kind);
    const rates = await timeRates(step, engine, settings, counts, interrupted);
    const times = await phasesOn(step, phasesOf, settings.seconds * shares.phases, interrupted);
    return {
      machine: describeMachine(),
      step: describeStep(settings, step.plan),
      engine,
      ...rates,
      phases: { threads: phasesOf, times: sharesOf(times) },
      chosen: { engine: chosen.name as EngineName, threads: threadsFor(undefined, step.plan, chosen) },
    };
  } finally {
    stopStep(step);
  }
}

/** One thread for comparison, those that run, and all processors; phases are those of the threads that run. */
function threadCounts({ threads: asked }: BenchSettings, plan: Plan, kind: EngineKind): { counts: number[]; phasesOf: number } {
  const phasesOf = threadsFor(asked, plan, kind);
  const most = asked ?? (kind.attach ? availableParallelism() : 1);
  return { counts: [...new Set([1, phasesOf, most])].sort((a, b) => a - b), phasesOf };
}

/** The products of every engine and the steps of one, by turns, so that the one can be held against the other. */
async function timeRates(
  step: TrainingStep,
  engine: EngineName,
  { seconds, blasPath }: BenchSettings,
  counts: readonly number[],
  interrupted: AbortSignal,
): Promise<Pick<BenchReport, 'products' | 'engines' | 'steps'>> {
  const found = await findEngines(blasPath);
  const products = productsOf(step.plan);
  const prepared = found.flatMap(({ kind }) => (kind ? products.map((product) => prepareProduct(kind, product)) : []));
  const runs: (() => void)[] = [];
  for (const threads of counts) runs.push(await stepOn(step, threads));
  const timed = [
    ...prepared.map(({ run }) => ({ run, seconds: (seconds * shares.products) / prepared.length })),
    ...runs.map((run) => ({ run, seconds: (seconds * shares.steps) / runs.length })),
  ];
  const timings = await timeInTurns(timed, interrupted);
  const rates = prepared.map(({ flops }, i) => scaled(timings[i], (time) => flops / 1e9 / time));
  const engines = ratesOfEngines(found, rates);
  const peak = Math.max(...engines.find(({ engine: name }) => name === engine)!.rates!.map(({ median }) => median));
  const steps = counts.map((threads, i) => stepTiming(step.plan, threads, timings[prepared.length + i], peak));
  return { products, engines, steps };
}

/** Deals the rates out to the engines that have been timed. */
function ratesOfEngines(found: readonly FoundEngine[], rates: readonly Timing[]): EngineRates[] {
  const timed = found.filter(({ kind }) => kind);
  const each = rates.length / timed.length;
  return found.map((engine) => {
    const at = timed.indexOf(engine) * each;
    const { name, kind, reason } = engine;
    if (reason !== undefined) return { engine: name, reason };
    const price = kind?.bitsDependOn === undefined ? {} : { bitsDependOn: kind.bitsDependOn };
    return { engine: name, rates: rates.slice(at, at + each), ...price };
  });
}

/** `peak` in GFLOP/s a thread. */
function stepTiming(plan: Plan, threads: number, timing: Timing, peak: number): StepTiming {
  return {
    threads,
    milliseconds: scaled(timing, (seconds) => seconds * 1000),
    tokensPerSecond: scaled(timing, (seconds) => plan.limits.positions / seconds),
    shareOfPeak: (2 * multiplyAdds(plan)) / timing.median / (threads * peak * 1e9),
  };
}

function sharesOf(times: Record<Phase, number>): PhaseTiming[] {
  const total = phases.reduce((sum, phase) => sum + times[phase], 0);
  return phases.map((phase) => ({ phase, milliseconds: times[phase], share: times[phase] / total }));
}

function describeStep(settings: BenchSettings, plan: Plan): BenchReport['step'] {
  const { task, vocabSize, hidden, layers, embedding, activation, batchSize, bptt, optimizer } = settings;
  const sizes = { outputs: plan.shape.outputs, parameters: parameterCount(plan.shape), multiplyAdds: multiplyAdds(plan) };
  return { task, vocabSize, hidden, layers, embedding, activation, batchSize, bptt, optimizer, ...sizes };
}

function describeMachine(): Machine {
  return {
    cpu: cpus()[0]?.model.trim() ?? 'unknown processor',
    processors: availableParallelism(),
    platform: `${process.platform} ${process.arch}`,
    node: process.versions.node,
  };
}
