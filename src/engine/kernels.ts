// The one interface between the mathematics and the machine: what an engine computes, on tensors in its memory.
// A kernel gets addresses and sizes, allocates nothing and checks nothing; the caller owns the memory.

/** Index of a tensor's first element in `Memory.floats` (or in `Memory.ints`). */
export type Address = number;

/** The memory all tensors live in. One address space: an address is free for numbers or for integers, never for both. */
export interface Memory {
  readonly floats: Float32Array | Float64Array;
  readonly ints: Int32Array;
}

export const activations = ['tanh', 'relu', 'sigmoid', 'identity'] as const;
/** The nonlinearity g. */
export type Activation = (typeof activations)[number];

/**
 * Matrices are row-major and dense: A (m,k) has element A[i,j] at `A + i·k + j`. Arguments: outputs, inputs, sizes.
 *
 * Determinism: an element of an output is a function of the inputs alone. The order of each sum is fixed by the sizes and
 * never by the ranges `[from, to)` in which threads share the work, so results are the same bytes at any thread count.
 */
export interface Kernels {
  /** Columns of a product that are computed together; ranges of columns begin at multiples of it. */
  readonly tile: number;

  /** Elements that a right factor B (k,n) takes when packed. */
  packedSize(k: number, n: number): number;
  /**
   * Lays out columns [from,to) of B (k,n) for `multiply`. With `transposed` the input holds Bᵀ, (n,k). `from` is a multiple of `tile`.
   * B must keep its numbers as long as the packed factor is used: an engine may read them where they are.
   */
  pack(packed: Address, B: Address, k: number, n: number, transposed: boolean, from: number, to: number): void;
  /** C ← C + A·B.   C (m,n), A (m,k), B (k,n) packed */
  multiply(C: Address, A: Address, packedB: Address, m: number, k: number, n: number): void;
  /** C[i,·] ← row + A[i,·]·B.   row (n), k ≥ 1, the rest as `multiply`: a bias, or zeros, need not be laid out in C first. */
  multiplyFrom(C: Address, row: Address, A: Address, packedB: Address, m: number, k: number, n: number): void;
  /**
   * C[i,·] ← C[i,·] + Σ_p A[p,i] · B[index[p],·]   for rows i of C in [from,to).
   * C (m,n), A (p,m), B (any,n), index (p); the weight gradient ∂L/∂W = Σ_t δ_tᵀ H_{t−1}, with H_{t−1} found by `index`.
   */
  multiplyTransposed(C: Address, A: Address, B: Address, index: Address, p: number, m: number, n: number, from: number, to: number): void;

  /** out[r,·] ← table[ids[r],·]   out (rows,n), ids (rows) */
  gather(out: Address, table: Address, ids: Address, rows: number, n: number): void;
  /** table[ids[r], j] ← table[ids[r], j] + A[r, j]   for columns j in [from,to), r ascending. A (rows,n) */
  scatterAdd(table: Address, A: Address, ids: Address, rows: number, n: number, from: number, to: number): void;
  /** out[r,·] ← out[r,·] + row   out (rows,n), row (n) */
  addRow(out: Address, row: Address, rows: number, n: number): void;
  /** out[j] ← out[j] + Σ_r A[r,j]   for columns j in [from,to). A (rows,n) */
  columnSums(out: Address, A: Address, rows: number, n: number, from: number, to: number): void;

  /** z ← g(z)   (count) */
  activate(z: Address, count: number, g: Activation): void;
  /** dz ← dz ∘ g'(z), written by h = g(z): tanh 1 − h², relu [h > 0], sigmoid h(1 − h), identity 1   (count) */
  activationGradient(dz: Address, h: Address, count: number, g: Activation): void;
  /**
   * y[r,j] ← x[r,j] / (1 − share) where bits(ids[r], j) ≥ share · 2³², else x[r,j] · 0   y and x (rows,n), which may be one; ids (rows).
   * The bits are `bitsOf` (hash.ts) under the key (low, high): the same call gives the same mask. 0 ≤ share < 1.
   */
  dropout(y: Address, x: Address, ids: Address, rows: number, n: number, low: number, high: number, share: number): void;

  /**
   * ℓ_r = log Σ_j exp y[r,j] − y[r, target_r] (nats), and y ← scale · (softmax(y) − onehot(target)).
   * y (rows,n) in logits, out gradient; losses (rows); targets (rows) integers. Subtracts the row's maximum first.
   */
  softmaxCrossEntropy(y: Address, losses: Address, targets: Address, rows: number, n: number, scale: number): void;
  /** ℓ_r = ½ Σ_j (target[r,j] − y[r,j])², and y ← scale · (y − target).   y (rows,n), losses (rows), targets (rows,n) numbers */
  squaredError(y: Address, losses: Address, targets: Address, rows: number, n: number, scale: number): void;
  /** out[r] ← the first j with the largest y[r,j]   out (rows) integers, y (rows,n) */
  argmax(out: Address, y: Address, rows: number, n: number): void;

  /** x ← value   (count) */
  fill(x: Address, count: number, value: number): void;
  /** y ← x   (count); the ranges may overlap */
  copy(y: Address, x: Address, count: number): void;
  /** Σ x, summed in double   (count) */
  sum(x: Address, count: number): number;
  /** Σ x², summed in double   (count) */
  sumOfSquares(x: Address, count: number): number;

  // What the optimizers are composed of (model/optimizers.ts).
  /** x ← a·x   (count) */
  scale(x: Address, count: number, a: number): void;
  /** x ← min(max(x, −limit), limit); NaN stays NaN   (count) */
  clamp(x: Address, count: number, limit: number): void;
  /** y ← a·y + b·x   (count) */
  blend(y: Address, x: Address, count: number, a: number, b: number): void;
  /** v ← a·v + b·x²   (count) */
  blendSquares(v: Address, x: Address, count: number, a: number, b: number): void;
  /** y ← a·y + b·x / (s·√v + eps)   (count) */
  blendByRoot(y: Address, x: Address, v: Address, count: number, a: number, b: number, s: number, eps: number): void;
}

/** Kernels and the memory that they work on. */
export interface Engine {
  readonly name: string;
  readonly memory: Memory;
  readonly kernels: Kernels;
}
