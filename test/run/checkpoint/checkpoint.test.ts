// A run that is cut anywhere, and goes on from its checkpoint in a network of its own, against one that never stopped.
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { optimizerNames } from '../../../src/model/optimizers.ts';
import { scheduleNames, scheduleWith } from '../../../src/model/schedules.ts';
import { tasks } from '../../../src/model/shape.ts';
import { decodeCheckpoint, encodeCheckpoint } from '../../../src/run/checkpoint/checkpoint.ts';
import type { TrainSettings } from '../../../src/run/settings.ts';
import { setUpTraining } from '../../../src/run/training/setup.ts';
import type { StartingWeights, TrainSetup } from '../../../src/run/training/setup.ts';
import { optionsOf } from '../../../src/run/training/run.ts';
import { train } from '../../../src/run/training/trainer.ts';
import type { LogPoint } from '../../../src/run/training/trainer.ts';
import { initialState } from '../../../src/run/checkpoint/training-state.ts';
import type { TrainingState } from '../../../src/run/checkpoint/training-state.ts';
import { trainSettings } from '../../support/settings.ts';
import { datasetOf } from '../../support/prepared.ts';

const rows = [
  [1, 2, 3, 4],
  [2, 3],
  [3, 1, 4, 1, 5],
  [5, 1],
  [2, 2, 2],
  [4, 5, 1],
  [1, 5, 2, 3],
];
const targets = { 'next-token': undefined, regression: [0.5, 1, -1, 0.2, 0.3, 2, 1], classification: [0, 1, 2, 1, 0, 2, 1] } as const;

function setUp(settings: TrainSettings, given?: StartingWeights): Promise<TrainSetup> {
  const values = targets[settings.task!];
  const data = datasetOf(rows, values && { name: 'y', values: [...values] });
  const held = datasetOf(rows.toReversed(), values && { name: 'y', values: values.toReversed() });
  return setUpTraining(data, settings.validationSplit === undefined ? undefined : held, settings, given);
}

interface Session {
  readonly bytes: Uint8Array;
  readonly points: readonly LogPoint[];
  readonly state: TrainingState;
}

/** Trains for at most `steps` steps from a checkpoint, or from the start. */
async function session(settings: TrainSettings, from?: Uint8Array, steps = Infinity): Promise<Session> {
  const checkpoint = from && (await decodeCheckpoint(from, 'checkpoint'));
  const setup = await setUp(settings, checkpoint && { shape: checkpoint.shape, tensors: checkpoint.weights, ofCheckpoint: true });
  const { network, trainingBatches, validationBatches } = setup;
  const state = checkpoint?.state ?? initialState(network, scheduleWith(settings.schedule, settings).schedule);
  checkpoint?.restore(network);
  const points: LogPoint[] = [];
  let left = steps;
  for (const { point } of train(
    network,
    trainingBatches,
    validationBatches,
    optionsOf({ setup, settings }, () => 0),
    state,
  )) {
    if (point) points.push(point);
    if (--left <= 0) break;
  }
  const carriedRows = trainingBatches.carries && state.stepOfEpoch < trainingBatches.stepsPerEpoch ? trainingBatches.limits.rows : 0;
  return { bytes: encodeCheckpoint({ network, state, identity: {}, names: {}, carriedRows }), points, state };
}

/** The run in pieces of these lengths, then to the end. */
async function inPieces(settings: TrainSettings, pieces: readonly number[]): Promise<Session> {
  let points: LogPoint[] = [];
  let bytes: Uint8Array | undefined;
  for (const steps of [...pieces, Infinity]) {
    const piece = await session(settings, bytes, steps);
    points = [...points, ...piece.points];
    ({ bytes } = piece);
    if (steps === Infinity) return { ...piece, points };
  }
  throw new Error('unreachable');
}

const pieces = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 4 });

describe('a run in pieces ends with the bytes and log points of one that never stopped', () => {
  const settings = fc.record({
    task: fc.constantFrom(...tasks),
    optimizer: fc.constantFrom(...optimizerNames),
    schedule: fc.constantFrom(...scheduleNames),
    embedding: fc.constantFrom(0, 3),
    stack: fc.constantFrom({ layers: 1 }, { layers: 2 }, { layers: 2, dropout: 0.4 }),
    learnInitialState: fc.boolean(),
    gain: fc.constantFrom(1, 0.5),
    validationSplit: fc.constantFrom(undefined, 0.5),
    patience: fc.constantFrom(undefined, 2),
    warmup: fc.constantFrom(0, 3),
    logEvery: fc.constantFrom(undefined, 4),
    clipValue: fc.constantFrom(undefined, 0.01),
  });

  test('rows, whatever the task, optimizer, schedule and validation', async () => {
    await fc.assert(
      fc.asyncProperty(settings, pieces, async (chosen, lengths) => {
        const all = settingsOf(chosen, { epochs: 5, batchSize: 3, hidden: 4, lr: 0.1 });
        const [whole, cut] = [await session(all), await inPieces(all, lengths)];
        expect(Buffer.compare(cut.bytes, whole.bytes)).toBe(0);
        expect(cut.points.map(withoutSpeed)).toEqual(whole.points.map(withoutSpeed));
      }),
      { numRuns: 40 },
    );
  });

  test('streams, whose states are carried over the cut', async () => {
    await fc.assert(
      fc.asyncProperty(settings, pieces, async (chosen, lengths) => {
        const all = settingsOf(chosen, { task: 'next-token', stream: true, bptt: 2, epochs: 4, batchSize: 2, hidden: 4, lr: 0.1 });
        const [whole, cut] = [await session(all), await inPieces(all, lengths)];
        expect(Buffer.compare(cut.bytes, whole.bytes)).toBe(0);
      }),
      { numRuns: 40 },
    );
  });

  test('runs that diverge and are retried', async () => {
    let retries = 0;
    await fc.assert(
      fc.asyncProperty(settings, fc.boolean(), pieces, async (chosen, stream, lengths) => {
        const diverging = {
          activation: 'identity',
          clipNorm: 0,
          clipValue: undefined,
          optimizer: 'sgd',
          lr: 1e20,
          onDivergence: 'retry',
        } as const;
        const order = stream ? ({ task: 'next-token', stream, bptt: 2 } as const) : {};
        const all = settingsOf(chosen, { ...diverging, ...order, epochs: 2, batchSize: 3, hidden: 4 });
        const [whole, cut] = [await outcome(session(all)), await outcome(inPieces(all, lengths))];
        retries += whole.retries;
        expect(cut).toEqual(whole);
      }),
      { numRuns: 60 },
    );
    expect(retries).toBeGreaterThan(0);
  });
});

test('the schedules, averages and losses that a checkpoint holds are float64, and are read back bit for bit', async () => {
  const { bytes } = await session(
    trainSettings({ epochs: 3, batchSize: 3, hidden: 4, schedule: 'plateau', validationSplit: 0.5 }),
    undefined,
    4,
  );
  const { state, restore } = await decodeCheckpoint(bytes, 'checkpoint');
  const setup = await setUp(trainSettings({ epochs: 3, batchSize: 3, hidden: 4, schedule: 'plateau', validationSplit: 0.5 }));
  restore(setup.network);
  expect([...setup.network.scalars]).toEqual([0.9 ** 4, 0.999 ** 4].map((power, i) => expect.closeTo(power, 15 - i)));
  expect(state.schedule[1]).toBe(state.best!.evaluation.loss);
});

test('the bytes are those of a plain safetensors file with the tensors by their names', async () => {
  const { readSafetensors } = await import('../../../src/formats/safetensors.ts');
  const { bytes } = await session(trainSettings({ epochs: 1, batchSize: 3, hidden: 4 }));
  const { tensors } = readSafetensors(bytes, 'checkpoint');
  expect([...tensors.keys()].toSorted()).toEqual(
    [
      ...['good', 'last', 'slot0', 'slot1'].flatMap((prefix) => ['U', 'V', 'W', 'b', 'c'].map((name) => `${prefix}.${name}`)),
      'losses',
      'optimizer',
      'schedule',
    ].toSorted(),
  );
});

type Chosen = Partial<TrainSettings> & { readonly stack: Partial<TrainSettings> };

function settingsOf({ stack, ...chosen }: Chosen, more: Partial<TrainSettings>): TrainSettings {
  return trainSettings({ ...chosen, ...stack, ...more });
}

function withoutSpeed(point: LogPoint): LogPoint {
  return { ...point, tokensPerSecond: undefined };
}

/** The bytes of the checkpoint in hexadecimal, or the error that the run ended with. */
async function outcome(running: Promise<Session>): Promise<{ readonly end: string; readonly retries: number }> {
  try {
    const { bytes, state } = await running;
    return { end: Buffer.from(bytes).toString('hex'), retries: state.retries.length };
  } catch (error) {
    return { end: (error as Error).message, retries: 0 };
  }
}
