// The bytes of a file or of standard input, as they are stored. Turns every error of the system into one that says what to do.
import { open } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { DataError, systemCode, UsageError, UserError } from '../../errors.ts';

/** The part of the outside world that reading needs. */
export interface InputIo {
  readonly stdin: NodeJS.ReadableStream & { readonly isTTY?: boolean };
  /** Ends the reading with an AbortError. */
  readonly interrupted?: AbortSignal;
  /** The bytes of the file or of standard input, where they were read before and kept. */
  readonly kept?: Readable;
}

export interface ByteSource {
  /** As messages name it. */
  readonly file: string;
  readonly bytes: AsyncGenerator<Buffer>;
  /** Absent for standard input, and for what was kept. */
  readonly path?: string;
  /** Whether someone wants to see all bytes go by. */
  readonly watched?: boolean;
  /** Whether the bytes come from a pipe or a device, as others make them. */
  readonly isStream: boolean;
  /** For who reads in another way than by `bytes`. */
  readonly interrupted?: AbortSignal | undefined;
  readonly close: () => void;
}

/** Opens `file`, or standard input for `-` and undefined. `tap` sees the bytes go by. */
export async function openStored(file: string | undefined, io: InputIo, tap?: (bytes: Uint8Array) => void): Promise<ByteSource> {
  const fromStdin = file === undefined || file === '-';
  const name = fromStdin ? 'stdin' : file;
  const stream = io.kept ?? (fromStdin ? standardInput(io) : undefined);
  const { chunks, isStream, close } = stream ? await streamChunks(stream, io) : await openFile(name, io);
  return {
    file: name,
    bytes: tapped(chunks, name, tap),
    ...(!stream && { path: name }),
    isStream,
    watched: tap !== undefined,
    interrupted: io.interrupted,
    close,
  };
}

/** What can be opened, before anyone looks at it. */
interface Chunks {
  readonly isStream: boolean;
  readonly chunks: AsyncIterable<Buffer | string>;
  /** Harmless when all was read. */
  readonly close: () => void;
}

function standardInput({ stdin }: InputIo): Readable {
  if (stdin.isTTY) throw new UsageError('standard input is a terminal', 'name a file, or pipe rows in: printf "1,2,3\\n" | rnn …');
  return stdin as Readable;
}

async function streamChunks(stream: Readable, { interrupted }: InputIo): Promise<Chunks> {
  // Who reads the chunks meets an error there; until someone does, it must not become an uncaught one.
  stream.on('error', () => {});
  if (interrupted) (await import('node:stream')).addAbortSignal(interrupted, stream);
  return { chunks: stream, isStream: true, close: () => stream.destroy() };
}

/** A pipe may keep a read waiting for ever, which only a stream can be woken from; files are read without one, in half the time. */
async function openFile(file: string, io: InputIo): Promise<Chunks> {
  try {
    const handle = await open(file);
    const found = await handle.stat();
    if (found.isFile()) return { chunks: fileChunks(handle, io), isStream: false, close: () => void handle.close() };
    if (!found.isDirectory()) return await streamChunks(handle.createReadStream({ highWaterMark: chunkSize }), io);
    await handle.close();
  } catch (error) {
    throw readError(file, error);
  }
  throw readError(file, Object.assign(new Error(), { code: 'EISDIR' }));
}

const chunkSize = 1 << 17;

/** One chunk ahead, so that the system copies the next while this one is worked on. */
async function* fileChunks(handle: FileHandle, { interrupted }: InputIo): AsyncGenerator<Buffer> {
  const read = (): Promise<Buffer> => {
    const reading = handle.read(Buffer.allocUnsafeSlow(chunkSize), 0, chunkSize, null);
    const chunk = reading.then(({ buffer, bytesRead }) => buffer.subarray(0, bytesRead));
    // It may fail before anyone waits for it.
    chunk.catch(() => {});
    return chunk;
  };
  let next = read();
  try {
    for (;;) {
      const chunk = await next;
      if (interrupted?.aborted) throw Object.assign(new Error('interrupted'), { name: 'AbortError', code: 'ABORT_ERR' });
      if (chunk.length === 0) return;
      next = read();
      yield chunk;
    }
  } finally {
    await next.catch(() => {});
    await handle.close();
  }
}

/** What a person can do about a failed read; an error that is not from the system comes back as it is. */
function readError(file: string, error: unknown): unknown {
  const code = systemCode(error);
  if (code === undefined || error instanceof UserError || code === 'ABORT_ERR') return error;
  const [what, remedy] = readRemedies[code] ?? [`cannot be read, the system answers ${code}`, 'check the file'];
  return new DataError({ file }, what, remedy);
}

const readRemedies: Readonly<Record<string, readonly [what: string, remedy: string]>> = {
  ENOENT: ['no such file', 'check the path; - reads standard input'],
  ENOTDIR: ['no such file: a part of the path is not a folder', 'check the path'],
  EISDIR: ['this is a folder', 'name a file in it'],
  EACCES: ['permission to read is denied', 'ask for it with chmod, or read a copy'],
  EPERM: ['permission to read is denied', 'ask for it, or read a copy'],
  ELOOP: ['its symbolic links run in a circle', 'check the links'],
  ENAMETOOLONG: ['the name is too long', 'check the path'],
  EMFILE: ['too many files are open', 'raise ulimit -n'],
};

async function* tapped(chunks: Chunks['chunks'], file: string, tap?: (bytes: Uint8Array) => void): AsyncGenerator<Buffer> {
  try {
    for await (const chunk of chunks) {
      const bytes = typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
      tap?.(bytes);
      yield bytes;
    }
  } catch (error) {
    throw readError(file, error);
  }
}
