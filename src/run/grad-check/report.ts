// The figures of a gradient check as a table, and the verdict.
import { floorShares } from '../../model/grad-check.ts';
import type { Discrepancy, TensorCheck } from '../../model/grad-check.ts';
import { padLeft, padRight } from '../../view/display-width.ts';
import { plural } from '../../view/numbers.ts';

export interface CheckedCase {
  readonly name: string;
  readonly tensors: readonly TensorCheck[];
}

export interface Tolerances {
  readonly float64: number;
  readonly float32: number;
}

export interface Failure {
  readonly case: string;
  readonly tensor: string;
  readonly comparison: string;
  readonly discrepancy: Discrepancy;
  readonly tolerance: number;
}

const comparisons = [
  { key: 'differences', title: 'differences', precision: 'float64', names: ['BPTT', 'difference'] },
  { key: 'recursion', title: 'recursion', precision: 'float64', names: ['BPTT', 'recursion'] },
  { key: 'engine', title: 'engine', precision: 'float32', names: ['engine', 'BPTT'] },
] as const;

/** Every comparison above its tolerance; a NaN is above any. */
export function failuresOf(checked: readonly CheckedCase[], tolerances: Tolerances): Failure[] {
  const failures: Failure[] = [];
  for (const { name, tensors } of checked) {
    for (const tensor of tensors) {
      for (const { key, title, precision } of comparisons) {
        const discrepancy = tensor[key];
        const tolerance = tolerances[precision];
        if (!(discrepancy.relativeError <= tolerance))
          failures.push({ case: name, tensor: tensor.name, comparison: title, discrepancy, tolerance });
      }
    }
  }
  return failures;
}

/** One line a tensor: the largest relative error of each comparison, and where the differences are worst. */
export function describeCase({ name, tensors }: CheckedCase, tolerances: Tolerances, engine: string): string {
  const rows = tensors.map((tensor) => [
    tensor.name,
    tensor.shape.join('x'),
    ...comparisons.map(({ key, precision }) => mark(tensor[key], tolerances[precision])),
    `${at(tensor.name, tensor.differences)}${tensor.kinks > 0 ? `, ${plural(tensor.kinks, 'element')} on a kink left out` : ''}`,
  ]);
  const titles = ['tensor', 'shape', 'differences', 'recursion', engine, 'worst difference'];
  return [name, ...table([titles, ...rows]).map((line) => `  ${line}`)].join('\n');
}

export function noteOnFigures({ float64, float32 }: Tolerances, engine: string): string {
  return [
    'Each figure is the largest |a-n| / max(|a|+|n|, floor) over the elements of a tensor.',
    `differences, recursion: BPTT in float64 against them; tolerance ${float64}, floor ${floorShares.float64} of the tensor's largest,`,
    '  and for differences what seven digits need above the rounding of the loss.',
    `${engine}: the engine in float32 against BPTT in float64; tolerance ${float32}, floor ${floorShares.float32} of the tensor's largest.`,
  ].join('\n');
}

export function describeVerdict(checked: readonly CheckedCase[], failures: readonly Failure[], engine: string): string {
  const tensors = checked.reduce((sum, { tensors: found }) => sum + found.length, 0);
  if (failures.length === 0) {
    const largest = comparisons.map(({ key, title }) => {
      const worst = Math.max(...checked.flatMap(({ tensors: found }) => found.map((tensor) => tensor[key].relativeError)));
      return `${title === 'engine' ? engine : title} ${figure(worst)}`;
    });
    return `passed: ${plural(tensors, 'tensor')} in ${plural(checked.length, 'case')}; largest relative errors: ${largest.join(', ')}`;
  }
  const lines = failures.map(({ case: name, tensor, comparison, discrepancy, tolerance }) => {
    const names = comparisons.find(({ title }) => title === comparison)!.names;
    const { a, n } = discrepancy;
    return `FAILED ${name}: ${at(tensor, discrepancy)}: ${names[0]} ${a} but ${names[1]} ${n}, relative error ${figure(discrepancy.relativeError)} above ${tolerance}`;
  });
  return [
    ...lines,
    `failed: ${plural(failures.length, 'comparison')} of ${plural(tensors, 'tensor')} in ${plural(checked.length, 'case')}`,
  ].join('\n');
}

/** `W[2,3]` */
function at(tensor: string, { index }: Discrepancy): string {
  return `${tensor}[${index.join(',')}]`;
}

function mark({ relativeError }: Discrepancy, tolerance: number): string {
  return `${figure(relativeError)}${relativeError <= tolerance ? '' : ' !'}`;
}

function figure(relativeError: number): string {
  return relativeError === 0 ? '0' : relativeError.toExponential(1);
}

/** Text columns to the left, figures to the right. */
function table(rows: readonly (readonly string[])[]): string[] {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  return rows.map((row) =>
    row
      .map((cell, column) => (column < 2 || column === row.length - 1 ? padRight(cell, widths[column]) : padLeft(cell, widths[column])))
      .join('  ')
      .trimEnd(),
  );
}
