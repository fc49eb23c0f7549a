// The typed library behind the commands: re-exports only.
export { DataError, exitCodes, UsageError, UserError } from './errors.ts';
export { main } from './cli.ts';

export { openSequences } from './data/open.ts';
export { readDataset } from './data/dataset/dataset.ts';
export type { Dataset } from './data/dataset/dataset.ts';
export type { RowChunk, SequenceInput, TokenRows } from './data/rows/rows.ts';
export { prepare } from './data/dataset/prepare.ts';
export type { Prepared } from './data/dataset/prepare.ts';
export { rowBatches, streamBatches } from './data/dataset/batches.ts';
export type { Batches } from './data/dataset/batches.ts';
export * from './data/padding.ts';

export { loadEngine, oracleKind, referenceKind, wasmKind } from './engine/engines.ts';
export type { EngineKind } from './engine/engines.ts';
export type { Activation, Engine, Kernels, Memory } from './engine/kernels.ts';

export { parameterCount, tensorsOf } from './model/shape.ts';
export type { ModelShape, Task } from './model/shape.ts';
export { initialize } from './model/initializers.ts';
export { gradientOf, planStep, readTensor, writeTensor } from './model/plan.ts';
export type { Limits, Plan } from './model/plan.ts';
export { createNetwork } from './model/network.ts';
export type { Network } from './model/network.ts';
export type { Batch } from './model/batch.ts';
export type { Dropout } from './model/dropout.ts';
export { optimizers, optimizerWith } from './model/optimizers.ts';
export { recursionGradients } from './model/recursion.ts';
export { checkGradients } from './model/grad-check.ts';

export { setUpTraining } from './run/training/setup.ts';
export { scheduleWith } from './model/schedules.ts';
export { train } from './run/training/trainer.ts';
export type { LogPoint, TrainerOptions, TrainingEvent } from './run/training/trainer.ts';
export { initialState } from './run/checkpoint/training-state.ts';
export type { TrainingState } from './run/checkpoint/training-state.ts';
export { decodeCheckpoint, encodeCheckpoint } from './run/checkpoint/checkpoint.ts';
export type { Checkpoint } from './run/checkpoint/checkpoint.ts';
export { evaluate } from './run/evaluate.ts';
export type { Evaluation } from './run/evaluate.ts';
export { inferenceNetwork, lastStepOnly, loadModel } from './run/inference/inference.ts';
export type { LoadedModel } from './run/inference/inference.ts';
export { createPredictor, predictorLimits } from './run/inference/predictor.ts';
export type { Prediction } from './run/inference/predictor.ts';
export { generate, generationLimits } from './run/inference/generate.ts';
export type { GenerateOptions, TokenSink } from './run/inference/generate.ts';
export { createSampler } from './model/sampler.ts';
export type { Sampling } from './model/sampler.ts';
export { inspectWeights } from './run/inspect/weights.ts';
export { encodeWeights, readWeights } from './run/weights.ts';
export { readSafetensors, writeSafetensors } from './formats/safetensors.ts';

export { createVocabulary, byteVocabulary } from './data/text/vocabulary.ts';
export type { TextVocabulary } from './data/text/vocabulary.ts';
export { parseVocabulary, vocabularyToJson } from './data/text/vocabulary-json.ts';
export { encodeText } from './data/text/encode-text.ts';
export { createDecoder } from './data/text/decoder.ts';
