// Makes folders for what is to be written.
import { existsSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { systemCode } from '../errors.ts';
import { writeError } from './atomic-file.ts';

/**
 * Makes the folder and those above it; one that is there is left as it is. Throws UserError with the path and the remedy.
 * One by one: the `recursive` of Node never returns where a file system, such as /proc, takes no folder, and no signal ends it.
 */
export function makeFolder(path: string): void {
  const missing: string[] = [];
  for (let folder = path; !existsSync(folder) && folder !== missing[0]; folder = dirname(folder)) missing.unshift(folder);
  for (const folder of missing) {
    try {
      mkdirSync(folder);
    } catch (error) {
      // Another process may make it at this moment.
      if (systemCode(error) !== 'EEXIST') throw writeError(path, error);
    }
  }
}
