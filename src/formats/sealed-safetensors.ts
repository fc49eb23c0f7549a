// A safetensors file that knows when it is damaged: its metadata hold the sha256 of all of its bytes, the 64 digits themselves
// taken as zeros. Every other reader sees an ordinary safetensors file.
import { createHash } from 'node:crypto';
import { UserError } from '../errors.ts';
import { readSafetensors, writeSafetensors } from './safetensors.ts';
import type { NamedTensor, Safetensors } from './safetensors.ts';

const key = 'sha256';
const digits = 64;
const blank = '0'.repeat(digits);

/** The bytes of the file, sealed. */
export function writeSealed(tensors: readonly NamedTensor[], metadata: Readonly<Record<string, string>>): Uint8Array {
  const bytes = writeSafetensors(tensors, { ...metadata, [key]: blank });
  const at = sealPosition(bytes)!;
  bytes.set(new TextEncoder().encode(createHash('sha256').update(bytes).digest('hex')), at);
  return bytes;
}

/** The tensors and metadata of a sealed file. Throws UserError, with `file` for its name, where a byte is not as it was written. */
export function readSealed(bytes: Uint8Array, file: string): Safetensors {
  const content = readSafetensors(bytes, file);
  const sealed = content.metadata[key];
  const at = sealPosition(bytes);
  if (sealed === undefined || at === undefined) throw new UserError(`${file}: it holds no checksum`, 'is it the right file?');
  const hash = createHash('sha256');
  hash
    .update(bytes.subarray(0, at))
    .update(blank)
    .update(bytes.subarray(at + digits));
  const found = hash.digest('hex');
  if (found !== sealed) {
    throw new UserError(
      `${file}: the file is damaged: its bytes have the sha256 ${found.slice(0, 16)}…, not ${sealed.slice(0, 16)}… as when it was written`,
      'take another copy of it',
    );
  }
  return content;
}

/** Where the digits stand. The quotes of a metadata value are escaped, so that only the key itself looks like this. */
function sealPosition(bytes: Uint8Array): number | undefined {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const name = `"${key}":"`;
  const at = buffer.indexOf(name);
  return at < 0 || at + name.length + digits > buffer.length ? undefined : at + name.length;
}
