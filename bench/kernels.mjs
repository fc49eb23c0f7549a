// Speed of single kernels of the wasm engine on one thread:  npm run build && node bench/kernels.mjs [filter]
// Each figure is the median of the rounds, with the best beside it: on a shared machine the two lie apart.
import { createWasmEngine } from '../dist/engine/wasm/engine.js';

const filter = process.argv[2] ?? '';
const SIZE = 24 << 20;
const { memory, kernels } = createWasmEngine(SIZE);
let state = 1;
for (let i = 0; i < SIZE; i++) memory.floats[i] = (state = Math.imul(state, 1664525) + 1013904223) / 2 ** 31;

const ROUNDS = 41;
const ROUND_NANOSECONDS = 2e6;

/** Nanoseconds of one call, median and best of ROUNDS, after enough calls for the optimizing compiler. */
function time(run) {
  const clock = (count) => {
    const start = performance.now();
    for (let i = 0; i < count; i++) run();
    return ((performance.now() - start) * 1e6) / count;
  };
  clock(3);
  const count = Math.max(1, Math.round(ROUND_NANOSECONDS / clock(3)));
  for (let i = 0; i < 5; i++) clock(count);
  const rounds = Array.from({ length: ROUNDS }, () => clock(count)).sort((a, b) => a - b);
  return { median: rounds[ROUNDS >> 1], best: rounds[0] };
}

function report(name, run, flops) {
  if (!name.includes(filter)) return;
  const { median, best } = time(run);
  const show = flops ? (t) => `${(flops / t).toFixed(1)} GFLOP/s` : (t) => (t < 1e4 ? `${t.toFixed(1)} ns` : `${(t / 1e3).toFixed(1)} µs`);
  console.log(`${name.padEnd(44)} ${show(median).padStart(14)}   best ${show(best).padStart(14)}`);
}

function perElement(name, count, run) {
  if (!name.includes(filter)) return;
  const { median, best } = time(run);
  console.log(
    `${name.padEnd(44)} ${(median / count).toFixed(3).padStart(11)} ns   best ${(best / count).toFixed(3).padStart(11)} ns an element`,
  );
}

function products() {
  const [A, packed, C] = [0, 4 << 20, 12 << 20];
  for (const n of [32, 64, 65, 128, 256, 512, 1024]) {
    for (const m of [1, 4, 16, 32, 64]) {
      const k = n === 65 ? 128 : n;
      report(`multiply m=${m} k=${k} n=${n}`, () => kernels.multiply(C, A, packed, m, k, n), 2 * m * k * n);
    }
  }
  for (const n of [32, 128, 512]) {
    report(`pack k=n=${n}`, () => kernels.pack(packed, A, n, n, false, 0, n));
    report(`pack k=n=${n} transposed`, () => kernels.pack(packed, A, n, n, true, 0, n));
  }
}

function weightGradients() {
  const [A, B, C, index] = [0, 5 << 20, 10 << 20, 12 << 20];
  const sizes = [
    [7, 32, 32],
    [224, 32, 32],
    [2500, 128, 128],
    [2500, 65, 128],
    [4096, 256, 256],
    [4096, 65, 256],
    [4096, 512, 512],
    [4096, 1024, 1024],
  ];
  for (const [p, m, n] of sizes) {
    for (let l = 0; l < p; l++) memory.ints[index + l] = l;
    report(`multiplyTransposed p=${p} m=${m} n=${n}`, () => kernels.multiplyTransposed(C, A, B, index, p, m, n, 0, m), 2 * p * m * n);
  }
}

function elementwise() {
  const [x, y, v, ids] = [13 << 20, 14 << 20, 15 << 20, 16 << 20];
  for (const count of [32, 4096]) {
    const refill = () => kernels.copy(x, y, count);
    perElement(`copy count=${count}`, count, refill);
    for (const g of ['tanh', 'sigmoid', 'relu'])
      perElement(`${g} count=${count}, copy included`, count, () => {
        refill();
        kernels.activate(x, count, g);
      });
    perElement(`tanh gradient count=${count}`, count, () => kernels.activationGradient(x, y, count, 'tanh'));
    perElement(`sumOfSquares count=${count}`, count, () => kernels.sumOfSquares(y, count));
    perElement(`blendByRoot count=${count}`, count, () => kernels.blendByRoot(x, y, v, count, 1, -1e-30, 1, 1));
  }
  for (const n of [65, 10000]) {
    const rows = Math.ceil(4096 / n);
    memory.ints.fill(0, ids, ids + rows);
    perElement(`softmaxCrossEntropy rows=${rows} n=${n}`, rows * n, () => {
      kernels.copy(x, y, rows * n);
      kernels.softmaxCrossEntropy(x, v, ids, rows, n, 1);
    });
  }
  perElement('columnSums rows=2500 n=128', 2500 * 128, () => kernels.columnSums(v, 0, 2500, 128, 0, 128));
}

/** What a call costs by itself. */
function calls() {
  report('fill count=0', () => kernels.fill(0, 0, 0));
  report('activate tanh count=0', () => kernels.activate(0, 0, 'tanh'));
  report('multiply m=1 k=1 n=16', () => kernels.multiply(12 << 20, 0, 4 << 20, 1, 1, 16));
}

products();
weightGradients();
elementwise();
calls();
