// Dropout between layers: of the state that a layer reads from the one below, each unit is left out with probability P and the
// others are divided by 1 − P, during training only. Srivastava et al. (2014), scaled as in PyTorch's nn.RNN.
//
// Whether a unit stays is a function of seed, step, layer, time, row and unit: no thread, order of packing or interruption can
// change it, and a checkpoint needs no more of it than the number of the step.
import { absorb, bitsOf } from '../engine/hash.ts';
import { purposes } from './random.ts';

export interface Dropout {
  /** P, the share of units that are left out: 0 < P < 1. */
  readonly share: number;
  readonly seed: number;
}

/** A word, number 0 or 1, of the key of one mask: what layer `layer` reads at time t (from 0) in training step `step`. */
export function maskWord(word: 0 | 1, seed: number, step: number, layer: number, t: number): number {
  const run = absorb(absorb(absorb(word, purposes.dropout), seed >>> 0), Math.floor(seed / 4294967296));
  return absorb(absorb(absorb(run, step), layer), t);
}

/** What unit `unit` of row `row` of the batch is multiplied by: 0 or 1 / (1 − P). The kernels do the same to a whole row. */
export function maskFactor({ share, seed }: Dropout, step: number, layer: number, row: number, t: number, unit: number): number {
  const bits = bitsOf(maskWord(0, seed, step, layer, t), maskWord(1, seed, step, layer, t), row, unit);
  return bits >= share * 2 ** 32 ? 1 / (1 - share) : 0;
}
