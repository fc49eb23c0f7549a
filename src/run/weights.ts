// weights.safetensors: the tensors in float32 by rows, under their names in the mathematics, and what they are the weights of.
import { createHash } from 'node:crypto';
import { systemCode, UserError } from '../errors.ts';
import { parseVocabulary, vocabularyToJson } from '../data/text/vocabulary-json.ts';
import type { TextVocabulary } from '../data/text/vocabulary.ts';
import { readSafetensors, writeSafetensors } from '../formats/safetensors.ts';
import { readWholeFile } from '../formats/whole-file.ts';
import { activations } from '../engine/kernels.ts';
import type { Activation, Memory } from '../engine/kernels.ts';
import { readTensor } from '../model/plan.ts';
import type { Plan } from '../model/plan.ts';
import { canBeTied, tasks, tensorsOf } from '../model/shape.ts';
import type { ModelShape, Task } from '../model/shape.ts';

/** Raised when a reader of the old version could misread the new. */
const FORMAT_VERSION = '1';

/** What the numbers of a model stand for, and how they were read; weights and checkpoints carry it. */
export interface ModelNames {
  /** Names of the classes by ID, where they are known. */
  readonly classNames?: readonly string[];
  /** What text the token IDs stand for, where it is known. */
  readonly vocabulary?: TextVocabulary;
  /** The rows were joined into one stream in training, so a token that ends a row is one like any other. */
  readonly stream?: true;
}

export interface Weights extends ModelNames {
  readonly shape: ModelShape;
  readonly tensors: ReadonlyMap<string, Float32Array>;
  /** The file did not say its task and nonlinearity: they are what was asked for, or the usual ones. */
  readonly assumed?: boolean;
  /** The file that they were read from, and its fingerprint. */
  readonly source?: { readonly file: string; readonly sha256: string };
}

/** The parameters in memory as tensors by rows. */
export function weightsOf(plan: Plan, memory: Memory): ReadonlyMap<string, Float32Array> {
  return new Map(plan.tensors.map((tensor) => [tensor.name, Float32Array.from(readTensor(memory, tensor))]));
}

/** The bytes of a weight file: a function of the weights alone. */
export function encodeWeights({ shape, tensors, ...names }: Weights): Uint8Array {
  const metadata = { format: 'rnn', version: FORMAT_VERSION, model: JSON.stringify(shape), ...namesToMetadata(names) };
  return writeSafetensors(
    tensorsOf(shape).map(({ name, shape: dims }) => ({
      name,
      dtype: 'F32' as const,
      shape: dims,
      data: Float32Array.from(tensors.get(name)!),
    })),
    metadata,
  );
}

/** What a file of another program does not say of its model: which nonlinearity, and for what it was trained. */
export interface UnsaidOfModel {
  readonly activation: Activation;
  /** Undefined: by the number of outputs: the vocabulary, next-token; 1, regression; else classification. */
  readonly task: Task | undefined;
}

/**
 * Reads weights: those of `rnn train`, which say what model they are of, or any tensors named U W b V c (E, U0 W0 b0 …) as in
 * the mathematics, whose sizes say it but for `unsaid`. Every tensor is there, finite, and of the right shape.
 */
export async function readWeights(file: string, unsaid: UnsaidOfModel): Promise<Weights> {
  const weights = await readAnyWeights(file, unsaid);
  for (const [name, data] of weights.tensors) {
    if (data.every(Number.isFinite)) continue;
    throw new UserError(`${file}: tensor ${name} holds a number that is not finite`, 'take the weights of an earlier run');
  }
  return weights;
}

/** As `readWeights`, but the numbers may be anything: for looking at them. */
export async function readAnyWeights(file: string, unsaid: UnsaidOfModel): Promise<Weights> {
  const bytes = readFileOrExplain(file);
  const { tensors: found, metadata } = readSafetensors(bytes, file);
  const said = metadata['model'];
  if (metadata['format'] === 'rnn checkpoint') throw checkpointForWeights(file);
  const shape = said === undefined ? inferShape(found, unsaid, file) : await parseShape(said, metadata['version'], file);
  const tensors = new Map<string, Float32Array>();
  for (const spec of tensorsOf(shape)) {
    const tensor = found.get(spec.name);
    if (!tensor || tensor.shape.join() !== spec.shape.join()) {
      const has = tensor ? `has shape ${tensor.shape.join('x')}` : 'is missing';
      throw new UserError(
        `${file}: tensor ${spec.name} ${has}; the model needs ${spec.shape.join('x')}`,
        'give the weights of an RNN, as rnn train writes them',
      );
    }
    tensors.set(spec.name, Float32Array.from(tensor.data, Number));
  }
  const unknown = [...found.keys()].find((name) => !tensors.has(name));
  if (unknown !== undefined)
    throw new UserError(
      `${file}: tensor ${unknown} is not one of this model (${[...tensors.keys()].join(' ')})`,
      'give the weights of an RNN, as rnn train writes them',
    );
  const source = { file, sha256: createHash('sha256').update(bytes).digest('hex') };
  return { shape, tensors, source, ...(said === undefined && { assumed: true }), ...namesFromMetadata(metadata, shape, file) };
}

function checkpointForWeights(file: string): UserError {
  return new UserError(
    `${file}: this is the checkpoint of a run, not its weights`,
    'give its run directory, or the weights.safetensors in it; rnn train --resume goes on with the run',
  );
}

export function namesToMetadata({ classNames, vocabulary, stream }: ModelNames): Record<string, string> {
  return {
    ...(classNames && { classes: JSON.stringify(classNames) }),
    ...(vocabulary && { vocabulary: vocabularyToJson(vocabulary) }),
    ...(stream && { stream: 'true' }),
  };
}

export function namesFromMetadata(metadata: Readonly<Record<string, string>>, shape: ModelShape, file: string): ModelNames {
  const { classes, vocabulary, stream } = metadata;
  return {
    ...(classes !== undefined && { classNames: classNamesOf(classes, shape, file) }),
    ...(vocabulary !== undefined && { vocabulary: vocabularyOfModel(vocabulary, shape, file) }),
    ...(stream === 'true' && { stream: true }),
  };
}

function classNamesOf(json: string, { outputs }: ModelShape, file: string): string[] {
  let names: unknown;
  try {
    names = JSON.parse(json);
  } catch {
    names = undefined;
  }
  if (Array.isArray(names) && names.length === outputs && names.every((name) => typeof name === 'string')) return names;
  throw new UserError(`${file}: the names of the classes are damaged: ${json.slice(0, 80)}`, 'give the weights as rnn train wrote them');
}

function vocabularyOfModel(json: string, shape: ModelShape, file: string): TextVocabulary {
  const vocabulary = parseVocabulary(json, `${file}: vocabulary`);
  if (vocabulary.size === shape.vocab) return vocabulary;
  throw new UserError(
    `${file}: the vocabulary has ${vocabulary.size} tokens, the model ${shape.vocab}`,
    'give the weights as rnn train wrote them',
  );
}

/** The sizes of a model by the shapes of its tensors. */
function inferShape(
  found: ReadonlyMap<string, { readonly shape: readonly number[] }>,
  { activation, task }: UnsaidOfModel,
  file: string,
): ModelShape {
  const sizeOf = (name: string, dimension: number): number => {
    const size = found.get(name)?.shape[dimension];
    if (size === undefined)
      throw new UserError(
        `${file}: there is no tensor ${name} of a recurrent network`,
        'name the tensors U W b V c as in the mathematics: see the README',
      );
    return size;
  };
  let layers = 0;
  while (found.has(`W${layers}`)) layers++;
  const suffix = layers === 0 ? '' : '0';
  const embedding = found.has('E') ? sizeOf('E', 1) : 0;
  const vocab = embedding > 0 ? sizeOf('E', 0) : sizeOf(`U${suffix}`, 1);
  const hidden = sizeOf(`W${suffix}`, 0);
  const tied = embedding > 0 && !found.has('V');
  const outputs = tied ? vocab : sizeOf('V', 0);
  const usual = outputs === vocab ? 'next-token' : outputs === 1 ? 'regression' : 'classification';
  return {
    task: tied ? 'next-token' : (task ?? usual),
    vocab,
    embedding,
    hidden,
    layers: Math.max(1, layers),
    outputs,
    activation,
    bias: found.has('c'),
    ...(tied ? { tied } : {}),
    ...(found.has(`s${suffix}`) ? { learnedState: true } : {}),
  };
}

function readFileOrExplain(file: string): Uint8Array {
  try {
    return readWholeFile(file);
  } catch (error) {
    const reason = {
      ENOENT: 'there is no such file',
      ENOTDIR: 'there is no such file',
      EISDIR: 'it is a directory',
      EACCES: 'it may not be read',
      ENODEV: 'it is a device, not a file',
      ELOOP: 'its symbolic links run in a circle',
      ENAMETOOLONG: 'the name is too long',
    }[systemCode(error) ?? ''];
    const answer = systemCode(error) ?? (error as Error).message;
    throw new UserError(
      `${file}: ${reason ?? `it cannot be read, the system answers ${answer}`}`,
      'give the path of a weights.safetensors, as rnn train writes it into its run directory',
    );
  }
}

async function parseShape(model: string, version: string | undefined, file: string): Promise<ModelShape> {
  if (version !== FORMAT_VERSION) {
    throw new UserError(
      `${file}: the file has format version ${version ?? 'unknown'}; this rnn reads ${FORMAT_VERSION}`,
      'use the rnn that wrote it, or a newer one',
    );
  }
  return parseModel(model, file);
}

/** The description of a model, as `encodeWeights` and checkpoints have it in their metadata. */
export async function parseModel(model: string, file: string): Promise<ModelShape> {
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
    tied: z.boolean().optional(),
    learnedState: z.boolean().optional(),
  });
  try {
    const shape: unknown = JSON.parse(model);
    schema.refine(canBeTied).parse(shape);
    // As it stands, its keys in their order: the weights that go on from it then have the same bytes.
    return shape as ModelShape;
  } catch {
    throw new UserError(`${file}: the description of the model is damaged: ${model.slice(0, 80)}`, 'take the weights of another run');
  }
}
