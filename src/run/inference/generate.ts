// The loop of generation: the model reads the prime, then token after token what was drawn from it. Several samples are the rows of
// one batch; what sample i draws is a function of the seed, i and the weights alone.
import type { Network } from '../../model/network.ts';
import type { Limits } from '../../model/plan.ts';
import { createRandom, purposes } from '../../model/random.ts';
import type { Random } from '../../model/random.ts';
import { createSampler } from '../../model/sampler.ts';
import type { Sampling } from '../../model/sampler.ts';

export interface GenerateOptions {
  readonly count: number;
  /** The most tokens that are drawn after the prime. */
  readonly length: number;
  readonly sampling: Sampling;
  readonly seed: number;
  /** What the model reads first; undefined: one of `first`, each equally likely, drawn for each sample. */
  readonly prime: Int32Array | undefined;
  readonly first: readonly number[];
}

/** Who gets the tokens, in order for each sample. */
export interface TokenSink {
  begin(sample: number, prime: Int32Array): void;
  /** The next token of a sample; returns whether the sample ends with it. */
  take(sample: number, token: number): boolean;
  /** The sample has its full length. */
  end(sample: number): void;
}

/** Samples that run together. */
const ROWS = 64;
/** Tokens of a prime that are read at once. */
const STEPS = 256;

export function generationLimits({ count, prime }: Pick<GenerateOptions, 'count' | 'prime'>): Limits {
  const rows = Math.min(ROWS, count);
  const steps = Math.min(STEPS, prime?.length ?? 1);
  return { rows, steps, positions: rows * steps };
}

/** Gives every sample's tokens to the sink, and the turn to the caller after each step. The network's shape is `lastStepOnly`, its limits `generationLimits`. */
export function* generate(network: Network, options: GenerateOptions, sink: TokenSink): Generator<void, void> {
  const { rows } = network.plan.limits;
  for (let first = 0; first < options.count; first += rows)
    yield* generateTogether(network, options, sink, first, Math.min(rows, options.count - first));
}

function* generateTogether(
  network: Network,
  options: GenerateOptions,
  sink: TokenSink,
  first: number,
  rows: number,
): Generator<void, void> {
  const { plan, engine } = network;
  const { outputs } = plan.shape;
  const randoms = Array.from({ length: rows }, (_, r) => createRandom(options.seed, purposes.generate, first + r));
  const draw = createSampler(outputs, options.sampling);
  const tokens = new Int32Array(rows);
  const batch = { tokens, begins: Int32Array.from(tokens.keys()), lengths: new Int32Array(rows).fill(1), rows, targets: undefined };
  let open = randoms.map((_, r) => r);
  yield* readPrimes(network, options, randoms, (r, prime) => sink.begin(first + r, prime));
  for (let drawn = 1; ; drawn++) {
    open = open.filter((r) => {
      tokens[r] = draw(engine.memory.floats, plan.outputs + r * outputs, randoms[r]);
      return !sink.take(first + r, tokens[r]);
    });
    yield;
    if (open.length === 0) return;
    if (drawn === options.length) break;
    network.carry();
    network.load(batch); // rows of one length keep their order
    network.forward(true);
  }
  for (const r of open) sink.end(first + r);
}

/** Leaves the logits after each row's prime in `outputs`. */
function* readPrimes(
  network: Network,
  { prime, first }: GenerateOptions,
  randoms: readonly Random[],
  begin: (row: number, prime: Int32Array) => void,
): Generator<void, void> {
  const rows = randoms.length;
  const primes = randoms.map((random) => prime ?? Int32Array.of(first[random.below(first.length)]));
  primes.forEach((tokens, r) => begin(r, tokens));
  const size = primes[0].length;
  const tokens = Int32Array.from(primes.flatMap((ids) => [...ids]));
  const steps = network.plan.limits.steps;
  for (let at = 0; at < size; at += steps) {
    if (at > 0) network.carry();
    const begins = Int32Array.from({ length: rows }, (_, r) => r * size + at);
    network.load({ tokens, begins, lengths: new Int32Array(rows).fill(Math.min(steps, size - at)), rows, targets: undefined });
    network.forward(at > 0);
    yield;
  }
}
