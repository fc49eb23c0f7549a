// The second reading of a file that is split: its lines go where their rows go, byte for byte. Knows from the first reading where
// rows begin, so that quoted line breaks need no second parser.
import type { Output } from '../write/output.ts';
import type { Survey } from './survey.ts';

const [lineFeed, carriageReturn] = [0x0a, 0x0d];
const fullAt = 1 << 18;

/**
 * Copies the lines of each row to the output of its part, outputs[parts[row]]; those before the first row, a header, to all.
 * JSONL: empty lines are left out.
 */
export async function copyLines(
  bytes: AsyncIterable<Buffer>,
  { lines, format }: Pick<Survey, 'lines' | 'format'>,
  parts: Uint8Array,
  outputs: readonly (Output | undefined)[],
): Promise<void> {
  const gatherers = outputs.map((output) => output && new Gatherer(output));
  const all = gatherers.filter((gatherer) => gatherer !== undefined);
  const byLine = format === 'jsonl';
  const cut = lineCutter(!byLine);
  let row = -1;
  for await (const chunk of bytes) {
    cut(chunk, (line, begin, end) => {
      while (row + 1 < lines.length && lines[row + 1] <= line) row++;
      if (byLine && lines[row] !== line) return;
      if (row >= 0) gatherers[parts[row]]!.add(chunk, begin, end);
      else for (const gatherer of all) gatherer.add(chunk, begin, end);
    });
    for (const gatherer of all) if (gatherer.size >= fullAt) await gatherer.flush();
  }
  for (const gatherer of all) await gatherer.flush();
}

/** Gathers small pieces for one output. */
class Gatherer {
  readonly #output: Output;
  #buffer = Buffer.alloc(2 * fullAt);
  size = 0;

  constructor(output: Output) {
    this.#output = output;
  }

  add(bytes: Buffer, begin: number, end: number): void {
    const size = this.size + end - begin;
    if (size > this.#buffer.length) this.#buffer = Buffer.concat([this.#buffer], 2 * size);
    bytes.copy(this.#buffer, this.size, begin, end);
    this.size = size;
  }

  async flush(): Promise<void> {
    if (this.size > 0) await this.#output.write(this.#buffer.subarray(0, this.size));
    this.size = 0;
  }
}

type EachPiece = (line: number, begin: number, end: number) => void;

/** Cuts chunks at line breaks: every piece chunk[begin … end) belongs to one line, from 1. A line ends after \n, with `returns` also after a lone \r. */
function lineCutter(returns: boolean): (chunk: Buffer, each: EachPiece) => void {
  let line = 1;
  let endsInReturn = false;
  return (chunk, each) => {
    if (endsInReturn && chunk[0] !== lineFeed) line++;
    endsInReturn = returns && chunk[chunk.length - 1] === carriageReturn;
    const hasReturns = returns && chunk.includes(carriageReturn);
    for (let begin = 0; begin < chunk.length;) {
      const end = hasReturns ? endOfLine(chunk, begin) : chunk.indexOf(lineFeed, begin) + 1;
      each(line, begin, end === 0 ? chunk.length : end);
      if (end === 0) break;
      line++;
      begin = end;
    }
  };
}

/** Behind the next line break; 0 where there is none, or its second half may follow. */
function endOfLine(chunk: Buffer, begin: number): number {
  for (let at = begin; at < chunk.length; at++) {
    if (chunk[at] === lineFeed) return at + 1;
    if (chunk[at] === carriageReturn && at + 1 < chunk.length && chunk[at + 1] !== lineFeed) return at + 1;
  }
  return 0;
}
