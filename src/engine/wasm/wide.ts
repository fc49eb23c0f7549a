// The default engine with its vectors of 128 bits joined in pairs to 256: the same kernels, numbers and order, so the same bytes, in
// about two thirds of the time. V8 13 can do it (Node 24, x86-64 with AVX2), as an experiment: so the joined kernels must give the bits
// of the plain ones before they are used, and `run/engine.ts` lets another process try them first.
// Once they have been compiled, floating-point functions of C++ such as Math.exp take some 20 times as long until the next call of the
// system (measured on Node 24 and 26: the upper halves of vector registers stay in use). Nothing in a training step calls one.
import { arch, versions } from 'node:process';
import { setFlagsFromString } from 'node:v8';
import { UserError } from '../../errors.ts';
import type { EngineKind } from '../engines.ts';
import type { Engine } from '../kernels.ts';
import { createWasmEngine, packedSize, readKernels } from './engine.ts';

/** V8 12 knows the flag too, but joins none of these kernels. */
const FIRST_V8 = 13;

/**
 * The optimizing compiler at once and for all functions: what it compiles later would be compiled without the flag. V8 14 inlines
 * by what the baseline compiler has counted, and ends the process where that compiler is off; these kernels inline nothing.
 */
const whileCompiling = ['--experimental-wasm-revectorize', '--no-liftoff', '--no-wasm-lazy-compilation', '--no-wasm-inlining'];
const afterwards = ['--no-experimental-wasm-revectorize', '--liftoff', '--wasm-lazy-compilation', '--wasm-inlining'];

/** A custom section `wide`, empty: V8 would give a module of the same bytes the code that it has compiled for the plain one. */
const mark = [0x00, 0x05, 0x04, ...Buffer.from('wide')];

/** The kind, where this Node can join vectors. On a processor without AVX2 it runs as the default does. */
export function wideKind(): EngineKind {
  if (arch !== 'x64' || Number.parseInt(versions.v8, 10) < FIRST_V8) {
    throw new UserError(
      '--engine wasm-wide: this Node has no vectors of 256 bits',
      'use Node 24 or newer on x86-64, or --engine wasm, which gives the same bytes',
    );
  }
  let module: WebAssembly.Module | undefined;
  return {
    name: 'wasm-wide',
    precision: 'float32',
    packedSize,
    create: (size) => named(createWasmEngine(size, { module: (module ??= tested(compileWide())) })),
    attach: (size, parts) => named(createWasmEngine(size, parts)),
  };
}

const named = <E extends Engine>(engine: E): E => ({ ...engine, name: 'wasm-wide' });

function compileWide(): WebAssembly.Module {
  const bytes = Uint8Array.from([...readKernels('kernels.wasm'), ...mark]);
  for (const flag of whileCompiling) setFlagsFromString(flag);
  try {
    return new WebAssembly.Module(bytes);
  } finally {
    for (const flag of afterwards) setFlagsFromString(flag);
  }
}

/** The module, once every kernel has left the same bits in memory as the plain one. */
function tested(module: WebAssembly.Module): WebAssembly.Module {
  const plain = trial(createWasmEngine(TRIAL_SIZE));
  const wide = trial(createWasmEngine(TRIAL_SIZE, { module }));
  if (wide.every((word, i) => word === plain[i])) return module;
  throw new UserError('--engine wasm-wide: the vectors that this V8 joins give other bits', 'use --engine wasm');
}

const TRIAL_SIZE = 1 << 16;

/** Every kernel once, at sizes with tails and beyond a block; the whole memory that they leave. */
function trial({ memory, kernels: k }: Engine): Int32Array {
  const [m, n, depth] = [11, 43, 300];
  const at = (part: number): number => part * 4096;
  for (let i = 0, state = 1; i < TRIAL_SIZE; i++) memory.floats[i] = (state = (Math.imul(state, 1664525) + 1013904223) | 0) / 2 ** 30;
  for (let i = 0; i < depth; i++) memory.ints[at(15) + i] = i % 7;
  const [A, B, C, ids, packed, zeros] = [at(0), at(1), at(5), at(15), at(8), at(15) + 512];
  for (const transposed of [false, true]) {
    k.pack(packed, B, depth, n, transposed, 0, n);
    k.multiply(C, A, packed, m, depth, n);
    k.multiplyFrom(C + m * n, B, A, packed, m, depth, n);
  }
  k.multiplyTransposed(at(6), B, A, ids, 280, n, m, 0, n);
  for (const g of ['tanh', 'sigmoid', 'relu'] as const) {
    k.activate(at(12), 1023, g);
    k.activationGradient(at(13), at(12), 1023, g);
  }
  k.gather(at(7), at(12), ids, m, n);
  k.scatterAdd(at(7), at(13), ids, m, n, 0, n);
  k.addRow(at(7), at(13), m, n);
  k.columnSums(at(7) + 1000, at(1), 60, n, 0, n);
  k.softmaxCrossEntropy(at(0), at(4) + 600, ids, m, n, 0.25);
  k.squaredError(at(0) + 1000, at(4) + 700, at(1), m, n, 0.25);
  k.argmax(at(4) + 800, at(1), m, n);
  const x = at(14);
  k.scale(x, 1023, 0.7);
  k.clamp(x, 1023, 0.9);
  k.blend(x, at(13), 1023, 0.9, 0.3);
  k.blendSquares(at(13), x, 1023, 0.9, 0.3);
  k.blendByRoot(x, at(12), at(13), 1023, 0.9, 0.3, 1.1, 1e-3);
  k.fill(zeros, 23, 0);
  k.copy(zeros + 32, x, 23);
  memory.floats[zeros + 64] = k.sum(x, 1023);
  memory.floats[zeros + 65] = k.sumOfSquares(x, 1023);
  return memory.ints.slice();
}
