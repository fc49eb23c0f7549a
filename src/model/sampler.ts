// Draws the next token from the logits of a model. Float64 and the project's own exp throughout: the same seed draws the same token
// on every machine.
import { exp } from '../engine/elementary.ts';
import { UserError } from '../errors.ts';
import { largest } from './largest.ts';
import type { Random } from './random.ts';

export interface Sampling {
  /** T; 0: always the most probable token. */
  readonly temperature: number;
  /** Only the k most probable tokens; absent: all. */
  readonly topK?: number | undefined;
  /** Only the fewest most probable tokens whose probabilities add up to P; absent or 1: all. */
  readonly topP?: number | undefined;
}

/** Draws from the logits at y[at … at + n). One draw of `random`, none at temperature 0. */
export type Sampler = (y: ArrayLike<number>, at: number, random: Random) => number;

/**
 * p_j = exp((y_j − max y) / T) / Σ, cut to the k largest, then to the nucleus of P (Holtzman et al. 2020), then drawn by inversion:
 * the first token whose cumulated share is above u. Throws UserError at logits that are NaN or +∞.
 */
export function createSampler(n: number, { temperature, topK = n, topP = 1 }: Sampling): Sampler {
  const p = new Float64Array(n);
  const everyToken = Array.from({ length: n }, (_, token) => token);
  return (y, at, random) => {
    const best = mostProbable(y, at, n);
    if (temperature === 0) return best;
    for (let j = 0; j < n; j++) p[j] = exp((y[at + j] - y[at + best]) / temperature);
    const kept = topK < n ? largest(y, at, n, topK) : everyToken;
    return draw(p, topP < 1 ? nucleus(p, kept, topP) : kept, random);
  };
}

/** The first of the largest logits. */
function mostProbable(y: ArrayLike<number>, at: number, n: number): number {
  let best = 0;
  for (let j = 0; j < n; j++) {
    const logit = y[at + j];
    if (logit !== logit || logit === Infinity) throw notFinite(logit);
    if (logit > y[at + best]) best = j;
  }
  if (y[at + best] === -Infinity) throw notFinite(-Infinity);
  return best;
}

function notFinite(logit: number): UserError {
  return new UserError(`the model gives the logit ${logit}: its states overflow`, 'look at the weights: rnn inspect WEIGHTS');
}

/** The most probable of `tokens`, as few as hold the share P of them all; at least one. */
function nucleus(p: Float64Array, tokens: readonly number[], P: number): number[] {
  const total = sumOf(p, tokens);
  // A token below the mean of what may be left out is never needed: most of a large vocabulary, which then needs no sorting.
  const least = ((1 - P) * total) / tokens.length;
  const sorted = tokens.filter((token) => p[token] >= least).sort((a, b) => p[b] - p[a] || a - b);
  let sum = 0;
  for (let i = 0; i < sorted.length; i++) {
    sum += p[sorted[i]];
    if (sum >= P * total) return sorted.slice(0, i + 1);
  }
  return sorted;
}

/** The first token whose cumulated share is above u; where rounding leaves none, the last that has a share at all. */
function draw(p: Float64Array, tokens: readonly number[], random: Random): number {
  const threshold = random.uniform() * sumOf(p, tokens);
  let sum = 0;
  let last = tokens[0];
  for (const token of tokens) {
    if (p[token] === 0) continue;
    sum += p[token];
    last = token;
    if (sum > threshold) return token;
  }
  return last;
}

function sumOf(p: Float64Array, tokens: readonly number[]): number {
  let sum = 0;
  for (const token of tokens) sum += p[token];
  return sum;
}
