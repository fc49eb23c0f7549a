// A text that is read twice: to make a vocabulary of it, then to use it. A file is opened again; standard input and named pipes go
// through a temporary file.
import { stat } from 'node:fs/promises';
import { openBytes } from '../bytes.ts';
import type { ByteSource, InputIo } from '../bytes.ts';
import { spool } from '../spool.ts';
import type { Spooled } from '../spool.ts';

export interface TwiceReadable {
  /** To be read to its end before `second`. */
  readonly first: ByteSource;
  readonly second: () => Promise<ByteSource>;
  /** Lets go of everything; harmless when all was read. */
  readonly close: () => Promise<void>;
}

export async function openTwice(file: string | undefined, io: InputIo): Promise<TwiceReadable> {
  const first = await openBytes(file, io);
  if (file !== undefined && file !== '-' && (await stat(file)).isFile()) {
    return { first, second: () => openBytes(file, io), close: async () => first.close() };
  }
  try {
    const spooled = await spool(first.bytes, first.file);
    const reading = (): ByteSource => ({ file: first.file, bytes: bytesOf(spooled), close() {} });
    return { first: reading(), second: async () => reading(), close: spooled.close };
  } finally {
    first.close();
  }
}

async function* bytesOf(spooled: Spooled): AsyncGenerator<Buffer> {
  for await (const chunk of spooled.reopen()) yield chunk as Buffer;
}
