// What a file is to be learned for, and what that asks of its rows: a class that is one, tokens that the model knows.
import { UserError } from '../../errors.ts';
import { rowError, tokenError } from './dataset.ts';
import type { Dataset } from './dataset.ts';
import type { PrepareOptions } from './prepare.ts';

export type TaskName = 'regression' | 'classification' | 'next-token';

/** The task that is asked for, or that the targets tell, and why. */
export function decideTask(data: Dataset, { task: asked, taskOfWeights = false }: PrepareOptions): { task: TaskName; reason: string } {
  const { targetNames, targets, file } = data;
  if (asked !== undefined) {
    if (asked !== 'next-token' && targetNames.length === 0) {
      throw new UserError(
        taskOfWeights
          ? `${file}: the weights are for ${asked}, but the data has no target`
          : `${file}: the task is ${asked}, but the data has no target`,
        taskOfWeights
          ? 'name the target column with --target NAME; rnn predict needs none'
          : 'name the target column with --target NAME, or use --task next-token',
      );
    }
    return { task: asked, reason: 'as asked' };
  }
  if (targetNames.length === 0) return { task: 'next-token', reason: 'the data has no target' };
  const names = targetNames.join(', ');
  const areClasses =
    targetNames.length === 1 && targetNames[0] === 'label' && targets.every((value) => Number.isInteger(value) && value >= 0);
  if (areClasses) return { task: 'classification', reason: `column ${names} holds class IDs` };
  return { task: 'regression', reason: `${targetNames.length === 1 ? 'column' : 'columns'} ${names}` };
}

/** The most classes that a model is made for: beyond it a class ID is more likely a mistake, and the weights would not fit. */
const MOST_CLASSES = 1_000_000;

/** Throws UserError where classes would have to be read from several columns. */
export function requireOneClassColumn({ file, targetNames }: Dataset, task: TaskName): void {
  if (task !== 'classification' || targetNames.length === 1) return;
  throw new UserError(
    `${file}: classification takes one target, not ${targetNames.length} (${targetNames.join(', ')})`,
    'name one column with --target',
  );
}

/** Throws DataError at a class that is none, and at a token outside the vocabulary in what is kept of the row. */
export function checkRow(
  data: Dataset,
  task: TaskName,
  { known, taskOfWeights = false }: PrepareOptions,
  row: number,
  begin: number,
  end: number,
): void {
  if (task === 'classification') checkClass(data, row, taskOfWeights, known?.classes);
  const { tokens: vocabulary = Infinity, tokenHint } = known ?? {};
  if (vocabulary === Infinity || !isLongEnough(task, end - begin)) return;
  const { tokens, offsets } = data.rows;
  for (let at = begin; at < end; at++) {
    if (tokens[at] < vocabulary) continue;
    throw tokenError(data, row, at - offsets[row], `token ${tokens[at]} is outside the vocabulary 0..${vocabulary - 1}`, tokenHint);
  }
}

function checkClass(data: Dataset, row: number, taskOfWeights: boolean, classes = Infinity): void {
  const { targets, targetNames } = data;
  const value = targets[row];
  if (!Number.isInteger(value) || value < 0 || value >= MOST_CLASSES) {
    throw rowError(
      data,
      row,
      `${targetNames[0]} ${value} is not a class ID (a whole number from 0 to ${MOST_CLASSES - 1})`,
      taskOfWeights
        ? 'the weights are for classification: number the classes as in training'
        : 'number the classes from 0, or use --task regression',
    );
  }
  if (value < classes) return;
  const problem = `class ${value} is none of the weights' classes 0..${classes - 1}`;
  throw rowError(data, row, problem, 'number the classes as in training');
}

/** A single token has no next one to learn. */
export function isLongEnough(task: TaskName, length: number): boolean {
  return task !== 'next-token' || length >= 2;
}
