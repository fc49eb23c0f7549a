// The naive engine, in float64 or float32: each kernel is its equation written as loops, and stays so for ever.
// It is the oracle that every fast engine is held against; it refuses to be fast.
import { exp, log, sigmoid, tanh } from './elementary.ts';
import { bitsOf } from './hash.ts';
import type { Activation, Engine, Kernels, Memory } from './kernels.ts';

/** An engine of `size` elements; float64 checks gradients, float32 stands beside the fast engines. */
export function createReferenceEngine(size: number, precision: 'float32' | 'float64' = 'float64'): Engine {
  const floats = precision === 'float64' ? new Float64Array(size) : new Float32Array(size);
  const memory = { floats, ints: new Int32Array(size) };
  return {
    name: `reference ${precision}`,
    memory,
    kernels: { ...products(memory), ...rowwise(memory), ...losses(memory), ...vectors(memory) },
  };
}

/** Packing changes nothing here: B (k,n) by rows. */
export function packedSize(k: number, n: number): number {
  return k * n;
}

type Products = Pick<Kernels, 'tile' | 'packedSize' | 'pack' | 'multiply' | 'multiplyFrom' | 'multiplyTransposed'>;

function products({ floats: x, ints }: Memory): Products {
  return {
    tile: 1,
    packedSize,
    pack(packed, B, k, n, transposed, from, to) {
      for (let i = 0; i < k; i++) {
        for (let j = from; j < to; j++) x[packed + i * n + j] = transposed ? x[B + j * k + i] : x[B + i * n + j];
      }
    },
    multiply(C, A, packedB, m, k, n) {
      for (let i = 0; i < m; i++) {
        for (let j = 0; j < n; j++) {
          let sum = 0;
          for (let l = 0; l < k; l++) sum += x[A + i * k + l] * x[packedB + l * n + j];
          x[C + i * n + j] += sum;
        }
      }
    },
    multiplyFrom(C, row, A, packedB, m, k, n) {
      for (let i = 0; i < m; i++) {
        for (let j = 0; j < n; j++) {
          let sum = 0;
          for (let l = 0; l < k; l++) sum += x[A + i * k + l] * x[packedB + l * n + j];
          x[C + i * n + j] = x[row + j] + sum;
        }
      }
    },
    multiplyTransposed(C, A, B, index, p, m, n, from, to) {
      for (let i = from; i < to; i++) {
        for (let j = 0; j < n; j++) {
          let sum = 0;
          for (let l = 0; l < p; l++) sum += x[A + l * m + i] * x[B + ints[index + l] * n + j];
          x[C + i * n + j] += sum;
        }
      }
    },
  };
}

type Rowwise = Pick<Kernels, 'gather' | 'scatterAdd' | 'addRow' | 'columnSums' | 'argmax'>;

function rowwise({ floats: x, ints }: Memory): Rowwise {
  return {
    gather(out, table, ids, rows, n) {
      for (let r = 0; r < rows; r++) {
        for (let j = 0; j < n; j++) x[out + r * n + j] = x[table + ints[ids + r] * n + j]!;
      }
    },
    scatterAdd(table, A, ids, rows, n, from, to) {
      for (let r = 0; r < rows; r++) {
        for (let j = from; j < to; j++) x[table + ints[ids + r] * n + j] += x[A + r * n + j];
      }
    },
    addRow(out, row, rows, n) {
      for (let r = 0; r < rows; r++) {
        for (let j = 0; j < n; j++) x[out + r * n + j] += x[row + j];
      }
    },
    columnSums(out, A, rows, n, from, to) {
      for (let j = from; j < to; j++) {
        let sum = 0;
        for (let r = 0; r < rows; r++) sum += x[A + r * n + j];
        x[out + j] += sum;
      }
    },
    argmax(out, y, rows, n) {
      for (let r = 0; r < rows; r++) {
        let best = 0;
        for (let j = 1; j < n; j++) if (x[y + r * n + j] > x[y + r * n + best]) best = j;
        ints[out + r] = best;
      }
    },
  };
}

type Losses = Pick<Kernels, 'activate' | 'activationGradient' | 'dropout' | 'softmaxCrossEntropy' | 'squaredError'>;

const g: Readonly<Record<Activation, (z: number) => number>> = {
  tanh,
  relu: (z) => (z > 0 ? z : z === z ? 0 : z),
  sigmoid,
  identity: (z) => z,
};

/** g'(z) in terms of h = g(z). */
const gPrime: Readonly<Record<Activation, (h: number) => number>> = {
  tanh: (h) => 1 - h * h,
  relu: (h) => (h > 0 ? 1 : 0),
  sigmoid: (h) => h * (1 - h),
  identity: () => 1,
};

function losses({ floats: x, ints }: Memory): Losses {
  return {
    activate(z, count, activation) {
      for (let i = z; i < z + count; i++) x[i] = g[activation](x[i]);
    },
    activationGradient(dz, h, count, activation) {
      for (let i = 0; i < count; i++) x[dz + i] *= gPrime[activation](x[h + i]);
    },
    dropout(y, from, ids, rows, n, low, high, share) {
      for (let r = 0; r < rows; r++) {
        for (let j = 0; j < n; j++) {
          const kept = bitsOf(low, high, ints[ids + r], j) >= share * 2 ** 32;
          x[y + r * n + j] = x[from + r * n + j] * (kept ? 1 / (1 - share) : 0);
        }
      }
    },
    softmaxCrossEntropy(y, lossesAt, targets, rows, n, scale) {
      for (let r = 0; r < rows; r++) {
        const row = y + r * n;
        const target = row + ints[targets + r];
        let maximum = -Infinity;
        for (let j = 0; j < n; j++) if (!(x[row + j] <= maximum)) maximum = x[row + j]!;
        let total = 0;
        for (let j = 0; j < n; j++) total += exp(x[row + j] - maximum);
        x[lossesAt + r] = log(total) + (maximum - x[target]);
        for (let j = 0; j < n; j++) x[row + j] = (scale * exp(x[row + j] - maximum)) / total;
        x[target] -= scale;
      }
    },
    squaredError(y, lossesAt, targets, rows, n, scale) {
      for (let r = 0; r < rows; r++) {
        let total = 0;
        for (let j = r * n; j < r * n + n; j++) {
          const error = x[y + j] - x[targets + j];
          total += 0.5 * error * error;
          x[y + j] = scale * error;
        }
        x[lossesAt + r] = total;
      }
    },
  };
}

type Vectors = Pick<Kernels, 'fill' | 'copy' | 'sum' | 'sumOfSquares' | 'scale' | 'clamp' | 'blend' | 'blendSquares' | 'blendByRoot'>;

function vectors({ floats: x }: Memory): Vectors {
  return {
    fill: (y, count, value) => void x.fill(value, y, y + count),
    copy: (y, source, count) => void x.copyWithin(y, source, source + count),
    /** Neumaier's compensated sum: what rounding takes off is added at the end. */
    sum(y, count) {
      let total = 0;
      let lost = 0;
      for (let i = y; i < y + count; i++) {
        const next = total + x[i];
        lost += Math.abs(total) >= Math.abs(x[i]) ? total - next + x[i] : x[i] - next + total;
        total = next;
      }
      return total + lost;
    },
    sumOfSquares(y, count) {
      let total = 0;
      for (let i = y; i < y + count; i++) total += x[i] * x[i];
      return total;
    },
    scale(y, count, a) {
      for (let i = y; i < y + count; i++) x[i] *= a;
    },
    clamp(y, count, limit) {
      for (let i = y; i < y + count; i++) {
        if (x[i] > limit) x[i] = limit;
        else if (x[i] < -limit) x[i] = -limit;
      }
    },
    blend(y, other, count, a, b) {
      for (let i = 0; i < count; i++) x[y + i] = a * x[y + i] + b * x[other + i];
    },
    blendSquares(v, other, count, a, b) {
      for (let i = 0; i < count; i++) x[v + i] = a * x[v + i] + b * x[other + i] * x[other + i];
    },
    blendByRoot(y, other, v, count, a, b, s, eps) {
      for (let i = 0; i < count; i++) x[y + i] = a * x[y + i] + (b * x[other + i]) / (s * Math.sqrt(x[v + i]) + eps);
    },
  };
}
