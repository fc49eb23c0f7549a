// loss.csv: a row for each log point, written as it comes so that a run can be followed and a killed one keeps its curve.
import { closeSync, openSync, writeSync } from 'node:fs';
import { writeError } from '../formats/atomic-file.ts';
import type { LogPoint } from './trainer.ts';

const columns = {
  step: (point) => String(point.step),
  epoch: (point) => String(point.epoch),
  train_loss: (point) => String(point.trainLoss),
  validation_loss: (point) => (point.validationLoss === undefined ? '' : String(point.validationLoss)),
  grad_norm: (point) => String(point.gradNorm),
  lr: (point) => String(point.lr),
  tokens_per_second: (point) => point.tokensPerSecond.toFixed(0),
  seconds: (point) => point.seconds.toFixed(3),
} as const satisfies Readonly<Record<string, (point: LogPoint) => string>>;

export interface LossLog {
  readonly points: readonly LogPoint[];
  add(point: LogPoint): void;
  close(): void;
}

/** Opens the file anew, with its header. */
export function openLossLog(path: string): LossLog {
  const points: LogPoint[] = [];
  const attempt = <T>(action: () => T): T => {
    try {
      return action();
    } catch (error) {
      throw writeError(path, error);
    }
  };
  const file = attempt(() => openSync(path, 'w'));
  const writeRow = (cells: readonly string[]): void => void attempt(() => writeSync(file, `${cells.join(',')}\n`));
  writeRow(Object.keys(columns));
  return {
    points,
    add(point) {
      points.push(point);
      writeRow(Object.values(columns).map((cell) => cell(point)));
    },
    close: () => attempt(() => closeSync(file)),
  };
}
