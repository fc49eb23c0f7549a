// One run in a directory at a time: a file that names the process which writes there. The lock of a process that is no more
// (killed, or from before a restart) is taken over; that of another host cannot be looked into, and is left to a person.
import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { systemCode, UserError } from '../../errors.ts';
import { writeError } from '../../formats/atomic-file.ts';

export const lockFile = 'rnn.lock';

interface Holder {
  readonly pid: number;
  readonly host: string;
  /** Tells two processes of one number apart; empty where the system does not say. */
  readonly born: string;
  /** For people. */
  readonly since: string;
}

/** Takes the directory, and gives the function that lets it go. Throws UserError where another process has it. */
export function lockDirectory(directory: string): () => void {
  const path = join(directory, lockFile);
  const holder: Holder = { pid: process.pid, host: hostname(), born: birthOf('self'), since: new Date().toISOString() };
  const text = `${JSON.stringify(holder)}\n`;
  while (!create(path, text)) {
    const found = readIfThere(path);
    if (found === undefined) continue; // let go of in this moment
    const other = parse(found);
    if (other !== undefined && isAlive(other)) throw refusal(directory, path, other);
    if (!removeStale(path, found)) throw refusal(directory, path, parse(readIfThere(path) ?? '') ?? other);
  }
  const release = (): void => {
    process.off('exit', release);
    if (readIfThere(path) === text) rmSync(path, { force: true });
  };
  // A second signal ends the process without going through any finally.
  process.on('exit', release);
  return release;
}

/** False where there is one already. The file appears with its content: a reader never meets an empty one. */
function create(path: string, text: string): boolean {
  const temporary = `${path}-${process.pid}.tmp`;
  try {
    writeFileSync(temporary, text);
    try {
      linkSync(temporary, path);
    } finally {
      rmSync(temporary, { force: true });
    }
    return true;
  } catch (error) {
    if (systemCode(error) === 'EEXIST') return false;
    if (['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK'].includes(systemCode(error) ?? '')) return createWithoutLinks(path, text);
    throw writeError(path, error);
  }
}

/** For file systems without hard links. */
function createWithoutLinks(path: string, text: string): boolean {
  try {
    writeFileSync(path, text, { flag: 'wx' });
    return true;
  } catch (error) {
    if (systemCode(error) === 'EEXIST') return false;
    throw writeError(path, error);
  }
}

/** False where another process took the stale lock over in the same moment: what is moved away is then put back. */
function removeStale(path: string, stale: string): boolean {
  const aside = `${path}-${process.pid}.stale.tmp`;
  try {
    renameSync(path, aside);
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return true;
    throw writeError(path, error);
  }
  const isStale = readIfThere(aside) === stale;
  try {
    if (!isStale) linkSync(aside, path);
  } finally {
    rmSync(aside, { force: true });
  }
  return isStale;
}

function isAlive({ pid, host, born }: Holder): boolean {
  if (host !== hostname()) return true;
  try {
    process.kill(pid, 0);
  } catch (error) {
    // EPERM: a process of another user, so there is one.
    if (systemCode(error) !== 'EPERM') return false;
  }
  const now = birthOf(pid);
  return born === '' || now === '' ? pid !== process.pid : born === now;
}

/** On Linux the boot and the moment since then at which a process started: another one may have got its number meanwhile. */
function birthOf(pid: number | 'self'): string {
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    const afterName = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ');
    // A zombie has ended, and only waits for its parent to take note.
    return afterName[0] === 'Z' ? 'ended' : `${boot}:${afterName[19]}`;
  } catch {
    return '';
  }
}

function parse(text: string): Holder | undefined {
  try {
    const { pid, host, born = '', since = '' } = JSON.parse(text) as Partial<Holder>;
    if (!Number.isSafeInteger(pid) || pid! <= 0 || typeof host !== 'string') return undefined;
    return { pid: pid!, host, born, since };
  } catch {
    return undefined;
  }
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw writeError(path, error);
  }
}

function refusal(directory: string, path: string, holder: Holder | undefined): UserError {
  if (holder === undefined) return new UserError(`${directory}: another run has just begun in it`, 'give another directory');
  const { pid, host, since } = holder;
  const here = host === hostname();
  return new UserError(
    `${directory}: a run is writing into it (process ${pid}${here ? '' : ` on ${host}`}, since ${since})`,
    here ? `wait for it, or stop it with: kill ${pid}` : `wait for it, or where you know that it is no more, remove ${path}`,
  );
}
