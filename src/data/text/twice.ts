// An input that is read twice: to make a vocabulary, then to use it. A file is opened again; standard input and pipes go through a
// temporary file, which has no name while it is in use, so that nothing is left behind however the process ends.
import { randomBytes } from 'node:crypto';
import { open, rm, stat } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeError } from '../../formats/atomic-file.ts';
import { openBytes } from '../bytes.ts';
import type { ByteSource, InputIo } from '../bytes.ts';

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
  const spool = await openSpool();
  return {
    first: { ...first, bytes: copiedInto(spool, first.bytes) },
    second: async () => ({ file: first.file, bytes: contentOf(spool), close() {} }),
    async close() {
      first.close();
      await spool.handle.close();
    },
  };
}

interface Spool {
  readonly path: string;
  readonly handle: FileHandle;
}

async function openSpool(): Promise<Spool> {
  const path = join(tmpdir(), `rnn-${process.pid}-${randomBytes(6).toString('hex')}.tmp`);
  try {
    const handle = await open(path, 'wx+', 0o600);
    await rm(path, { force: true });
    return { path, handle };
  } catch (error) {
    throw writeError(path, error);
  }
}

async function* copiedInto({ path, handle }: Spool, source: AsyncGenerator<Buffer>): AsyncGenerator<Buffer> {
  for await (const chunk of source) {
    try {
      await handle.writeFile(chunk);
    } catch (error) {
      throw writeError(path, error);
    }
    yield chunk;
  }
}

async function* contentOf({ handle }: Spool): AsyncGenerator<Buffer> {
  for (let position = 0; ;) {
    const { bytesRead, buffer } = await handle.read({ buffer: Buffer.allocUnsafe(1 << 17), position });
    if (bytesRead === 0) return;
    position += bytesRead;
    yield buffer.subarray(0, bytesRead);
  }
}
