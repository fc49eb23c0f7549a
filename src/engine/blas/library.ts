// Finds a BLAS of the system and gives its sgemm as a function on addresses. Loaded on demand; never a silent fallback.
import type KoffiModule from 'koffi';
import { systemCode, UserError } from '../../errors.ts';

/**
 * C ← α op(A) op(B) + β C in float32, by rows: cblas_sgemm with its order fixed.
 * op is 111 (as it is) or 112 (transposed); A B C are addresses in bytes; lda ldb ldc are elements from row to row.
 */
export type Sgemm = (
  opA: number,
  opB: number,
  m: number,
  n: number,
  k: number,
  alpha: number,
  A: number,
  lda: number,
  B: number,
  ldb: number,
  beta: number,
  C: number,
  ldc: number,
) => void;

export const AS_IT_IS = 111;
export const TRANSPOSED = 112;
const BY_ROWS = 101;

export interface Blas {
  /** The name or path that it was found under. */
  readonly name: string;
  readonly sgemm: Sgemm;
  /** Address of an array's first byte. It stays valid: the memory of an ArrayBuffer does not move. */
  readonly addressOf: (array: Float32Array) => number;
}

/** Fast libraries by the names that they go by on Linux, macOS and Windows. The reference libblas is not one. */
const names = [
  'libopenblas.so.0',
  'libopenblas.so',
  'libmkl_rt.so.2',
  'libmkl_rt.so.1',
  'libblis.so.4',
  'libblis.so.3',
  '/System/Library/Frameworks/Accelerate.framework/Accelerate',
  '/opt/homebrew/opt/openblas/lib/libopenblas.dylib',
  '/usr/local/opt/openblas/lib/libopenblas.dylib',
  'libopenblas.dll',
  'mkl_rt.2.dll',
];

/** How each library is told to use one thread for a call: the threads are this program's own. */
const threadSetters = ['openblas_set_num_threads(int)', 'MKL_Set_Num_Threads(int)', 'bli_thread_set_num_threads(int64_t)'];

const packages = 'apt install libopenblas0-openmp (Debian, Ubuntu), dnf install openblas (Fedora), brew install openblas (macOS)';

/** The library at `path` (a name does too), or where that is empty the first of the well-known ones. Throws UserError where there is none, or it computes wrongly. */
export async function loadBlas(path?: string): Promise<Blas> {
  const koffi = await importKoffi();
  const { name, library } = path === undefined || path === '' ? firstOf(koffi) : open(koffi, path);
  for (const setter of threadSetters) {
    try {
      library.func(`void ${setter}`)(1);
    } catch {
      // Another library's setter.
    }
  }
  const blas = { name, sgemm: bindSgemm(library, name), addressOf: (array: Float32Array) => Number(koffi.address(array)) };
  selfTest(blas);
  return blas;
}

type Koffi = typeof KoffiModule;
type Library = ReturnType<Koffi['load']>;

async function importKoffi(): Promise<Koffi> {
  try {
    return (await import('koffi')).default;
  } catch (error) {
    const absent = systemCode(error) === 'ERR_MODULE_NOT_FOUND';
    const what = absent ? 'is not installed' : `cannot be loaded: ${error instanceof Error ? error.message : String(error)}`;
    throw new UserError(
      `--engine blas: the package koffi, which calls the library, ${what}`,
      `${absent ? 'npm install koffi' : 'install it anew: npm install koffi'}, or leave --engine out`,
    );
  }
}

function firstOf(koffi: Koffi): { name: string; library: Library } {
  for (const name of names) {
    try {
      return { name, library: koffi.load(name) };
    } catch {
      // Not on this system.
    }
  }
  throw new UserError(
    '--engine blas: no BLAS library is found (OpenBLAS, MKL, BLIS, Accelerate)',
    `${packages}; or name one: RNN_BLAS=/path/to/library`,
  );
}

function open(koffi: Koffi, path: string): { name: string; library: Library } {
  try {
    return { name: path, library: koffi.load(path) };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new UserError(`RNN_BLAS=${path}: the library cannot be loaded: ${reason}`, 'give the path of a BLAS library, or unset RNN_BLAS');
  }
}

function bindSgemm(library: Library, name: string): Sgemm {
  const signature = 'int, int, int, int, int, int, float, uintptr_t, int, uintptr_t, int, float, uintptr_t, int';
  try {
    const cblas = library.func(`void cblas_sgemm(${signature})`) as unknown as (...numbers: readonly number[]) => void;
    return (opA, opB, m, n, k, alpha, A, lda, B, ldb, beta, C, ldc) =>
      cblas(BY_ROWS, opA, opB, m, n, k, alpha, A, lda, B, ldb, beta, C, ldc);
  } catch {
    throw new UserError(`--engine blas: ${name} has no cblas_sgemm`, `use another library: ${packages}`);
  }
}

/** A library that is called wrongly, or is broken, must not train: C + A·Bᵀ and C + Aᵀ·B of small whole numbers are exact. */
function selfTest({ name, sgemm, addressOf }: Blas): void {
  const A = Float32Array.of(1, 2, 3, 4, 5, 6); // (2,3), or its transpose's (3,2)
  const B = Float32Array.of(7, 8, 9, 1, 2, 3);
  const C = new Float32Array(4).fill(10);
  const D = new Float32Array(4).fill(10);
  sgemm(AS_IT_IS, TRANSPOSED, 2, 2, 3, 1, addressOf(A), 3, addressOf(B), 3, 1, addressOf(C), 2);
  sgemm(TRANSPOSED, AS_IT_IS, 2, 2, 3, 1, addressOf(A), 2, addressOf(B), 2, 1, addressOf(D), 2);
  if (C.join() === '60,24,132,42' && D.join() === '54,36,72,48') return;
  throw new UserError(`--engine blas: ${name} computes wrongly (${C.join(' ')}; ${D.join(' ')})`, `use another library: ${packages}`);
}
