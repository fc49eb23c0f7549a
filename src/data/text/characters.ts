// Text as bytes in stretches that end between characters: checked to be UTF-8, and put into NFC where that is asked for.
// A byte order mark stays: what is to become of it is for the caller to say. NUL is a character like any other.
import { isAscii, isUtf8 } from 'node:buffer';
import { DataError } from '../../errors.ts';
import { lengthOfCutCharacter } from '../source/bytes.ts';
import type { ByteSource } from '../source/bytes.ts';

/** Passes whole characters on. Throws DataError with line and byte at the first that is no UTF-8. */
export async function* wholeCharacters({ file, bytes }: ByteSource): AsyncGenerator<Buffer> {
  let line = 1;
  let before = 0; // bytes of the line in earlier stretches
  let cut: Buffer = Buffer.alloc(0);
  const fail = (part: Buffer): never => {
    const at = firstInvalid(part);
    const lineBegin = part.lastIndexOf(0x0a, at) + 1;
    const lines = newlines(part.subarray(0, lineBegin));
    throw notUtf8(part[at], { file, line: line + lines }, at - lineBegin + 1 + (lines === 0 ? before : 0));
  };
  for await (const chunk of bytes) {
    const joined = cut.length === 0 ? chunk : Buffer.concat([cut, chunk]);
    const whole = joined.subarray(0, joined.length - lengthOfCutCharacter(joined));
    cut = joined.subarray(whole.length);
    if (!isUtf8(whole)) fail(whole);
    if (whole.length > 0) yield whole;
    const lineBegin = whole.lastIndexOf(0x0a) + 1;
    if (lineBegin > 0) [line, before] = [line + newlines(whole), 0];
    before += whole.length - lineBegin;
  }
  if (cut.length > 0) fail(cut);
}

/** The same text in Unicode NFC. Nothing composes with an ASCII character after it, so a stretch may end before one. */
export async function* composed(source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let held: Buffer[] = [];
  for await (const chunk of source) {
    let end = chunk.length;
    while (end > 0 && chunk[end - 1] >= 0x80) end--;
    held.push(end > 0 ? chunk.subarray(0, end - 1) : chunk);
    if (end === 0) continue;
    yield inNfc(Buffer.concat(held));
    held = [chunk.subarray(end - 1)];
  }
  yield inNfc(Buffer.concat(held));
}

function inNfc(bytes: Buffer): Buffer {
  return isAscii(bytes) ? bytes : Buffer.from(bytes.toString('utf8').normalize('NFC'));
}

/** Where the first character begins that is none. */
function firstInvalid(bytes: Buffer): number {
  let at = 0;
  while (at < bytes.length) {
    const lead = bytes[at];
    const size = lead < 0xc0 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
    if (at + size > bytes.length || !isUtf8(bytes.subarray(at, at + size))) return at;
    at += size;
  }
  return at;
}

function notUtf8(byte: number, place: { file: string; line: number }, column: number): DataError {
  const hex = byte.toString(16).padStart(2, '0');
  const isUtf16 = place.line === 1 && column === 1 && (byte === 0xff || byte === 0xfe);
  const convert = `iconv -f ${isUtf16 ? 'UTF-16' : 'LATIN1'} -t UTF-8 converts it`;
  return new DataError(
    place,
    `byte ${column} of the line, 0x${hex}, is not UTF-8${isUtf16 ? ': this looks like UTF-16' : ''}`,
    isUtf16 ? convert : `${convert} where that is what it is; --level byte takes bytes as they are`,
  );
}

function newlines(bytes: Buffer): number {
  let count = 0;
  for (let at = bytes.indexOf(0x0a); at >= 0; at = bytes.indexOf(0x0a, at + 1)) count++;
  return count;
}
