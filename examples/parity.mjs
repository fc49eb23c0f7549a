// Parity of 20 bits is hopeless on rows of 20 alone: half of a guess is right until nearly all is. Rows of 1 to 4 bits teach the switch
// in a second, and what is learned there (--init-from) holds on rows of 20. Without W = I one run on rows of 1 to 20 does as well:
// rnn synth parity --rows 20000 | rnn train - --hidden 32 --epochs 20
const irnn = '--initializer identity --activation relu --hidden 64';

const commands = [
  'rnn synth parity --length 4 --min-length 1 --rows 5000 -o short.csv',
  'rnn synth parity --length 20 --min-length 1 --rows 20000 -o long.csv',
  'rnn synth parity --length 20 --min-length 20 --rows 2000 --seed 2 -o test.csv',
  `rnn train short.csv ${irnn} --lr 0.01 --epochs 30 --quiet --out runs/short`,
  'rnn train long.csv --validation test.csv --init-from runs/short/weights.safetensors --epochs 10 --quiet --json',
];

const figure = { name: 'accuracy on rows of 20 bits of another seed', of: ({ accuracy }) => accuracy, atLeast: 0.99 };

export const examples = [{ title: 'XOR of 20 bits, from W = I and relu, short rows first', commands, figure }];
