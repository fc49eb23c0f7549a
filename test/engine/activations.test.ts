import { describe, expect, it } from 'vitest';
import { createArena, createRandom, engines, worstError, randomFloats, ulps } from './arena.ts';
import { activations } from '../../src/engine/kernels.ts';
import type { Activation } from '../../src/engine/kernels.ts';

const exact: Readonly<Record<Activation, (z: number) => number>> = {
  tanh: Math.tanh,
  relu: (z) => (z <= 0 ? 0 : z),
  sigmoid: (z) => (z >= 0 ? 1 / (1 + Math.exp(-z)) : Math.exp(z) / (1 + Math.exp(z))),
  identity: (z) => z,
};
const slope: Readonly<Record<Activation, (h: number) => number>> = {
  tanh: (h) => 1 - h * h,
  relu: (h) => (h > 0 ? 1 : 0),
  sigmoid: (h) => h * (1 - h),
  identity: () => 1,
};
/** Largest distance from float64, in ulp of a float32. Over all 2^32 inputs it is 2.44 for tanh and 2.41 for sigmoid. */
const bounds: Readonly<Record<Activation, number>> = { tanh: 2.5, relu: 0, sigmoid: 2.5, identity: 0 };

/** Float32 numbers of every sign and exponent below 2^8, 250 of each, and the edges of the ranges. */
function everyMagnitude(): number[] {
  const random = createRandom(41);
  const bits = new Uint32Array(1);
  const asFloat = new Float32Array(bits.buffer);
  const numbers = [0, -0, 1e-45, -1e-45, 9.01, 9.02, 10, -10, 88.72, -87.4, -103.9, -104, -105].map(Math.fround);
  for (let exponent = 0; exponent < 135; exponent++) {
    for (let i = 0; i < 500; i++) {
      bits[0] = ((i & 1) << 31) | (exponent << 23) | Math.floor(random() * 2 ** 23);
      numbers.push(asFloat[0]);
    }
  }
  return numbers;
}

describe.each(engines)('activations on the $name engine', ({ engine, epsilon }) => {
  const k = engine.kernels;

  it.each(activations)('%s is within its bound (2.5 ulp of float32; relu, identity exact) of float64 at every magnitude', (g) => {
    const numbers = everyMagnitude();
    const arena = createArena(engine, createRandom(42));
    const z = arena.floats(numbers);
    k.activate(z, numbers.length, g);
    arena.expectOnlyChanged([z, numbers.length]);
    let worst = 0;
    let at = 0;
    arena.read(z, numbers.length).forEach((got, i) => {
      const distance = ulps(Math.fround(got), exact[g](numbers[i]));
      if (!(distance <= worst)) [worst, at] = [distance, i];
    });
    expect(worst, `g(${numbers[at]})`).toBeLessThanOrEqual(bounds[g]);
  });

  it.each(activations)('%s takes ±Infinity and ±1e30 to its limits, 0 to g(0), and keeps NaN', (g) => {
    const arena = createArena(engine, createRandom(43));
    const inputs = [Infinity, -Infinity, 1e30, -1e30, NaN, 0].map(Math.fround);
    const z = arena.floats(inputs);
    k.activate(z, inputs.length, g);
    const limits = {
      tanh: [1, -1, 1, -1, NaN, 0],
      relu: [Infinity, 0, inputs[2], 0, NaN, 0],
      sigmoid: [1, 0, 1, 0, NaN, 0.5],
      identity: inputs,
    };
    expect(arena.read(z, inputs.length)).toEqual(limits[g]);
  });

  it.each(activations)('%s and its gradient give the same bits at every place in a vector and every length', (g) => {
    const random = createRandom(44);
    const values = randomFloats(random, 40).map((x) => 4 * x);
    const arena = createArena(engine, random);
    const [whole, wholeGradient, h] = [arena.floats(values), arena.floats(values), arena.floats(randomFloats(random, 40))];
    k.activate(whole, 40, g);
    k.activationGradient(wholeGradient, h, 40, g);
    for (const length of [1, 2, 3, 4, 5, 7]) {
      const [parts, partsGradient] = [arena.floats(values), arena.floats(values)];
      for (let i = 0; i < 40; i += length) {
        const count = Math.min(length, 40 - i);
        k.activate(parts + i, count, g);
        k.activationGradient(partsGradient + i, h + i, count, g);
      }
      arena.expectOnlyChanged([parts, 40], [partsGradient, 40]);
      expect(arena.read(parts, 40)).toEqual(arena.read(whole, 40));
      expect(arena.read(partsGradient, 40)).toEqual(arena.read(wholeGradient, 40));
    }
  });

  it.each(activations)("dz ∘ g' of %s agrees with float64 within 4 ε, and a NaN in dz stays", (g) => {
    const random = createRandom(45);
    for (const count of [1, 3, 4, 5, 17, 33]) {
      const arena = createArena(engine, random);
      const dz = randomFloats(random, count);
      const states = randomFloats(random, count).map((x) => (g === 'sigmoid' ? Math.abs(x) : x));
      dz[0] = NaN;
      const [at, h] = [arena.floats(dz), arena.floats(states)];
      k.activationGradient(at, h, count, g);
      arena.expectOnlyChanged([at, count]);
      const want = dz.map((x, i) => x * slope[g](states[i]));
      expect(worstError(arena.read(at, count), want, dz.map(Math.abs))).toBeLessThanOrEqual(4 * epsilon);
    }
  });
});
