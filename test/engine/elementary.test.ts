import { describe, expect, it } from 'vitest';
import { createRandom } from './arena.ts';
import { exp, log, sigmoid, tanh } from '../../src/engine/elementary.ts';

const bits = new DataView(new ArrayBuffer(8));

/** Distance in units of the last place of a float64 near `want`. */
function ulps(got: number, want: number): number {
  if (Object.is(got, want)) return 0;
  bits.setFloat64(0, Math.abs(want));
  bits.setBigUint64(0, bits.getBigUint64(0) + 1n);
  return Math.abs(got - want) / (bits.getFloat64(0) - Math.abs(want));
}

/** Random numbers, half of them evenly in [−most, most], half of every magnitude from 1e-320 on. */
function numbers(count: number, most: number): number[] {
  const random = createRandom(51);
  return Array.from({ length: count }, (_, i) => {
    const sign = random() < 0.5 ? -1 : 1;
    return sign * (i % 2 ? most * random() : 10 ** (-320 + (320 + Math.log10(most)) * random()));
  });
}

function worst(f: (x: number) => number, exact: (x: number) => number, inputs: readonly number[]): number {
  return inputs.reduce((most, x) => Math.max(most, ulps(f(x), exact(x))), 0);
}

// Math.exp and its kin are themselves within 1 ulp of the truth, so the bounds are those of the file plus 1.
describe('elementary functions in float64', () => {
  it('exp is within 1 ulp of Math.exp, denormal results included', () => {
    expect(worst(exp, Math.exp, numbers(100_000, 708))).toBeLessThanOrEqual(1);
    const denormal = numbers(10_000, 36).map((x) => -708.5 - Math.abs(x));
    expect(worst(exp, Math.exp, denormal)).toBeLessThanOrEqual(1);
  });

  it('exp overflows above 709.782712893384 and is 0 below −745.1332191019411', () => {
    expect([exp(0), exp(-0), exp(709.782712893385), exp(-745.1332191019412)]).toEqual([1, 1, Infinity, 0]);
    expect(Number.isFinite(exp(709.78271289338)) && exp(-745.13321910194) > 0).toBe(true);
    expect([exp(Infinity), exp(-Infinity), exp(NaN)]).toEqual([Infinity, 0, NaN]);
  });

  it('log is within 1 ulp of Math.log, denormal inputs included', () => {
    const inputs = numbers(100_000, 1e6)
      .map(Math.abs)
      .filter((x) => x > 0);
    const around1 = numbers(10_000, 0.5).map((x) => 1 + x);
    expect(worst(log, Math.log, inputs)).toBeLessThanOrEqual(1);
    expect(worst(log, Math.log, around1)).toBeLessThanOrEqual(1);
    expect(worst(log, Math.log, [5e-324, 1e-310, 1.7976931348623157e308])).toBeLessThanOrEqual(1);
  });

  it('log of 0 is −Infinity, of a negative number NaN', () => {
    expect([log(1), log(0), log(-0), log(Infinity), log(-1), log(NaN)]).toEqual([0, -Infinity, -Infinity, Infinity, NaN, NaN]);
  });

  it('tanh is within 4 ulp of Math.tanh and odd', () => {
    const inputs = numbers(100_000, 25);
    expect(worst(tanh, Math.tanh, inputs)).toBeLessThanOrEqual(4);
    expect(inputs.every((x) => tanh(-x) === -tanh(x))).toBe(true);
    expect([tanh(0), tanh(30), tanh(-30), tanh(Infinity), tanh(-Infinity), tanh(NaN)]).toEqual([0, 1, -1, 1, -1, NaN]);
  });

  it('sigmoid is within 4 ulp of 1 / (1 + e^−x), and never leaves [0, 1]', () => {
    const exact = (x: number) => (x >= 0 ? 1 / (1 + Math.exp(-x)) : Math.exp(x) / (1 + Math.exp(x)));
    const inputs = numbers(100_000, 700);
    expect(worst(sigmoid, exact, inputs)).toBeLessThanOrEqual(4);
    expect(inputs.every((x) => sigmoid(x) >= 0 && sigmoid(x) <= 1)).toBe(true);
    expect([sigmoid(0), sigmoid(Infinity), sigmoid(-Infinity), sigmoid(NaN)]).toEqual([0.5, 1, 0, NaN]);
  });
});
