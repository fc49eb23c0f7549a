// Takes memory for an engine, or says in a person's words that there is not so much.
import type { EngineKind } from '../engine/engines.ts';
import { UserError } from '../errors.ts';

/** What a person is told where memory is refused: `size` is in words, `4 MiB`. */
export interface Refusal {
  readonly what: (size: string) => string;
  readonly remedy: string;
}

/** Bytes in the unit from which memory is short by itself; below it only a limit can refuse them. */
const GIBIBYTE = 2 ** 30;

/** An engine of `size` elements. Throws UserError where the system refuses them. */
export function takeEngine(kind: EngineKind, size: number, { what, remedy }: Refusal): ReturnType<EngineKind['create']> {
  try {
    return kind.create(size);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    const bytes = size * 4;
    const isSmall = bytes < GIBIBYTE;
    const inWords = isSmall ? `${Math.ceil(bytes / 2 ** 20)} MiB` : `${(bytes / GIBIBYTE).toFixed(1)} GiB`;
    throw new UserError(what(inWords), isSmall ? `${remedy}; or lift the limit of ulimit -v` : remedy);
  }
}
