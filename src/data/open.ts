// Opens rows of tokens, whatever form they come in: the format by option, name or first bytes, then the reader for it.
// A new format is one entry in `readers`.
import { enoughToSniff, formatOfName, formatOfText } from './sniff.ts';
import { asText, openBytes, peek } from './bytes.ts';
import type { InputIo, TextSource } from './bytes.ts';
import type { ReadOptions } from './names.ts';
import type { InputFormat, SequenceInput } from './rows.ts';

type Reader = (source: TextSource, options: ReadOptions) => Promise<SequenceInput>;

const readers: Readonly<Record<InputFormat, Reader>> = {
  csv: async (source, options) => (await import('./csv.ts')).openCsv(source, 'csv', options),
  tsv: async (source, options) => (await import('./csv.ts')).openCsv(source, 'tsv', options),
  json: async (source, options) => (await import('./json.ts')).openJson(source, 'json', options),
  jsonl: async (source, options) => (await import('./json.ts')).openJson(source, 'jsonl', options),
};

/**
 * Opens `file`, or standard input for `-` and undefined, and reads as far as its layout.
 * `tap` sees the bytes as they are stored, before decompression.
 * Throws UsageError where standard input is a terminal, DataError where the file or its first row is at fault.
 */
export async function openSequences(
  file: string | undefined,
  options: ReadOptions,
  io: InputIo,
  tap?: (bytes: Uint8Array) => void,
): Promise<SequenceInput> {
  const source = asText(await openBytes(file, io, tap));
  try {
    const known = options.inputFormat ?? formatOfName(source.file);
    if (known !== undefined) return await readers[known](source, options);
    const { head, bytes } = await peek(source.bytes, enoughToSniff);
    return await readers[formatOfText(head)]({ ...source, bytes }, options);
  } catch (error) {
    source.close();
    throw error;
  }
}
