// The engines by name. A new engine is one new entry here.
import type { Engine } from './kernels.ts';
import { createReferenceEngine, packedSize as referencePackedSize } from './reference.ts';
import { createWasmEngine, packedSize as wasmPackedSize } from './wasm/engine.ts';

/**
 * What threads share of an engine, a WebAssembly.Memory and a Module: each makes kernels of its own on them. They are not named so,
 * because TypeScript knows these names only where a program is compiled with the types of a browser.
 */
export interface SharedParts {
  readonly sharedMemory: object;
  readonly module: object;
}

/** An engine that is not made yet: its memory has a fixed size, which a plan computes first. */
export interface EngineKind {
  readonly name: string;
  /** The system library that it calls, if it calls one. */
  readonly blasPath?: string;
  readonly precision: 'float32' | 'float64';
  /** What the last bits of its results depend on, besides the inputs; absent where they are the same everywhere. */
  readonly bitsDependOn?: string;
  /** Elements that a packed right factor (k,n) takes. */
  readonly packedSize: (k: number, n: number) => number;
  /** Takes memory for `size` elements. */
  readonly create: (size: number) => Engine & Partial<SharedParts>;
  /** Another thread's engine on the memory of one of `size` elements; absent where an engine runs on one thread only. */
  readonly attach?: (size: number, parts: SharedParts) => Engine;
}

export const wasmKind: EngineKind = {
  name: 'wasm',
  precision: 'float32',
  packedSize: wasmPackedSize,
  create: (size) => createWasmEngine(size),
  attach: (size, parts) => createWasmEngine(size, parts),
};

export const referenceKind: EngineKind = {
  name: 'reference',
  precision: 'float32',
  packedSize: referencePackedSize,
  create: (size) => createReferenceEngine(size, 'float32'),
};

/** The oracle in float64, for checking gradients. */
export const oracleKind: EngineKind = {
  name: 'reference float64',
  precision: 'float64',
  packedSize: referencePackedSize,
  create: (size) => createReferenceEngine(size, 'float64'),
};

/** The engines that train, by the name that `--engine` takes. One that needs a library is loaded on demand, and may reject. */
const loaders = {
  wasm: () => Promise.resolve(wasmKind),
  'wasm-wide': async () => (await import('./wasm/wide.ts')).wideKind(),
  'wasm-relaxed': async () => (await import('./wasm/relaxed.ts')).relaxedKind(),
  blas: async (library) => (await import('./blas/engine.ts')).loadBlasKind(library),
  reference: () => Promise.resolve(referenceKind),
} as const satisfies Readonly<Record<string, (library?: string) => Promise<EngineKind>>>;

export type EngineName = keyof typeof loaders;
/** Those that train the same weights to the last bit, on every machine and any number of threads. */
export const sameBytesEngines = ['wasm', 'wasm-wide'] as const satisfies readonly EngineName[];
export const engineNames = Object.keys(loaders) as readonly EngineName[];

/** `library` is the path of the BLAS that `blas` takes; without it the first of the well-known ones. */
export function loadEngine(name: EngineName, library?: string): Promise<EngineKind> {
  return loaders[name](library);
}
