// The shapes that are timed: a model on full batches of T steps, SGD with the norm clipped to 1. Equal for every program.
export const cases = [
  { name: 'V65 H128 B50 T50', vocab: 65, hidden: 128, rows: 50, steps: 50, task: 'next-token' },
  { name: 'V65 H256 B64 T64', vocab: 65, hidden: 256, rows: 64, steps: 64, task: 'next-token' },
  { name: 'V65 H512 B64 T64', vocab: 65, hidden: 512, rows: 64, steps: 64, task: 'next-token' },
  { name: 'V65 H1024 B64 T64', vocab: 65, hidden: 1024, rows: 64, steps: 64, task: 'next-token' },
  { name: 'V100 H32 B32 T7, one output', vocab: 100, hidden: 32, rows: 32, steps: 7, task: 'regression' },
  { name: 'V100 H32 B1 T7, one output', vocab: 100, hidden: 32, rows: 1, steps: 7, task: 'regression' },
  { name: 'V10000 H200 B32 T35', vocab: 10000, hidden: 200, rows: 32, steps: 35, task: 'next-token' },
];
