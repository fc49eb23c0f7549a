// The training loop: epochs of batches, one update each, validation after each epoch, the best weights kept. It reports what
// happens as events and knows neither files nor terminals; `clock` is the only thing that it reads of the world.
import type { Batches } from '../data/batches.ts';
import { exitCodes, UserError } from '../errors.ts';
import type { Network } from '../model/network.ts';
import { learningRate } from '../model/schedules.ts';
import type { ScheduleName } from '../model/schedules.ts';
import { evaluate } from './evaluate.ts';
import type { Evaluation } from './evaluate.ts';
import { weightsOf } from './weights.ts';

export interface TrainerOptions {
  readonly epochs: number;
  readonly lr: number;
  readonly schedule: ScheduleName;
  readonly warmup: number;
  /** Steps between two log points; absent: as many as make `LOG_ROWS` of them, evenly within each epoch. The end of an epoch is always one. */
  readonly logEvery: number | undefined;
  /** Milliseconds from any fixed moment. */
  readonly clock: () => number;
}

/** About as many log points as a run has where `logEvery` is not given. */
export const LOG_ROWS = 200;

/** One row of loss.csv. */
export interface LogPoint {
  readonly step: number;
  readonly epoch: number;
  /** Mean over the steps since the log point before. */
  readonly trainLoss: number;
  /** After the last step of an epoch, where there is validation data. */
  readonly validationLoss: number | undefined;
  /** ‖∂L/∂θ‖ of this step, before clipping. */
  readonly gradNorm: number;
  readonly lr: number;
  /** Over the steps since the log point before; validation not counted. */
  readonly tokensPerSecond: number;
  /** Since the start of training. */
  readonly seconds: number;
}

export type TrainingEvent =
  | { readonly kind: 'step'; readonly step: number; readonly epoch: number; readonly loss: number }
  | { readonly kind: 'log'; readonly point: LogPoint; readonly evaluation: Evaluation | undefined };

/** What a run has come to; kept up to date at every step, so that a run can stop at any. */
export interface TrainingResult {
  /** Of the epoch with the lowest validation loss; undefined before the first validation. */
  best: { readonly epoch: number; readonly evaluation: Evaluation; readonly weights: ReadonlyMap<string, Float32Array> } | undefined;
  /** At the end of the last whole epoch, or before the first step: what is left where a step goes wrong. */
  lastGood: ReadonlyMap<string, Float32Array>;
  steps: number;
  /** Epochs begun. */
  epochs: number;
  tokens: number;
  /** Spent in training steps. */
  trainingSeconds: number;
}

/** The result before the first step. */
export function noResultYet({ plan, engine }: Network): TrainingResult {
  return { best: undefined, lastGood: weightsOf(plan, engine.memory), steps: 0, epochs: 0, tokens: 0, trainingSeconds: 0 };
}

/** Trains, and writes into `result`. A caller may stop at any event. */
export function* train(
  network: Network,
  training: Batches,
  validation: Batches | undefined,
  options: TrainerOptions,
  result: TrainingResult,
): Generator<TrainingEvent, void> {
  const { epochs, lr, schedule, warmup, logEvery, clock } = options;
  const steps = epochs * training.stepsPerEpoch;
  const start = clock();
  const meter = createMeter(clock);
  const perEpoch = Math.max(1, Math.round(LOG_ROWS / epochs));
  const isDue = (ofRun: number, ofEpoch: number): boolean => {
    if (logEvery !== undefined) return ofRun % logEvery === 0;
    const reached = (count: number): number => Math.floor((count * perEpoch) / training.stepsPerEpoch);
    return reached(ofEpoch) > reached(ofEpoch - 1);
  };

  for (let epoch = 1; epoch <= epochs; epoch++) {
    let stepOfEpoch = 0;
    for (const { batch, carried } of training.epoch(epoch)) {
      meter.begin();
      const step = ++result.steps;
      stepOfEpoch++;
      result.epochs = epoch;
      const rate = learningRate(lr, schedule, step, steps, warmup);
      const packed = network.load(batch);
      const loss = network.differentiate(carried, step) / packed.outputRows;
      if (training.carries) network.carry();
      const gradNorm = network.update(rate);
      if (!Number.isFinite(loss) || !Number.isFinite(gradNorm)) throw divergence(step, epoch, loss, gradNorm);
      meter.end(loss, packed.positions);
      result.tokens += packed.positions;
      result.trainingSeconds = meter.total();

      const endsEpoch = stepOfEpoch === training.stepsPerEpoch;
      yield { kind: 'step', step, epoch, loss };
      if (!endsEpoch && !isDue(step, stepOfEpoch)) continue;
      const { meanLoss, tokensPerSecond } = meter.lap();
      const evaluation = endsEpoch && validation ? evaluate(network, validation) : undefined;
      if (endsEpoch) result.lastGood = weightsOf(network.plan, network.engine.memory);
      if (evaluation && evaluation.loss < (result.best?.evaluation.loss ?? Infinity)) {
        result.best = { epoch, evaluation, weights: result.lastGood };
      }
      const seconds = (clock() - start) / 1000;
      const point = { step, epoch, trainLoss: meanLoss, validationLoss: evaluation?.loss, gradNorm, lr: rate, tokensPerSecond, seconds };
      yield { kind: 'log', point, evaluation };
    }
  }
}

function divergence(step: number, epoch: number, loss: number, gradNorm: number): UserError {
  return new UserError(
    `training diverged at step ${step} (epoch ${epoch}): loss ${loss}, gradient norm ${gradNorm}`,
    'lower --lr, or limit the gradient with a smaller --clip-norm',
    exitCodes.diverged,
  );
}

interface Meter {
  begin(): void;
  end(loss: number, tokens: number): void;
  /** Means since the last lap, and starts a new one. */
  lap(): { meanLoss: number; tokensPerSecond: number };
  /** Seconds in steps. */
  total(): number;
}

/** Means of the loss and of the speed between two log points. */
function createMeter(clock: () => number): Meter {
  let started = 0;
  let spent = 0;
  let all = 0;
  let losses = 0;
  let steps = 0;
  let tokens = 0;
  return {
    begin: () => void (started = clock()),
    end(loss, count) {
      const elapsed = clock() - started;
      spent += elapsed;
      all += elapsed;
      losses += loss;
      steps++;
      tokens += count;
    },
    lap() {
      const figures = { meanLoss: losses / steps, tokensPerSecond: tokens / Math.max(spent / 1000, 1e-9) };
      [spent, losses, steps, tokens] = [0, 0, 0, 0];
      return figures;
    },
    total: () => all / 1000,
  };
}
