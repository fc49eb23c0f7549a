import { describe, expect, it } from 'vitest';
import { createArena, createRandom, engines, randomFloats, randomInts, worstError } from './arena.ts';

const sizes = [1, 3, 4, 5, 8, 17, 33, 70];
const shapes = sizes.flatMap((rows) => sizes.map((n) => [rows, n] as const));

describe.each(engines)('losses on the $name engine', ({ engine, epsilon }) => {
  const k = engine.kernels;

  /** Losses and gradients of one call, and that nothing else was written. */
  function crossEntropy(y: readonly number[], targets: readonly number[], n: number, scale: number) {
    const arena = createArena(engine, createRandom(n));
    const rows = targets.length;
    const [atY, losses, atTargets] = [arena.floats(y), arena.floats(new Float32Array(rows)), arena.ints(targets)];
    k.softmaxCrossEntropy(atY, losses, atTargets, rows, n, scale);
    arena.expectOnlyChanged([atY, rows * n], [losses, rows]);
    return { losses: arena.read(losses, rows), gradients: arena.read(atY, rows * n) };
  }

  it('softmaxCrossEntropy agrees with float64 within 4 ε (1 + |ℓ|) at every tail size, logits up to ±50', () => {
    const random = createRandom(21);
    for (const [rows, n] of shapes) {
      const y = randomFloats(random, rows * n).map((x) => Math.fround(50 * x));
      const targets = randomInts(random, rows, n);
      const scale = 0.25;
      const { losses, gradients } = crossEntropy(y, targets, n, scale);
      for (let r = 0; r < rows; r++) {
        const row = y.slice(r * n, r * n + n);
        const maximum = Math.max(...row);
        const total = row.reduce((sum, x) => sum + Math.exp(x - maximum), 0);
        const loss = Math.log(total) + (maximum - row[targets[r]]);
        expect(Math.abs(losses[r] - loss)).toBeLessThanOrEqual(4 * epsilon * (1 + Math.abs(loss)));
        const want = row.map((x, j) => scale * (Math.exp(x - maximum) / total - (j === targets[r] ? 1 : 0)));
        expect(
          worstError(
            gradients.slice(r * n, r * n + n),
            want,
            want.map((x) => Math.abs(x) + scale / 8),
          ),
        ).toBeLessThanOrEqual(4 * epsilon);
      }
    }
  });

  it('softmaxCrossEntropy is exact where one logit is ahead by 1e4, and the same for logits moved by 1e4', () => {
    for (const n of [2, 5, 33]) {
      const row = Array.from({ length: n }, (_, j) => (j === 1 ? 1e4 : 0));
      expect(crossEntropy(row, [1], n, 1).losses).toEqual([0]);
      expect(crossEntropy(row, [0], n, 1).losses).toEqual([1e4]);
      const moved = crossEntropy(
        Array.from({ length: n }, () => 1e4),
        [0],
        n,
        1,
      );
      expect(worstError(moved.losses, [Math.log(n)])).toBeLessThanOrEqual(2 * epsilon);
    }
  });

  it('a NaN or Infinity in a row makes its loss and its gradients NaN, wherever it stands, and no other row', () => {
    for (const n of [1, 4, 5, 33]) {
      for (const bad of [NaN, Infinity]) {
        for (let j = 0; j < n; j++) {
          const y = Array.from({ length: 3 * n }, (_, i) => (i === n + j ? bad : i % n));
          const { losses, gradients } = crossEntropy(y, [0, 0, 0], n, 1);
          expect(losses.map(Number.isNaN)).toEqual([false, true, false]);
          expect(gradients.map(Number.isNaN)).toEqual(y.map((_, i) => Math.floor(i / n) === 1));
        }
      }
    }
  });

  it('a row of −Infinity gives NaN; one logit of −Infinity counts nothing, and as the target costs Infinity', () => {
    expect(crossEntropy([-Infinity, -Infinity, -Infinity], [1], 3, 1).losses).toEqual([NaN]);
    expect(worstError(crossEntropy([0, -Infinity, 0], [2], 3, 1).losses, [Math.log(2)])).toBeLessThanOrEqual(2 * epsilon);
    expect(crossEntropy([0, -Infinity, 0], [1], 3, 1).losses).toEqual([Infinity]);
  });

  it('squaredError agrees with float64 within 4 ε at every tail size, and passes NaN on', () => {
    const random = createRandom(22);
    for (const [rows, n] of shapes) {
      const arena = createArena(engine, random);
      const [y, targets] = [randomFloats(random, rows * n), randomFloats(random, rows * n)];
      const [atY, losses, atTargets] = [arena.floats(y), arena.floats(new Float32Array(rows)), arena.floats(targets)];
      k.squaredError(atY, losses, atTargets, rows, n, 0.125);
      arena.expectOnlyChanged([atY, rows * n], [losses, rows]);
      const errors = y.map((x, i) => x - targets[i]);
      const want = Array.from({ length: rows }, (_, r) => errors.slice(r * n, r * n + n).reduce((sum, e) => sum + 0.5 * e * e, 0));
      expect(worstError(arena.read(losses, rows), want)).toBeLessThanOrEqual(4 * epsilon);
      expect(
        worstError(
          arena.read(atY, rows * n),
          errors.map((e) => 0.125 * e),
        ),
      ).toBeLessThanOrEqual(4 * epsilon);
    }
    const arena = createArena(engine, random);
    const [y, losses, targets] = [arena.floats([1, NaN]), arena.floats([0, 0]), arena.floats([1, 1])];
    k.squaredError(y, losses, targets, 2, 1, 1);
    expect(arena.read(losses, 2)).toEqual([0, NaN]);
  });
});
