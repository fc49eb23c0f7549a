// Weight files made on the spot: a model of given sizes with the first weights of a seed.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { initialize } from '../../src/model/initializers.ts';
import type { ModelShape } from '../../src/model/shape.ts';
import { encodeWeights } from '../../src/run/weights.ts';
import type { Weights } from '../../src/run/weights.ts';
import { folder } from './run.ts';

export const smallShape: ModelShape = {
  task: 'next-token',
  vocab: 20,
  embedding: 0,
  hidden: 16,
  layers: 1,
  outputs: 20,
  activation: 'tanh',
  bias: true,
};

/** Weights of this shape; `scale` sharpens what an untrained model says. */
export function weightsFor(changes: Partial<ModelShape> = {}, seed = 3, scale = 3): Weights {
  const shape = { ...smallShape, ...changes };
  const tensors = [...initialize(shape, 'uniform', seed)].map(
    ([name, values]) => [name, Float32Array.from(values, (x) => x * scale)] as const,
  );
  return { shape, tensors: new Map(tensors) };
}

/** The path of a file with these weights, in a folder of its own. */
export function weightsFile(weights: Weights): string {
  const path = join(folder(), 'weights.safetensors');
  writeFileSync(path, encodeWeights(weights));
  return path;
}
