// Tells weights from data without reading either: a run directory, a name in .safetensors, or the first bytes of that format.
import { open, stat } from 'node:fs/promises';

export const weightFileName = /\.safetensors$/i;

/** Whether `path` is a folder, is named .safetensors, or begins like one: the length of a header, and `{`. False where nothing can be read. */
export async function looksLikeWeights(path: string): Promise<boolean> {
  if (weightFileName.test(path)) return true;
  try {
    const found = await stat(path);
    if (found.isDirectory()) return true;
    return found.isFile() && beginsLikeSafetensors(await firstBytes(path, 9));
  } catch {
    // The reader of data says what is wrong with the path.
    return false;
  }
}

/** Eight bytes of a length below 2³², which text never has since four of them are NUL, then the header's `{`. */
export function beginsLikeSafetensors(bytes: Buffer): boolean {
  return bytes.length >= 9 && bytes.readUInt32LE(4) === 0 && bytes[8] === 0x7b;
}

async function firstBytes(path: string, size: number): Promise<Buffer> {
  const handle = await open(path);
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(size), 0, size, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}
