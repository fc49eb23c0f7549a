// A worker thread of a training run: makes its own engine on the shared memory, then does its share of every job until told to stop.
import { workerData } from 'node:worker_threads';
import { announceDeath, teamThread, ThreadDied } from '../engine/thread.ts';
import { loadEngine } from '../engine/engines.ts';
import { boardOn, createMember } from '../model/member.ts';
import { optimizers } from '../model/optimizers.ts';
import type { WorkerOrders } from './team.ts';

const { plan, engine: engineName, blasPath, parts, meeting, board, index, count, spins, updating, port } = workerData as WorkerOrders;

// Also where the worker is ended from outside: the others must not wait for it.
let stopped = false;
process.on('exit', () => {
  if (!stopped) announceDeath(meeting);
});

try {
  const kind = await loadEngine(engineName, blasPath);
  const engine = kind.attach!(plan.size, parts);
  const thread = teamThread(meeting, index, count, spins);
  const member = createMember(plan, engine, thread, boardOn(board), updating && { ...updating, rule: optimizers[updating.rule] });
  port.postMessage('ready');
  for (let working = true; working;) {
    thread.barrier(); // a job is posted
    working = member.run();
    if (working) thread.barrier(); // it is done
  }
  stopped = true;
} catch (error) {
  // Where it is another that has died, that one says why.
  if (!(error instanceof ThreadDied)) port.postMessage(error);
  announceDeath(meeting);
  stopped = true;
}
