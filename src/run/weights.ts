// weights.safetensors: the tensors in float32 by rows, under their names in the mathematics, and what they are the weights of.
import { readFileSync } from 'node:fs';
import { systemCode, UserError } from '../errors.ts';
import { readSafetensors, writeSafetensors } from '../formats/safetensors.ts';
import { activations } from '../engine/kernels.ts';
import type { Memory } from '../engine/kernels.ts';
import { readTensor } from '../model/plan.ts';
import type { Plan } from '../model/plan.ts';
import { elementsOf, tasks, tensorsOf } from '../model/shape.ts';
import type { ModelShape } from '../model/shape.ts';

/** Raised when a reader of the old version could misread the new. */
const FORMAT_VERSION = '1';

export interface Weights {
  readonly shape: ModelShape;
  readonly tensors: ReadonlyMap<string, Float32Array>;
  /** Names of the classes by ID, where they are known. */
  readonly classNames?: readonly string[];
}

/** The parameters in memory as tensors by rows. */
export function weightsOf(plan: Plan, memory: Memory): ReadonlyMap<string, Float32Array> {
  return new Map(plan.tensors.map((tensor) => [tensor.name, Float32Array.from(readTensor(memory, tensor))]));
}

/** The bytes of a weight file: a function of the weights alone. */
export function encodeWeights({ shape, tensors, classNames }: Weights): Uint8Array {
  const metadata: Record<string, string> = { format: 'rnn', version: FORMAT_VERSION, model: JSON.stringify(shape) };
  if (classNames) metadata['classes'] = JSON.stringify(classNames);
  return writeSafetensors(
    tensorsOf(shape).map(({ name, shape: dims }) => ({ name, dtype: 'F32' as const, shape: dims, data: Float32Array.from(tensors.get(name)!) })),
    metadata,
  );
}

/** Reads a weight file that `rnn train` wrote; every tensor of its shape is there, finite, and of the right size. */
export async function readWeights(file: string): Promise<Weights> {
  const { tensors: found, metadata } = readSafetensors(readFileOrExplain(file), file);
  const shape = await parseShape(metadata['model'], metadata['version'], file);
  const tensors = new Map<string, Float32Array>();
  for (const spec of tensorsOf(shape)) {
    const tensor = found.get(spec.name);
    if (!tensor || tensor.data.length !== elementsOf(spec) || tensor.shape.join() !== spec.shape.join()) {
      const has = tensor ? `has shape ${tensor.shape.join('×')}` : 'is missing';
      throw new UserError(`${file}: tensor ${spec.name} ${has}; the model needs ${spec.shape.join('×')}`, 'the file is damaged, or was not written by rnn train');
    }
    const data = Float32Array.from(tensor.data, Number);
    if (!data.every(Number.isFinite)) throw new UserError(`${file}: tensor ${spec.name} holds a number that is not finite`, 'take the weights of an earlier run');
    tensors.set(spec.name, data);
  }
  const classes = metadata['classes'];
  return { shape, tensors, ...(classes === undefined ? {} : { classNames: JSON.parse(classes) as string[] }) };
}

function readFileOrExplain(file: string): Uint8Array {
  try {
    return readFileSync(file);
  } catch (error) {
    const reason = { ENOENT: 'there is no such file', EISDIR: 'it is a directory', EACCES: 'it may not be read' }[systemCode(error) ?? ''];
    if (reason === undefined) throw error;
    throw new UserError(`${file}: ${reason}`, 'give the path of a weights.safetensors, as rnn train writes it into its run directory');
  }
}

async function parseShape(model: string | undefined, version: string | undefined, file: string): Promise<ModelShape> {
  if (model === undefined || version === undefined) {
    throw new UserError(`${file}: the file does not say which model it holds`, 'give a weights.safetensors that rnn train wrote');
  }
  if (version !== FORMAT_VERSION) {
    throw new UserError(`${file}: the file has format version ${version}; this rnn reads ${FORMAT_VERSION}`, 'use the rnn that wrote it, or a newer one');
  }
  const { z } = await import('zod');
  const size = z.int().min(1);
  const schema = z.strictObject({
    task: z.enum(tasks),
    vocab: size,
    embedding: z.int().min(0),
    hidden: size,
    layers: size,
    outputs: size,
    activation: z.enum(activations),
    bias: z.boolean(),
  });
  try {
    return schema.parse(JSON.parse(model));
  } catch {
    throw new UserError(`${file}: the description of the model is damaged: ${model.slice(0, 80)}`, 'take the weights of another run');
  }
}
