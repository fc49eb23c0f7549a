// Everything that `rnn inspect` says of a data file, gathered in one reading, chunk by chunk: memory grows with the distinct IDs,
// lengths and classes, and with the distinct rows up to a bound, not with the rows.
import { PaddingWatch } from '../looks-padded.ts';
import type { LikelyPadding } from '../looks-padded.ts';
import type { TaskName } from '../prepare.ts';
import { rowLength } from '../rows.ts';
import type { RowChunk, SequenceInput } from '../rows.ts';
import { targetColumns, TargetReader } from '../targets.ts';
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

/** Reads all rows. Throws DataError at the first token or target that breaks a rule. */
export async function measureRows(input: SequenceInput, { target, task }: MeasureOptions): Promise<DataMeasures> {
  const reader = new TargetReader(input, task === 'next-token' ? [] : targetColumns(input, target));
  const gathered = new Gathered();
  for await (const chunk of input.chunks) {
    for (let row = 0; row < chunk.lines.length; row++) {
      reader.read(chunk.lines[row], chunk.columns?.[row] ?? input.columns, chunk.others[row] ?? []);
    }
    gathered.add(chunk, reader.take(), reader.names.length);
  }
  return gathered.measures(reader.names, task);
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
