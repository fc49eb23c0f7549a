// A file of rows into files of rows: read once to know the rows, drawn by seed, read again to copy them. Memory: some 20 bytes a row.
import { stat } from 'node:fs/promises';
import { UserError } from '../../errors.ts';
import { createRandom, permutation, purposes } from '../../model/random.ts';
import { drawParts } from '../dataset/split.ts';
import { openSequences } from '../open.ts';
import type { ReadOptions } from '../rows/names.ts';
import type { SequenceInput } from '../rows/rows.ts';
import { asText, openBytes } from '../source/bytes.ts';
import type { InputIo } from '../source/bytes.ts';
import { spool } from '../source/spool.ts';
import type { Spooled } from '../source/spool.ts';
import { copyLines } from './copy-lines.ts';
import { openParts, partNames, partPath, refuseExisting } from './part-files.ts';
import type { NamingOptions, PartName } from './part-files.ts';
import { survey } from './survey.ts';
import type { Survey } from './survey.ts';

export interface SplitOptions extends ReadOptions, NamingOptions {
  /** Shares of the rows; 0: no such file. */
  readonly validation: number;
  readonly test: number;
  readonly stratify: string | undefined;
  readonly seed: number;
  readonly force: boolean;
}

export interface SplitPart {
  readonly name: PartName;
  readonly path: string;
  readonly rows: number;
}

export interface SplitResult {
  readonly file: string;
  readonly rows: number;
  readonly stratified: Survey['stratified'];
  readonly parts: readonly SplitPart[];
}

/**
 * Writes the parts of `file`, or of standard input for `-` and undefined. A pipe, whatever its name, is kept in a temporary file,
 * since rows are read twice. Throws UserError where a part would be empty; nothing is left behind by any error.
 */
export async function splitFile(file: string | undefined, options: SplitOptions, io: InputIo): Promise<SplitResult> {
  const named = file === undefined || file === '-' || (await isPipe(file)) ? undefined : file;
  const spooled = named === undefined ? await spoolInput(file, io) : undefined;
  const reopened = (): InputIo => (spooled ? { ...io, stdin: spooled.reopen() } : io);
  try {
    const sizes = [0, 0];
    const tap = (reading: number) => (bytes: Uint8Array) => void (sizes[reading] += bytes.length);
    const { paths, known } = await firstReading(await openSequences(named, options, reopened(), tap(0)), named, options);
    const parts = draw(known, options);
    const counted = countParts(known, parts, paths);
    const files = await openParts(paths);
    try {
      const source = asText(await openBytes(named, reopened(), tap(1)));
      await copyLines(source.bytes, known, parts, files.outputs);
      if (sizes[0] !== sizes[1]) throw new UserError(`${source.file}: it changed while it was read`, 'split it when nothing writes to it');
      await files.commit();
    } finally {
      await files.discard();
    }
    return { file: known.file, rows: parts.length, stratified: known.stratified, parts: counted };
  } finally {
    await spooled?.close();
  }
}

async function isPipe(path: string): Promise<boolean> {
  // Where there is nothing, opening it says so.
  const found = await stat(path).catch(() => undefined);
  return found !== undefined && !found.isFile() && !found.isDirectory();
}

async function spoolInput(file: string | undefined, io: InputIo): Promise<Spooled> {
  const source = await openBytes(file, io);
  try {
    return await spool(source.bytes, source.file);
  } finally {
    source.close();
  }
}

/** Where the parts go, which must not be there, and what the rows are. Closes the input. */
async function firstReading(
  input: SequenceInput,
  named: string | undefined,
  options: SplitOptions,
): Promise<{ paths: readonly (string | undefined)[]; known: Survey }> {
  try {
    const shares = [1, options.validation, options.test];
    const paths = partNames.map((name, part) => (shares[part] > 0 ? partPath(named, input.format, name, options) : undefined));
    if (!options.force) await refuseExisting(paths);
    return { paths, known: await survey(input, options.stratify) };
  } finally {
    input.close();
  }
}

/** As `rnn train --validation-split` draws from rows of which it leaves none out. */
function draw({ strata }: Survey, { seed, validation, test }: SplitOptions): Uint8Array {
  const shuffled = permutation(strata.length, createRandom(seed, purposes.split));
  return drawParts(shuffled, (row) => strata[row], [validation, test]);
}

/** The parts that have a path. Throws UserError for one without rows. */
function countParts({ file }: Survey, parts: Uint8Array, paths: readonly (string | undefined)[]): SplitPart[] {
  const counts = [0, 0, 0];
  for (const part of parts) counts[part]++;
  return partNames.flatMap((name, part) => {
    const [path, rows] = [paths[part], counts[part]];
    if (path === undefined) return [];
    if (rows > 0) return [{ name, path, rows }];
    throw new UserError(
      `${file}: the ${name} part of ${parts.length} rows would be empty`,
      'give more rows or other shares, or --stratify none where classes have few rows',
    );
  });
}
