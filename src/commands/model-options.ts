// The flags that describe a model, for every command that makes one.
import { activations } from '../engine/kernels.ts';
import { initializerNames } from '../model/initializers.ts';
import { modelDefaults } from '../run/settings.ts';
import { choice, toggle, integer, real } from './command.ts';
import type { OptionTable } from './command.ts';

export const modelOptions = {
  hidden: integer({
    group: 'Model',
    help: 'size H of the state',
    min: 1,
    max: 65_536,
    default: undefined,
    defaultText: String(modelDefaults.hidden),
    why: 'enough for every task of rnn synth, and quick',
  }),
  layers: integer({
    group: 'Model',
    help: 'states stacked on one another',
    min: 1,
    max: 64,
    default: undefined,
    defaultText: String(modelDefaults.layers),
    why: "the lecture's network",
  }),
  activation: choice({
    group: 'Model',
    help: 'the nonlinearity g',
    choices: activations,
    default: undefined,
    defaultText: modelDefaults.activation,
    why: "the lecture's, and it keeps states within ±1",
  }),
  embedding: integer({
    group: 'Model',
    help: 'size of a learned row for each token, in place of one-hot input',
    min: 0,
    max: 65_536,
    default: undefined,
    defaultText: '0, one-hot; with --tied that of --hidden',
    why: 'U can be whatever U E can, and U x is then a column of U',
  }),
  noBias: toggle({ group: 'Model', help: 'leave out b and c, as in the lecture' }),
  tied: toggle({ group: 'Model', help: 'next-token: one tensor as embedding E and as output V, so that each token has one row' }),
  learnInitialState: toggle({ group: 'Model', help: 'H_0 = s, a learned vector of each layer, in place of 0' }),
  dropout: real({
    group: 'Model',
    argument: 'SHARE',
    help: "share of a layer's state that a training step puts to 0 on the way to the layer above, dividing the rest by 1−SHARE; other units each step, by --seed",
    min: 0,
    max: 0.99,
    default: 0,
    why: 'it slows the learning of what is not overfitted',
  }),
  initializer: choice({
    group: 'Model',
    help: "the weights before the first step: uniform ±1/√H (PyTorch's), Glorot, orthogonal W (Keras'), or W = I (IRNN, for relu)",
    choices: initializerNames,
    default: 'uniform',
    why: "runs then compare with PyTorch's",
  }),
  gain: real({
    group: 'Model',
    help: 'factor on U and W as --initializer draws them: W = X I for identity',
    above: 0,
    default: 1,
    why: 'the rule as it was published',
  }),
} satisfies OptionTable;
