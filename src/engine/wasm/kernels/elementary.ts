// e^x, tanh and σ of four float32 at once, and the float64 logarithm, by + − × ÷ alone: the same bits on every machine.
// Against float64, over every float32: exp within 1 ulp (denormal results included), tanh and σ within 2.5 ulp.
// NaN gives NaN; overflow gives Infinity, underflow passes through the denormals to 0; tanh −0 = −0.
import { EXP_LEAST, EXP_MOST, HALF, LN2_HIGH, LN2_LOW, LOG2E, ONE, ONE_BITS, Q1, Q2, Q3, Q4, Q5 } from './constants';
import { ROUND, ROUND_BITS, SIGN_BIT, TANH_MOST, TWO } from './constants';

/** e^r − 1 = r + r²·q(r) for |r| ≤ ½ ln 2; q of degree 5. */
@inline
function expm1Reduced(r: v128): v128 {
  const rr = f32x4.mul(r, r);
  const a = f32x4.add(f32x4.splat(HALF), f32x4.mul(r, f32x4.splat(Q1)));
  const b = f32x4.add(f32x4.splat(Q2), f32x4.mul(r, f32x4.splat(Q3)));
  const c = f32x4.add(f32x4.splat(Q4), f32x4.mul(r, f32x4.splat(Q5)));
  const q = f32x4.add(a, f32x4.mul(rr, f32x4.add(b, f32x4.mul(rr, c))));
  return f32x4.add(r, f32x4.mul(rr, q));
}

/** x − k·ln 2 */
@inline
function reduce(x: v128, k: v128): v128 {
  const high = f32x4.sub(x, f32x4.mul(k, f32x4.splat(LN2_HIGH)));
  return f32x4.sub(high, f32x4.mul(k, f32x4.splat(LN2_LOW)));
}

/** e^x = 2^k · e^r, k = round(x / ln 2). 2^k is applied in two factors, so that neither overflows and the last rounds once. */
@inline
export function exp4(x: v128): v128 {
  // In this order of operands a NaN passes both bounds.
  x = f32x4.pmax(f32x4.pmin(x, f32x4.splat(EXP_MOST)), f32x4.splat(EXP_LEAST));
  const shifted = f32x4.add(f32x4.mul(x, f32x4.splat(LOG2E)), f32x4.splat(ROUND));
  const r = reduce(x, f32x4.sub(shifted, f32x4.splat(ROUND)));
  const y = f32x4.add(f32x4.splat(ONE), expm1Reduced(r));
  const k = i32x4.sub(shifted, i32x4.splat(ROUND_BITS));
  const half = i32x4.shr_s(k, 1);
  const first = i32x4.add(i32x4.shl(half, 23), i32x4.splat(ONE_BITS));
  const second = i32x4.add(i32x4.shl(i32x4.sub(k, half), 23), i32x4.splat(ONE_BITS));
  return f32x4.mul(f32x4.mul(y, first), second);
}

/** tanh x = m / (m + 2) with the sign of x, m = e^{2|x|} − 1 = 2^k·(e^r − 1) + (2^k − 1), in which nothing cancels. */
@inline
export function tanh4(x: v128): v128 {
  const sign = v128.and(x, i32x4.splat(SIGN_BIT));
  // The bound keeps 2^k in range and lets a NaN pass.
  const a = f32x4.pmin(f32x4.abs(x), f32x4.splat(TANH_MOST));
  const twice = f32x4.add(a, a);
  const shifted = f32x4.add(f32x4.mul(twice, f32x4.splat(LOG2E)), f32x4.splat(ROUND));
  const r = reduce(twice, f32x4.sub(shifted, f32x4.splat(ROUND)));
  // The shift drops all of ROUND_BITS: what remains is k in the exponent's place.
  const power = i32x4.add(i32x4.shl(shifted, 23), i32x4.splat(ONE_BITS));
  const m = f32x4.add(f32x4.mul(power, expm1Reduced(r)), f32x4.sub(power, f32x4.splat(ONE)));
  return v128.or(f32x4.div(m, f32x4.add(m, f32x4.splat(TWO))), sign);
}

/** σ(x) = 1 / (1 + e^{−x}) for x ≥ 0, e^x / (1 + e^x) for x < 0: e^{−|x|} cannot overflow. */
@inline
export function sigmoid4(x: v128): v128 {
  const e = exp4(f32x4.neg(f32x4.abs(x)));
  const one = f32x4.splat(ONE);
  const numerator = v128.bitselect(e, one, f32x4.lt(x, f32x4.splat(0)));
  return f32x4.div(numerator, f32x4.add(one, e));
}

/** ln x in float64 for normal x > 0, by the atanh series of FreeBSD msun e_log.c (Sun Microsystems, 1993); NaN for NaN. */
export function log(x: f64): f64 {
  if (x != x) return x;
  const bits = reinterpret<i64>(x);
  let k = <i32>((bits >> 52) & 0x7ff) - 1023;
  let m = reinterpret<f64>((bits & 0x000fffffffffffff) | 0x3ff0000000000000);
  if (m > 1.4142135623730951) {
    m *= 0.5;
    k += 1;
  }
  const f = m - 1;
  const s = f / (2 + f);
  const z = s * s;
  const w = z * z;
  const even = w * (3.999999999940941908e-1 + w * (2.222219843214978396e-1 + w * 1.531383769920937332e-1));
  const odd =
    z *
    (6.66666666666673513e-1 +
      w * (2.857142874366239149e-1 + w * (1.818357216161805012e-1 + w * 1.479819860511658591e-1)));
  const halfSquare = 0.5 * f * f;
  const high = <f64>k * 6.9314718036912381649e-1;
  const low = <f64>k * 1.90821492927058770002e-10;
  return high - (halfSquare - (s * (halfSquare + even + odd) + low) - f);
}
