// The bytes of a file or of standard input, gunzipped; as text without byte order mark, and known to be UTF-8 without NUL.
// Turns every error of the system or of gzip into one that says what to do.
import { isUtf8 } from 'node:buffer';
import { open } from 'node:fs/promises';
import { addAbortSignal, pipeline } from 'node:stream';
import type { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { DataError, systemCode, UsageError, UserError } from '../errors.ts';

/** The part of the outside world that reading needs. */
export interface InputIo {
  readonly stdin: NodeJS.ReadableStream & { readonly isTTY?: boolean };
  /** Ends the reading with an AbortError. */
  readonly interrupted?: AbortSignal;
}

export interface ByteSource {
  /** As messages name it. */
  readonly file: string;
  readonly bytes: AsyncGenerator<Buffer>;
  /** Absent for standard input. */
  readonly path?: string;
  /** Whether someone wants to see all bytes go by. */
  readonly watched?: boolean;
  readonly close: () => void;
}

/** One whose bytes are text, and end no stretch inside a character. */
export type TextSource = ByteSource;

/** Opens `file`, or standard input for `-` and undefined. `tap` sees the bytes as they are stored, before decompression. */
export async function openBytes(file: string | undefined, io: InputIo, tap?: (bytes: Uint8Array) => void): Promise<ByteSource> {
  const fromStdin = file === undefined || file === '-';
  const name = fromStdin ? 'stdin' : file;
  const stream = fromStdin ? standardInput(io) : await openFile(file);
  if (io.interrupted) addAbortSignal(io.interrupted, stream);
  const stored = storedBytes(stream, name, tap);
  const bytes = unzipped(stored, name);
  return { file: name, bytes, ...(!fromStdin && { path: file }), watched: tap !== undefined, close: () => stream.destroy() };
}

/** The same bytes, for a reader of text. */
export function asText(source: ByteSource): TextSource {
  return { ...source, bytes: plainText(source.bytes, source.file) };
}

function standardInput({ stdin }: InputIo): Readable {
  if (stdin.isTTY) throw new UsageError('standard input is a terminal', 'name a file, or pipe rows in: printf "1,2,3\\n" | rnn …');
  return stdin as Readable;
}

async function openFile(file: string): Promise<Readable> {
  try {
    const handle = await open(file);
    if (!(await handle.stat()).isDirectory()) return handle.createReadStream({ highWaterMark: 1 << 17 });
    await handle.close();
  } catch (error) {
    throw readError(file, error);
  }
  throw readError(file, Object.assign(new Error(), { code: 'EISDIR' }));
}

/** What a person can do about a failed read; an error that is not from the system comes back as it is. */
function readError(file: string, error: unknown): unknown {
  const code = systemCode(error);
  if (code === undefined || error instanceof UserError || code === 'ABORT_ERR') return error;
  const [what, remedy] = readRemedies[code] ?? [`cannot be read, the system answers ${code}`, 'check the file'];
  return new DataError({ file }, what, remedy);
}

const readRemedies: Readonly<Record<string, readonly [what: string, remedy: string]>> = {
  ENOENT: ['no such file', 'check the path; - reads standard input'],
  ENOTDIR: ['no such file: a part of the path is not a folder', 'check the path'],
  EISDIR: ['this is a folder', 'name a file in it'],
  EACCES: ['permission to read is denied', 'ask for it with chmod, or read a copy'],
  EPERM: ['permission to read is denied', 'ask for it, or read a copy'],
  ELOOP: ['its symbolic links run in a circle', 'check the links'],
  ENAMETOOLONG: ['the name is too long', 'check the path'],
  EMFILE: ['too many files are open', 'raise ulimit -n'],
};

async function* storedBytes(stream: Readable, file: string, tap?: (bytes: Uint8Array) => void): AsyncGenerator<Buffer> {
  try {
    for await (const chunk of stream) {
      const bytes = typeof chunk === 'string' ? Buffer.from(chunk) : (chunk as Buffer);
      tap?.(bytes);
      yield bytes;
    }
  } catch (error) {
    throw readError(file, error);
  }
}

/** Gunzips what begins like gzip, whatever its name. */
async function* unzipped(stored: AsyncGenerator<Buffer>, file: string): AsyncGenerator<Buffer> {
  const { head, bytes } = await peek(stored, (first) => first.length >= 2);
  if (head[0] !== 0x1f || head[1] !== 0x8b) {
    if (/\.gz$/i.test(file) && head.length > 0) {
      throw new DataError(
        { file },
        'this is no gzip data, though its name ends in .gz',
        'take the .gz off the name if the file is plain text',
      );
    }
    yield* bytes;
    return;
  }
  const gunzip = createGunzip({ chunkSize: 1 << 16 });
  // Where the last byte that is not 0 ends, counted from the first.
  const seen = { bytes: 0, end: 0 };
  // Errors of either side end the loop below; the callback is there because pipeline wants one.
  pipeline(counted(bytes, seen), gunzip, () => {});
  const damaged = (what: string): DataError => new DataError({ file }, what, 'fetch or compress the file anew; gzip -t tests it');
  try {
    yield* gunzip as AsyncIterable<Buffer>;
  } catch (error) {
    if (!systemCode(error)?.startsWith('Z_')) throw error;
    if (systemCode(error) === 'Z_BUF_ERROR') throw damaged('the gzip data ends early');
    // Only what comes after the first data can be without a header.
    const isTail = (error as Error).message === 'incorrect header check';
    throw damaged(isTail ? 'bytes that are no gzip data follow the gzip data' : 'the gzip data is damaged');
  }
  // Zeros may fill a file up; zlib passes over all that follows them.
  if (seen.end > gunzip.bytesWritten) throw damaged('bytes that are no gzip data follow the gzip data');
}

async function* counted(source: AsyncGenerator<Buffer>, seen: { bytes: number; end: number }): AsyncGenerator<Buffer> {
  for await (const chunk of source) {
    let end = chunk.length;
    while (end > 0 && chunk[end - 1] === 0) end--;
    if (end > 0) seen.end = seen.bytes + end;
    seen.bytes += chunk.length;
    yield chunk;
  }
}

/** Reads on until `enough` or the end, and gives what was read with a generator that begins there again. */
export async function peek(
  source: AsyncGenerator<Buffer>,
  enough: (head: Buffer) => boolean,
): Promise<{ head: Buffer; bytes: AsyncGenerator<Buffer> }> {
  let head: Buffer = Buffer.alloc(0);
  while (!enough(head)) {
    const next = await source.next();
    if (next.done) break;
    head = head.length === 0 ? next.value : Buffer.concat([head, next.value]);
  }
  return { head, bytes: startingWith(head, source) };
}

async function* startingWith(head: Buffer, rest: AsyncGenerator<Buffer>): AsyncGenerator<Buffer> {
  try {
    if (head.length > 0) yield head;
    yield* rest;
  } finally {
    // Reached before `rest` is, when the reader stops at the head.
    await rest.return(undefined);
  }
}

/** Passes whole characters on; throws at the first line that is not text. */
async function* plainText(source: AsyncGenerator<Buffer>, file: string): AsyncGenerator<Buffer> {
  const { head, bytes } = await peek(source, (first) => first.length >= 3);
  let skip = head[0] === 0xef && head[1] === 0xbb && head[2] === 0xbf ? 3 : 0;
  let line = 1;
  let cutCharacter: Buffer = Buffer.alloc(0);
  for await (const chunk of bytes) {
    const joined = cutCharacter.length === 0 ? chunk.subarray(skip) : Buffer.concat([cutCharacter, chunk]);
    skip = 0;
    const whole = joined.subarray(0, joined.length - lengthOfCutCharacter(joined));
    cutCharacter = joined.subarray(whole.length);
    if (whole.includes(0) || !isUtf8(whole)) throw notText(whole, file, line);
    line += countNewlines(whole);
    if (whole.length > 0) yield whole;
  }
  if (cutCharacter.length > 0) throw notText(cutCharacter, file, line);
}

/** Bytes of a UTF-8 character that the end of the buffer cuts in two; 0 where it ends with a whole one. */
export function lengthOfCutCharacter(bytes: Buffer): number {
  for (let back = 1; back <= 3 && back <= bytes.length; back++) {
    const byte = bytes[bytes.length - back];
    if ((byte & 0xc0) === 0x80) continue;
    const size = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1;
    return size > back ? back : 0;
  }
  return 0;
}

function notText(bytes: Buffer, file: string, firstLine: number): DataError {
  let line = firstLine;
  let begin = 0;
  for (;;) {
    const newline = bytes.indexOf(0x0a, begin);
    const content = bytes.subarray(begin, newline < 0 ? bytes.length : newline);
    const nul = content.includes(0);
    if (nul || !isUtf8(content) || newline < 0) {
      const utf16 = line === 1 && /^(?:\xff\xfe|\xfe\xff)/.test(content.toString('latin1'));
      if (line === 1 && content.toString('latin1', 0, 4) === 'PK\x03\x04') {
        return new DataError({ file }, 'this is a zip archive', 'unpack it: .npz holds .npy files; what .xlsx holds, save as CSV');
      }
      const what = utf16 ? 'this is UTF-16' : nul ? 'this is not text: it holds a NUL byte' : 'this is not UTF-8 text';
      const hint = utf16
        ? 'convert it to UTF-8: iconv -f UTF-16 -t UTF-8, or "CSV UTF-8" where a spreadsheet saves'
        : 'give CSV, TSV, JSON or JSONL in UTF-8, gzipped or not, an .npy or a Parquet file';
      return new DataError({ file, line }, what, hint);
    }
    begin = newline + 1;
    line++;
  }
}

function countNewlines(bytes: Buffer): number {
  let count = 0;
  for (let at = 0; at < bytes.length; at++) if (bytes[at] === 0x0a) count++;
  return count;
}
