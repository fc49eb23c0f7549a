// What rnn train makes of each synthetic task and each fixture without a single flag that says how.
const accuracy = { name: 'accuracy', of: (result) => result.accuracy };
const squaredError = { name: 'squared error', of: ({ validationLoss }) => 2 * validationLoss };

/** The tasks at the sizes that rnn synth gives them. In echo and walk the rest cannot be foreseen: the summary says how much can. */
const tasks = {
  parity: { ...accuracy, atLeast: 0.99 },
  copy: { ...accuracy, atLeast: 0.99 },
  echo: { ...accuracy, atLeast: 0.87 },
  adding: { ...squaredError, below: 0.01 },
  majority: { ...accuracy, atLeast: 0.99 },
  dyck: { ...accuracy, atLeast: 0.98 },
  walk: { ...accuracy, atLeast: 0.89 },
};

const fixtures = [
  {
    title: 'words of five languages, without a flag',
    commands: ['rnn train fixtures/words.csv --validation fixtures/words-test.csv --quiet --json'],
    // Naive Bayes on the letters reaches 0.592 (fixtures/naive-bayes.mjs).
    figure: { ...accuracy, atLeast: 0.75 },
  },
  {
    title: 'the next character of verse, without a flag',
    // Letters as often as they are in the text, whatever stood before: 3.01.
    commands: ['rnn train fixtures/verse.csv --validation-split 0.1 --quiet --json'],
    figure: { name: 'nats per character', of: ({ validationLoss }) => validationLoss, below: 2.3 },
  },
  {
    title: "the lecture's numbers by heart, without a flag",
    commands: ['rnn train fixtures/lecture.json --quiet --json'],
    figure: { name: 'loss', of: ({ trainLoss }) => trainLoss, below: 1e-4 },
  },
];

export const examples = [
  ...Object.entries(tasks).map(([task, figure]) => ({
    title: `${task}, without a flag`,
    commands: [
      `rnn synth ${task} -o rows.csv`,
      `rnn synth ${task} --seed 2 --rows 2000 -o other.csv`,
      'rnn train rows.csv --validation other.csv --quiet --json',
    ],
    figure: { ...figure, name: `${figure.name} on rows of another seed` },
  })),
  ...fixtures,
];
