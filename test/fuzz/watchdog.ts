// Ends the process where one input takes too long: a loop that never ends leaves no other way to say which.
import { Worker } from 'node:worker_threads';

const program = `
const { writeSync } = require('node:fs');
const { workerData: { shared, limit, seed } } = require('node:worker_threads');
const current = new Int32Array(shared);
let last = -1;
let since = Date.now();
setInterval(() => {
  const index = Atomics.load(current, 0);
  if (index !== last) [last, since] = [index, Date.now()];
  if (Date.now() - since < limit) return;
  writeSync(2, 'fuzz: input ' + index + ' of seed ' + seed + ' takes more than ' + limit / 1000 + ' s\\n');
  process.kill(process.pid, 'SIGKILL');
}, 500);
`;

export interface Watchdog {
  /** The input that is now being read. */
  readonly begin: (index: number) => void;
  readonly stop: () => Promise<void>;
}

export function watchdog(seed: number, limitSeconds: number): Watchdog {
  const shared = new SharedArrayBuffer(4);
  const current = new Int32Array(shared);
  const worker = new Worker(program, { eval: true, workerData: { shared, limit: limitSeconds * 1000, seed } });
  return {
    begin: (index) => void Atomics.store(current, 0, index),
    async stop() {
      await worker.terminate();
    },
  };
}
