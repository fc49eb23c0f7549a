// Copy with lag 20: the label is the first of 21 tokens, the rest distract. W = I and relu keep what does not change (IRNN).
const commands = [
  'rnn synth copy --lag 20 --rows 20000 -o copy.csv',
  'rnn synth copy --lag 20 --rows 2000 --seed 2 -o copy-test.csv',
  'rnn train copy.csv --validation copy-test.csv --initializer identity --activation relu --hidden 64 --epochs 5 --quiet --json',
];

const figure = { name: 'accuracy on rows of another seed', of: ({ accuracy }) => accuracy, atLeast: 0.99 };

export const examples = [
  { title: 'say which token stood 20 steps back, among ten, with every other token a distraction', commands, figure },
];
