// The first rows of a user's data as a case for the gradient check.
import type { LeftOut } from '../../data/rows/bad-rows.ts';
import { prepare } from '../../data/dataset/prepare.ts';
import { rowBatches } from '../../data/dataset/batches.ts';
import type { Dataset } from '../../data/dataset/dataset.ts';
import { vocabularySize } from '../../data/dataset/vocabulary.ts';
import { UserError } from '../../errors.ts';
import { initialize } from '../../model/initializers.ts';
import type { NamedCase } from '../../model/grad-check-cases.ts';
import { elementsOf, tensorsOf } from '../../model/shape.ts';
import type { ModelShape, Task } from '../../model/shape.ts';
import { count, plural } from '../../view/numbers.ts';
import { dropoutFor, shapeFor } from '../model-shape.ts';
import type { ModelSettings } from '../settings.ts';

export interface CaseSettings extends ModelSettings {
  readonly task: Task | undefined;
  readonly rows: number;
  readonly maxLen: number;
  readonly seed: number;
}

/** Multiply-adds of the forward recursion beyond which it would take minutes. */
const MOST_WORK = 3e10;

/** `leftOut`: the rows that broke a rule. */
export function caseFromData(data: Dataset, settings: CaseSettings): NamedCase & { readonly leftOut: LeftOut | undefined } {
  const prepared = prepare(data, { ...settings, truncating: 'post', padding: 'post', noMask: false });
  const shape = shapeFor([prepared], settings, vocabularySize([prepared], undefined));
  const [first] = rowBatches(prepared, { batchSize: settings.rows }).epoch(1);
  const { batch } = first;
  const steps = batch.lengths.subarray(0, batch.rows).reduce((a, b) => a + b, 0);
  refuseHours(data.file, shape, steps);
  return {
    name: `${data.file}: ${prepared.task}, ${plural(batch.rows, 'row')}`,
    shape,
    parameters: initialize(shape, settings.initializer, settings.seed, settings.gain),
    batch,
    dropout: dropoutFor(shape, settings),
    leftOut: prepared.source.badRows,
  };
}

/** The recursion holds and multiplies an (H, |θ|) matrix at every step. */
function refuseHours(file: string, shape: ModelShape, steps: number): void {
  const parameters = tensorsOf(shape).reduce((sum, tensor) => sum + elementsOf(tensor), 0);
  const work = shape.hidden * (shape.hidden + shape.embedding) * parameters * shape.layers * steps;
  if (work <= MOST_WORK) return;
  throw new UserError(
    `${file}: the forward recursion would take ${count(work)} multiply-adds (H ${shape.hidden}, ${count(parameters)} parameters, ${count(steps)} steps)`,
    'lower --hidden, --rows or --max-len',
  );
}
