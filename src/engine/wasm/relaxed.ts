// The WebAssembly engine with fused multiply-adds (relaxed SIMD): faster, but the last bits depend on the processor.
import { setFlagsFromString } from 'node:v8';
import { UserError } from '../../errors.ts';
import type { EngineKind } from '../engines.ts';
import { createWasmEngine, packedSize, readKernels } from './engine.ts';

/** A module whose one function is f32x4.relaxed_madd of three zeros: valid where the runtime has relaxed SIMD. */
const probe = Uint8Array.from(
  [
    [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00], // magic, version
    [0x01, 0x04, 0x01, 0x60, 0x00, 0x00, 0x03, 0x02, 0x01, 0x00], // type () → (), one function
    [0x0a, 0x16, 0x01, 0x14, 0x00], // its code
    [0x41, 0x00, 0xfd, 0x0f, 0x41, 0x00, 0xfd, 0x0f, 0x41, 0x00, 0xfd, 0x0f], // three times i8x16.splat(0)
    [0xfd, 0x85, 0x02, 0xfd, 0x53, 0x1a, 0x0b], // relaxed_madd, v128.any_true, drop
  ].flat(),
);

/** The kind, where the runtime has relaxed SIMD; Node 20 has it behind a flag, which may be set until the module is compiled. */
export function relaxedKind(): EngineKind {
  if (!WebAssembly.validate(probe)) setFlagsFromString('--experimental-wasm-relaxed-simd');
  if (!WebAssembly.validate(probe)) {
    throw new UserError(
      '--engine wasm-relaxed: this Node has no relaxed SIMD',
      'use Node 20 or newer on a 64-bit processor, or --engine wasm',
    );
  }
  return {
    name: 'wasm-relaxed',
    precision: 'float32',
    bitsDependOn: 'the processor',
    packedSize,
    create: (size) => ({
      ...createWasmEngine(size, { module: new WebAssembly.Module(readKernels('kernels-relaxed.wasm')) }),
      name: 'wasm-relaxed',
    }),
    attach: (size, parts) => ({ ...createWasmEngine(size, parts), name: 'wasm-relaxed' }),
  };
}
