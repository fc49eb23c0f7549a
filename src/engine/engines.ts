// The engines by name. A new engine is one new entry here.
import type { Engine } from './kernels.ts';
import { createReferenceEngine, packedSize as referencePackedSize } from './reference.ts';
import { createWasmEngine, packedSize as wasmPackedSize } from './wasm/engine.ts';

/** An engine that is not made yet: its memory has a fixed size, which a plan computes first. */
export interface EngineKind {
  readonly name: string;
  readonly precision: 'float32' | 'float64';
  /** Elements that a packed right factor (k,n) takes. */
  readonly packedSize: (k: number, n: number) => number;
  /** Takes memory for `size` elements. */
  readonly create: (size: number) => Engine;
}

/** The engines that train, by the name that `--engine` takes. */
export const engineKinds = {
  wasm: { name: 'wasm', precision: 'float32', packedSize: wasmPackedSize, create: (size) => createWasmEngine(size) },
  reference: {
    name: 'reference',
    precision: 'float32',
    packedSize: referencePackedSize,
    create: (size) => createReferenceEngine(size, 'float32'),
  },
} as const satisfies Readonly<Record<string, EngineKind>>;

export type EngineName = keyof typeof engineKinds;
export const engineNames = Object.keys(engineKinds) as readonly EngineName[];

/** The oracle in float64, for checking gradients. */
export const oracleKind: EngineKind = {
  name: 'reference float64',
  precision: 'float64',
  packedSize: referencePackedSize,
  create: (size) => createReferenceEngine(size, 'float64'),
};
