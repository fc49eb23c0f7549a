// The engines beyond the default that this machine can run; the BLAS is RNN_BLAS, where that is set. With RNN_REQUIRE_BLAS=1
// (continuous integration) a missing BLAS fails.
import { loadEngine } from '../../src/engine/engines.ts';
import type { EngineKind, EngineName } from '../../src/engine/engines.ts';

async function available(name: EngineName): Promise<EngineKind[]> {
  try {
    return [await loadEngine(name, process.env['RNN_BLAS'])];
  } catch (error) {
    if (name === 'blas' && process.env['RNN_REQUIRE_BLAS'] === '1') throw error;
    console.log(`skipped: the tests of the engine ${name}: ${error instanceof Error ? error.message : String(error)}`);
    return [];
  }
}

export const furtherKinds: readonly EngineKind[] = [
  ...(await available('wasm-wide')),
  ...(await available('wasm-relaxed')),
  ...(await available('blas')),
];
