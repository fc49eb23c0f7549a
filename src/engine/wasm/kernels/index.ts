// The kernels' entry: what the WebAssembly module exports. AssemblyScript, not TypeScript (scripts/build-kernels.mjs).
// Every function takes byte addresses and sizes in elements, uses no memory of its own and checks nothing.
export { pack } from './packing';
export { multiply, multiplyTransposed } from './products';
export { gather, scatterAdd, addRow, columnSums, argmax } from './rowwise';
export { tanh, relu, sigmoid, tanhGradient, reluGradient, sigmoidGradient } from './activations';
export { dropout } from './dropout';
export { softmaxCrossEntropy, squaredError } from './losses';
export { fill, copy, sum, sumOfSquares } from './vectors';
export { scale, clamp, blend, blendSquares, blendByRoot } from './updates';
