// The options of every command that uses trained weights: what the rows are, and what computes.
import { engineNames } from '../engine/engines.ts';
import { activations } from '../engine/kernels.ts';
import { tasks } from '../model/shape.ts';
import { choice, integer, toggle } from './command.ts';
import type { OptionTable, Positional } from './command.ts';
import { dataOptions, longestMaxLen, padValueOption, paddingOptions } from './data-options.ts';

export const weightsPositional: Positional = {
  name: 'WEIGHTS',
  help: 'a weights.safetensors of rnn train, or its run directory; or any tensors U W b V c in a safetensors file',
  required: true,
};

/** For weights of another program, whose file does not say it. */
export const unsaidOptions = {
  activation: choice({
    group: 'Model',
    help: 'the nonlinearity g of weights that do not say it',
    choices: activations,
    default: undefined,
    defaultText: 'as the weights say, else tanh',
  }),
} satisfies OptionTable;

export const taskOption = {
  task: choice({
    group: 'Model',
    help: 'what weights that do not say it are for',
    choices: tasks,
    default: undefined,
    defaultText: 'as the weights say, else by their outputs',
  }),
} satisfies OptionTable;

/** How rows are read, as `rnn train` reads them. */
export const rowOptions = {
  ...dataOptions,
  maxLen: integer({
    group: 'Data',
    help: 'cut rows to N tokens',
    min: 1,
    max: longestMaxLen,
    default: undefined,
    defaultText: 'whole rows',
  }),
  truncating: paddingOptions.truncating,
  padValue: padValueOption,
  padding: choice({
    group: 'Data',
    help: 'the end that padding is at, of --pad-value or beside a length',
    choices: ['post', 'pre'],
    default: 'post',
  }),
} satisfies OptionTable;

export const noMask = toggle({
  group: 'Data',
  help: 'the literal reading: pad all rows to one length, feed the padding, read H_T; --max-len says the length',
});

export const engineOptions = {
  engine: choice({ group: 'Run', help: 'what computes, as in rnn train', choices: engineNames, default: 'wasm' }),
} satisfies OptionTable;

export const threadsOption = {
  threads: integer({
    group: 'Run',
    help: 'threads that share each batch; the results are the same bytes at any number, but with --engine blas',
    min: 1,
    max: 256,
    default: 1,
  }),
} satisfies OptionTable;
