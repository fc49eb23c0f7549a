// Makes what was written to an open file outlive a power cut, where the system has a way to.
import { fsyncSync } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { systemCode } from '../errors.ts';

/** Node's permission model takes all flushing away: what is written is then as safe as the system makes it. */
export const FLUSH_FORBIDDEN = 'ERR_ACCESS_DENIED';

function unlessForbidden(error: unknown): void {
  if (systemCode(error) !== FLUSH_FORBIDDEN) throw error;
}

export async function flush(file: FileHandle): Promise<void> {
  try {
    await file.sync();
  } catch (error) {
    unlessForbidden(error);
  }
}

export function flushSync(file: number): void {
  try {
    fsyncSync(file);
  } catch (error) {
    unlessForbidden(error);
  }
}
