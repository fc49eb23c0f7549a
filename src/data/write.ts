// Writers of padded rows: each takes rows one by one, and lets go of its text when asked. A new output format is one entry in `writers`.
import { npyData, npyHeader } from '../formats/npy.ts';
import { csvText } from './write-csv.ts';
import { jsonText } from './write-json.ts';
import type { OutputFormat, PaddedRow, WritePlan } from './fields.ts';
import type { Output, Outputs } from './output.ts';
import type { InputFormat, Origin } from './rows.ts';
import { TextBytes } from './text-bytes.ts';

/** How a text format says it. */
export interface RowText {
  readonly begin: string;
  readonly row: (row: PaddedRow, out: TextBytes) => void;
  readonly end: () => Iterable<string | Uint8Array>;
}

export interface RowWriter {
  readonly add: (row: PaddedRow) => void;
  /** Whether enough has gathered for a write. */
  readonly isFull: () => boolean;
  readonly flush: () => Promise<void>;
  readonly end: () => Promise<void>;
}

/** The format that an output's name tells. */
export function formatOfOutput(path: string): OutputFormat | undefined {
  const extension = /\.([a-z]+)$/i.exec(path)?.[1]?.toLowerCase();
  if (extension === 'ndjson') return 'jsonl';
  return extension !== undefined && Object.hasOwn(writers, extension) ? (extension as OutputFormat) : undefined;
}

/** That of a result which nothing says more of than its input's. */
export function formatLike(format: InputFormat): OutputFormat {
  return format === 'parquet' ? 'jsonl' : format;
}

const fullAt = 1 << 16;

type MakeWriter = (origin: Origin, plan: WritePlan, outputs: Outputs) => RowWriter;

const writers: Readonly<Record<OutputFormat, MakeWriter>> = {
  csv: (origin, plan, { rows }) => textWriter(csvText(origin, plan), rows),
  tsv: (origin, plan, { rows }) => textWriter(csvText(origin, plan), rows),
  json: (origin, plan, { rows }) => textWriter(jsonText(origin, plan), rows),
  jsonl: (origin, plan, { rows }) => textWriter(jsonText(origin, plan), rows),
  npy: npyWriter,
};

export function createWriter(origin: Origin, plan: WritePlan, outputs: Outputs): RowWriter {
  return writers[plan.format](origin, plan, outputs);
}

function textWriter({ begin, row: toText, end }: RowText, output: Output): RowWriter {
  const text = new TextBytes();
  text.add(begin);
  const flush = async (): Promise<void> => {
    if (text.length === 0) return;
    await output.write(text.written);
    text.clear();
  };
  return {
    add: (row) => toText(row, text),
    isFull: () => text.length >= fullAt,
    flush,
    async end() {
      for (const part of end()) {
        text.add(part);
        if (text.length >= fullAt) await flush();
      }
      await flush();
    },
  };
}

/** One of the arrays: `put` writes a row's values from `at`. */
interface NpyArray {
  readonly output: Output;
  readonly width: number;
  readonly values: Int32Array;
  readonly put: (values: Int32Array, at: number, row: PaddedRow) => void;
}

/** Shapes: rows (rows, width), lengths (rows), mask (rows, width). */
function npyWriter(_: Origin, { rows = 0, width, value }: WritePlan, outputs: Outputs): RowWriter {
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
