import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createVocabulary } from '../../src/data/text/vocabulary.ts';
import { endedUnread, fixture, folder, run, spawnRnn } from '../support/run.ts';
import { weightsFile, weightsFor } from '../support/weights.ts';

const lines = (text: string): string[] => text.trimEnd().split('\n');
const classifier = weightsFor({ task: 'classification', outputs: 3 });

describe('rnn predict', () => {
  test('says of each row what rnn eval says it predicted, in the order of the rows', async () => {
    const out = join(folder(), 'run');
    await run(['train', fixture('words.csv'), '--hidden', '8', '--epochs', '1', '--quiet', '--out', out]);
    const predicted = await run(['predict', out, fixture('words-test.csv')]);
    const scored = await run(['eval', out, fixture('words-test.csv'), '--per-row']);
    expect(lines(predicted.stdout).map((line) => line.split(',').slice(0, 2))).toEqual(
      lines(scored.stdout).map((line) => [line.split(',')[0], line.split(',')[2]]),
    );
    expect(predicted.stderr).toContain('1500 rows, 14 087 tokens');
    expect(predicted.stderr).toContain('note: the targets (label) are not used');
  });

  test('the numbers of a regression are those of rnn eval', async () => {
    const weights = weightsFile(weightsFor({ task: 'regression', outputs: 1 }));
    const predicted = await run(['predict', weights, fixture('lecture.json'), '--output-format', 'csv', '--quiet']);
    const scored = await run(['eval', weights, fixture('lecture.json'), '--per-row', '--quiet']);
    expect(lines(predicted.stdout).slice(1)).toEqual(
      lines(scored.stdout)
        .slice(1)
        .map((line) =>
          line
            .split(',')
            .filter((_, i) => i % 2 === 0)
            .join(),
        ),
    );
  });

  test('a row has the same prediction alone as among any others', async () => {
    const weights = weightsFile(classifier);
    const row = fc.array(fc.nat(19), { minLength: 1, maxLength: 30 });
    await fc.assert(
      fc.asyncProperty(fc.array(row, { minLength: 1, maxLength: 40 }), async (rows) => {
        const flags = ['--probabilities', '--quiet'];
        const together = await run(['predict', weights, ...flags], { stdin: JSON.stringify(rows) });
        const last = await run(['predict', weights, ...flags], { stdin: JSON.stringify(rows.slice(-1)) });
        expect(lines(together.stdout)).toHaveLength(rows.length);
        expect({ ...JSON.parse(lines(together.stdout).at(-1)!), row: 0 }).toEqual({ ...JSON.parse(last.stdout), row: 0 });
      }),
      { numRuns: 20 },
    );
  });

  test('--threads changes no bit', async () => {
    const out = join(folder(), 'run');
    await run(['train', fixture('words.csv'), '--hidden', '8', '--epochs', '1', '--quiet', '--out', out]);
    const answers = [];
    for (const threads of ['1', '3']) {
      const { stdout } = await run(['predict', out, fixture('words-test.csv'), '--probabilities', '--threads', threads]);
      answers.push(stdout);
    }
    expect(lines(answers[0])).toHaveLength(1501);
    expect(answers[1]).toBe(answers[0]);
  });

  test('--on-error skip leaves out and counts, among those that cannot be read, rows that the weights cannot', async () => {
    const weights = weightsFile(classifier);
    const good = ['3,4', '19', '1,2,3', '5'];
    const clean = await run(['predict', weights, '--quiet'], { stdin: good.join('\n') });
    const rows = ['20,1', good[0], '1,x', good[1], '0,0', '1,99', good[2], '7,20', good[3], '1000'].join('\n');
    const argv = ['predict', weights, '--pad-value', '0'];
    const { code, stdout, stderr } = await run([...argv, '--on-error', 'skip'], { stdin: rows });
    const labels = (text: string): string[] => lines(text).map((line) => line.split(',').slice(1).join());
    expect([code, labels(stdout)]).toEqual([0, labels(clean.stdout)]);
    expect(lines(stdout).map((line) => Number.parseInt(line))).toEqual([NaN, 2, 4, 7, 9]);
    expect(stderr).toContain('left out 6 bad rows');
    expect(stderr).toContain('warning: left out: stdin:1:1: token 20 is outside the vocabulary 0..19');
    expect(stderr).toContain('warning: left out: stdin:5: the row holds only padding (0)');
    expect((await run(argv, { stdin: rows.replace('1,x\n', '') })).code).toBe(1);
    const none = await run([...argv, '--on-error', 'skip'], { stdin: '20\n21\n' });
    expect([none.code, none.stdout, none.stderr.split('\n')[0]]).toEqual([
      1,
      '',
      'stdin: no row is left of 2 bad rows; the first: stdin:1:1: token 20 is outside the vocabulary 0..19',
    ]);
  });

  test('prints names of classes, the best K and every probability; the same columns in CSV and JSONL', async () => {
    const weights = weightsFile({ ...classifier, classNames: ['red', 'a,b', 'blue'] });
    const argv = ['predict', weights, '--top', '2', '--probabilities', '--quiet'];
    const csv = await run(argv, { stdin: '1,2,3\n' });
    const [header, row] = lines(csv.stdout);
    expect(header).toBe('line,predicted,class,probability,predicted_2,class_2,probability_2,p_red,"p_a,b",p_blue');
    const jsonl = await run([...argv, '--output-format', 'jsonl'], { stdin: '1,2,3\n' });
    const object = JSON.parse(jsonl.stdout);
    expect(
      Object.keys(object)
        .map((key) => (key.includes(',') ? `"${key}"` : key))
        .join(),
    ).toBe(header);
    expect(
      Object.values(object)
        .map((value) => (value === 'a,b' ? '"a,b"' : String(value)))
        .join(),
    ).toBe(row);
    expect(object.p_red + object['p_a,b'] + object.p_blue).toBeCloseTo(1, 6);
    expect(object.probability).toBe(Math.max(object.p_red, object['p_a,b'], object.p_blue));
  });

  test('next-token: the most probable token after the row, with its text where the weights have a vocabulary', async () => {
    const weights = weightsFor();
    const vocabulary = createVocabulary({ level: 'char', nfc: false, unk: false, eos: false }, 'abcdefghijklmnopqrs');
    const { stdout } = await run(['predict', weightsFile({ ...weights, vocabulary }), '--top', '20', '--output-format', 'jsonl'], {
      stdin: '4,5\n',
    });
    const object = JSON.parse(stdout);
    expect(vocabulary.tokens[object.predicted]).toBe(object.token);
    const scored = await run(['eval', weightsFile(weights), '--per-row', '--quiet'], { stdin: `4,5\n4,5,${object.predicted}\n` });
    const [, two, three] = lines(scored.stdout).map((line) => line.split(',').map(Number));
    expect(Math.exp(-(three[1] * three[2] - two[1] * two[2]))).toBeCloseTo(object.probability, 5);
  });

  test('--keep passes columns through: text as it stands in CSV, as JSON values in JSONL', async () => {
    const weights = weightsFile(classifier);
    const csv = await run(['predict', weights, '--keep', 'id,n'], { stdin: 'id,tokens,n\n"x, ""y""",1 2,007\nz,3,\n' });
    expect(lines(csv.stdout).map((line) => line.replace(/,[^,]*,[^,]*$/, ''))).toEqual(['line,id,n', '2,"x, ""y""",007', '3,z,']);
    const jsonl = await run(['predict', weights, '--keep', 'id,n'], { stdin: '{"tokens":[1],"id":"a","n":1}\n{"n":[2],"tokens":[3]}\n' });
    expect(
      lines(jsonl.stdout)
        .map((line) => JSON.parse(line))
        .map(({ id, n }) => [id, n]),
    ).toEqual([
      ['a', 1],
      [null, [2]],
    ]);
  });

  test('takes padding off, cuts rows and leaves empty ones out, and counts each', async () => {
    const weights = weightsFile(classifier);
    const { stdout, stderr } = await run(['predict', weights, '--pad-value', '0', '--max-len', '2', '--skip-empty', '--json'], {
      stdin: '1,2,0\n\n3,4,5,0\n',
    });
    expect(JSON.parse(stderr)).toMatchObject({
      rows: 2,
      tokens: 4,
      emptyRows: 1,
      truncatedRows: 1,
      tokensCut: 1,
      paddingRemoved: 2,
      notes: [],
    });
    const bare = await run(['predict', weights, '--quiet'], { stdin: '1,2\n\n3,4\n'.replace('\n\n', '\n') });
    const values = (text: string): string[] => lines(text).map((line) => line.replace(/^\d+,/, ''));
    expect(values(stdout)).toEqual(values(bare.stdout));
  });

  test('--no-mask feeds the padding up to --max-len, as rnn eval does', async () => {
    const weights = weightsFile(classifier);
    const flags = ['--no-mask', '--max-len', '5', '--padding', 'pre', '--quiet'];
    const predicted = await run(['predict', weights, ...flags], { stdin: '1,2\n3,4,5\n' });
    const fed = await run(['predict', weights, '--quiet'], { stdin: '0,0,0,1,2\n0,0,3,4,5\n' });
    expect(predicted.stdout).toBe(fed.stdout);
  });

  test('-o writes a file whole or not at all', async () => {
    const at = folder();
    const weights = weightsFile(classifier);
    const good = await run(['predict', weights, '-o', join(at, 'a.jsonl')], { stdin: '1\n2\n' });
    expect(good.stdout).toBe('');
    expect(lines(readFileSync(join(at, 'a.jsonl'), 'utf8')).map((line) => JSON.parse(line).line)).toEqual([1, 2]);
    const bad = await run(['predict', weights, '-o', join(at, 'b.csv')], { stdin: '1\n99\n' });
    expect(bad.code).toBe(1);
    expect(() => readFileSync(join(at, 'b.csv'))).toThrow(/ENOENT/);
  });

  test.each<[string, Parameters<typeof weightsFor>[0], readonly string[], string, string, number]>([
    ['a token outside the vocabulary, by its place', {}, [], '1,2\n3,20\n', 'stdin:2:2: token 20 is outside the vocabulary 0..19', 1],
    ['an empty row', {}, [], '1,2\n\n', 'stdin:2: the row has no tokens', 1],
    ['a row of padding only', {}, ['--pad-value', '0'], '1\n0,0\n', 'stdin:2: the row holds only padding (0)', 1],
    ['no rows', {}, [], '', 'holds no rows', 1],
    ['a column that is not there', {}, ['--keep', 'id'], 'tokens,n\n1,2\n', 'nothing to --keep is named "id"', 1],
    ['a column that the results have', {}, ['--keep', 'predicted'], 'tokens,predicted\n1,2\n', 'the results have a column "predicted"', 1],
    ['classes of a regression', { task: 'regression', outputs: 1 }, ['--top', '2'], '1\n', '--top: the weights are for regression', 2],
    ['--no-mask without a length', {}, ['--no-mask'], '1\n', '--no-mask: rows are answered as they come', 2],
  ])('refuses %s', async (_, shape, flags, stdin, message, code) => {
    const result = await run(['predict', weightsFile(weightsFor(shape)), ...flags], { stdin });
    expect(result.stderr).toContain(message);
    expect(result.stderr).toContain('\nhint: ');
    expect(result.code).toBe(code);
  });

  test('a prediction that is not finite fails, and names the row', async () => {
    const weights = weightsFile(weightsFor({ activation: 'relu', task: 'regression', outputs: 1 }, 3, 1e20));
    const { code, stderr } = await run(['predict', weights], { stdin: '1,2,3,4,5,6,7,8\n' });
    expect(code).toBe(1);
    expect(stderr).toContain('stdin:1: the prediction is not finite');
  });
});

describe('rnn predict in a pipe', () => {
  test('answers a row before the next one comes', async () => {
    const child = spawnRnn(['predict', weightsFile(classifier)]);
    child.stdout.setEncoding('utf8');
    let text = '';
    const until = async (count: number): Promise<void> => {
      while (text.split('\n').length <= count)
        await new Promise<void>((resolve) => child.stdout.once('data', (part: string) => ((text += part), resolve())));
    };
    child.stdin.write('1,2,3\n');
    await until(2);
    child.stdin.write('4,5\n');
    await until(3);
    child.stdin.end();
    expect(lines(text).map((line) => line.split(',')[0])).toEqual(['line', '1', '2']);
  });

  test('ends quietly with 0 when its reader has had enough, though rows never end', async () => {
    const child = spawnRnn(['predict', weightsFile(classifier), '--quiet']);
    const feed = (): void => void (child.stdin.writable && child.stdin.write('1,2,3\n'.repeat(10_000), () => feed()));
    feed();
    child.stdout.once('data', () => child.stdout.destroy());
    expect(await endedUnread(child)).toEqual({ code: 0, stderr: '' });
  });
});
