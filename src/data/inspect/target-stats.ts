// What the targets of a column are like: the balance of classes, or mean, deviation and range of numbers.
import type { TaskName } from '../dataset/task.ts';

export interface ClassShare {
  readonly label: number;
  readonly rows: number;
  readonly share: number;
}

export type TargetSummary =
  | { readonly name: string; readonly kind: 'classes'; readonly classes: readonly ClassShare[] }
  | {
      readonly name: string;
      readonly kind: 'numbers';
      readonly mean: number;
      /** Of the population: √(Σ(y − mean)² / N), what always answering the mean is off by (RMSE). */
      readonly deviation: number;
      readonly min: number;
      readonly max: number;
    };

/** With more distinct values than these a column is numbers. */
const mostClasses = 10_000;

export class TargetStats {
  #rows = 0;
  #mean = 0;
  /** Σ (y − mean)², by Welford's update. */
  #squares = 0;
  #min = Infinity;
  #max = -Infinity;
  /** Undefined as soon as a value is no class ID. */
  #classes: Map<number, number> | undefined = new Map();

  add(value: number): void {
    this.#rows++;
    const difference = value - this.#mean;
    this.#mean += difference / this.#rows;
    this.#squares += difference * (value - this.#mean);
    if (value < this.#min) this.#min = value;
    if (value > this.#max) this.#max = value;
    const classes = this.#classes;
    if (classes === undefined) return;
    const isClass = Number.isInteger(value) && value >= 0 && (classes.size < mostClasses || classes.has(value));
    if (isClass) classes.set(value, (classes.get(value) ?? 0) + 1);
    else this.#classes = undefined;
  }

  /** As `rnn train` decides: class IDs where `task` says so, or where the column is named label and holds nothing else. */
  summary(name: string, task: TaskName | undefined): TargetSummary {
    const classes = this.#classes;
    if (classes !== undefined && (task === 'classification' || (task === undefined && name === 'label'))) {
      const sorted = [...classes].sort(([a], [b]) => a - b);
      return { name, kind: 'classes', classes: sorted.map(([label, rows]) => ({ label, rows, share: rows / this.#rows })) };
    }
    const deviation = Math.sqrt(this.#squares / this.#rows);
    return { name, kind: 'numbers', mean: this.#mean, deviation, min: this.#min, max: this.#max };
  }
}
