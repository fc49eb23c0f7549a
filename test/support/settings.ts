// The settings of a training run as the command makes them of its flags, with some of them chosen.
import { train } from '../../src/commands/train.ts';
import type { TrainSettings } from '../../src/run/settings.ts';

export function trainSettings(chosen: Partial<TrainSettings>): TrainSettings {
  const defaults = Object.fromEntries(Object.entries(train.options).map(([key, spec]) => [key, spec.default]));
  return { ...(defaults as unknown as TrainSettings), blasPath: undefined, task: 'next-token', ...chosen };
}
