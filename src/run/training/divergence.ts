// What went wrong where a loss or gradient is not finite: the first tensor in the order of the computation that holds such a
// number (weights, states, ŷ, gradients). Looks only; nothing that is not a number is made one.
import { exitCodes, UserError } from '../../errors.ts';
import type { Network } from '../../model/network.ts';
import type { PackedSizes } from '../../model/batch.ts';
import { gradientOf } from '../../model/plan.ts';
import type { PlacedTensor } from '../../model/plan.ts';
import { layerSuffix } from '../../model/shape.ts';

export class DivergenceError extends UserError {
  /** What was not finite, in one line. */
  readonly what: string;

  constructor(what: string, hint: string) {
    super(`training diverged at ${what}`, hint, exitCodes.diverged);
    this.what = what;
  }
}

const remedy = 'lower --lr, or limit the gradient by --clip-norm 1 or less; --on-divergence retry does the first by itself';

/** The error of a step that gave a loss or a gradient that is not finite, while the batch and its gradients are still in memory. */
export function divergenceAt(network: Network, batch: PackedSizes, step: number, epoch: number, loss: number): DivergenceError {
  const found = brokenWeight(network) ?? brokenState(network, batch) ?? brokenGradient(network);
  return new DivergenceError(
    `step ${step} (epoch ${epoch}): loss ${loss}, gradient norm ${gradientNorm(network)}${describe(found)}`,
    remedy,
  );
}

/** The error of a validation loss that is not finite. */
export function divergenceAfter(network: Network, step: number, epoch: number, loss: number): DivergenceError {
  return new DivergenceError(`step ${step}, the end of epoch ${epoch}: validation loss ${loss}${describe(brokenWeight(network))}`, remedy);
}

/** The error of weights that a step has made not finite, before any loss shows it. */
export function divergenceOfWeights(network: Network, step: number, epoch: number): DivergenceError | undefined {
  const found = brokenWeight(network);
  return found === undefined ? undefined : new DivergenceError(`step ${step}, the end of epoch ${epoch}${describe(found)}`, remedy);
}

function describe(found: string | undefined): string {
  return found === undefined ? '' : `; the first that is not finite: ${found}`;
}

/** ‖∂L/∂θ‖ of the gradients in memory. */
function gradientNorm({ plan, engine }: Network): number {
  const { floats } = engine.memory;
  let sum = 0;
  for (const tensor of plan.tensors) {
    const at = gradientOf(plan, tensor);
    for (let i = at; i < at + tensor.size; i++) sum += floats[i] * floats[i];
  }
  return Math.sqrt(sum);
}

function brokenWeight({ plan, engine }: Network): string | undefined {
  for (const tensor of plan.tensors) {
    const found = firstBroken(engine.memory.floats, tensor.address, tensor.size);
    if (found >= 0) return `weight ${elementName(tensor, found)}`;
  }
  return undefined;
}

/** The states in the order of time and of the stack. */
function brokenState({ plan, engine }: Network, batch: PackedSizes): string | undefined {
  const { floats, ints } = engine.memory;
  const { hidden: H, layers } = plan.shape;
  for (let step = 0; step < batch.steps; step++) {
    const from = ints[plan.starts + step];
    const rows = ints[plan.starts + step + 1] - from;
    for (let l = 0; l < layers; l++) {
      const found = firstBroken(floats, plan.layers[l].states + (plan.limits.rows + from) * H, rows * H);
      if (found >= 0) return `state H${layerSuffix(l, layers)} at time step ${step + 1}`;
    }
  }
  return undefined;
}

function brokenGradient({ plan, engine }: Network): string | undefined {
  for (const tensor of plan.tensors) {
    const found = firstBroken(engine.memory.floats, gradientOf(plan, tensor), tensor.size);
    if (found >= 0) return `gradient d${elementName(tensor, found)}`;
  }
  return undefined;
}

/** Index of the first number that is not finite; −1 where there is none. */
function firstBroken(floats: ArrayLike<number>, from: number, count: number): number {
  for (let i = 0; i < count; i++) if (!Number.isFinite(floats[from + i])) return i;
  return -1;
}

/** `W[3,0]`: the element that lies at `at` of a tensor in memory, by its row and column. */
function elementName({ name, shape, byColumns }: PlacedTensor, at: number): string {
  const [rows, columns] = shape;
  if (columns === undefined) return `${name}[${at}]`;
  return byColumns ? `${name}[${at % rows},${Math.floor(at / rows)}]` : `${name}[${Math.floor(at / columns)},${at % columns}]`;
}
