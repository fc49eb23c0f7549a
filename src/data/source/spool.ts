// A stream for those who read it twice: kept in a temporary file that has no name any more, so that nothing is left whatever happens.
import { mkdtemp, open, rm } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { writeError } from '../../formats/atomic-file.ts';

export interface Spooled {
  /** The bytes from the first on; to be asked for again when the stream before has ended. */
  readonly reopen: () => Readable;
  readonly close: () => Promise<void>;
}

/** Reads a stream to its end. Throws UserError where the temporary folder is full. */
export async function spool(stream: AsyncIterable<Uint8Array | string>, name: string): Promise<Spooled> {
  const { handle, close } = await temporaryFile();
  try {
    for await (const chunk of stream) await write(handle, chunk, name);
  } catch (error) {
    await close();
    throw error;
  }
  return { reopen: () => Readable.from(bytesOf(handle), { objectMode: false }), close };
}

async function write(handle: FileHandle, chunk: Uint8Array | string, name: string): Promise<void> {
  try {
    await handle.writeFile(chunk);
  } catch (error) {
    throw writeError(`a copy of ${name} in ${tmpdir()}`, error);
  }
}

/** A stream of the handle's own would close it when it is destroyed. */
async function* bytesOf(handle: FileHandle): AsyncGenerator<Buffer> {
  const size = 1 << 17;
  for (let position = 0; ;) {
    const { buffer, bytesRead } = await handle.read(Buffer.allocUnsafe(size), 0, size, position);
    if (bytesRead === 0) return;
    position += bytesRead;
    yield buffer.subarray(0, bytesRead);
  }
}

/** Its name is taken away at once; where the system does not let go of open files' names, when it is closed. */
async function temporaryFile(): Promise<{ readonly handle: FileHandle; readonly close: () => Promise<void> }> {
  const noTemporary = (error: unknown): unknown => writeError(`a temporary file in ${tmpdir()}`, error);
  const folder = await mkdtemp(join(tmpdir(), 'rnn-')).catch((error: unknown) => {
    throw noTemporary(error);
  });
  const remove = (): Promise<void> => rm(folder, { recursive: true, force: true });
  try {
    const handle = await open(join(folder, 'input'), 'wx+', 0o600);
    const isGone = await remove().then(
      () => true,
      () => false,
    );
    return { handle, close: () => handle.close().then(() => (isGone ? undefined : remove())) };
  } catch (error) {
    await remove();
    throw noTemporary(error);
  }
}
