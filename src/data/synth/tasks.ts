// The benchmark tasks of `rnn synth`, one entry each: how a row is drawn, what is to be learned of it, the sizes by default.
// Tasks with one answer a row (label, target) are learned to the last bit; in the others `foreseen` says how much can be.
import type { Random } from '../../model/random.ts';
import { breakBalance, fillBalanced } from './brackets.ts';

export interface SynthSizes {
  readonly vocabSize: number;
  /** Steps that something has to be remembered for; 0 in tasks that have none. */
  readonly lag: number;
}

export interface SynthTask {
  /** For the help: what a row is, and what is learned of it. */
  readonly summary: string;
  /** The column of the answer: classes under `label`, numbers under `target`; none where the next token is learned. */
  readonly answer: 'label' | 'target' | undefined;
  /** Absent where the task has no lag. */
  readonly lag?: number;
  readonly vocabSize: number;
  readonly length: (sizes: SynthSizes) => number;
  /** Absent: rows of one length. */
  readonly minLength?: number;
  /** As many as `rnn train` without a flag learns the task from, at these sizes. */
  readonly rows: number;
  /** The smallest vocabulary, and what it is a multiple of. */
  readonly vocabulary: { readonly least: number; readonly multipleOf: 1 | 2 };
  readonly shortest: (sizes: SynthSizes) => number;
  /** Lengths are multiples of it. */
  readonly lengthMultipleOf: 1 | 2;
  /** Fills a row, and returns its answer (any number where there is none). */
  readonly draw: (row: Int32Array, sizes: SynthSizes, random: Random) => number;
  /** Next-token tasks: how many of the length − 1 next tokens the best model gets right, on average. */
  readonly foreseen?: (length: number, sizes: SynthSizes) => number;
}

const anySize = { vocabulary: { least: 2, multipleOf: 1 }, shortest: () => 1, lengthMultipleOf: 1 } as const;

export const synthTasks = {
  parity: {
    ...anySize,
    summary: 'the label is the sum of the tokens modulo the vocabulary: XOR for bits',
    answer: 'label',
    vocabSize: 2,
    length: () => 20,
    minLength: 1,
    rows: 50_000,
    draw: (row, { vocabSize }, random) => fillRandom(row, vocabSize, random).reduce((sum, token) => (sum + token) % vocabSize, 0),
  },
  copy: {
    ...anySize,
    summary: 'the label is the token that stands lag steps before the last one; all others distract',
    answer: 'label',
    lag: 10,
    vocabSize: 10,
    length: ({ lag }) => lag + 1,
    rows: 50_000,
    shortest: ({ lag }) => lag + 1,
    draw: (row, { vocabSize, lag }, random) => fillRandom(row, vocabSize, random)[row.length - 1 - lag],
  },
  echo: {
    ...anySize,
    summary: 'each token is the one lag steps before it, but for the first lag, which are random; the next token is learned',
    answer: undefined,
    lag: 5,
    vocabSize: 10,
    length: ({ lag }) => 6 * lag,
    rows: 10_000,
    shortest: ({ lag }) => lag + 1,
    draw(row, { vocabSize, lag }, random) {
      fillRandom(row.subarray(0, lag), vocabSize, random);
      for (let t = lag; t < row.length; t++) row[t] = row[t - lag];
      return 0;
    },
    foreseen: (length, { vocabSize, lag }) => length - lag + (lag - 1) / vocabSize,
  },
  adding: {
    ...anySize,
    summary: 'values 0 to 1 in V/2 steps, one of each half of the row marked by an ID of V/2 or more; the target is the sum of the marked',
    answer: 'target',
    vocabSize: 64,
    vocabulary: { least: 4, multipleOf: 2 },
    length: () => 30,
    rows: 20_000,
    shortest: () => 2,
    draw(row, { vocabSize }, random) {
      const levels = vocabSize / 2;
      fillRandom(row, levels, random);
      const half = row.length >> 1;
      const marked = [random.below(half), half + random.below(row.length - half)];
      const sum = marked.reduce((total, at) => total + row[at], 0);
      for (const at of marked) row[at] += levels;
      return sum / (levels - 1);
    },
  },
  majority: {
    ...anySize,
    summary: 'the label is the most frequent token, the smallest of several',
    answer: 'label',
    vocabSize: 2,
    length: () => 21,
    rows: 10_000,
    draw(row, { vocabSize }, random) {
      const counts = new Int32Array(vocabSize);
      for (const token of fillRandom(row, vocabSize, random)) counts[token]++;
      return counts.indexOf(counts.reduce((most, count) => Math.max(most, count)));
    },
  },
  dyck: {
    ...anySize,
    summary: 'brackets of V/2 types, 2k opens and 2k+1 closes; the label is 1 for balanced rows and 0 for those that one change broke',
    answer: 'label',
    vocabSize: 4,
    vocabulary: { least: 2, multipleOf: 2 },
    length: () => 12,
    minLength: 2,
    rows: 20_000,
    shortest: () => 2,
    lengthMultipleOf: 2,
    draw(row, { vocabSize }, random) {
      const label = random.below(2);
      fillBalanced(row, vocabSize / 2, random);
      if (label === 0) breakBalance(row, vocabSize / 2, random);
      return label;
    },
  },
  walk: {
    ...anySize,
    summary: 'a random start, then steps of one random size, modulo the vocabulary; the next token is learned',
    answer: undefined,
    vocabSize: 10,
    length: () => 10,
    rows: 10_000,
    shortest: () => 2,
    draw(row, { vocabSize }, random) {
      const step = 1 + random.below(vocabSize - 1);
      row[0] = random.below(vocabSize);
      for (let t = 1; t < row.length; t++) row[t] = (row[t - 1] + step) % vocabSize;
      return 0;
    },
    foreseen: (length, { vocabSize }) => length - 2 + 1 / (vocabSize - 1),
  },
} as const satisfies Readonly<Record<string, SynthTask>>;

export type SynthTaskName = keyof typeof synthTasks;

/** Each token from 0 to vocabSize − 1, equally likely. */
function fillRandom(row: Int32Array, vocabSize: number, random: Random): Int32Array {
  for (let t = 0; t < row.length; t++) row[t] = random.below(vocabSize);
  return row;
}
