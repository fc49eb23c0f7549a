// A text that is read twice: to make a vocabulary of it, then to use it.
import { openBytes } from '../source/bytes.ts';
import type { ByteSource, InputIo } from '../source/bytes.ts';
import { rereadable } from '../source/rereadable.ts';

export interface TwiceReadable {
  /** To be read to its end before `second`. */
  readonly first: ByteSource;
  readonly second: () => Promise<ByteSource>;
  /** Lets go of everything; harmless when all was read. */
  readonly close: () => Promise<void>;
}

export async function openTwice(file: string | undefined, io: InputIo): Promise<TwiceReadable> {
  const again = await rereadable(file, io);
  try {
    const first = await openBytes(file, again.io());
    const close = async (): Promise<void> => {
      first.close();
      await again.close();
    };
    return { first, second: () => openBytes(file, again.io()), close };
  } catch (error) {
    await again.close();
    throw error;
  }
}
