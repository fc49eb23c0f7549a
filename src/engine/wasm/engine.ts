// The default engine: WebAssembly SIMD kernels (kernels/, AssemblyScript) on one shared memory, in float32.
// Each thread makes an engine of its own on the same memory and module; only the scratch memory behind the arena is its own.
import { readFileSync } from 'node:fs';
import type { SharedParts } from '../engines.ts';
import type { Activation, Engine, Kernels } from '../kernels.ts';
import { constants } from './constants.ts';

export interface WasmEngine extends Engine {
  /** Element address a is byte 4a of it. */
  readonly sharedMemory: WebAssembly.Memory;
  readonly module: WebAssembly.Module;
}

const PAGE = 65536;
/** Pages that 32-bit addresses reach: 4 GiB. */
const MOST_PAGES = 65536;
/** What the products pack into, for each thread: a panel, pairs of rows and a tile aside (kernels/products.ts), 276 KiB. */
const SCRATCH_PAGES = Math.ceil((16 * 256 * 4 + 256 * 256 * 4 + 16 * 64 * 4) / PAGE);
/** Threads whose scratch memory can be added to an engine; they take address space only until they do. */
const MOST_THREADS = 256;

/** Columns of a panel (kernels/packing.ts). */
const TILE = 16;

/** Elements that B (k,n) takes as panels of 16 columns, the last of 8 where that is enough. */
export function packedSize(k: number, n: number): number {
  return k * 8 * Math.ceil(n / 8);
}

/** The compiled kernels: the same sources, with multiply-adds rounded twice, or in one step where the processor can. */
export type KernelFile = 'kernels.wasm' | 'kernels-relaxed.wasm';

/**
 * An engine of `size` elements. `given`: kernels compiled in another way, or another thread's memory of that size as well.
 * Throws RangeError beyond 4 GiB, and where the system refuses the memory.
 */
export function createWasmEngine(size: number, given: Partial<SharedParts> = {}): WasmEngine {
  const module: WebAssembly.Module = given.module ?? new WebAssembly.Module(readKernels('kernels.wasm'));
  const sharedMemory = (given.sharedMemory as WebAssembly.Memory | undefined) ?? takeMemory(size);
  // Growing is atomic: every thread gets pages that no other has.
  const scratch = (given.sharedMemory ? sharedMemory.grow(SCRATCH_PAGES) : arenaPages(size)) * PAGE;
  const { exports } = new WebAssembly.Instance(module, { env: { memory: sharedMemory }, constants });
  const memory = { floats: new Float32Array(sharedMemory.buffer, 0, size), ints: new Int32Array(sharedMemory.buffer, 0, size) };
  const kernels = {
    ...products(exports, scratch),
    ...rowwise(exports, scratch),
    ...losses(exports),
    ...vectors(exports),
    ...updates(exports),
  };
  return { name: 'wasm', memory, kernels, sharedMemory, module };
}

export function readKernels(file: KernelFile): Uint8Array<ArrayBuffer> {
  const path = new URL(`../../../dist/engine/wasm/${file}`, import.meta.url);
  try {
    return new Uint8Array(readFileSync(path));
  } catch (error) {
    throw new Error(`the compiled kernels are missing (${path.pathname}): run npm run build`, { cause: error });
  }
}

function arenaPages(size: number): number {
  return Math.ceil((size * 4) / PAGE);
}

function takeMemory(size: number): WebAssembly.Memory {
  const initial = arenaPages(size) + SCRATCH_PAGES;
  const need = `${size} elements take ${Math.ceil((initial * PAGE) / 2 ** 20)} MiB`;
  if (initial > MOST_PAGES) throw new RangeError(`${need}, and WebAssembly memory ends at 4096 MiB`);
  const maximum = Math.min(MOST_PAGES, initial + (MOST_THREADS - 1) * SCRATCH_PAGES);
  try {
    return new WebAssembly.Memory({ initial, maximum, shared: true });
  } catch (error) {
    throw new RangeError(`${need}, which the system refuses`, { cause: error });
  }
}

// The wrappers below turn element addresses into byte addresses: `a << 2` is exact modulo 2^32, which is how the kernels
// read it. They close over the functions themselves, since reading them from `exports` at each call is slow.

type Exports = Record<string, (...numbers: readonly number[]) => number>;

type Products = Pick<Kernels, 'tile' | 'packedSize' | 'pack' | 'multiply' | 'multiplyFrom' | 'multiplyTransposed'>;

function products(exports: WebAssembly.Exports, scratch: number): Products {
  const { pack, multiply, multiplyTransposed } = exports as Exports;
  return {
    tile: TILE,
    packedSize,
    pack: (packed, B, k, n, transposed, from, to) => void pack(packed << 2, B << 2, k, n, transposed ? 1 : 0, from, to),
    multiply: (C, A, packedB, m, k, n) => void multiply(C << 2, C << 2, n << 2, A << 2, packedB << 2, m, k, n, scratch),
    multiplyFrom: (C, row, A, packedB, m, k, n) => void multiply(C << 2, row << 2, 0, A << 2, packedB << 2, m, k, n, scratch),
    multiplyTransposed: (C, A, B, index, p, m, n, from, to) =>
      void multiplyTransposed(C << 2, A << 2, B << 2, index << 2, p, m, n, from, to, scratch),
  };
}

type Rowwise = Pick<Kernels, 'gather' | 'scatterAdd' | 'addRow' | 'columnSums' | 'argmax'>;

function rowwise(exports: WebAssembly.Exports, scratch: number): Rowwise {
  const { gather, scatterAdd, addRow, columnSums, argmax } = exports as Exports;
  return {
    gather: (out, table, ids, rows, n) => void gather(out << 2, table << 2, ids << 2, rows, n),
    scatterAdd: (table, A, ids, rows, n, from, to) => void scatterAdd(table << 2, A << 2, ids << 2, rows, n, from, to),
    addRow: (out, row, rows, n) => void addRow(out << 2, row << 2, rows, n),
    columnSums: (out, A, rows, n, from, to) => void columnSums(out << 2, A << 2, rows, n, from, to, scratch),
    argmax: (out, y, rows, n) => void argmax(out << 2, y << 2, rows, n),
  };
}

type Losses = Pick<Kernels, 'activate' | 'activationGradient' | 'dropout' | 'softmaxCrossEntropy' | 'squaredError'>;

function losses(exports: WebAssembly.Exports): Losses {
  const { tanh, relu, sigmoid, tanhGradient, reluGradient, sigmoidGradient } = exports as Exports;
  const { dropout, softmaxCrossEntropy, squaredError } = exports as Exports;
  const nothing = () => 0;
  const g = { tanh, relu, sigmoid, identity: nothing } as Record<Activation, (z: number, count: number) => number>;
  const gradient = {
    tanh: tanhGradient,
    relu: reluGradient,
    sigmoid: sigmoidGradient,
    identity: nothing,
  } as Record<Activation, (dz: number, h: number, count: number) => number>;
  return {
    activate: (z, count, activation) => void g[activation](z << 2, count),
    activationGradient: (dz, h, count, activation) => void gradient[activation](dz << 2, h << 2, count),
    dropout: (y, x, ids, rows, n, low, high, share) =>
      void dropout(y << 2, x << 2, ids << 2, rows, n, low, high, Math.ceil(share * 2 ** 32), 1 / (1 - share)),
    softmaxCrossEntropy: (y, lossesAt, targets, rows, n, scale) =>
      void softmaxCrossEntropy(y << 2, lossesAt << 2, targets << 2, rows, n, scale),
    squaredError: (y, lossesAt, targets, rows, n, scale) => void squaredError(y << 2, lossesAt << 2, targets << 2, rows, n, scale),
  };
}

type Vectors = Pick<Kernels, 'fill' | 'copy' | 'sum' | 'sumOfSquares'>;

function vectors(exports: WebAssembly.Exports): Vectors {
  const { fill, copy, sum, sumOfSquares } = exports as Exports;
  return {
    fill: (x, count, value) => void fill(x << 2, count, value),
    copy: (y, x, count) => void copy(y << 2, x << 2, count),
    sum: (x, count) => sum(x << 2, count),
    sumOfSquares: (x, count) => sumOfSquares(x << 2, count),
  };
}

type Updates = Pick<Kernels, 'scale' | 'clamp' | 'blend' | 'blendSquares' | 'blendByRoot'>;

function updates(exports: WebAssembly.Exports): Updates {
  const { scale, clamp, blend, blendSquares, blendByRoot } = exports as Exports;
  return {
    scale: (x, count, a) => void scale(x << 2, count, a),
    clamp: (x, count, limit) => void clamp(x << 2, count, limit),
    blend: (y, x, count, a, b) => void blend(y << 2, x << 2, count, a, b),
    blendSquares: (v, x, count, a, b) => void blendSquares(v << 2, x << 2, count, a, b),
    blendByRoot: (y, x, v, count, a, b, s, eps) => void blendByRoot(y << 2, x << 2, v << 2, count, a, b, s, eps),
  };
}
