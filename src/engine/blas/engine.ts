// The WebAssembly engine with its matrix products done by a BLAS of the system, on the same shared memory, nothing copied.
// Faster, at a price: the last bits depend on the library, and on the machine that it chooses its kernels for.
import type { EngineKind, SharedParts } from '../engines.ts';
import type { Engine, Kernels } from '../kernels.ts';
import { createWasmEngine } from '../wasm/engine.ts';
import { AS_IT_IS, loadBlas, TRANSPOSED } from './library.ts';
import type { Blas } from './library.ts';

/** What stands for a packed factor: two integers, where B lies and whether as it is or transposed. */
const PACKED = 2;

/** Rows of B that are gathered at once where the index is not a run of neighbours. */
const GATHERED = 512;

/** The kind, once a library is loaded: `path`, or the first well-known one. Throws UserError where there is none. */
export async function loadBlasKind(path?: string): Promise<EngineKind> {
  const blas = await loadBlas(path);
  const withProducts = <E extends Engine>(engine: E): E => ({
    ...engine,
    name: 'blas',
    kernels: { ...engine.kernels, ...products(blas, engine) },
  });
  return {
    name: 'blas',
    blasPath: blas.name,
    bitsDependOn: `the library ${blas.name}, the processor and the number of threads`,
    precision: 'float32',
    packedSize,
    create: (size) => withProducts(createWasmEngine(size)),
    attach: (size: number, parts: SharedParts) => withProducts(createWasmEngine(size, parts)),
  };
}

function packedSize(): number {
  return PACKED;
}

type Products = Pick<Kernels, 'tile' | 'packedSize' | 'pack' | 'multiply' | 'multiplyFrom' | 'multiplyTransposed'>;

function products({ sgemm, addressOf }: Blas, { memory, kernels }: Engine): Products {
  const { ints } = memory;
  const floats = memory.floats as Float32Array;
  const base = addressOf(floats);
  const bytesAt = (element: number): number => base + 4 * element;
  let scratch = new Float32Array(0);
  let scratchAt = 0;

  /** index[from … to) as one run of neighbours: its first row, or −1. */
  function firstOfRun(index: number, p: number): number {
    const first = ints[index];
    for (let l = 1; l < p; l++) if (ints[index + l] !== first + l) return -1;
    return first;
  }

  /** Copies rows B[index[l]] one behind the other; returns their address in bytes. */
  function gather(B: number, index: number, rows: number, n: number): number {
    if (scratch.length < GATHERED * n) {
      scratch = new Float32Array(GATHERED * n);
      scratchAt = addressOf(scratch);
    }
    for (let l = 0; l < rows; l++) {
      const from = B + ints[index + l] * n;
      for (let j = 0; j < n; j++) scratch[l * n + j] = floats[from + j];
    }
    return scratchAt;
  }

  function multiply(C: number, A: number, packedB: number, m: number, k: number, n: number): void {
    if (m === 0) return;
    const [B, op] = [ints[packedB], ints[packedB + 1]];
    sgemm(AS_IT_IS, op, m, n, k, 1, bytesAt(A), k, bytesAt(B), op === TRANSPOSED ? k : n, 1, bytesAt(C), n);
  }

  return {
    tile: 16,
    packedSize,
    /** The factor stays where it is: sgemm reads a transpose as fast. */
    pack(packed, B, _k, _n, transposed, from) {
      if (from > 0) return;
      ints[packed] = B;
      ints[packed + 1] = transposed ? TRANSPOSED : AS_IT_IS;
    },
    multiply,
    multiplyFrom(C, row, A, packedB, m, k, n) {
      for (let i = 0; i < m; i++) kernels.copy(C + i * n, row, n);
      multiply(C, A, packedB, m, k, n);
    },
    multiplyTransposed(C, A, B, index, p, m, n, from, to) {
      if (p === 0 || from === to) return;
      const add = (a: number, b: number, rows: number): void =>
        sgemm(TRANSPOSED, AS_IT_IS, to - from, n, rows, 1, bytesAt(a + from), m, b, n, 1, bytesAt(C + from * n), n);
      const first = firstOfRun(index, p);
      if (first >= 0) return add(A, bytesAt(B + first * n), p);
      for (let l = 0; l < p; l += GATHERED) {
        const rows = Math.min(GATHERED, p - l);
        add(A + l * m, gather(B, index + l, rows, n), rows);
      }
    },
  };
}
