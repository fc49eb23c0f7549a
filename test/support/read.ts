// Reads text as the commands do, and gives the rows as plain lists, which are easier to compare.
import { collectRows } from '../../src/data/rows/store.ts';
import { openSequences } from '../../src/data/open.ts';
import type { ReadOptions } from '../../src/data/rows/names.ts';
import type { CellValue, SequenceInput } from '../../src/data/rows/rows.ts';
import { chunked } from './run.ts';

export interface ReadRows {
  readonly rows: readonly (readonly number[])[];
  readonly lines: readonly number[];
  readonly others: readonly (readonly CellValue[])[];
  readonly input: SequenceInput;
}

/** The parts arrive one after another, as from a pipe. */
export async function readText(parts: string | readonly (string | Uint8Array)[], options: ReadOptions = {}): Promise<ReadRows> {
  const input = await openSequences('-', options, { stdin: chunked(typeof parts === 'string' ? [parts] : parts) });
  const { tokens, offsets, lines, others } = await collectRows(input.chunks);
  const rows = [...lines.keys()].map((row) => [...tokens.subarray(offsets[row], offsets[row + 1])]);
  return { rows, lines: [...lines], others, input };
}

/** The message of the error that reading ends with. */
export async function readError(parts: string | readonly (string | Uint8Array)[], options: ReadOptions = {}): Promise<string> {
  try {
    await readText(parts, options);
  } catch (error) {
    return (error as Error).message;
  }
  return 'no error';
}

/** The bytes in parts of this size. */
export function inParts(text: string | Uint8Array, size: number): Uint8Array[] {
  const bytes = Buffer.from(text);
  return Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) => bytes.subarray(i * size, (i + 1) * size));
}
