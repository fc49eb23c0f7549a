// Padded rows as .npy: one array of tokens, and beside it those of the lengths and of the mask. How many rows there are is said first.
import { npyData, npyHeader } from '../../formats/npy.ts';
import type { PaddedRow, WritePlan } from './fields.ts';
import type { Output, Outputs } from './output.ts';
import { fullAt } from './write.ts';
import type { RowWriter } from './write.ts';

/** One of the arrays: `put` writes a row's values from `at`. */
interface NpyArray {
  readonly output: Output;
  readonly width: number;
  readonly values: Int32Array;
  readonly put: (values: Int32Array, at: number, row: PaddedRow) => void;
}

/** Shapes: rows (rows, width), lengths (rows), mask (rows, width). */
export function npyWriter({ rows = 0, width, value }: WritePlan, outputs: Outputs): RowWriter {
  const most = Math.max(1, Math.floor(fullAt / (4 * width)));
  const array = (output: Output | undefined, rowWidth: number, put: NpyArray['put']): NpyArray[] =>
    output ? [{ output, width: rowWidth, values: new Int32Array(most * rowWidth), put }] : [];
  const arrays = [
    ...array(outputs.rows, width, (values, at, { tokens, begin, end, before }) => {
      values.fill(value, at, at + width).set(tokens.subarray(begin, end), at + before);
    }),
    ...array(outputs.lengths, 1, (values, at, { begin, end }) => (values[at] = end - begin)),
    ...array(outputs.mask, width, (values, at, { begin, end, before }) => {
      values.fill(0, at, at + width).fill(1, at + before, at + before + end - begin);
    }),
  ];
  let gathered = 0;
  let isBegun = false;
  const flush = async (): Promise<void> => {
    for (const { output, width: rowWidth, values } of arrays) {
      if (!isBegun) await output.write(npyHeader(output === outputs.lengths ? [rows] : [rows, width]));
      await output.write(npyData(values.subarray(0, gathered * rowWidth)));
    }
    isBegun = true;
    gathered = 0;
  };
  return {
    add(row) {
      for (const { width: rowWidth, values, put } of arrays) put(values, gathered * rowWidth, row);
      gathered++;
    },
    isFull: () => gathered === most,
    flush,
    end: flush,
  };
}
