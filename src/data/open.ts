// Opens rows of tokens, whatever form they come in: the format by option, first bytes or name, then the reader for it.
// A new format is one entry in `readers`, beside its facts in `inputFormats`.
import { DataError, UsageError } from '../errors.ts';
import { beginsLikeSafetensors, weightFileName } from '../formats/weight-files.ts';
import { noRowsLeft } from './rows/bad-rows.ts';
import type { ReadOptions } from './rows/names.ts';
import type { InputFormat, RowChunk, SequenceInput } from './rows/rows.ts';
import { enoughForSignature, enoughToSniff, formatOfName, formatOfSignature, formatOfText } from './sniff.ts';
import { asText, openBytes, peek } from './source/bytes.ts';
import type { ByteSource, InputIo } from './source/bytes.ts';

interface Reader {
  readonly isText: boolean;
  readonly open: (source: ByteSource, options: ReadOptions) => Promise<SequenceInput>;
}

const text = (open: Reader['open']): Reader => ({ isText: true, open });
const binary = (open: Reader['open']): Reader => ({ isText: false, open });

const readers: Readonly<Record<InputFormat, Reader>> = {
  csv: text(async (source, options) => (await import('./csv/csv.ts')).openCsv(source, undefined, options)),
  tsv: text(async (source, options) => (await import('./csv/csv.ts')).openCsv(source, '\t', options)),
  json: text(async (source, options) => (await import('./json/json.ts')).openJson(source, 'json', options)),
  jsonl: text(async (source, options) => (await import('./json/json.ts')).openJson(source, 'jsonl', options)),
  npy: binary(async (source, options) => (await import('./npy/npy.ts')).openNpy(source, options)),
  parquet: binary(async (source, options) => (await import('./parquet.ts')).openParquet(source, options)),
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
  const source = await openBytes(file, io, tap);
  try {
    const { format, ...whole } = await withFormat(source, options);
    const input = await readers[format].open(whole, options);
    refuseDelimiter(input, options);
    return { ...input, isStream: source.isStream, chunks: someRows(input) };
  } catch (error) {
    source.close();
    throw error;
  }
}

/** Only CSV has a delimiter, so one that is given tells the format too. */
async function withFormat(source: ByteSource, options: ReadOptions): Promise<ByteSource & { readonly format: InputFormat }> {
  const { head, bytes } = await peek(source.bytes, enoughForSignature);
  if (beginsLikeSafetensors(head) || weightFileName.test(source.file)) throw weightsForRows(source);
  const whole = { ...source, bytes };
  const said = options.inputFormat ?? formatOfSignature(head) ?? formatOfName(source.file);
  const known = said ?? (options.delimiter === undefined ? undefined : 'csv');
  if (known !== undefined) return { ...(readers[known].isText ? asText(whole) : whole), format: known };
  const plain = asText(whole);
  const peeked = await peek(plain.bytes, enoughToSniff);
  return { ...plain, bytes: peeked.bytes, format: formatOfText(peeked.head) };
}

function refuseDelimiter({ file, format, delimiter: used }: SequenceInput, { delimiter }: ReadOptions): void {
  if (delimiter === undefined || used !== undefined) return;
  throw new UsageError(
    `--delimiter: ${file} is read as ${format}, which has none`,
    'leave --delimiter out, or say --input-format csv if that is what it is',
  );
}

function weightsForRows({ file, path = 'WEIGHTS' }: ByteSource): DataError {
  return new DataError(
    { file },
    'this is a file of weights; rows of tokens are wanted',
    `rnn inspect ${path} shows it, rnn train FILE --init-from ${path} starts from it`,
  );
}

/** The chunks; throws at the end where every row was left out. */
async function* someRows({ file, chunks, badRows }: SequenceInput): AsyncGenerator<RowChunk> {
  let rows = 0;
  for await (const chunk of chunks) {
    rows += chunk.lines.length;
    yield chunk;
  }
  if (rows === 0 && badRows.count > 0) throw noRowsLeft(file, badRows, '');
}
