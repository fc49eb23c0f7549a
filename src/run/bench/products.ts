// The matrix products of a training step: how much they multiply, and how fast each engine multiplies at their sizes.
import { engineNames } from '../../engine/engines.ts';
import type { EngineKind, EngineName } from '../../engine/engines.ts';
import { UserError } from '../../errors.ts';
import type { Plan } from '../../model/plan.ts';
import { createRandom, purposes } from '../../model/random.ts';
import { openEngine } from '../engine.ts';
import { takeEngine } from '../memory.ts';

/** An (rows,k)·(k,n) product. `gradient` is ∂L/∂W = δᵀ H: rows are then what the sum runs over. */
export interface Product {
  readonly name: 'states' | 'outputs' | 'gradient';
  readonly rows: number;
  readonly k: number;
  readonly n: number;
}

/** Rows of the state that are worked on at once where every step has an output. */
const OUTPUT_ROWS = 64;
/** Rows beyond which the rate of a product is what it was, and which several engines would have to hold at a time. */
const MOST_ROWS = 4096;

/** What takes the time of a step on full batches, one product of each kind: a step's states, its outputs, and ∂L/∂W. */
export function productsOf({ shape, limits }: Plan): Product[] {
  const { hidden: H, outputs: O, task } = shape;
  const { rows, positions } = limits;
  return [
    { name: 'states', rows: Math.min(MOST_ROWS, rows), k: H, n: H },
    { name: 'outputs', rows: task === 'next-token' ? Math.min(OUTPUT_ROWS, positions) : Math.min(MOST_ROWS, rows), k: H, n: O },
    { name: 'gradient', rows: Math.min(MOST_ROWS, Math.max(rows, positions - rows)), k: H, n: H },
  ];
}

/**
 * Multiply-adds of a step on full batches. Backward and the weight gradients each take a product of the size of each forward one.
 * W H_0 is not among them, since H_0 = 0.
 */
export function multiplyAdds({ shape, limits, table }: Plan): number {
  const { hidden: H, embedding, layers, outputs: O, task, vocab } = shape;
  const { rows, positions } = limits;
  const embedded = embedding > 0 ? (table >= 0 ? vocab : positions) * embedding * H : 0;
  const states = layers * (positions - rows) * H * H + (layers - 1) * positions * H * H;
  const outputs = (task === 'next-token' ? positions : rows) * H * O;
  return 3 * (embedded + states + outputs);
}

export interface FoundEngine {
  readonly name: EngineName;
  readonly kind?: EngineKind;
  readonly reason?: string;
}

/** Every engine there is; those that this machine cannot load with the reason. */
export function findEngines(blasPath: string | undefined): Promise<FoundEngine[]> {
  return Promise.all(
    engineNames.map(async (name) => {
      try {
        return { name, kind: await openEngine(name, blasPath) };
      } catch (error) {
        if (!(error instanceof UserError)) throw error;
        const message = error.message.replace(`--engine ${name}: `, '');
        return { name, reason: error.hint === undefined ? message : `${message}; ${error.hint}` };
      }
    }),
  );
}

/** A product that can be run on one thread. */
export interface PreparedProduct {
  readonly run: () => void;
  readonly flops: number;
}

/** A call should not take longer than this; the rate hardly depends on the rows beyond. */
const LONGEST_CALL = 0.05;
const TRIAL_ROWS = 16;

/** Random factors on an engine of their own, and as many of the product's rows as a slow engine manages in `LONGEST_CALL`. */
export function prepareProduct(kind: EngineKind, { name, rows, k, n }: Product): PreparedProduct {
  const sizes = [rows * k, Math.max(rows, k) * n, kind.packedSize(k, n), Math.max(rows, k) * n, rows];
  const [A, B, packed, C, index] = sizes.map((_, i) => sizes.slice(0, i).reduce((sum, size) => sum + 16 * Math.ceil(size / 16), 0));
  const { kernels, memory } = takeEngine(kind, index + rows, {
    what: (need) => `a product of the step needs ${need} of memory beside the others, more than can be had`,
    remedy: 'lower --hidden, --vocab-size or --batch-size',
  });
  const random = createRandom(1, purposes.sample);
  for (let i = 0; i < index; i++) memory.floats[i] = random.uniform() - 0.5;
  for (let i = 0; i < rows; i++) memory.ints[index + i] = i;
  if (name !== 'gradient') kernels.pack(packed, B, k, n, false, 0, n);
  const run =
    name === 'gradient'
      ? (count: number) => kernels.multiplyTransposed(C, A, B, index, count, k, n, 0, k)
      : (count: number) => kernels.multiply(C, A, packed, count, k, n);
  const count = rowsWithin(run, rows);
  return { run: () => run(count), flops: 2 * count * k * n };
}

function rowsWithin(run: (rows: number) => void, rows: number): number {
  const trial = Math.min(rows, TRIAL_ROWS);
  const start = performance.now();
  run(trial);
  const seconds = (performance.now() - start) / 1000;
  return Math.min(rows, trial * Math.max(1, Math.floor(LONGEST_CALL / seconds)));
}
