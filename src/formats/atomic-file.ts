// Writes a whole file or none: a sibling temporary file, flushed, then renamed, so that a reader or a crash never meets half a file.
// Not for output that is written as it comes.
import { rmSync } from 'node:fs';
import type { Stats } from 'node:fs';
import { access, constants, link, open, realpath, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { systemCode, UserError } from '../errors.ts';
import { flush, FLUSH_FORBIDDEN } from './flush.ts';

/**
 * Replaces the file at `path`, and keeps its permissions; a symbolic link stays, and what it points to is replaced.
 * A device or a pipe is written to, since a rename would put a file in its place. Throws UserError with the path and the remedy.
 */
export async function writeFileAtomic(path: string, data: Uint8Array | string): Promise<void> {
  try {
    const existing = await statIfPresent(path);
    if (existing !== undefined && !existing.isFile() && !existing.isDirectory()) {
      await writeFile(path, data);
      return;
    }
    // A rename asks only the folder: without this, a read-only file would be replaced all the same.
    if (existing !== undefined) await access(path, constants.W_OK);
    await replace(existing === undefined ? path : await realpath(path), data, existing?.mode);
  } catch (error) {
    throw writeError(path, error);
  }
}

/**
 * Makes the file at `path`, whole; never replaces one, not even one that another process makes at this moment.
 * Throws UserError with the path and the remedy.
 */
export async function createFileAtomic(path: string, data: Uint8Array | string): Promise<void> {
  try {
    await beside(path, data, undefined, async (temporary) => {
      // Unlike a rename, a link fails where there is a file.
      await link(temporary, path);
      await rm(temporary, { force: true });
    });
  } catch (error) {
    // Some file systems know no links.
    if (!['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK'].includes(systemCode(error) ?? '')) throw writeError(path, error);
    await writeFile(path, data, { flag: 'wx' }).catch((failure: unknown) => {
      throw writeError(path, failure);
    });
  }
}

/** What a person can do about a failed write. A closed pipe, which is no failure, and an error not from the system come back as they are. */
export function writeError(path: string, error: unknown): unknown {
  const code = systemCode(error);
  if (code === undefined || code === 'EPIPE' || !(error instanceof Error) || !('syscall' in error)) return error;
  const [what, remedy] = remedies[code] ?? [`the system answers ${code}`, 'check the path, or choose another one'];
  return new UserError(`cannot write ${path}: ${what}`, remedy);
}

type Remedy = readonly [what: string, remedy: string];

const denied: Remedy = ['permission denied', 'choose another path, or change the permissions of the file and its folder'];
const full: Remedy = ['no space left on the device', 'free some space, or choose a folder on another disk'];
const remedies: Readonly<Record<string, Remedy>> = {
  EACCES: denied,
  EPERM: denied,
  EROFS: ['the file system is read-only', 'choose a folder on another disk'],
  ENOSPC: full,
  EDQUOT: ['the disk quota is used up', full[1]],
  EFBIG: ['the file would be larger than the file system or ulimit allows', 'choose another disk, or raise ulimit -f'],
  EISDIR: ['it is a folder', 'give the name of a file'],
  EEXIST: ['a file of this name has just been made', 'give another name, or use that file'],
  ENOTDIR: ['a part of the path is a file, not a folder', 'check the path'],
  ENOENT: ['the folder does not exist', 'create the folder first, or check the path'],
  ENAMETOOLONG: ['the name is too long', 'choose a shorter name'],
  ELOOP: ['its symbolic links run in a circle', 'remove the link, or choose another path'],
  EMFILE: ['too many files are open', 'raise ulimit -n'],
  EBUSY: ['the file is in use', 'close the program that holds it'],
};

/** A name that no other file has, without that of the file it is for, which may be as long as a name can be. To be opened with `wx`. */
export function temporaryName(folder: string): string {
  return join(folder, `.rnn-${process.pid}-${process.hrtime.bigint().toString(36)}.tmp`);
}

/** Temporary files that are being written: taken away where the process is told to end at once. */
const unfinished = new Set<string>();

function removeUnfinished(): void {
  for (const temporary of unfinished) rmSync(temporary, { force: true });
}

async function replace(path: string, data: Uint8Array | string, mode: number | undefined): Promise<void> {
  await beside(path, data, mode, (temporary) => rename(temporary, path));
}

/** Writes a temporary file in the folder of `path`, flushed, and lets `settle` give it its name. */
async function beside(
  path: string,
  data: Uint8Array | string,
  mode: number | undefined,
  settle: (temporary: string) => Promise<void>,
): Promise<void> {
  const folder = dirname(path);
  const temporary = temporaryName(folder);
  if (unfinished.size === 0) process.once('exit', removeUnfinished);
  unfinished.add(temporary);
  try {
    const handle = await open(temporary, 'wx');
    try {
      // Some file systems know no permissions: not worth losing the data for.
      if (mode !== undefined) await handle.chmod(mode & 0o777).catch(() => {});
      await handle.writeFile(data);
      await flush(handle);
    } finally {
      await handle.close();
    }
    await settle(temporary);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => {});
    throw error;
  } finally {
    unfinished.delete(temporary);
    if (unfinished.size === 0) process.off('exit', removeUnfinished);
  }
  await syncFolder(folder);
}

/** Makes the rename itself outlive a power cut, where the system has a way to. */
async function syncFolder(folder: string): Promise<void> {
  try {
    const handle = await open(folder, 'r');
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  } catch (error) {
    // Windows opens no folders, some network file systems flush none, and a folder may be writable yet not readable.
    if (![FLUSH_FORBIDDEN, 'EACCES', 'EISDIR', 'EPERM', 'EINVAL', 'ENOTSUP', 'EBADF'].includes(systemCode(error) ?? '')) throw error;
  }
}

async function statIfPresent(path: string): Promise<Stats | undefined> {
  try {
    return await stat(path);
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}
