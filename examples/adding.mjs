// The adding problem (Hochreiter & Schmidhuber 1997) at length 100, as in Le, Jaitly & Hinton (2015): W = I and relu, one number a row.
const commands = [
  'rnn synth adding --length 100 --rows 20000 -o adding.csv',
  'rnn synth adding --length 100 --rows 2000 --seed 2 -o adding-test.csv',
  'rnn train adding.csv --validation adding-test.csv --initializer identity --activation relu --hidden 64 --lr 0.001 --epochs 10 --quiet --json',
];

/** The loss is half of the squared error; always answering the mean gives 0.17. */
const figure = { name: 'squared error on rows of another seed', of: ({ validationLoss }) => 2 * validationLoss, below: 0.01 };

export const examples = [{ title: 'add the two marked of 100 values', commands, figure }];
