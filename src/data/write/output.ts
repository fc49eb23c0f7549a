// Where results go as they come: standard output, or a file that appears under its name only when it is complete.
// Each write waits until the bytes are taken, which is what keeps memory constant before a slow reader.
import { open, realpath, rename, rm, stat } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { systemCode, UsageError } from '../../errors.ts';
import { temporaryName, writeError } from '../../formats/atomic-file.ts';
import { flush } from '../../formats/flush.ts';

export interface Output {
  /** Once it resolves, the caller may write over the bytes. */
  readonly write: (data: string | Uint8Array) => Promise<void>;
  /** Everything was written: the file takes its name. */
  readonly commit: () => Promise<void>;
  /** Something failed: nothing is left behind. Harmless after `commit`. */
  readonly discard: () => Promise<void>;
}

/** The result itself; for .npy, which holds one array, also where the lengths and the mask go. */
export interface Outputs {
  readonly rows: Output;
  readonly lengths?: Output;
  readonly mask?: Output;
}

export type OpenOutputs = Outputs & Pick<Output, 'commit' | 'discard'>;

/** `padded.npy` has its lengths and mask beside it: `padded.lengths.npy`, `padded.mask.npy`. */
export async function openOutputs(
  path: string,
  beside: { readonly lengths: boolean; readonly mask: boolean },
  stdout: NodeJS.WritableStream,
): Promise<OpenOutputs> {
  const opened: Output[] = [];
  const openNext = async (name: string): Promise<Output> => {
    const output = await openOutput(name, stdout);
    opened.push(output);
    return output;
  };
  const discard = async (): Promise<void> => {
    for (const output of opened) await output.discard();
  };
  const stem = path.replace(/\.npy$/i, '');
  try {
    return {
      rows: await openNext(path),
      ...(beside.lengths && { lengths: await openNext(`${stem}.lengths.npy`) }),
      ...(beside.mask && { mask: await openNext(`${stem}.mask.npy`) }),
      async commit() {
        for (const output of opened) await output.commit();
      },
      discard,
    };
  } catch (error) {
    await discard();
    throw error;
  }
}

/** Names of standard output beside `-`: the file behind them is the shell's, and must be neither emptied nor replaced. */
const standardOutput = new Set(['-', '/dev/stdout', '/dev/fd/1', '/proc/self/fd/1']);

async function openOutput(path: string, stdout: NodeJS.WritableStream): Promise<Output> {
  return standardOutput.has(path) ? streamOutput(stdout) : openFileOutput(path);
}

/** A file that exists is replaced, with its permissions kept; a device or pipe is written to. */
export async function openFileOutput(path: string): Promise<Output> {
  try {
    const existing = await stat(path).catch(ignoreMissing);
    if (existing?.isDirectory()) throw new UsageError(`-o: ${path} is a folder`, 'give the name of a file');
    if (existing !== undefined && !existing.isFile()) return directOutput(path, await open(path, 'w'));
    // A rename asks only the folder: without this, a read-only file would be replaced all the same.
    if (existing !== undefined) await (await open(path, 'r+')).close();
    return await renamedOutput(path, existing === undefined ? path : await realpath(path), existing?.mode);
  } catch (error) {
    throw writeError(path, error);
  }
}

function streamOutput(stream: NodeJS.WritableStream): Output {
  // With a descriptor, the system has the bytes when the stream calls back. Any other stream may hold on to what it is given.
  const takesBytes = 'fd' in stream;
  return {
    async write(given) {
      const data = takesBytes || typeof given === 'string' ? given : Buffer.from(given);
      await new Promise<void>((resolve, reject) => {
        stream.write(data, (error) => (error ? reject(writeError('standard output', error)) : resolve()));
      });
      // Writing to a pipe or a file may never leave this turn of the event loop, and signals would not be heard.
      await new Promise((resolve) => setImmediate(resolve));
    },
    commit: async () => {},
    discard: async () => {},
  };
}

function directOutput(path: string, handle: FileHandle): Output {
  let closing: Promise<void> | undefined;
  const close = (): Promise<void> => (closing ??= handle.close());
  return { write: (data) => writeAll(path, handle, data), commit: close, discard: close };
}

/** Writes beside the final name. */
async function renamedOutput(path: string, target: string, mode: number | undefined): Promise<Output> {
  const temporary = temporaryName(dirname(target));
  const handle = await open(temporary, 'wx');
  let done = false;
  if (mode !== undefined) await handle.chmod(mode & 0o777).catch(() => {});
  return {
    write: (data) => writeAll(path, handle, data),
    async commit() {
      try {
        await flush(handle);
        await handle.close();
        await rename(temporary, target);
        done = true;
      } catch (error) {
        throw writeError(path, error);
      }
    },
    async discard() {
      if (done) return;
      await handle.close().catch(() => {});
      await rm(temporary, { force: true });
    },
  };
}

async function writeAll(path: string, handle: FileHandle, data: string | Uint8Array): Promise<void> {
  try {
    await handle.writeFile(data);
  } catch (error) {
    throw writeError(path, error);
  }
}

function ignoreMissing(error: unknown): undefined {
  if (systemCode(error) !== 'ENOENT') throw error;
}
