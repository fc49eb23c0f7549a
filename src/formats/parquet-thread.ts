// A Parquet file read in a thread of its own. hyparquet 1.31.5 decodes some damaged pages for ever, or until memory ends, and nothing in
// the same thread could stop it, not even a signal.
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { UserError } from '../errors.ts';
import { unpackFirst } from './packed-lists.ts';
import type { PackedLists } from './packed-lists.ts';
import type { ParquetTable } from './parquet.ts';

/** The open file, or all its bytes. */
export type ParquetBytes = { readonly descriptor: number; readonly size: number } | { readonly whole: ArrayBuffer };

export interface ParquetRequest {
  readonly begin: number;
  readonly end: number;
  readonly names: readonly string[];
}

/** `hint`: the error is no fault of the file. */
export type ParquetReply =
  | { readonly value: unknown }
  | { readonly error: { readonly message: string; readonly hint: string | undefined } };

export interface ParquetLimits {
  /** Seconds that one answer may take. */
  readonly mostSeconds: number;
  /** Ends the waiting with an AbortError. */
  readonly interrupted: AbortSignal | undefined;
}

export interface ParquetThread extends ParquetTable {
  /** Ends the thread, whatever it does. */
  readonly close: () => Promise<void>;
}

/** Built JavaScript, since a worker cannot start from TypeScript on Node 20. Right from src/ and from dist/. */
const program = new URL('../../dist/formats/parquet-worker.js', import.meta.url);

/** Throws UserError where hyparquet is absent, Error for whatever is wrong with the file, or takes too long. */
export async function openParquetThread(bytes: ParquetBytes, limits: ParquetLimits): Promise<ParquetThread> {
  const worker = new Worker(program, { workerData: bytes, transferList: 'whole' in bytes ? [bytes.whole] : [] });
  const close = async (): Promise<void> => void (await worker.terminate());
  try {
    const opened = (await answerOf(worker, limits)) as Omit<ParquetTable, 'read'>;
    return {
      ...opened,
      async read(begin, end, names) {
        worker.postMessage({ begin, end, names } satisfies ParquetRequest, []);
        return unpackFirst((await answerOf(worker, limits)) as PackedLists);
      },
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

async function answerOf(worker: Worker, { mostSeconds, interrupted }: ParquetLimits): Promise<unknown> {
  const waiting = new AbortController();
  const stop = (): void => waiting.abort();
  const timer = setTimeout(stop, mostSeconds * 1000);
  interrupted?.addEventListener('abort', stop);
  if (interrupted?.aborted) stop();
  try {
    const [reply] = (await once(worker, 'message', { signal: waiting.signal })) as [ParquetReply];
    if ('value' in reply) return reply.value;
    const { message, hint } = reply.error;
    throw hint === undefined ? new Error(message) : new UserError(message, hint);
  } catch (error) {
    if (!waiting.signal.aborted || interrupted?.aborted) throw error;
    throw new Error(`decoding does not end within ${mostSeconds} seconds`, { cause: error });
  } finally {
    clearTimeout(timer);
    interrupted?.removeEventListener('abort', stop);
  }
}
