// Writers of padded rows: each takes rows one by one, and lets go of its text when asked. A new output format is one entry in `writers`.
import type { Delimiter } from '../rows/delimiter.ts';
import type { InputFormat, Origin } from '../rows/rows.ts';
import type { OutputFormat, PaddedRow, WritePlan } from './fields.ts';
import type { Output, Outputs } from './output.ts';
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

/** Bytes that are worth a write. */
export const fullAt = 1 << 18;

/** What separates the cells of the format where nothing says otherwise. */
export function delimiterOf(format: OutputFormat): Delimiter {
  return format === 'tsv' ? '\t' : ',';
}

type MakeWriter = (origin: Origin, plan: WritePlan, outputs: Outputs) => Promise<RowWriter>;

const csv: MakeWriter = async (origin, plan, { rows }) => textWriter((await import('./csv.ts')).csvText(origin, plan), rows);
const json: MakeWriter = async (origin, plan, { rows }) => textWriter((await import('./json.ts')).jsonText(origin, plan), rows);

const writers: Readonly<Record<OutputFormat, MakeWriter>> = {
  csv,
  tsv: csv,
  json,
  jsonl: json,
  npy: async (_, plan, outputs) => (await import('./npy.ts')).npyWriter(plan, outputs),
};

/** Loads what the format needs. */
export function createWriter(origin: Origin, plan: WritePlan, outputs: Outputs): Promise<RowWriter> {
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
