// Everything that `rnn inspect` says of a data file, gathered in one reading, chunk by chunk: memory grows with the distinct IDs,
// lengths and classes, and with the distinct rows up to a bound, not with the rows.
import { noRowsLeft } from '../rows/bad-rows.ts';
import { PaddingWatch } from '../pad/looks-padded.ts';
import type { LikelyPadding } from '../pad/looks-padded.ts';
import type { TaskName } from '../dataset/task.ts';
import { RowBuilder } from '../rows/builder.ts';
import { rowLength } from '../rows/rows.ts';
import type { RowChunk, SequenceInput } from '../rows/rows.ts';
import { targetColumns, TargetReader } from '../dataset/targets.ts';
import { DuplicateRows } from './duplicates.ts';
import type { DuplicateCounts } from './duplicates.ts';
import { LengthCounts } from './length-counts.ts';
import { TargetStats } from './target-stats.ts';
import type { TargetSummary } from './target-stats.ts';
import { TokenCounts } from './token-counts.ts';

export interface DataMeasures {
  readonly lengths: LengthCounts;
  readonly emptyRows: number;
  readonly tokens: TokenCounts;
  readonly targets: readonly TargetSummary[];
  readonly duplicates: DuplicateCounts;
  /** Undefined where rows do not look padded. */
  readonly padding: LikelyPadding | undefined;
}

export interface MeasureOptions {
  readonly target?: readonly string[] | undefined;
  readonly task?: TaskName | undefined;
}

/** Reads all rows. Throws DataError at the first target that breaks a rule, or leaves its row out and counts it, as the reader does with tokens. */
export async function measureRows(input: SequenceInput, { target, task }: MeasureOptions): Promise<DataMeasures> {
  const reader = new TargetReader(input, task === 'next-token' ? [] : targetColumns(input, target));
  const gathered = new Gathered();
  let rows = 0;
  for await (const chunk of input.chunks) {
    const good = withGoodTargets(chunk, reader, input);
    gathered.add(good, reader.take(), reader.names.length);
    rows += good.lines.length;
  }
  if (rows === 0 && input.badRows.count > 0) throw noRowsLeft(input.file, input.badRows, '');
  return gathered.measures(reader.names, task);
}

/** The rows of a chunk whose targets can be read, which `reader` then holds; `badRows` takes the others. */
function withGoodTargets(chunk: RowChunk, reader: TargetReader, { columns, badRows }: SequenceInput): RowChunk {
  const bad = new Set<number>();
  for (let row = 0; row < chunk.lines.length; row++) {
    try {
      reader.read(chunk.lines[row], chunk.columns?.[row] ?? columns, chunk.others[row] ?? []);
    } catch (error) {
      badRows.add(error);
      bad.add(row);
    }
  }
  if (bad.size === 0) return chunk;
  const good = new RowBuilder();
  for (let row = 0; row < chunk.lines.length; row++) if (!bad.has(row)) good.addRow(chunk, row);
  return good.take();
}

class Gathered {
  readonly #lengths = new LengthCounts();
  readonly #tokens = new TokenCounts();
  readonly #duplicates = new DuplicateRows();
  readonly #padding = new PaddingWatch();
  readonly #targets: TargetStats[] = [];
  #emptyRows = 0;

  /** `targets` (rows, width) */
  add(chunk: RowChunk, targets: Float64Array, width: number): void {
    const { tokens, offsets, lines } = chunk;
    this.#tokens.add(tokens);
    while (this.#targets.length < width) this.#targets.push(new TargetStats());
    for (let row = 0; row < lines.length; row++) {
      const [begin, end] = [offsets[row], offsets[row + 1]];
      const ofRow = targets.subarray(row * width, (row + 1) * width);
      if (begin === end) this.#emptyRows++;
      this.#lengths.add(rowLength(chunk, row));
      this.#duplicates.add(tokens, begin, end, ofRow);
      this.#padding.add(tokens, begin, end);
      for (let i = 0; i < width; i++) this.#targets[i].add(ofRow[i]);
    }
  }

  measures(targetNames: readonly string[], task: TaskName | undefined): DataMeasures {
    // As in training, several columns are numbers, whatever they are named.
    const taskOfEach = targetNames.length > 1 ? 'regression' : task;
    return {
      lengths: this.#lengths,
      emptyRows: this.#emptyRows,
      tokens: this.#tokens,
      targets: this.#targets.map((stats, i) => stats.summary(targetNames[i], taskOfEach)),
      duplicates: this.#duplicates.counts,
      padding: this.#padding.verdict((id) => this.#tokens.countOf(id)),
    };
  }
}
