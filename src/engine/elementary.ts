// exp, log and tanh in float64 by + − × ÷ alone. Math.exp and its kin differ in the last bits between JavaScript engines
// and versions, and those bits would reach the weights. Within 1 ulp of the true value (exp, log), 4 ulp (tanh, sigmoid).

const LN2_HIGH = 6.9314718036912381649e-1;
const LN2_LOW = 1.90821492927058770002e-10;

const bits = new DataView(new ArrayBuffer(8));

/** 2^k for −1022 ≤ k ≤ 1023, exactly. */
function powerOfTwo(k: number): number {
  bits.setInt32(0, (k + 1023) << 20);
  bits.setInt32(4, 0);
  return bits.getFloat64(0);
}

/** c(r) of e^r = 1 + r + r·c / (2 − c), for |r| ≤ ½ ln 2. */
function expRemainder(r: number): number {
  const t = r * r;
  const higher = 6.61375632143793436117e-5 + t * (-1.6533902205465251539e-6 + t * 4.13813679705723846039e-8);
  return r - t * (1.66666666666666019037e-1 + t * (-2.77777777770155933842e-3 + t * higher));
}

/**
 * e^x = 2^k · e^r with k = round(x / ln 2), |r| ≤ ½ ln 2, and e^r by the rational approximation
 * r·(P(r²)) of FreeBSD msun e_exp.c (Sun Microsystems, 1993).
 */
export function exp(x: number): number {
  if (x !== x) return x;
  if (x > 709.782712893384) return Infinity;
  if (x < -745.1332191019411) return 0;
  const k = Math.floor(x * Math.LOG2E + 0.5);
  const high = x - k * LN2_HIGH;
  const low = k * LN2_LOW;
  const r = high - low;
  const c = expRemainder(r);
  const y = 1 - (low - (r * c) / (2 - c) - high);
  // Two factors: 2^k alone leaves the range of normal numbers at both ends.
  const half = k >> 1;
  return y * powerOfTwo(half) * powerOfTwo(k - half);
}

/** Natural logarithm: x = 2^k · m with m in [√½, √2), log m by the atanh series of FreeBSD msun e_log.c. Log of 0 is −Infinity, of x < 0 NaN. */
export function log(x: number): number {
  if (x !== x || x < 0) return NaN;
  if (x === 0) return -Infinity;
  if (x === Infinity) return Infinity;
  let k = 0;
  if (x < 2.2250738585072014e-308) {
    x *= 18014398509481984;
    k = -54;
  }
  bits.setFloat64(0, x);
  const high = bits.getInt32(0);
  k += ((high >> 20) & 0x7ff) - 1023;
  bits.setInt32(0, (high & 0x000fffff) | 0x3ff00000);
  let m = bits.getFloat64(0);
  if (m > Math.SQRT2) {
    m /= 2;
    k += 1;
  }
  const f = m - 1;
  const s = f / (2 + f);
  const z = s * s;
  const w = z * z;
  const even = w * (3.999999999940941908e-1 + w * (2.222219843214978396e-1 + w * 1.531383769920937332e-1));
  const odd = z * (6.66666666666673513e-1 + w * (2.857142874366239149e-1 + w * (1.818357216161805012e-1 + w * 1.479819860511658591e-1)));
  const halfSquare = 0.5 * f * f;
  return k * LN2_HIGH - (halfSquare - (s * (halfSquare + even + odd) + k * LN2_LOW) - f);
}

/** tanh x = (e^{2x} − 1) / (e^{2x} + 1); near 0 with e^{2x} − 1 = m(m + 2), m = e^x − 1, so that no digit cancels. */
export function tanh(x: number): number {
  const a = x < 0 ? -x : x;
  let h: number;
  if (a < 0.3465) {
    const c = expRemainder(a);
    const m = a + (a * c) / (2 - c);
    h = (m * (m + 2)) / (m * (m + 2) + 2);
  } else if (a < 22) {
    h = 1 - 2 / (exp(2 * a) + 1);
  } else {
    h = a === a ? 1 : a;
  }
  return x < 0 ? -h : h;
}

/** σ(x) = 1 / (1 + e^{−x}) */
export function sigmoid(x: number): number {
  if (x >= 0) return 1 / (1 + exp(-x));
  const e = exp(x);
  return e / (1 + e);
}

/** cos x for 0 ≤ x ≤ π, within 1e-15: the Taylor series about 0, about ½π (as a sine) or about π. */
export function cosine(x: number): number {
  if (x > 0.75 * Math.PI) return -cosine(Math.PI - x);
  const aroundQuarter = x > 0.25 * Math.PI;
  const y = aroundQuarter ? 0.5 * Math.PI - x : x;
  let term = aroundQuarter ? y : 1;
  let sum = term;
  for (let n = aroundQuarter ? 2 : 1; n < 22; n += 2) {
    term *= (-y * y) / (n * (n + 1));
    sum += term;
  }
  return sum;
}
