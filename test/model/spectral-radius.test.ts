import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { oracleKind, wasmKind } from '../../src/engine/engines.ts';
import { createRandom } from '../../src/model/random.ts';
import { spectralRadius, spectralRadiusSize } from '../../src/model/spectral-radius.ts';

type Matrix = readonly (readonly number[])[];

function radius(W: Matrix, kind = oracleKind): number {
  const n = W.length;
  return spectralRadius(kind.create(spectralRadiusSize(n, kind.packedSize)), W.flat(), n, 1e-8).value;
}

const [c, s] = [Math.cos(1), Math.sin(1)];

describe('the spectral radius', () => {
  test.each<[string, Matrix, number]>([
    ['of one number', [[-0.5]], 0.5],
    [
      'of the identity',
      [
        [1, 0],
        [0, 1],
      ],
      1,
    ],
    [
      'of a diagonal',
      [
        [0.1, 0, 0],
        [0, -3, 0],
        [0, 0, 2],
      ],
      3,
    ],
    [
      'of a rotation, whose eigenvalues are complex',
      [
        [c, -s],
        [s, c],
      ],
      1,
    ],
    [
      'of a rotation that shrinks, beside a smaller real eigenvalue',
      [
        [0.9 * c, -0.9 * s, 0],
        [0.9 * s, 0.9 * c, 0],
        [0, 0, 0.5],
      ],
      0.9,
    ],
    [
      'of a rotation seen from a slant',
      [
        [c + 5 * s, -26 * s],
        [s, c - 5 * s],
      ],
      1,
    ],
    [
      'of a cycle, every power of whose trace is 0',
      [
        [0, 0, 2],
        [2, 0, 0],
        [0, 2, 0],
      ],
      2,
    ],
    [
      'of a triangular matrix with large entries aside',
      [
        [0.3, 1000],
        [0, 0.7],
      ],
      0.7,
    ],
    [
      'of a Jordan block',
      [
        [0.5, 1],
        [0, 0.5],
      ],
      0.5,
    ],
    [
      'of eigenvalues 2 and −2',
      [
        [0, 4],
        [1, 0],
      ],
      2,
    ],
    [
      'of a nilpotent matrix',
      [
        [0, 5, 7],
        [0, 0, 3],
        [0, 0, 0],
      ],
      0,
    ],
    [
      'of zeros',
      [
        [0, 0],
        [0, 0],
      ],
      0,
    ],
    [
      'of numbers whose squares overflow',
      [
        [1e200, 0],
        [0, 1e190],
      ],
      1e200,
    ],
  ])('%s is known within 1e-6', (_, W, expected) => {
    expect(Math.abs(radius(W) - expected)).toBeLessThanOrEqual(1e-6 * expected);
  });

  test('of a companion matrix of distinct roots is the largest of them, within 1e-6', () => {
    const root = fc.double({ min: 0.1, max: 2, noNaN: true });
    fc.assert(
      fc.property(root, root, fc.double({ min: 0.1, max: 3, noNaN: true }), (real, size, angle) => {
        fc.pre(Math.abs(real - size) > 0.05);
        // (x − real)(x² − 2 size cos(angle) x + size²)
        const [p, q] = [-2 * size * Math.cos(angle), size * size];
        const [a2, a1, a0] = [p - real, q - p * real, -q * real];
        const companion = [
          [0, 0, -a0],
          [1, 0, -a1],
          [0, 1, -a2],
        ];
        const expected = Math.max(real, size);
        expect(Math.abs(radius(companion) - expected)).toBeLessThan(1e-6 * expected);
      }),
    );
  });

  test('the float32 engine agrees with float64 within 1e-4 at n = 96', () => {
    const random = createRandom(5, 1);
    const W = Array.from({ length: 96 }, () => Array.from({ length: 96 }, () => Math.fround(random.normal() / 10)));
    const exact = radius(W);
    expect(Math.abs(radius(W, wasmKind) - exact)).toBeLessThan(1e-4 * exact);
  });
});
