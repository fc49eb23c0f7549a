import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { describe, expect, it } from 'vitest';
import { createRandom, randomFloats } from './arena.ts';
import { createWasmEngine } from '../../src/engine/wasm/engine.ts';

describe('the wasm engine', () => {
  it('has size elements of zeros, which loading the kernels has not touched', () => {
    const { memory, module } = createWasmEngine(100_003);
    expect([memory.floats.length, memory.ints.length]).toEqual([100_003, 100_003]);
    expect(memory.floats.every((x) => Object.is(x, 0))).toBe(true);
    const imports = WebAssembly.Module.imports(module).filter(({ module: from }) => from !== 'constants');
    expect(imports.map(({ name }) => name)).toEqual(['memory']);
  });

  it('refuses what exceeds 4 GiB with both numbers', () => {
    expect(() => createWasmEngine(2 ** 30)).toThrow(
      new RangeError('1073741824 elements take 4097 MiB, and WebAssembly memory ends at 4096 MiB'),
    );
  });

  it('tanh keeps the sign of zero', () => {
    const { memory, kernels } = createWasmEngine(4);
    memory.floats.set([-0, 0, -1e-45, 1e-45]);
    kernels.activate(0, 4, 'tanh');
    expect([...memory.floats]).toEqual([-0, 0, Math.fround(-1e-45), Math.fround(1e-45)]);
  });

  it('two threads on one memory compute halves of a product at once, 20 times, to the bits of one thread', async () => {
    const [p, m, n] = [300, 150, 70];
    const [A, B, index, whole, halves, turns] = [0, 45000, 66000, 66300, 76800, 87300];
    const engine = createWasmEngine(turns + 2);
    const { floats, ints } = engine.memory;
    floats.set(randomFloats(createRandom(61), p * (m + n)));
    for (let l = 0; l < p; l++) ints[index + l] = (7 * l) % p;
    // The worker computes when the first of the two turns is raised, and raises the second when it is done.
    const program = `
      const { workerData } = require('node:worker_threads');
      import(workerData.engine).then(({ createWasmEngine }) => {
        const { memory, kernels } = createWasmEngine(${turns + 2}, workerData);
        for (let turn = 0; turn < 20; turn++) {
          Atomics.wait(memory.ints, ${turns}, turn);
          kernels.multiplyTransposed(${halves}, ${A}, ${B}, ${index}, ${p}, ${m}, ${n}, 75, ${m});
          Atomics.add(memory.ints, ${turns + 1}, 1);
        }
      });`;
    const { sharedMemory, module } = engine;
    const built = new URL('../../dist/engine/wasm/engine.js', import.meta.url).href;
    const worker = new Worker(program, { eval: true, workerData: { engine: built, sharedMemory, module } });
    const ended = once(worker, 'exit');
    for (let turn = 1; turn <= 20; turn++) {
      Atomics.store(ints, turns, turn);
      Atomics.notify(ints, turns);
      engine.kernels.multiplyTransposed(halves, A, B, index, p, m, n, 0, 75);
      while (Atomics.load(ints, turns + 1) < turn) await Promise.race([ended, new Promise(setImmediate)]);
    }
    for (let turn = 1; turn <= 20; turn++) engine.kernels.multiplyTransposed(whole, A, B, index, p, m, n, 0, m);
    expect(await ended).toEqual([0]);
    expect(floats.slice(halves, halves + m * n)).toEqual(floats.slice(whole, whole + m * n));
  });
});
