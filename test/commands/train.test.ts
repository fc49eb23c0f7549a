import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readSafetensors, writeSafetensors } from '../../src/formats/safetensors.ts';
import { goldenCurves, flat, worstRelative } from '../support/golden.ts';
import { fixture, folder as temporaryFolder, run } from '../support/run.ts';

interface LossRow {
  readonly step: number;
  readonly epoch: number;
  readonly train: number;
  readonly validation: string;
  readonly gradNorm: number;
}

function lossRows(directory: string): LossRow[] {
  const [header, ...lines] = readFileSync(join(directory, 'loss.csv'), 'utf8').trimEnd().split('\n');
  expect(header).toBe('step,epoch,train_loss,validation_loss,grad_norm,lr,tokens_per_second,seconds');
  return lines.map((line) => {
    const [step, epoch, train, validation, gradNorm] = line.split(',');
    return { step: Number(step), epoch: Number(epoch), train: Number(train), validation, gradNorm: Number(gradNorm) };
  });
}

function sha256(file: string): string {
  return createHash('sha256').update(readFileSync(file)).digest('hex');
}

const small = ['--hidden', '8', '--epochs', '3', '--quiet'];

describe('the main job', () => {
  test.each([
    ['words.csv', 'classification', ['--epochs', '2', '--hidden', '16']],
    ['verse.csv', 'next-token', ['--epochs', '5']],
    ['lecture.json', 'regression', ['--epochs', '30']],
  ])('%s: the task is %s, and the loss falls by a quarter at least', async (name, task, flags) => {
    const out = join(temporaryFolder(), 'run');
    const { code, stdout, stderr } = await run(['train', fixture(name), '--out', out, ...flags]);
    expect({ code, stdout }).toEqual({ code: 0, stdout: `${out}\n` });
    expect(stderr).toContain(`task ${task}`);
    expect(readdirSync(out).toSorted()).toEqual(['checkpoint.safetensors', 'loss.csv', 'loss.svg', 'run.json', 'weights.safetensors']);
    const rows = lossRows(out);
    expect(rows.at(-1)!.train).toBeLessThan(0.75 * rows[0].train);
  });

  test('the same command twice gives the same bytes of weights; another seed gives others', async () => {
    const folder = temporaryFolder();
    for (const [name, seed] of [
      ['a', '7'],
      ['b', '7'],
      ['c', '8'],
    ]) {
      await run(['train', fixture('words.csv'), '--out', join(folder, name), '--seed', seed, '--validation-split', '0.1', ...small]);
    }
    const [a, b, c] = ['a', 'b', 'c'].map((name) => sha256(join(folder, name, 'weights.safetensors')));
    expect(b).toBe(a);
    expect(c).not.toBe(a);
  });

  test('the weights of this small run have these bytes, on every machine and version of Node', async () => {
    const out = join(temporaryFolder(), 'run');
    const flags = ['--embedding', '5', '--layers', '2', '--hidden', '7', '--epochs', '4', '--schedule', 'cosine', '--quiet'];
    await run(['train', fixture('lecture.json'), '--out', out, ...flags]);
    expect(sha256(join(out, 'weights.safetensors'))).toBe('b19f4747faf8a3111989fe582aa0f5bc8d0f0558ded587f38bbed46636adcbe3');
  });

  test('standard input is read, and standard output is one line', async () => {
    const out = join(temporaryFolder(), 'run');
    const { code, stdout } = await run(['train', '--out', out, ...small], { stdin: '1,2,3\n2,3,1\n3,1,2\n' });
    expect({ code, stdout }).toEqual({ code: 0, stdout: `${out}\n` });
  });

  test('--json prints one object with the figures; run.json holds the same', async () => {
    const out = join(temporaryFolder(), 'run');
    const { stdout } = await run(['train', fixture('words.csv'), '--validation-split', '0.1', '--json', '--out', out, ...small]);
    const summary = JSON.parse(stdout);
    expect(JSON.parse(readFileSync(join(out, 'run.json'), 'utf8'))).toEqual(summary);
    expect(summary).toMatchObject({ status: 'finished', model: { task: 'classification', vocab: 48, outputs: 5 }, result: { epochs: 3 } });
    expect(summary.data.sha256).toBe(sha256(fixture('words.csv')));
    expect(summary.data.rows + summary.validation.rows).toBe(6500);
    const { confusion, accuracy } = summary.result as { confusion: number[][]; accuracy: number };
    const right = confusion.reduce((sum, row, i) => sum + row[i], 0);
    expect(right / confusion.flat().reduce((a, b) => a + b)).toBeCloseTo(accuracy, 12);
  });

  test('--log-every 1 gives a row a step, and a validation loss where an epoch ends', async () => {
    const out = join(temporaryFolder(), 'run');
    await run([
      'train',
      fixture('lecture.json'),
      '--batch-size',
      '10',
      '--log-every',
      '1',
      '--validation-split',
      '0.2',
      '--out',
      out,
      ...small,
    ]);
    const rows = lossRows(out);
    expect(rows.map(({ step }) => step)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(rows.map(({ validation }) => validation !== '')).toEqual([false, false, true, false, false, true, false, false, true]);
  });

  test('the weights that are kept are those of the epoch with the best validation loss', async () => {
    const folder = temporaryFolder();
    const train = async (name: string, epochs: string): Promise<void> => {
      const flags = ['--validation', fixture('words-test.csv'), '--hidden', '8', '--lr', '0.3', '--quiet'];
      await run(['train', fixture('words.csv'), ...flags, '--epochs', epochs, '--out', join(folder, name)]);
    };
    await train('long', '6');
    const { bestEpoch } = JSON.parse(readFileSync(join(folder, 'long', 'run.json'), 'utf8')).result;
    expect(bestEpoch).toBeLessThan(6);
    await train('short', String(bestEpoch));
    expect(sha256(join(folder, 'short', 'weights.safetensors'))).toBe(sha256(join(folder, 'long', 'weights.safetensors')));
  });
});

describe('padding never trains', () => {
  const rows = [[5, 1, 2], [3], [4, 4, 1, 2, 5], [2, 3]];
  const train = async (text: string, flags: readonly string[]): Promise<string> => {
    const out = join(temporaryFolder(), 'run');
    const { code, stderr } = await run(['train', '--sequence', 'tokens', ...flags, '--out', out, ...small], { stdin: text });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    return sha256(join(out, 'weights.safetensors'));
  };
  const csv = (pad: (row: number[]) => number[]): string => `tokens,y\n${rows.map((row, i) => `${pad(row).join(' ')},${i}`).join('\n')}\n`;

  test('rows padded with 0 and --pad-value 0 give the bytes of the rows themselves, whatever the width', async () => {
    const plain = await train(
      csv((row) => row),
      ['--vocab-size', '9'],
    );
    for (const width of [5, 6, 20]) {
      expect(
        await train(
          csv((row) => [...row, ...Array.from({ length: width - row.length }, () => 0)]),
          ['--vocab-size', '9', '--pad-value', '0'],
        ),
      ).toBe(plain);
    }
  });

  test('--no-mask feeds the padding: other bytes', async () => {
    const plain = await train(
      csv((row) => row),
      ['--vocab-size', '9'],
    );
    expect(
      await train(
        csv((row) => row),
        ['--vocab-size', '9', '--no-mask'],
      ),
    ).not.toBe(plain);
  });
});

describe('--init-from', () => {
  test.each(goldenCurves())('%s: through files and flags, 25 steps follow PyTorch within 1e-4 relative', async (_name, golden) => {
    const folder = temporaryFolder();
    const tensors = Object.entries(golden.params).map(([name, values]) => ({
      name,
      dtype: 'F64' as const,
      shape: Array.isArray(values[0]) ? [values.length, values[0].length] : [values.length],
      data: Float64Array.from(flat(values)),
    }));
    writeFileSync(join(folder, 'start.safetensors'), writeSafetensors(tensors));
    const { name, lr, ...rest } = golden.optimizer;
    const flags = Object.entries(rest).flatMap(([key, value]) =>
      value === true ? [`--${key}`] : [`--${key.replace('_', '-')}`, String(value)],
    );
    const { code, stderr } = await run(
      [
        ['train', '--input-format', 'json', '--init-from', join(folder, 'start.safetensors'), '--out', join(folder, 'run')],
        [
          '--optimizer',
          name,
          '--lr',
          String(lr),
          ...flags,
          '--clip-norm',
          String(golden.clip_norm ?? 0),
          '--batch-size',
          String(golden.batch_size),
          ...(golden.clip_value ? ['--clip-value', String(golden.clip_value)] : []),
        ],
        [
          '--epochs',
          '1',
          '--log-every',
          '1',
          '--quiet',
          ...(golden.stream ? ['--stream', '--bptt', String(golden.window)] : ['--no-shuffle']),
        ],
      ].flat(),
      { stdin: JSON.stringify(golden.rows) },
    );
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const rows = lossRows(join(folder, 'run'));
    expect(
      worstRelative(
        rows.map(({ train }) => train),
        golden.losses,
        0,
      ),
    ).toBeLessThan(1e-4);
    expect(
      worstRelative(
        rows.map(({ gradNorm }) => gradNorm),
        golden.grad_norms_before_clip,
        0,
      ),
    ).toBeLessThan(1e-4);
    const weights = readSafetensors(readFileSync(join(folder, 'run', 'weights.safetensors')), 'weights');
    for (const [tensor, values] of Object.entries(golden.final_params)) {
      expect(worstRelative(Array.from(weights.tensors.get(tensor)!.data, Number), flat(values), 1e-2), tensor).toBeLessThan(1e-4);
    }
  });

  test('the weights of a run go on where it stopped: the first loss is its last', async () => {
    const folder = temporaryFolder();
    const shared = [
      fixture('lecture.json'),
      '--optimizer',
      'sgd',
      '--lr',
      '0.01',
      '--batch-size',
      '100',
      '--hidden',
      '8',
      '--quiet',
      '--log-every',
      '1',
    ];
    await run(['train', ...shared, '--epochs', '20', '--out', join(folder, 'whole')]);
    await run(['train', ...shared, '--epochs', '10', '--out', join(folder, 'half')]);
    await run([
      'train',
      ...shared,
      '--epochs',
      '10',
      '--out',
      join(folder, 'rest'),
      '--init-from',
      join(folder, 'half', 'weights.safetensors'),
    ]);
    const whole = lossRows(join(folder, 'whole')).slice(10);
    const rest = lossRows(join(folder, 'rest'));
    expect(
      worstRelative(
        rest.map(({ train }) => train),
        whole.map(({ train }) => train),
        0,
      ),
    ).toBeLessThan(1e-5);
  });

  test.each([
    [['--hidden', '9'], /--hidden: the weights of --init-from have hidden 8, not 9/, 2],
    [['--vocab-size', '9'], /--vocab-size: the weights of --init-from have a vocabulary of 100, not 9/, 2],
    [['--task', 'next-token'], /the data's task is next-token; the weights of --init-from are for regression/, 1],
  ])('%s against the weights is refused', async (flags, message, exit) => {
    const folder = temporaryFolder();
    await run(['train', fixture('lecture.json'), '--out', join(folder, 'a'), ...small]);
    const weights = join(folder, 'a', 'weights.safetensors');
    const { code, stderr } = await run([
      'train',
      fixture('lecture.json'),
      '--init-from',
      weights,
      ...flags,
      '--out',
      join(folder, 'b'),
      '--quiet',
    ]);
    expect(code).toBe(exit);
    expect(stderr).toMatch(message);
  });
});

test('weights where rows should be, and a checkpoint where weights should be, are told for what they are', async () => {
  const out = join(temporaryFolder(), 'run');
  await run(['train', '--hidden', '4', '--epochs', '1', '--quiet', '--out', out], { stdin: '1,2,3\n3,2,1\n' });
  const [weights, checkpoint] = [join(out, 'weights.safetensors'), join(out, 'checkpoint.safetensors')];
  const copy = join(temporaryFolder({ copy: readFileSync(weights) }), 'copy');
  for (const file of [weights, copy]) {
    expect(await run(['train', file])).toEqual({
      code: 1,
      stdout: '',
      stderr: `${file}: this is a file of weights; rows of tokens are wanted\nhint: rnn inspect ${file} shows it, rnn train FILE --init-from ${file} starts from it\n`,
    });
  }
  for (const argv of [
    ['train', '--init-from', checkpoint],
    ['eval', checkpoint],
    ['inspect', checkpoint],
  ]) {
    const { code, stderr } = await run(argv, { stdin: '1,2,3\n' });
    expect([code, stderr.split('\n')[0]]).toEqual([1, `${checkpoint}: this is the checkpoint of a run, not its weights`]);
  }
  const second = join(temporaryFolder(), 'second');
  const begun = await run(['train', '--init-from', out, '--epochs', '1', '--quiet', '--out', second], { stdin: '1,2,3\n3,2,1\n' });
  expect(begun.code).toBe(0);
});

test.runIf(process.platform === 'linux')('a device without end is no file of options, of weights or of a vocabulary', async () => {
  for (const [flag, message] of [
    ['--config', 'it is a device, not a file'],
    ['--init-from', 'it is a device, not a file'],
    ['--vocab', 'the file has more than 536870912 bytes'],
  ]) {
    const { code, stderr } = await run(['train', flag, '/dev/zero', '--quiet'], { stdin: '1,2,3\n' });
    expect(code).not.toBe(0);
    expect(stderr.split('\n')[0]).toContain(message);
  }
});

test('a failed read is called one, with the path', async () => {
  for (const argv of [
    ['inspect', '/proc/self/mem'],
    ['generate', join(temporaryFolder(), 'a'.repeat(300))],
  ]) {
    const { code, stderr } = await run(argv);
    expect(code).toBe(1);
    expect(stderr).not.toContain('standard output');
    expect(stderr.startsWith(argv[1])).toBe(true);
  }
});

describe('bad input: the first line says what is wrong where, the second what to do; nothing is written', () => {
  const cases: [what: string, stdin: string | undefined, flags: readonly string[], code: number, message: RegExp][] = [
    ['an empty file', '', [], 1, /^stdin: /],
    ['a row without tokens', '1,2\n\n3,4\n', [], 1, /^stdin:2: the row has no tokens/],
    ['a target that is missing', 'tokens,y\n1 2,0.5\n3 4,\n', [], 1, /^stdin:3:2: /],
    ['a target that is not a number', 'tokens,y\n1 2,high\n', [], 1, /^stdin:2:2: .*"high"/],
    ['a target that is NaN', 'tokens,y\n1 2,NaN\n', [], 1, /^stdin:2:2: .*"NaN"/],
    ['one class only', 'tokens,label\n1 2,3\n2 1,3\n', [], 1, /^stdin: every row has class 3/],
    [
      'a token outside --vocab-size',
      '1,2,3\n4,91,6\n',
      ['--vocab-size', '64'],
      1,
      /^stdin:2:2: token 91 is outside the vocabulary 0\.\.63/,
    ],
    ['a token in exponent form', '1,2\n3,1e3\n', [], 1, /^stdin:2:2: token "1e3" is not a whole number/],
    ['--task without a target', '1,2\n', ['--task', 'regression'], 1, /^stdin: the task is regression, but the data has no target/],
    ['--max-len 0', '1,2\n', ['--max-len', '0'], 2, /^--max-len: "0" is not a whole number from 1/],
    ['--max-len -1', '1,2\n', ['--max-len', '-1'], 2, /^--max-len: "-1"/],
    ['--max-len 1e9', '1,2\n', ['--max-len', '1e9'], 2, /^--max-len: "1e9"/],
    ['--lr NaN', '1,2\n', ['--lr', 'NaN'], 2, /^--lr: "NaN" is not a number above 0/],
    ['--lr with trailing junk', '1,2\n', ['--lr', '0.1x'], 2, /^--lr: "0\.1x"/],
    ['--lr empty', '1,2\n', ['--lr', ''], 2, /^--lr: "" is not a number/],
    ['an unknown flag', '1,2\n', ['--hiden', '4'], 2, /^rnn train: unknown option '--hiden'\nhint: did you mean --hidden\?/],
    ['a second positional', '1,2\n', ['a.csv', 'b.csv'], 2, /^rnn train: too many arguments/],
    ['an unknown choice', '1,2\n', ['--optimizer', 'adma'], 2, /^--optimizer: "adma" is not one of .*\nhint: did you mean adam\?/],
    [
      'an option that the optimizer has not',
      '1,2\n',
      ['--momentum', '0.9'],
      2,
      /^--momentum: adam does not use it\nhint: .*sgd or rmsprop/,
    ],
    ['--nesterov without momentum', '1,2\n', ['--optimizer', 'sgd', '--nesterov'], 2, /^--nesterov: needs a momentum/],
    ['--bptt without --stream', '1,2\n', ['--bptt', '5'], 2, /^--bptt: /],
    ['--bucket in a stream', '1,2\n', ['--bucket', '8', '--stream'], 2, /^--bucket: --stream keeps the order of the data/],
    ['--bucket without a shuffle', '1,2\n', ['--bucket', '8', '--no-shuffle'], 2, /^--bucket: --no-shuffle keeps the order/],
    ['--stream with targets', 'tokens,y\n1 2,0\n', ['--stream'], 2, /^--stream: the task is regression/],
    ['two kinds of validation', '1,2\n', ['--validation', 'x.csv', '--validation-split', '0.1'], 2, /^--validation-split: /],
    ['a split that leaves nothing', '1,2\n3,4\n', ['--validation-split', '0.1'], 1, /^stdin: --validation-split 0\.1 of 2 rows leaves 2/],
    ['names for other classes', 'tokens,label\n1,0\n2,1\n', ['--class-names', 'a,b,c'], 2, /^--class-names: 3 names for 2 classes/],
    ['a missing validation file', '1,2\n', ['--validation', 'no-such.csv'], 1, /^no-such\.csv: /],
    ['a model too large for memory', '1,2\n', ['--hidden', '65536'], 1, /^the run needs \d+\.\d GiB of memory/],
    ['weights that are no weights', '1,2\n', ['--init-from', fixture('lecture.csv')], 1, /lecture\.csv: /],
  ];

  test.each(cases)('%s', async (_what, stdin, flags, exit, message) => {
    const out = join(temporaryFolder(), 'run');
    const { code, stdout, stderr } = await run(['train', ...flags, '--out', out], { stdin });
    expect({ code, stdout }).toEqual({ code: exit, stdout: '' });
    expect(stderr).toMatch(message);
    expect(stderr.trimEnd().split('\n').length).toBe(2);
    expect(stderr).toContain('\nhint: ');
    expect(existsSync(out)).toBe(false);
  });

  test('standard input that is a terminal', async () => {
    const { code, stderr } = await run(['train'], { tty: true });
    expect(code).toBe(2);
    expect(stderr).toMatch(/hint: /);
  });

  test('an output that holds a run, holds something else, is a file, or cannot be written', async () => {
    const folder = temporaryFolder();
    const train = (out: string, ...more: string[]) => run(['train', fixture('lecture.json'), '--out', out, ...more, ...small]);
    expect((await train(join(folder, 'a'))).code).toBe(0);
    const again = await train(join(folder, 'a'));
    expect(again).toMatchObject({ code: 1, stdout: '' });
    expect(again.stderr).toMatch(/the directory holds a run\nhint: .*--force/);
    expect((await train(join(folder, 'a'), '--force')).code).toBe(0);
    mkdirSync(join(folder, 'other'));
    writeFileSync(join(folder, 'other', 'diary.txt'), 'dear diary');
    expect((await train(join(folder, 'other'))).stderr).toMatch(/is not empty \(diary\.txt\)/);
    expect((await train(join(folder, 'other', 'diary.txt'))).stderr).toMatch(/it is a file, not a directory/);
    expect((await train(join(folder, 'other', 'diary.txt', 'run'))).stderr).toMatch(/cannot write .*\nhint: /);
    expect(readFileSync(join(folder, 'other', 'diary.txt'), 'utf8')).toBe('dear diary');
  });
});

test('weights that the last step makes infinite are a divergence, not a result', async () => {
  const out = join(temporaryFolder(), 'run');
  const argv = ['train', '--hidden', '4', '--epochs', '1', '--quiet', '--out', out, '--lr', '1e39'];
  const { code, stdout, stderr } = await run(argv, { stdin: '1,2,3\n3,2,1\n' });
  expect([code, stdout]).toEqual([3, '']);
  expect(stderr).toMatch(/^training diverged at step 1, the end of epoch 1; the first that is not finite: weight U\[0,[0-9]+\]\n/);
  expect((await run(['eval', out], { stdin: '1,2,3\n' })).code).toBe(0);
});

test.runIf(process.platform === 'linux')('an --out where no folder can be made is refused, and does not hang', async () => {
  const { code, stderr } = await run(['train', '--out', '/proc/none/run', '--epochs', '1'], { stdin: '1,2,3\n' });
  expect([code, stderr.split('\n')[0]]).toEqual([1, 'cannot write /proc/none/run: the folder does not exist']);
});

test('a loss that is not finite ends the run with exit 3, names the step, and keeps the last good weights', async () => {
  const out = join(temporaryFolder(), 'run');
  const flags = [
    '--optimizer',
    'sgd',
    '--lr',
    '1e30',
    '--clip-norm',
    '0',
    '--activation',
    'identity',
    '--epochs',
    '50',
    '--hidden',
    '8',
    '--quiet',
  ];
  const { code, stdout, stderr } = await run(['train', fixture('lecture.json'), '--out', out, ...flags]);
  expect({ code, stdout }).toEqual({ code: 3, stdout: '' });
  expect(stderr).toMatch(/^training diverged at step \d+ \(epoch \d+\): loss .*, gradient norm .*\nhint: lower --lr/);
  const { tensors } = readSafetensors(readFileSync(join(out, 'weights.safetensors')), 'weights');
  for (const { data } of tensors.values()) expect(Array.from(data, Number).every(Number.isFinite)).toBe(true);
  expect(JSON.parse(readFileSync(join(out, 'run.json'), 'utf8')).status).toBe('diverged');
});
