// loss.csv: a row for each log point, written as it comes so that a run can be followed and a killed one keeps its curve. A resumed
// run takes the rows up to its checkpoint over, and writes those behind it anew.
import { closeSync, ftruncateSync, openSync, readFileSync, writeSync } from 'node:fs';
import { systemCode } from '../../errors.ts';
import { writeError } from '../../formats/atomic-file.ts';
import { flushSync } from '../../formats/flush.ts';
import type { LogPoint } from '../training/trainer.ts';

type Field = keyof LogPoint;
interface Column {
  readonly field: Field;
  readonly text: (value: number) => string;
}

const columns: Readonly<Record<string, Column>> = {
  step: { field: 'step', text: String },
  epoch: { field: 'epoch', text: String },
  train_loss: { field: 'trainLoss', text: String },
  validation_loss: { field: 'validationLoss', text: String },
  grad_norm: { field: 'gradNorm', text: String },
  lr: { field: 'lr', text: String },
  tokens_per_second: { field: 'tokensPerSecond', text: (value) => value.toFixed(0) },
  seconds: { field: 'seconds', text: (value) => value.toFixed(3) },
};
const header = `${Object.keys(columns).join(',')}\n`;
/** The cells that may be empty: what was not measured. */
const optional: readonly Field[] = ['trainLoss', 'validationLoss', 'gradNorm', 'tokensPerSecond'];

export interface LossLog {
  readonly points: readonly LogPoint[];
  /** Creates the file, or cuts off what is behind the rows that are kept. Called once, before the rest. */
  open(): void;
  add(point: LogPoint): void;
  /** Has the system write the rows so far to the disk: a checkpoint counts on them. */
  flush(): void;
  close(): void;
}

/** The log of a new run; with `upTo` that of a resumed one, with the rows of the steps up to it, as far as they are whole and in order. */
export function createLossLog(path: string, upTo = 0): LossLog {
  const attempt = <T>(action: () => T): T => {
    try {
      return action();
    } catch (error) {
      throw writeError(path, error);
    }
  };
  const { points, bytes } = upTo > 0 ? attempt(() => readRows(path, upTo)) : { points: [], bytes: 0 };
  let file: number | undefined;
  const write = (line: string): void => {
    const data = Buffer.from(line);
    // A nearly full disk may take a part of a row; the rest then fails with its reason.
    for (let done = 0; done < data.length;) done += attempt(() => writeSync(file!, data, done));
  };
  return {
    points,
    open() {
      file = attempt(() => openSync(path, bytes > 0 ? 'a' : 'w'));
      if (bytes > 0) attempt(() => ftruncateSync(file!, bytes));
      else write(header);
    },
    add(point) {
      points.push(point);
      write(
        `${Object.values(columns)
          .map(({ field, text }) => (point[field] === undefined ? '' : text(point[field])))
          .join(',')}\n`,
      );
    },
    flush: () => attempt(() => flushSync(file!)),
    close: () => attempt(() => (file === undefined ? undefined : closeSync(file))),
  };
}

/** The rows of steps 1 … upTo, and the bytes that they and the header take; none where the file is not there or begins otherwise. */
function readRows(path: string, upTo: number): { points: LogPoint[]; bytes: number } {
  const text = readIfThere(path);
  if (!text.startsWith(header)) return { points: [], bytes: 0 };
  const points: LogPoint[] = [];
  let at = header.length;
  for (let end = text.indexOf('\n', at); end >= 0; end = text.indexOf('\n', at)) {
    const point = parseRow(text.slice(at, end));
    if (point === undefined || point.step > upTo || point.step <= (points.at(-1)?.step ?? 0)) break;
    points.push(point);
    at = end + 1;
  }
  return { points, bytes: at };
}

function parseRow(row: string): LogPoint | undefined {
  const cells = row.split(',');
  const all = Object.values(columns);
  if (cells.length !== all.length) return undefined;
  const point: Partial<Record<Field, number>> = {};
  for (const [i, { field, text }] of all.entries()) {
    if (cells[i] === '' && optional.includes(field)) continue;
    const value = Number(cells[i]);
    if (text(value) !== cells[i]) return undefined;
    point[field] = value;
  }
  return point as LogPoint;
}

function readIfThere(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return '';
    throw error;
  }
}
