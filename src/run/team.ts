// Starts the worker threads of a run, and finds out why one died.
import { receiveMessageOnPort, MessageChannel, Worker } from 'node:worker_threads';
import type { MessagePort } from 'node:worker_threads';
import { availableParallelism } from 'node:os';
import { announceDeath, MEETING_BYTES, teamThread } from '../engine/thread.ts';
import type { Engine } from '../engine/kernels.ts';
import type { EngineKind, EngineName, SharedParts } from '../engine/engines.ts';
import { systemCode, UserError } from '../errors.ts';
import { boardBytes, boardOn } from '../model/member.ts';
import type { Clipping } from '../model/member.ts';
import type { Team } from '../model/network.ts';
import type { OptimizerName, OptimizerOptions } from '../model/optimizers.ts';
import type { Plan } from '../model/plan.ts';

/** What a worker is given: all of it can be cloned or shared. */
export interface WorkerOrders {
  readonly plan: Plan;
  readonly engine: EngineName;
  readonly blasPath: string | undefined;
  readonly parts: SharedParts;
  readonly meeting: SharedArrayBuffer;
  readonly board: SharedArrayBuffer;
  readonly index: number;
  readonly count: number;
  readonly spins: number | undefined;
  /** Absent where nothing is trained. */
  readonly updating: { readonly rule: OptimizerName; readonly options: OptimizerOptions; readonly clipping: Clipping } | undefined;
  readonly port: MessagePort;
}

/** The program of a worker: built JavaScript, since a worker cannot start from TypeScript on Node 20. Right from src/ and from dist/. */
const program = new URL('../../dist/run/step-worker.js', import.meta.url);

/** Looks at a barrier where there are more threads than processors: the one that is waited for may need this one. */
const SPINS_WHEN_CROWDED = 50;

/**
 * This thread and count − 1 workers on the engine's memory, ready for jobs. The workers keep no process alive.
 * Rejects where a worker cannot start, with UserError where the system refuses it.
 */
export async function startTeam(
  count: number,
  plan: Plan,
  kind: EngineKind,
  { sharedMemory, module }: Engine & Partial<SharedParts>,
  updating?: WorkerOrders['updating'],
): Promise<Team> {
  if (!sharedMemory || !module) throw new Error(`the engine ${kind.name} has nothing that threads could share`);
  const meeting = new SharedArrayBuffer(MEETING_BYTES);
  const board = new SharedArrayBuffer(boardBytes(plan));
  const spins = count > availableParallelism() ? SPINS_WHEN_CROWDED : undefined;
  const shared = {
    plan,
    engine: kind.name as EngineName,
    blasPath: kind.blasPath,
    parts: { sharedMemory, module },
    meeting,
    board,
    count,
    spins,
    updating,
  };
  const ports = await startAll(count, shared);
  const thread = teamThread(meeting, 0, count, spins);
  const barrier = (): void => {
    try {
      thread.barrier();
    } catch (error) {
      throw new Error(`a worker thread has died: ${causeOf(ports)}`, { cause: error });
    }
  };
  return { thread: { ...thread, barrier }, board: boardOn(board) };
}

async function startAll(count: number, shared: Omit<WorkerOrders, 'port' | 'index'>): Promise<MessagePort[]> {
  try {
    return await Promise.all(Array.from({ length: count - 1 }, (_, i) => startWorker({ ...shared, index: i + 1 })));
  } catch (error) {
    announceDeath(shared.meeting); // for those that have started
    const code = systemCode(error);
    if (!(error instanceof RangeError) && !refusals.includes(code ?? '')) throw error;
    throw new UserError(
      `the system starts no ${count} threads for the run (${code ?? (error as Error).message})`,
      'use fewer: --threads 1, say',
    );
  }
}

/** What Node says where a thread, or memory for it, is not to be had. */
const refusals: readonly string[] = ['EAGAIN', 'ERR_ACCESS_DENIED', 'ERR_WORKER_INIT_FAILED', 'ERR_WORKER_OUT_OF_MEMORY'];

/** Resolves with the port that the worker speaks on, once it is ready for jobs. */
function startWorker(orders: Omit<WorkerOrders, 'port'>): Promise<MessagePort> {
  const { port1, port2 } = new MessageChannel();
  const workerData: WorkerOrders = { ...orders, port: port2 };
  return new Promise((resolve, reject) => {
    // A worker prints nothing; its streams joined to those of the process would be one listener each.
    const worker = new Worker(program, { workerData, transferList: [port2], stdout: true, stderr: true });
    // Also listened to later, so that an error which the barrier reports is not reported twice.
    worker.on('error', reject);
    port1.once('message', (message) => {
      if (message instanceof Error) return reject(message);
      worker.unref();
      port1.unref();
      resolve(port1);
    });
  });
}

/** What the dead worker last said; it may have had no time to. */
function causeOf(errors: readonly MessagePort[]): string {
  for (const port of errors) {
    const said = receiveMessageOnPort(port)?.message as unknown;
    if (said instanceof Error) return said.message;
  }
  return 'it gave no reason';
}
