// A whole file in memory, of a kind that has an end.
import { readFileSync, statSync } from 'node:fs';

/** The bytes of a file or a pipe. Throws as the system does, and ENODEV for a device: /dev/zero would fill the memory, and no signal end it. */
export function readWholeFile(path: string): Buffer {
  if (statSync(path).isCharacterDevice()) throw Object.assign(new Error('it is a device, not a file'), { code: 'ENODEV' });
  return readFileSync(path);
}
