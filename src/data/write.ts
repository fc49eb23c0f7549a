// Writers of padded rows: each takes rows one by one, and lets go of its text when asked. A new output format is one entry in `writers`.
import { npyData, npyHeader } from '../formats/npy.ts';
import type { Delimiter } from './delimiter.ts';
import { csvText } from './write-csv.ts';
import { jsonText } from './write-json.ts';
import type { OutputFormat, PaddedRow, WritePlan } from './fields.ts';
import type { Output, Outputs } from './output.ts';
import type { InputFormat, Origin } from './rows.ts';

/** How a text format says it; strings end where rows end. */
export interface RowText {
  readonly begin: string;
  readonly row: (row: PaddedRow) => string;
  readonly end: () => Iterable<string>;
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

/** What separates the cells of the format where nothing says otherwise. */
export function delimiterOf(format: OutputFormat): Delimiter {
  return format === 'tsv' ? '\t' : ',';
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
  let text = begin;
  const flush = async (): Promise<void> => {
    const full = text;
    text = '';
    if (full !== '') await output.write(full);
  };
  return {
    add(row) {
      text += toText(row);
    },
    isFull: () => text.length >= fullAt,
    flush,
    async end() {
      for (const part of end()) {
        text += part;
        if (text.length >= fullAt) await flush();
      }
      await flush();
    },
  };
}

/** Shapes: rows (rows, width), lengths (rows), mask (rows, width). */
function npyWriter(_: Origin, { rows = 0, width }: WritePlan, outputs: Outputs): RowWriter {
  const arrays = [
    { output: outputs.rows, shape: [rows, width], values: (row: PaddedRow) => row.tokens },
    { output: outputs.lengths, shape: [rows], values: (row: PaddedRow) => Int32Array.of(row.length) },
    {
      output: outputs.mask,
      shape: [rows, width],
      values: (row: PaddedRow) => new Int32Array(width).fill(1, row.begin, row.begin + row.length),
    },
  ].flatMap(({ output, shape, values }) => (output ? [{ output, values, parts: [npyHeader(shape)] }] : []));
  let size = 0;
  const flush = async (): Promise<void> => {
    for (const { output, parts } of arrays) await output.write(Buffer.concat(parts.splice(0)));
    size = 0;
  };
  return {
    add(row) {
      for (const { values, parts } of arrays) parts.push(npyData(values(row)));
      size += 4 * width;
    },
    isFull: () => size >= fullAt,
    flush,
    end: flush,
  };
}
