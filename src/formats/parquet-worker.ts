// The thread that decodes a Parquet file: opens it, then answers one request for rows after another. It can be ended where it never would.
import { readSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import { UserError } from '../errors.ts';
import { packFirst } from './packed-lists.ts';
import { openParquetTable } from './parquet.ts';
import type { AsyncBuffer } from './parquet.ts';
import type { ParquetBytes, ParquetReply, ParquetRequest } from './parquet-thread.ts';

const port = parentPort!;
const table = await answer(async () => {
  const opened = await openParquetTable(bufferOf(workerData as ParquetBytes));
  const { columns, rows, bounds } = opened;
  return { value: { columns, rows, bounds }, transfer: [], keep: opened };
});
if (table !== undefined) {
  port.on('message', ({ begin, end, names }: ParquetRequest) => {
    void answer(async () => {
      const value = packFirst(await table.read(begin, end, names));
      return { value, transfer: [value.numbers.buffer, value.offsets.buffer], keep: undefined };
    });
  });
}

interface Answer<T> {
  readonly value: unknown;
  /** Parts of the value that are not copied. */
  readonly transfer: readonly ArrayBuffer[];
  readonly keep: T;
}

/** Sends `value`, or the error in its place, and gives what is to be kept. */
async function answer<T>(make: () => Promise<Answer<T>>): Promise<T | undefined> {
  try {
    const { value, transfer, keep } = await make();
    port.postMessage({ value } satisfies ParquetReply, transfer);
    return keep;
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const hint = error instanceof UserError ? error.hint : undefined;
    port.postMessage({ error: { message, hint } } satisfies ParquetReply);
    return undefined;
  }
}

/** Descriptors are the process's: the file is read here and closed by whoever opened it. */
function bufferOf(bytes: ParquetBytes): AsyncBuffer {
  if ('whole' in bytes) {
    const { whole } = bytes;
    return { byteLength: whole.byteLength, slice: (begin, end) => whole.slice(begin, end) };
  }
  const { descriptor, size } = bytes;
  const slice = (begin: number, end = size): ArrayBuffer => {
    const part = new Uint8Array(Math.max(0, Math.min(end, size) - begin));
    let length = 0;
    for (let count = -1; count !== 0 && length < part.length; length += count) {
      count = readSync(descriptor, part, length, part.length - length, begin + length);
    }
    return length === part.length ? part.buffer : part.buffer.slice(0, length);
  };
  return { byteLength: size, slice };
}
