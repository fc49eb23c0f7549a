// The flags that say how a model is optimised.
import { optimizerNames, optimizers } from '../model/optimizers.ts';
import { scheduleNames, schedules } from '../model/schedules.ts';
import type { Schedule, ScheduleOptions } from '../model/schedules.ts';
import { DEFAULT_WINDOW, describeDefaultEpochs } from '../run/settings.ts';
import { MOST_RETRIES } from '../run/training/retry.ts';
import { choice, integer, real, toggle } from './command.ts';
import type { OptionTable } from './command.ts';

const rates = Object.entries(optimizers).map(([name, { defaultRate }]) => `${name} ${defaultRate}`);
const used = (option: string): string =>
  optimizerNames
    .filter((name) => option in optimizers[name].defaults)
    .map((name) => `${name} ${String(optimizers[name].defaults[option as keyof (typeof optimizers)[typeof name]['defaults']])}`)
    .join(', ');

const scheduled = (option: keyof ScheduleOptions): string =>
  scheduleNames
    .map((name) => [name, (schedules[name] as Schedule).defaults[option]] as const)
    .flatMap(([name, value]) => (value === undefined ? [] : [`${name} ${value}`]))
    .join(', ');

export const optimisationOptions = {
  optimizer: choice({
    group: 'Optimisation',
    help: "the update rule, with PyTorch's defaults",
    choices: optimizerNames,
    default: 'adam',
    why: 'of these it depends least on its rate',
  }),
  lr: real({
    group: 'Optimisation',
    help: 'learning rate',
    above: 0,
    default: undefined,
    defaultText: rates.join(', '),
    why: "what small RNNs bear; rmsprop's and adagrad's are PyTorch's",
  }),
  momentum: real({
    group: 'Optimisation',
    help: 'share of the update before that is kept',
    min: 0,
    max: 1,
    default: undefined,
    defaultText: used('momentum'),
    why: "PyTorch's",
  }),
  nesterov: toggle({ group: 'Optimisation', help: "Nesterov's momentum (sgd)" }),
  alpha: real({
    group: 'Optimisation',
    help: 'decay of the mean square',
    min: 0,
    max: 1,
    default: undefined,
    defaultText: used('alpha'),
    why: "PyTorch's",
  }),
  beta1: real({
    group: 'Optimisation',
    help: 'decay of the mean gradient',
    min: 0,
    max: 0.999999,
    default: undefined,
    defaultText: used('beta1'),
    why: "PyTorch's",
  }),
  beta2: real({
    group: 'Optimisation',
    help: 'decay of the mean square',
    min: 0,
    max: 0.999999,
    default: undefined,
    defaultText: used('beta2'),
    why: "PyTorch's",
  }),
  eps: real({
    group: 'Optimisation',
    help: 'added to the root of the mean square',
    min: 0,
    default: undefined,
    defaultText: used('eps'),
    why: "PyTorch's",
  }),
  weightDecay: real({
    group: 'Optimisation',
    help: 'pull of the weights towards 0',
    min: 0,
    default: undefined,
    defaultText: used('weightDecay'),
    why: "PyTorch's",
  }),
  epochs: integer({
    group: 'Optimisation',
    help: 'passes over the data',
    min: 1,
    max: 1e9,
    default: undefined,
    defaultText: describeDefaultEpochs(),
    why: 'few rows need many passes, a large file does not',
  }),
  batchSize: integer({
    group: 'Optimisation',
    help: 'rows (streams) in one step',
    min: 1,
    max: 1_000_000,
    default: 32,
    why: 'many steps an epoch, and products that are still fast',
  }),
  bucket: integer({
    group: 'Optimisation',
    argument: 'K',
    help: 'put rows of like length together: cut pools of K shuffled batches by length, then shuffle the batches, as other trainers do; 1: as shuffled',
    min: 1,
    max: 1_000_000,
    default: 1,
    why: 'padding is not computed here, so that there is none to save',
  }),
  bptt: integer({
    group: 'Optimisation',
    argument: 'WINDOW',
    help: 'with --stream: tokens that a gradient reaches back',
    min: 1,
    max: 2 ** 24,
    default: undefined,
    defaultText: `${DEFAULT_WINDOW}; without --stream whole rows`,
    why: 'about as far as gradients of a plain RNN reach',
  }),
  clipNorm: real({
    group: 'Optimisation',
    help: 'limit of the norm of the whole gradient; 0: none',
    min: 0,
    default: 1,
    why: 'the gradients of plain RNNs explode',
  }),
  clipValue: real({
    group: 'Optimisation',
    help: 'limit of each element of the gradient',
    above: 0,
    default: undefined,
    defaultText: 'none',
    why: 'a limit of the norm keeps the direction',
  }),
  schedule: choice({
    group: 'Optimisation',
    help: 'how the rate moves over the run: cosine goes down to 0 over all steps, exponential falls each epoch, step each --step-epochs, plateau when the validation loss stands still',
    choices: scheduleNames,
    default: 'constant',
    why: 'it leaves the length of the run open',
  }),
  decay: real({
    group: 'Optimisation',
    help: 'what the rate is multiplied by at each fall',
    above: 0,
    max: 1,
    default: undefined,
    defaultText: scheduled('decay'),
    why: 'each fall is gentle where they are many',
  }),
  stepEpochs: integer({
    group: 'Optimisation',
    help: 'epochs between two falls of the rate',
    min: 1,
    default: undefined,
    defaultText: scheduled('stepEpochs'),
    why: 'some falls in a run of usual length',
  }),
  plateauPatience: integer({
    group: 'Optimisation',
    help: 'epochs without a validation loss that is lower by 1e-4 of itself; after one more the rate falls',
    min: 0,
    default: undefined,
    defaultText: scheduled('plateauPatience'),
    why: 'one bad epoch may be chance',
  }),
  warmup: integer({
    group: 'Optimisation',
    help: 'steps in which the rate rises to --lr',
    min: 0,
    default: 0,
    why: 'clipping tames the first steps',
  }),
  patience: integer({
    group: 'Optimisation',
    help: 'stop after N epochs without a better validation loss',
    min: 1,
    default: undefined,
    defaultText: 'all epochs are run',
    why: 'the best weights are kept anyway',
  }),
  maxSeconds: real({
    group: 'Optimisation',
    argument: 'X',
    help: 'stop after the step at which the run has taken X seconds, those before --resume included, and save; 0: no limit',
    min: 0,
    default: undefined,
    defaultText: 'no limit',
    why: 'a clock stops elsewhere each time',
  }),
  onDivergence: choice({
    group: 'Optimisation',
    help: `what to do where a loss or gradient is not finite: stop with exit 3, or go on from the best weights (without validation, those of the epoch with the lowest training loss) at half the rate with a fresh optimizer, at most ${MOST_RETRIES} times`,
    choices: ['stop', 'retry'],
    default: 'stop',
    why: 'such a run needs a look',
  }),
  overfit: toggle({
    group: 'Optimisation',
    help: 'to debug a set-up: train on the first batch alone, over and over; a loss that does not go towards 0 says that model, rate or data are at fault',
  }),
  seed: integer({
    group: 'Optimisation',
    help: 'decides the first weights, the order of the rows and the split',
    min: 0,
    max: Number.MAX_SAFE_INTEGER,
    default: 1,
    why: 'any number does, if it is the same each time',
  }),
} satisfies OptionTable;
