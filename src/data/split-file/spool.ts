// Standard input for those who read it twice: kept in a temporary file that has no name any more, so that nothing is left whatever happens.
import { mkdtemp, open, rm } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { addAbortSignal, Readable } from 'node:stream';
import { UsageError } from '../../errors.ts';
import { writeError } from '../../formats/atomic-file.ts';
import type { InputIo } from '../bytes.ts';

export interface Spooled {
  /** The bytes from the first on; to be asked for again when the stream before has ended. */
  readonly reopen: () => Readable;
  readonly close: () => Promise<void>;
}

/** Reads standard input to its end. Throws UsageError where it is a terminal, UserError where the temporary folder is full. */
export async function spool({ stdin, interrupted }: InputIo): Promise<Spooled> {
  if (stdin.isTTY) throw new UsageError('standard input is a terminal', 'name a file, or pipe rows in: cat rows.csv | rnn …');
  if (interrupted) addAbortSignal(interrupted, stdin as Readable);
  const handle = await nameless();
  try {
    for await (const chunk of stdin) await handle.writeFile(chunk);
  } catch (error) {
    await handle.close();
    throw writeError(`a copy of standard input in ${tmpdir()}`, error);
  }
  return { reopen: () => Readable.from(bytesOf(handle), { objectMode: false }), close: () => handle.close() };
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

async function nameless(): Promise<FileHandle> {
  const folder = await mkdtemp(join(tmpdir(), 'rnn-'));
  try {
    return await open(join(folder, 'stdin'), 'wx+', 0o600);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
