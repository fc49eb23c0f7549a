// The files that a split writes: their names, and that all of them appear or none.
import { rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { UserError } from '../../errors.ts';
import { makeFolder } from '../../formats/folders.ts';
import type { InputFormat } from '../rows/rows.ts';
import { openFileOutput } from '../write/output.ts';
import type { Output } from '../write/output.ts';

export const partNames = ['train', 'validation', 'test'] as const;
export type PartName = (typeof partNames)[number];

export interface NamingOptions {
  /** Undefined: the folder of the file. */
  readonly outDir: string | undefined;
  /** Undefined: the name of the file. */
  readonly prefix: string | undefined;
}

/** `data/words.csv.gz` → `data/words.train.csv`; what has no name is `data`, what has no extension gets that of its format. */
export function partPath(file: string | undefined, format: InputFormat, part: PartName, { outDir, prefix }: NamingOptions): string {
  const name = file === undefined ? '' : basename(file).replace(/\.gz$/i, '');
  const [, stem, extension] = /^(.*?)(\.(?:csv|tsv|jsonl|ndjson))?$/is.exec(name)!;
  const folder = outDir ?? (file === undefined ? '' : dirname(file));
  return join(folder, `${prefix ?? (stem || 'data')}.${part}${extension ?? `.${format}`}`);
}

/** Throws UserError where one of the files is there already. */
export async function refuseExisting(paths: readonly (string | undefined)[]): Promise<void> {
  for (const path of paths) {
    if (path === undefined) continue;
    const exists = await stat(path).then(
      () => true,
      () => false,
    );
    if (exists)
      throw new UserError(`${path}: the file is there already`, '--force writes over it; --out-dir and --prefix choose other names');
  }
}

export interface PartFiles {
  readonly outputs: readonly (Output | undefined)[];
  /** All files take their names; where one cannot, those that could are taken back. */
  readonly commit: () => Promise<void>;
  readonly discard: () => Promise<void>;
}

/** Opens the files, undefined for none, and makes their folder. */
export async function openParts(paths: readonly (string | undefined)[]): Promise<PartFiles> {
  const opened: { readonly path: string; readonly output: Output }[] = [];
  const discard = async (): Promise<void> => {
    for (const { output } of opened) await output.discard();
  };
  const outputs: (Output | undefined)[] = [];
  try {
    for (const path of paths) {
      outputs.push(path === undefined ? undefined : await openPart(path));
      if (path !== undefined) opened.push({ path, output: outputs.at(-1)! });
    }
  } catch (error) {
    await discard();
    throw error;
  }
  const commit = async (): Promise<void> => {
    for (const [done, { output }] of opened.entries()) {
      try {
        await output.commit();
      } catch (error) {
        for (const { path } of opened.slice(0, done)) await rm(path, { force: true });
        throw error;
      }
    }
  };
  return { outputs, commit, discard };
}

function openPart(path: string): Promise<Output> {
  makeFolder(dirname(path));
  return openFileOutput(path);
}
