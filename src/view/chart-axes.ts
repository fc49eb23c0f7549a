// The axes of a chart: from values to pixels, and where the ticks stand. Linear or logarithmic by what the values ask for.
import { scaleLinear, scaleLog } from 'd3-scale';
import { position } from './numbers.ts';
import { wantsLogScale } from './points.ts';
import type { Extent } from './points.ts';

export interface Tick {
  readonly at: number;
  /** Empty for a grid line alone. */
  readonly label: string;
}

export interface Axis {
  readonly place: (value: number) => number;
  readonly ticks: readonly Tick[];
  readonly log: boolean;
}

/** Below, numbers lose their digits, and d3 finds no ticks. */
const smallest = 1e-300;

/** Steps: never more than asked for, and whole where the ends are. */
export function xAxis({ min, max }: Extent, [left, right]: readonly [number, number], ticks: number): Axis {
  if (isFlat({ min, max })) {
    const middle = (left + right) / 2;
    return { place: () => middle, ticks: [{ at: middle, label: position(min) }], log: false };
  }
  const scale = scaleLinear([min, max], [left, right]);
  const whole = Number.isInteger(min) && Number.isInteger(max);
  const values = scale.ticks(ticks).filter((value) => !whole || Number.isInteger(value));
  const text = max < 1e6 ? position : withPowers(scale.tickFormat(ticks, '~e'));
  return { place: scale, ticks: values.map((value) => ({ at: scale(value), label: text(value) })), log: false };
}

export function yAxis(extent: Extent, [bottom, top]: readonly [number, number], ticks: number): Axis {
  return wantsLogScale(extent) ? logAxis(extent, [bottom, top], ticks) : linearAxis(widened(extent), [bottom, top], ticks);
}

function linearAxis({ min, max }: Extent, range: readonly [number, number], ticks: number): Axis {
  const scale = scaleLinear([min, max], range).nice(ticks);
  const [low, high] = scale.domain() as [number, number];
  const size = Math.max(Math.abs(low), Math.abs(high));
  const text = size >= 1e6 || size < 1e-3 ? withPowers(scale.tickFormat(ticks, '~e')) : scale.tickFormat(ticks, 'f');
  return { place: scale, ticks: scale.ticks(ticks).map((value) => ({ at: scale(value), label: text(value) })), log: false };
}

/** Labels the powers of ten, and 2 and 5 between them where there is room; the other digits get a grid line. */
function logAxis({ min, max }: Extent, range: readonly [number, number], ticks: number): Axis {
  const margin = (max / min) ** 0.04;
  const scale = scaleLog([min / margin, max * margin], range);
  const values = scale.ticks(ticks);
  const inPowers = values.every((value) => leadingDigit(value) === '1');
  const labelled = values.length <= 2 * ticks ? '125' : '1';
  return {
    place: scale,
    ticks: values.map((value) => ({
      at: scale(value),
      label: inPowers || labelled.includes(leadingDigit(value)) ? plainOrPower(value) : '',
    })),
    log: true,
  };
}

/** A constant curve runs through the middle. */
function widened({ min, max }: Extent): Extent {
  if (!isFlat({ min, max })) return { min, max };
  const size = Math.max(Math.abs(min), Math.abs(max));
  return size < smallest ? { min: 0, max: 1 } : { min: min - size / 10, max: max + size / 10 };
}

/** Differences of rounding are no slope. */
function isFlat({ min, max }: Extent): boolean {
  return max - min <= Math.max(Math.abs(min), Math.abs(max)) * 1e-12 || max - min < smallest;
}

/** `0`, `2e7`, where d3 writes 0e+0 and 2e+7. */
function withPowers(format: (value: number) => string): (value: number) => string {
  return (value) => (value === 0 ? '0' : format(value).replace('e+', 'e'));
}

function leadingDigit(value: number): string {
  return value.toExponential(0).charAt(0);
}

/** `0.05`, `2000`, `1e-7`: never a prefix such as 50m. */
function plainOrPower(value: number): string {
  return value >= 1e-4 && value < 1e6 ? String(Number(value.toPrecision(1))) : value.toExponential(0).replace('e+', 'e');
}
