// The bytes of an input, gunzipped; as text without byte order mark, and known to be UTF-8 without NUL.
import { isUtf8 } from 'node:buffer';
import { DataError, systemCode } from '../../errors.ts';
import { openStored } from './stored-bytes.ts';
import type { ByteSource, InputIo } from './stored-bytes.ts';

export type { ByteSource, InputIo };

/** One whose bytes are text, and end no stretch inside a character. */
export type TextSource = ByteSource;

/** Opens `file`, or standard input for `-` and undefined. `tap` sees the bytes as they are stored, before decompression. */
export async function openBytes(file: string | undefined, io: InputIo, tap?: (bytes: Uint8Array) => void): Promise<ByteSource> {
  const stored = await openStored(file, io, tap);
  return { ...stored, bytes: unzipped(stored.bytes, stored.file) };
}

/** The same bytes, for a reader of text. */
export function asText(source: ByteSource): TextSource {
  return { ...source, bytes: plainText(source.bytes, source.file) };
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
  const [{ pipeline }, { createGunzip }] = await Promise.all([import('node:stream'), import('node:zlib')]);
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

const noWords = new Int32Array(0);

/**
 * Four bytes at a time, twice as fast as one by one: x = word ^ newlines has a byte 0 for each newline, whose top bit is what
 * ¬(((x & 0x7f…) + 0x7f…) | x) leaves.
 */
function countNewlines(bytes: Buffer): number {
  const size = bytes.length;
  const begin = size < 8 ? size : -bytes.byteOffset & 3;
  const words = size < 8 ? noWords : new Int32Array(bytes.buffer, bytes.byteOffset + begin, (size - begin) >> 2);
  const end = begin + 4 * words.length;
  let count = 0;
  for (let i = 0; i < words.length; i++) {
    const x = words[i] ^ 0x0a0a0a0a;
    const found = ~(((x & 0x7f7f7f7f) + 0x7f7f7f7f) | x | 0x7f7f7f7f);
    if (found !== 0) count += Math.imul(found >>> 7, 0x01010101) >>> 24;
  }
  for (let at = 0; at < begin; at++) if (bytes[at] === 0x0a) count++;
  for (let at = end; at < size; at++) if (bytes[at] === 0x0a) count++;
  return count;
}
