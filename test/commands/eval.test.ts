import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { fixture, folder, run } from '../support/run.ts';
import { weightsFile, weightsFor } from '../support/weights.ts';

const lines = (text: string): string[] => text.trimEnd().split('\n');

const ragged = '{"tokens":[1,2,3,0,0],"y":1}\n{"tokens":[4,0,0,0,0],"y":2}\n{"tokens":[5,6,7,8,9],"y":3}\n';

describe('rnn eval', () => {
  test.each<[string, string, readonly string[]]>([
    ['classes', fixture('words-test.csv'), []],
    ['numbers', fixture('lecture.json'), []],
    ['next tokens of rows', fixture('verse.csv'), ['--batch-size', '5']],
    ['next tokens of a stream', fixture('verse.csv'), ['--stream', '--batch-size', '7', '--bptt', '11']],
    ['rows cut and freed of padding', ragged, ['--max-len', '4', '--truncating', 'pre', '--pad-value', '0']],
    ['rows whose padding is fed', ragged, ['--no-mask', '--max-len', '6', '--padding', 'pre']],
  ])('gives the very figures of the validation of rnn train: %s', async (_, data, flags) => {
    const out = join(folder(), 'run');
    const file = data.includes('\n') ? join(folder({ 'rows.jsonl': data }), 'rows.jsonl') : data;
    const training = await run([
      'train',
      file,
      '--validation',
      file,
      '--hidden',
      '8',
      '--epochs',
      '1',
      '--quiet',
      '--json',
      '--out',
      out,
      ...flags,
    ]);
    const { result } = JSON.parse(training.stdout);
    const { code, stdout } = await run(['eval', out, file, '--json', ...flags]);
    expect(code).toBe(0);
    const report = JSON.parse(stdout);
    expect(report.loss).toBe(result.validationLoss);
    expect([report.accuracy, report.perplexity, report.confusion]).toEqual([result.accuracy, result.perplexity, result.confusion]);
  });

  test('prints the report on standard output: data, loss with its unit and count, the confusion matrix with the names of the classes', async () => {
    const out = join(folder(), 'run');
    await run([
      'train',
      fixture('words.csv'),
      '--hidden',
      '8',
      '--epochs',
      '1',
      '--quiet',
      '--out',
      out,
      '--class-names',
      'en,fr,de,it,es',
    ]);
    const { stdout, stderr } = await run(['eval', out, fixture('words-test.csv')]);
    expect(stderr).toBe('');
    const [data, figures, caption, header] = lines(stdout);
    expect(data).toContain('1500 rows, 14 087 tokens (4 to 14 a row)');
    expect(figures).toMatch(/^loss \S+ nats per row, accuracy 0\.\d{3} over 1500 rows \(always the largest class: 0\.200\)$/);
    expect(caption).toBe('Rows: true class. Columns: predicted class.');
    expect(header).toMatch(/^\s+en\s+fr\s+de\s+it\s+es\s+recall$/);
  });

  test('states the log base and what the means are over; perplexity is e^loss and bits are loss / ln 2', async () => {
    const { stdout } = await run(['eval', weightsFile(weightsFor()), '--json'], { stdin: '1,2,3\n4,5\n6\n' });
    const report = JSON.parse(stdout);
    expect(report).toMatchObject({
      logBase: 'e',
      lossUnit: 'nats per token',
      outputs: 3,
      outputsAre: 'tokens',
      data: { counts: { tooShort: 1 } },
    });
    expect(report.perplexity).toBeCloseTo(Math.exp(report.loss), 10);
    expect(report.bitsPerToken).toBeCloseTo(Math.log2(Math.exp(report.loss)), 10);
  });

  test('counts the rows and the tail that it leaves out', async () => {
    const weights = weightsFile(weightsFor());
    const rows = await run(['eval', weights], { stdin: '1,2,3\n4,5\n6\n' });
    expect(rows.stdout).toContain('left out 1 row of fewer than two tokens');
    const stream = await run(['eval', weights, '--stream', '--batch-size', '2'], { stdin: '1,2,3,4,5,6\n' });
    expect(stream.stdout).toContain('1 token at the end left out');
    expect(stream.stdout).toContain('over 4 tokens');
  });

  test('RMSE and MAE are over all numbers: by hand, of a model that says c', async () => {
    const weights = weightsFor({ task: 'regression', outputs: 2 }, 3, 0);
    weights.tensors.get('c')!.set([1, 2]);
    const { stdout } = await run(['eval', weightsFile(weights), '--target', 'a,b', '--json'], { stdin: 'tokens,a,b\n1 2,1,4\n3,4,2\n' });
    const report = JSON.parse(stdout); // errors 0, 2 and 3, 0
    expect(report.loss).toBeCloseTo((4 + 9) / 2 / 2, 12);
    expect(report.rootMeanSquareError).toBeCloseTo(Math.sqrt(13 / 4), 12);
    expect(report.meanAbsoluteError).toBeCloseTo(5 / 4, 12);
  });

  test('--per-row prints a row for each row, in the order of the file, whose mean is the loss; the report goes to standard error', async () => {
    const weights = weightsFile(weightsFor({ task: 'classification', outputs: 3 }));
    const data = 'tokens,label\n1 2 3,0\n4,2\n5 6,1\n7 8 9 10,2\n';
    const { stdout, stderr } = await run(['eval', weights, '--batch-size', '3', '--per-row'], { stdin: data });
    const [header, ...rows] = lines(stdout);
    expect(header).toBe('line,target,predicted,loss');
    expect(rows.map((row) => row.split(',').slice(0, 2).join())).toEqual(['2,0', '3,2', '4,1', '5,2']);
    const { stdout: json } = await run(['eval', weights, '--json'], { stdin: data });
    const mean = rows.reduce((sum, row) => sum + Number(row.split(',')[3]), 0) / 4;
    expect(mean).toBeCloseTo(JSON.parse(json).loss, 6);
    expect(stderr).toContain('over 4 rows');
  });

  test('--per-row of next-token weighs each row by its tokens, and gives JSONL with --json', async () => {
    const weights = weightsFile(weightsFor());
    const data = '1,2,3,4\n5\n6,7\n';
    const { stdout, stderr } = await run(['eval', weights, '--per-row', '--json'], { stdin: data });
    const rows = lines(stdout).map((line) => JSON.parse(line));
    expect(rows.map(({ line, tokens }) => [line, tokens])).toEqual([
      [1, 3],
      [3, 1],
    ]);
    expect((3 * rows[0].loss + rows[1].loss) / 4).toBeCloseTo(JSON.parse(stderr).loss, 6);
  });

  test('--threads changes no bit', async () => {
    const weights = weightsFile(weightsFor());
    const figures = [];
    for (const threads of ['1', '3']) {
      const { stdout } = await run(['eval', weights, '--threads', threads, '--json'], { stdin: fixtureRows });
      figures.push(stdout);
    }
    expect(figures[1]).toBe(figures[0]);
  });

  test('reads tensors of another program by their names, and says what it took them for', async () => {
    const { shape, tensors } = weightsFor({ activation: 'relu' });
    const { writeSafetensors } = await import('../../src/formats/safetensors.ts');
    const { tensorsOf } = await import('../../src/model/shape.ts');
    const foreign = writeSafetensors(
      tensorsOf(shape).map(({ name, shape: sizes }) => ({ name, dtype: 'F32' as const, shape: sizes, data: tensors.get(name)! })),
    );
    const file = join(folder({ 'foreign.safetensors': foreign }), 'foreign.safetensors');
    const data = '1,2,3\n4,5\n';
    const { stdout, stderr } = await run(['eval', file, '--activation', 'relu', '--json'], { stdin: data });
    expect(stderr).toContain('taken for task next-token and activation relu');
    const own = await run(['eval', weightsFile(weightsFor({ activation: 'relu' })), '--json'], { stdin: data });
    expect(JSON.parse(stdout).loss).toBe(JSON.parse(own.stdout).loss);
  });

  test.each<[string, Parameters<typeof weightsFor>[0], string, readonly string[], string, number]>([
    ['a token outside the vocabulary, by its place', {}, '1,2\n3,20\n', [], 'stdin:2:2: token 20 is outside the vocabulary 0..19', 1],
    [
      'a class that the weights have not',
      { task: 'classification', outputs: 2 },
      'tokens,label\n1,0\n2,2\n',
      [],
      "stdin:3: class 2 is none of the weights' classes 0..1",
      1,
    ],
    ['other targets', { task: 'regression', outputs: 2 }, 'tokens,y\n1,0\n', [], 'the rows have 1 target, the weights 2 outputs', 1],
    ['no targets', { task: 'classification', outputs: 2 }, '1,2\n', [], 'the data has no target', 1],
    ['an empty row', {}, '1,2\n\n', [], 'stdin:2: the row has no tokens', 1],
    ['no rows', {}, '', [], 'holds no rows', 1],
    [
      'a stream of classes',
      { task: 'classification', outputs: 2 },
      'tokens,label\n1,0\n',
      ['--stream'],
      'only next-token reads rows as one stream',
      2,
    ],
    ['--bptt without a stream', {}, '1,2\n', ['--bptt', '3'], '--bptt: rows are read whole', 2],
    ['rows of a stream', {}, '1,2\n', ['--stream', '--per-row'], '--per-row: a stream has no rows', 2],
    ['another task than the weights say', {}, '1,2\n', ['--task', 'regression'], 'says next-token, not regression', 2],
  ])('refuses %s', async (_, shape, stdin, flags, message, code) => {
    const result = await run(['eval', weightsFile(weightsFor(shape)), ...flags], { stdin });
    expect(result.stderr).toContain(message);
    expect(result.stderr).toContain('\nhint: ');
    expect({ code: result.code, stdout: result.stdout }).toEqual({ code, stdout: '' });
  });

  test.each([
    ['data for weights', fixture('words.csv'), 'these are no weights'],
    ['a directory without weights', fixture(''), 'the directory holds no weights.safetensors'],
    ['nothing there', '/nowhere/at/all', 'there is no such file'],
  ])('refuses %s', async (_, path, message) => {
    const { code, stderr } = await run(['eval', path], { stdin: '1,2\n' });
    expect(code).toBe(1);
    expect(stderr).toContain(message);
  });

  test.each([
    ['cut short', (bytes: Buffer): Buffer => bytes.subarray(0, bytes.length - 7), 'bytes, but'],
    ['with a NaN', (bytes: Buffer): Buffer => (bytes.writeFloatLE(NaN, bytes.length - 8), bytes), 'holds a number that is not finite'],
    [
      'with damaged class names',
      (bytes: Buffer): Buffer => Buffer.from(bytes.toString('latin1').replace('\\"b\\"]', '\\"b\\" '), 'latin1'),
      'the names of the classes are damaged',
    ],
  ])('refuses weights %s', async (_, damage, message) => {
    const sound = weightsFile({ ...weightsFor({ task: 'classification', outputs: 2 }), classNames: ['a', 'b'] });
    const file = join(folder({ 'damaged.safetensors': damage(readFileSync(sound)) }), 'damaged.safetensors');
    const { code, stderr } = await run(['eval', file], { stdin: 'tokens,label\n1,0\n' });
    expect(code).toBe(1);
    expect(stderr).toContain(message);
  });

  test('data for another task is refused with what can be done: the task is that of the weights', async () => {
    const weights = weightsFile(weightsFor({ task: 'classification', outputs: 3 }));
    expect(await run(['eval', weights], { stdin: '1,2\n3,4\n' })).toEqual({
      code: 1,
      stdout: '',
      stderr:
        'stdin: the weights are for classification, but the data has no target\nhint: name the target column with --target NAME; rnn predict needs none\n',
    });
    expect((await run(['eval', weights], { stdin: 'tokens,y\n1 2,0.5\n' })).stderr).toBe(
      'stdin:2: y 0.5 is not a class ID (a whole number from 0 to 999999)\nhint: the weights are for classification: number the classes as in training\n',
    );
  });

  test('a loss that is not a number is a failure, not a result', async () => {
    const weights = weightsFor({ activation: 'relu' }, 3, 1e20);
    const { code, stdout, stderr } = await run(['eval', weightsFile(weights)], { stdin: '1,2,3,4,5,6\n' });
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/the loss is (NaN|Infinity): the states of the model overflow on it/);
  });
});

const fixtureRows = Array.from({ length: 50 }, (_, i) => Array.from({ length: 2 + (i % 9) }, (__, j) => (i * j + i) % 20).join(',')).join(
  '\n',
);
