import { splitmix } from '../hash.ts';

/** What kernels/constants.ts imports, each rounded to float32 where it is no integer. */
export const constants = {
  HALF: 0.5,
  ONE: 1,
  TWO: 2,

  /** 1 / ln 2 */
  LOG2E: Math.LOG2E,
  /** ln 2 in two parts: k · LN2_HIGH is exact for |k| < 2^14. */
  LN2_HIGH: 0.693359375,
  LN2_LOW: -2.1219444e-4,
  /** 1.5 · 2^23: adding it rounds to an integer, which then stands in the low bits. */
  ROUND: 12582912,
  ROUND_BITS: 0x4b400000,
  ONE_BITS: 0x3f800000,
  SIGN_BIT: -0x80000000,

  /** Bounds beyond which e^x is Infinity, or 0. */
  EXP_MOST: 88.8,
  EXP_LEAST: -104,
  /** tanh is 1 in float32 from 9.02 on. */
  TANH_MOST: 10,

  /** e^r − 1 = r + r² · (½ + Q1·r + … + Q5·r⁵) for |r| ≤ ½ ln 2, fitted for least relative error (2.4e-10). */
  Q1: 0.16666666,
  Q2: 0.041666359,
  Q3: 0.0083333896,
  Q4: 0.0013940668,
  Q5: 0.00019845882,

  ...splitmix,
} as const;
