// What separates the cells of a CSV file: what the option says, else what its first lines show.
import { UsageError } from '../../errors.ts';

export type Delimiter = ',' | ';' | '\t' | ' ' | '|';

const words: Readonly<Record<string, Delimiter>> = { comma: ',', semicolon: ';', tab: '\t', space: ' ', pipe: '|', '\\t': '\t' };
const characters: readonly string[] = [',', ';', '\t', ' ', '|'];

/** `--delimiter ';'` or, with nothing for a shell to take away, `--delimiter semicolon`. */
export function parseDelimiter(given: string, flag: string): Delimiter {
  if (characters.includes(given)) return given as Delimiter;
  if (Object.hasOwn(words, given)) return words[given];
  const names = Object.keys(words).filter((word) => word !== '\\t');
  throw new UsageError(`${flag}: ${JSON.stringify(given)} is not one of ${names.join(', ')}`, `give one of these words, or its character`);
}

/** Bytes that a guess may wait for, and lines of one cell. */
const mostBytes = 1 << 16;
const mostLines = 10;

/** Whether these first bytes tell what separates cells, or are as many as a guess may wait for. */
export function enoughForDelimiter(head: Buffer): boolean {
  if (head.length >= mostBytes) return true;
  const lines = linesOf(head);
  return lines.length > mostLines || lines.slice(0, -1).some((line) => delimiterIn(line) !== undefined);
}

/**
 * The first line of more than one cell tells: by a comma, a tab or a semicolon outside quotation marks, or by holding nothing but digits
 * and spaces. A line of one cell that is no token, such as the header `tokens`, ends the search: `43 96 2` below it is one cell.
 */
export function sniffDelimiter(head: Buffer): Delimiter {
  for (const line of linesOf(head.subarray(0, mostBytes)).slice(0, mostLines)) {
    const delimiter = delimiterIn(line);
    if (delimiter !== undefined) return delimiter;
  }
  return ',';
}

function linesOf(head: Buffer): string[] {
  return head.toString('latin1').split(/\r\n|\n|\r/);
}

function delimiterIn(line: string): Delimiter | undefined {
  const bare = line.replace(/"(?:[^"]|"")*"/g, '"');
  for (const delimiter of [',', '\t', ';'] as const) if (bare.includes(delimiter)) return delimiter;
  if (/^ *\d+(?: +\d+)+ *$/.test(bare)) return ' ';
  return /^ *\d* *$/.test(bare) ? undefined : ',';
}
