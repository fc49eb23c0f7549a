// An input that is read more than once: a file is opened anew; what gives its bytes only once, such as standard input or a named pipe,
// is kept in a temporary file first.
import { stat } from 'node:fs/promises';
import { openStored } from './stored-bytes.ts';
import type { InputIo } from './stored-bytes.ts';
import { spool } from './spool.ts';

export interface Rereadable {
  /** What to open the input with, each time from its beginning, once it is read or closed. */
  readonly io: () => InputIo;
  readonly close: () => Promise<void>;
}

/** Throws as opening does, and UserError where the temporary folder is full. */
export async function rereadable(file: string | undefined, io: InputIo): Promise<Rereadable> {
  if (file !== undefined && file !== '-' && (await staysInPlace(file))) return { io: () => io, close: async () => {} };
  const { file: name, bytes } = await openStored(file, io);
  const { reopen, close } = await spool(bytes, name);
  return { io: () => ({ ...io, kept: reopen() }), close };
}

/** False for pipes and devices. What is not there at all is left to opening, which says so. */
async function staysInPlace(file: string): Promise<boolean> {
  const found = await stat(file).catch(() => undefined);
  return found === undefined || found.isFile() || found.isDirectory();
}
