// A training step of one of rnn's engines, for run.mjs; the counterpart of peers/pytorch.py, and spoken to in the same way:
//   node bench/step.mjs CASE ENGINE THREADS
// Without THREADS as many as `rnn train` takes. Prints a line of JSON when it is warm, then for each line on standard input, a
// number of seconds and a clock (`wall` or `cpu`, the processor time of all threads), the tokens per second that it trained over them.
import { createInterface } from 'node:readline';
import { loadEngine } from '../dist/engine/engines.js';
import { createStep, stepOn, stopStep } from '../dist/run/bench/step.js';
import { threadsFor } from '../dist/run/threads.js';

const [caseText, engine, asked] = process.argv.slice(2);
const { vocab, hidden, rows, steps, task } = JSON.parse(caseText);
const say = (value) => console.log(JSON.stringify(value));

const clocks = {
  wall: () => performance.now() / 1000,
  cpu: () => {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1e6;
  },
};

function rateOver(run, seconds, clock = clocks.wall) {
  const start = clock();
  for (let done = 1; ; done++) {
    run();
    const spent = clock() - start;
    if (spent >= seconds) return (done * rows * steps) / spent;
  }
}

async function serve() {
  const model = { task, vocabSize: vocab, hidden, embedding: hidden, layers: 1, activation: 'tanh' };
  const step = createStep({ ...model, batchSize: rows, bptt: steps, optimizer: 'sgd' }, await loadEngine(engine, process.env.RNN_BLAS));
  const threads = threadsFor(asked === undefined ? undefined : Number(asked), step.plan, step.kind);
  const run = await stepOn(step, threads);
  rateOver(run, 0.5);
  say({ threads });
  for await (const line of createInterface({ input: process.stdin })) {
    const [seconds, clock] = line.split(' ');
    say(rateOver(run, Number(seconds), clocks[clock]));
  }
  stopStep(step);
}

try {
  await serve();
} catch (error) {
  say({ reason: error.hint === undefined ? error.message : `${error.message}; ${error.hint}` });
}
