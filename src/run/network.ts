// Takes memory for a model, starts its threads, and makes the network.
import type { EngineKind } from '../engine/engines.ts';
import { UsageError, UserError } from '../errors.ts';
import type { Dropout } from '../model/dropout.ts';
import { createNetwork } from '../model/network.ts';
import type { Clipping, Network, Team } from '../model/network.ts';
import { optimizerNames, optimizerOptionNames, optimizers, optimizerWith } from '../model/optimizers.ts';
import { planStep } from '../model/plan.ts';
import type { Limits, Plan } from '../model/plan.ts';
import { parameterCount } from '../model/shape.ts';
import type { ModelShape } from '../model/shape.ts';
import { takeEngine } from './memory.ts';
import type { TrainSettings } from './settings.ts';
import { startTeam } from './team.ts';
import type { WorkerOrders } from './team.ts';
import { threadsFor } from './threads.ts';

/** Plans the memory, takes it, and starts the threads. */
export async function networkFor(
  shape: ModelShape,
  limits: Limits,
  settings: TrainSettings,
  kind: EngineKind,
  dropout: Dropout | undefined,
): Promise<{ network: Network; threads: number }> {
  refuseUnusedOptions(settings);
  const { rule, options } = optimizerWith(settings.optimizer, settings);
  const plan = planStep(shape, limits, rule.slots(options), kind, dropout);
  const clipping = clippingOf(settings);
  const engine = takeMemory(plan, kind, 'lower --batch-size, --max-len, --hidden or the vocabulary');
  const threads = threadsFor(settings.threads, plan, kind);
  const team = threads > 1 ? await teamFor(threads, plan, kind, engine, settings, { options, clipping }) : undefined;
  return { network: createNetwork(plan, engine, { rule, options, clipping }, team), threads: team ? threads : 1 };
}

/** Nothing where the system starts no more threads, and nobody has asked for any: one does the same. */
async function teamFor(
  count: number,
  plan: Plan,
  kind: EngineKind,
  engine: ReturnType<EngineKind['create']>,
  { threads: asked, optimizer: rule }: TrainSettings,
  updating: Omit<NonNullable<WorkerOrders['updating']>, 'rule'>,
): Promise<Team | undefined> {
  try {
    return await startTeam(count, plan, kind, engine, { rule, ...updating });
  } catch (error) {
    if (asked === undefined && error instanceof UserError) return undefined;
    throw error;
  }
}

export function clippingOf({ clipNorm, clipValue }: Pick<TrainSettings, 'clipNorm' | 'clipValue'>): Clipping {
  return { ...(clipNorm > 0 ? { norm: clipNorm } : {}), ...(clipValue === undefined ? {} : { value: clipValue }) };
}

/** An engine with the plan's memory. Throws UserError with this remedy where there is not so much. */
export function takeMemory({ size, limits, shape }: Plan, kind: EngineKind, remedy: string): ReturnType<EngineKind['create']> {
  const model = `${limits.positions} tokens a batch, ${parameterCount(shape)} parameters`;
  return takeEngine(kind, size, { what: (need) => `the run needs ${need} of memory (${model}), more than can be had`, remedy });
}

/** An option that the chosen rule does not have is a mistake, not a wish to be passed over. */
function refuseUnusedOptions(settings: TrainSettings): void {
  const { defaults } = optimizers[settings.optimizer];
  for (const option of optimizerOptionNames) {
    if (option in defaults || settings[option] === undefined || settings[option] === false) continue;
    const flag = `--${option.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
    const having = optimizerNames.filter((name) => option in optimizers[name].defaults);
    throw new UsageError(`${flag}: ${settings.optimizer} does not use it`, `leave ${flag} out, or use --optimizer ${having.join(' or ')}`);
  }
  if (settings.nesterov && !settings.momentum) throw new UsageError('--nesterov: needs a momentum above 0', 'add --momentum 0.9, say');
}
