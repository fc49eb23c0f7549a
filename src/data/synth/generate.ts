// Draws the rows of a synthetic task one after another and hands them to a writer: constant memory, and row i is the same
// whatever the number of rows.
import { UsageError } from '../../errors.ts';
import { createRandom, purposes } from '../../model/random.ts';
import type { Origin } from '../rows/rows.ts';
import type { RowWriter } from '../write/write.ts';
import { synthTasks } from './tasks.ts';
import type { SynthSizes, SynthTask, SynthTaskName } from './tasks.ts';

/** Undefined: by default of the task. */
export interface SynthOptions {
  readonly rows: number | undefined;
  readonly length: number | undefined;
  readonly minLength: number | undefined;
  readonly vocabSize: number | undefined;
  readonly lag: number | undefined;
  readonly seed: number;
}

export interface SynthPlan extends SynthSizes {
  readonly name: SynthTaskName;
  readonly task: SynthTask;
  readonly rows: number;
  readonly seed: number;
  readonly length: number;
  readonly minLength: number;
}

export interface SynthCounts {
  readonly tokens: number;
  /** Next-token tasks: share of the next tokens that the best model gets right, on average. */
  readonly bestAccuracy: number | undefined;
}

/** The sizes that hold. Throws UsageError where the task cannot have them. */
export function planSynth(name: SynthTaskName, given: SynthOptions): SynthPlan {
  const task: SynthTask = synthTasks[name];
  if (given.lag !== undefined && task.lag === undefined) throw new UsageError(`--lag: ${name} has no lag`, 'leave --lag out');
  const { least, multipleOf } = task.vocabulary;
  const vocabSize = given.vocabSize ?? task.vocabSize;
  if (vocabSize < least || vocabSize % multipleOf !== 0) {
    const even = multipleOf === 2 ? 'an even number, ' : '';
    throw new UsageError(`--vocab-size: ${name} cannot have ${vocabSize} tokens`, `give ${even}${least} or more`);
  }
  const sizes = { vocabSize, lag: given.lag ?? task.lag ?? 0 };
  const length = given.length ?? Math.max(task.length(sizes), given.minLength ?? 0);
  const minLength = given.minLength ?? task.minLength ?? length;
  if (minLength > length) throw new UsageError(`--min-length: ${minLength} is above --length ${length}`, `give at most ${length}`);
  for (const [flag, value] of Object.entries({ '--length': length, '--min-length': minLength }))
    checkLength(name, task, sizes, flag, value);
  return { name, task, ...sizes, length, minLength, rows: given.rows ?? task.rows, seed: given.seed };
}

function checkLength(name: string, task: SynthTask, sizes: SynthSizes, flag: string, length: number): void {
  const shortest = task.shortest(sizes);
  if (length < shortest) {
    const why = task.lag === undefined ? '' : ` with --lag ${sizes.lag}`;
    throw new UsageError(`${flag}: ${length} is too short for ${name}${why}`, `give ${shortest} or more`);
  }
  if (length % task.lengthMultipleOf !== 0) throw new UsageError(`${flag}: rows of ${name} are even in length`, 'give an even number');
}

/** How the rows stand in what is written: the answer under its name, the tokens in one cell. */
export function synthOrigin({ name, task }: SynthPlan): Origin {
  const names = task.answer === undefined ? [] : [task.answer];
  return {
    file: name,
    format: 'csv',
    layout: { kind: 'cell', sequenceName: 'tokens', tokenCell: names.length + 1 },
    columns: { names, tokensAt: names.length },
  };
}

/** Draws and writes all rows, or throws the reason of `interrupted`. */
export async function writeSynth(plan: SynthPlan, writer: RowWriter, interrupted: AbortSignal): Promise<SynthCounts> {
  const { task, rows, length, minLength } = plan;
  const { columns } = synthOrigin(plan);
  const random = createRandom(plan.seed, purposes.synth);
  const steps = (length - minLength) / task.lengthMultipleOf + 1;
  const buffer = new Int32Array(length);
  let [tokens, foreseen] = [0, 0];
  for (let row = 0; row < rows; row++) {
    const size = steps === 1 ? length : minLength + task.lengthMultipleOf * random.below(steps);
    const drawn = buffer.subarray(0, size);
    const answer = task.draw(drawn, plan, random);
    const others = task.answer === undefined ? [] : [String(answer)];
    writer.add({ tokens: drawn, begin: 0, end: size, before: 0, after: 0, line: row + 1, others, columns });
    tokens += size;
    foreseen += task.foreseen?.(size, plan) ?? 0;
    if (!writer.isFull()) continue;
    await writer.flush();
    interrupted.throwIfAborted();
  }
  await writer.end();
  return { tokens, bestAccuracy: task.foreseen && foreseen / (tokens - rows) };
}
