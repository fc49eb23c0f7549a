// rnn train --resume, in this process: what goes on bit for bit, what may change, and what is refused.
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readSafetensors } from '../../src/formats/safetensors.ts';
import { changeableOnResume } from '../../src/run/checkpoint/resume-rules.ts';
import { flagOf } from '../../src/commands/command.ts';
import { train as trainCommand } from '../../src/commands/train.ts';
import { fixture, folder, run } from '../support/run.ts';
import type { RunResult } from '../support/run.ts';

const lecture = fixture('lecture.json');
const small = ['--hidden', '6', '--epochs', '4', '--batch-size', '10', '--quiet'];
/** Stops a run after its first step. */
const oneStep = ['--max-seconds', '1e-9'];
const goOn = ['--max-seconds', '0', '--quiet'];

function train(...words: readonly string[]): Promise<RunResult> {
  return run(['train', ...words]);
}

/** A run that was stopped after its first step. */
async function stopped(out: string, ...flags: readonly string[]): Promise<string> {
  expect(await train(lecture, ...small, ...flags, ...oneStep, '--out', out)).toMatchObject({ code: 0, stderr: '' });
  return out;
}

/** weights, checkpoint, and loss.csv without its columns of time. */
function resultsOf(directory: string): readonly [string, string, string] {
  const hex = (name: string): string => readFileSync(join(directory, name)).toString('hex');
  const losses = readFileSync(join(directory, 'loss.csv'), 'utf8').replace(/(,[^,\n]*){2}$/gm, '');
  return [hex('weights.safetensors'), hex('checkpoint.safetensors'), losses];
}

interface Record {
  status: string;
  config: { [key: string]: unknown };
  result: { steps: number; epochs: number; bestEpoch?: number; seconds: number; clippedShare: number; retries?: { rateFactor: number }[] };
  resumed?: { step: number; changed: { [key: string]: unknown } }[];
}

function recordOf(directory: string): Record {
  return JSON.parse(readFileSync(join(directory, 'run.json'), 'utf8')) as Record;
}

describe('a resumed run ends with the bytes of one that never stopped', () => {
  test.each([
    ['rows', []],
    ['rows held out, plateau', ['--validation-split', '0.3', '--schedule', 'plateau', '--plateau-patience', '0', '--log-every', '3']],
    ['cosine, warm-up, RMSprop', ['--schedule', 'cosine', '--warmup', '3', '--optimizer', 'rmsprop', '--momentum', '0.5']],
    ['a stream', ['--task', 'next-token', '--stream', '--bptt', '3', '--batch-size', '4', '--layers', '2', '--dropout', '0.2']],
    ['weights to start from, whose file is gone by then', ['--init-from', 'START']],
  ])('%s', async (_what, flags) => {
    const path = folder();
    const start = join(path, 'start', 'weights.safetensors');
    if (flags.includes('START')) await train(lecture, ...small, '--out', join(path, 'start'));
    const given = flags.map((word) => (word === 'START' ? start : word));
    await train(lecture, ...small, ...given, '--out', join(path, 'whole'));
    const cut = await stopped(join(path, 'cut'), ...given);
    expect(recordOf(cut)).toMatchObject({ status: 'stopped: time', result: { steps: 1, epochs: 1 } });
    if (flags.includes('START')) rmSync(start);
    expect(await train('--resume', cut, ...goOn)).toEqual({ code: 0, stdout: `${cut}\n`, stderr: '' });
    expect(resultsOf(cut)).toEqual(resultsOf(join(path, 'whole')));
    const before = { engine: 'wasm', node: process.version };
    expect(recordOf(cut)).toMatchObject({ status: 'finished', resumed: [{ step: 1, changed: { 'max-seconds': [1e-9, 0] }, before }] });
    expect(readdirSync(cut).toSorted()).toEqual(['checkpoint.safetensors', 'loss.csv', 'loss.svg', 'run.json', 'weights.safetensors']);
  });

  test('more epochs after a finished run: as if it had been asked for them at once', async () => {
    const path = folder();
    const flags = [lecture, '--hidden', '6', '--quiet', '--validation-split', '0.3', '--schedule', 'exponential', '--log-every', '2'];
    await train(...flags, '--epochs', '7', '--out', join(path, 'whole'));
    await train(...flags, '--epochs', '3', '--out', join(path, 'more'));
    expect(await train('--resume', join(path, 'more'), '--epochs', '7', '--quiet')).toMatchObject({ code: 0, stderr: '' });
    expect(resultsOf(join(path, 'more'))).toEqual(resultsOf(join(path, 'whole')));
    expect(recordOf(join(path, 'more')).config['epochs']).toBe(7);
  });

  test('and run.json repeats it', async () => {
    const path = folder();
    const cut = await stopped(join(path, 'cut'));
    await train('--resume', cut, ...goOn);
    const again = join(path, 'again');
    expect(await train('--config', join(cut, 'run.json'), '--out', again, '--quiet')).toMatchObject({ code: 0 });
    expect(resultsOf(again)).toEqual(resultsOf(cut));
  });

  test('before its first checkpoint it starts from its first step', async () => {
    const path = folder();
    await train(lecture, ...small, '--out', join(path, 'whole'));
    const cut = await stopped(join(path, 'cut'));
    rmSync(join(cut, 'checkpoint.safetensors'));
    const record = recordOf(cut);
    writeFileSync(join(cut, 'run.json'), JSON.stringify({ ...record, result: { ...record.result, steps: 0 } }));
    const { code, stderr } = await train('--resume', cut, '--max-seconds', '0');
    expect(code).toBe(0);
    expect(stderr).toContain('resuming: the run ended before its first checkpoint, and starts from its first step');
    expect(resultsOf(cut)).toEqual(resultsOf(join(path, 'whole')));
  });

  test.each(['gone', 'cut within a row', 'followed by rows of steps that were lost'])('loss.csv: %s', async (what) => {
    const path = folder();
    const log = ['--log-every', '1'];
    await train(lecture, ...small, ...log, '--out', join(path, 'whole'));
    const cut = await stopped(join(path, 'cut'), ...log);
    const file = join(cut, 'loss.csv');
    const text = readFileSync(file, 'utf8');
    if (what === 'gone') rmSync(file);
    else writeFileSync(file, what === 'cut within a row' ? text.slice(0, -9) : `${text}2,1,0.5,,0.5,0.1,10,0.1\n3,1,0.`);
    const { code, stderr } = await train('--resume', cut, '--max-seconds', '0');
    expect(code).toBe(0);
    const [, , losses] = resultsOf(cut);
    const [, , whole] = resultsOf(join(path, 'whole'));
    const lost = what !== 'followed by rows of steps that were lost';
    expect(stderr.includes('note: loss.csv lacks rows up to step 1')).toBe(lost);
    expect(losses).toBe(lost ? whole.replace(/^1,.*\n/m, '') : whole);
  });
});

describe('what may change', () => {
  test('the help names every option that may, and no other', () => {
    const { help } = trainCommand.options['resume'];
    for (const key of Object.keys(changeableOnResume)) expect(help).toContain(key === 'file' ? 'FILE' : flagOf(key));
    expect(help.match(/--[a-z-]+/g)!.length).toBe(Object.keys(changeableOnResume).length - 1);
  });

  test('the README has a row for each, in the same words', () => {
    const readme = readFileSync(fixture('../README.md'), 'utf8');
    for (const [key, what] of Object.entries(changeableOnResume))
      expect(readme).toContain(`| \`${key === 'file' ? 'FILE' : flagOf(key)}\` | ${what} |\n`);
  });

  test('what is changed is said, and kept in run.json; threads change no byte', async () => {
    const path = folder();
    await train(lecture, ...small, '--out', join(path, 'whole'));
    const cut = await stopped(join(path, 'cut'));
    const { code, stderr } = await train('--resume', cut, '--max-seconds', '0', '--threads', '2', '--checkpoint-every', '2', '--seed', '1');
    expect(code).toBe(0);
    expect(stderr).toMatch(/resuming after step 1 \(epoch 1, step 1 of 4\)\n.*--max-seconds: 1e-9 before, 0 from here on\n/s);
    expect(stderr).toContain('--threads: none before, 2 from here on\n');
    expect(recordOf(cut).resumed![0].changed).toEqual({ 'max-seconds': [1e-9, 0], threads: [null, 2], 'checkpoint-every': [null, 2] });
    expect(resultsOf(cut)).toEqual(resultsOf(join(path, 'whole')));
  });

  test('another engine is said to change the last bits', async () => {
    const cut = await stopped(join(folder(), 'cut'));
    const { code, stderr } = await train('--resume', cut, '--max-seconds', '0', '--engine', 'reference');
    expect(code).toBe(0);
    expect(stderr).toContain('note: engines differ in the last bits');
  });

  test('the default engine by its name changes no bit, and nothing says so', async () => {
    const cut = await stopped(join(folder(), 'cut'));
    const { code, stderr } = await train('--resume', cut, '--max-seconds', '0', '--engine', 'wasm');
    expect(code).toBe(0);
    expect(stderr).toContain('--engine: none before, wasm from here on');
    expect(stderr).not.toContain('last bits');
  });

  test.each([
    [
      ['--lr', '0.5'],
      /^--lr: the run has 0.002, not 0.5, and a resumed run cannot change it\nhint: leave --lr out, or .*--init-from .*weights.safetensors/,
    ],
    [['--hidden', '7'], /^--hidden: the run has 6, not 7/],
    [['--seed', '2'], /^--seed: the run has 1, not 2/],
    [['--batch-size', '5'], /^--batch-size: the run has 10, not 5/],
    [['--optimizer', 'sgd'], /^--optimizer: the run has adam, not sgd/],
    [['--schedule', 'cosine'], /^--schedule: the run has constant, not cosine/],
    [['--clip-norm', '0'], /^--clip-norm: the run has 1, not 0/],
    [['--no-bias'], /^--no-bias: the run has false, not true/],
    [['--validation-split', '0.2'], /^--validation-split: the run has no value, not 0.2/],
    [['--class-names', 'a,b'], /^--class-names: the run has no value, not a,b/],
    [['--patience', '2'], /^--patience: it waits for a better validation loss, and there is none/],
    [['--out', 'elsewhere'], /^--out: a resumed run goes on in its own directory/],
    [['--force'], /^--force: /],
    [['--config', lecture], /^(--config: |.*lecture\.json: )/],
    [['--epochs', '0'], /^--epochs: "0" is not a whole number/],
  ])('%s is refused as a usage error', async (flags, message) => {
    const cut = await stopped(join(folder(), 'cut'));
    const before = resultsOf(cut);
    const { code, stdout, stderr } = await train('--resume', cut, ...goOn, ...flags);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(message);
    expect(resultsOf(cut)).toEqual(before);
    expect(existsSync(join(cut, 'rnn.lock'))).toBe(false);
  });

  test('more epochs with cosine are refused: its rates follow from the length of the run', async () => {
    const cut = await stopped(join(folder(), 'cut'), '--schedule', 'cosine');
    const { code, stderr } = await train('--resume', cut, '--epochs', '9');
    expect(code).toBe(2);
    expect(stderr).toMatch(
      /^--epochs: the schedule cosine has set the rates of all steps for 4 epochs, so 9 would be another run\nhint: .*--init-from/,
    );
  });

  test.each([
    ['all epochs are done', [], [], /^--epochs: the run has done 4 epochs of 4\nhint: .* --epochs 8/],
    ['fewer epochs than are done', [], ['--epochs', '2'], /^--epochs: the run has done 4 epochs of 2/],
    ['the time is up', oneStep, [], /^--max-seconds: the run has had .* s of 1e-9\nhint: .*--max-seconds/],
  ])('with nothing left to do (%s) the error says what to give', async (_what, flags, onResume, message) => {
    const out = join(folder(), 'run');
    await train(lecture, ...small, ...flags, '--out', out);
    const { code, stderr } = await train('--resume', out, ...onResume);
    expect(code).toBe(2);
    expect(stderr).toMatch(message);
  });

  test('a run that --patience stopped goes on with more of it', async () => {
    const out = join(folder(), 'run');
    await train(
      fixture('words.csv'),
      '--hidden',
      '4',
      '--lr',
      '0.5',
      '--validation-split',
      '0.2',
      '--patience',
      '1',
      '--epochs',
      '30',
      '--out',
      out,
      '--quiet',
    );
    const { status, result } = recordOf(out);
    expect(status).toBe('stopped: patience');
    expect(result.epochs).toBe(result.bestEpoch! + 1);
    expect((await train('--resume', out)).stderr).toMatch(/^--patience: .* for 1 epoch, so the run is over\nhint: .*--patience 2/);
    expect((await train('--resume', out, '--patience', '3', '--quiet')).code).toBe(0);
    expect(recordOf(out).result.epochs).toBeGreaterThan(result.epochs);
  });
});

describe('the data', () => {
  const rows = '1,2,3\n2,3,1\n3,1,2\n1,1,2\n';
  const flags = ['--hidden', '4', '--epochs', '3', '--batch-size', '2', '--quiet'];

  test('from standard input are piped in again; without them the error says so', async () => {
    const path = folder();
    const [whole, cut] = [join(path, 'whole'), join(path, 'cut')];
    await run(['train', ...flags, '--out', whole], { stdin: rows });
    await run(['train', ...flags, ...oneStep, '--out', cut], { stdin: rows });
    const forgotten = await run(['train', '--resume', cut, ...goOn]);
    expect(forgotten).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^stdin: .*\nhint: .*pipe the same ones in again/) as string,
    });
    const terminal = await run(['train', '--resume', cut, ...goOn], { tty: true });
    expect(terminal).toMatchObject({ code: 2, stderr: expect.stringMatching(/^--resume: .* a terminal now\nhint: pipe/) as string });
    expect(await run(['train', '--resume', cut, ...goOn], { stdin: rows })).toMatchObject({ code: 0, stderr: '' });
    expect(resultsOf(cut)).toEqual(resultsOf(whole));
  });

  test('that have changed are refused, with both fingerprints', async () => {
    const path = folder({ 'rows.csv': rows });
    const [data, cut] = [join(path, 'rows.csv'), join(path, 'cut')];
    await train(data, ...flags, ...oneStep, '--out', cut);
    writeFileSync(data, rows.replace('3', '2'));
    const { code, stderr } = await train('--resume', cut, ...goOn);
    expect(code).toBe(1);
    expect(stderr).toMatch(/rows\.csv: it is not what the run began with: sha256 [0-9a-f]{64} then, [0-9a-f]{64} now\nhint: /);
  });

  test('that have moved are found where FILE says; the error asks for it', async () => {
    const path = folder({ 'rows.csv': rows });
    const [data, cut] = [join(path, 'rows.csv'), join(path, 'cut')];
    await train(data, ...flags, ...oneStep, '--out', cut);
    renameSync(data, join(path, 'moved.csv'));
    const { code, stderr } = await train('--resume', cut, ...goOn);
    expect(code).toBe(1);
    expect(stderr).toMatch(/no such file in this folder.*\nhint: .*rnn train --resume .* FILE/);
    expect(await train('--resume', cut, join(path, 'moved.csv'), ...goOn)).toMatchObject({ code: 0, stderr: '' });
  });

  test('for validation are held to their fingerprint too', async () => {
    const path = folder({ 'rows.csv': rows, 'held.csv': '1,2\n2,1\n' });
    const cut = join(path, 'cut');
    await train(join(path, 'rows.csv'), ...flags, ...oneStep, '--validation', join(path, 'held.csv'), '--out', cut);
    writeFileSync(join(path, 'held.csv'), '1,1\n2,1\n');
    expect((await train('--resume', cut, ...goOn)).stderr).toMatch(/held\.csv: it is not what the run began with/);
  });
});

describe('a directory that cannot be gone on with', () => {
  test.each([
    ['nothing there', (path: string) => join(path, 'none'), /^--resume .*none: there is no such directory\nhint: /],
    ['a file', () => lecture, /^--resume .*lecture\.json: it is a file, not a directory\nhint: /],
    ['no run', (path: string) => path, /^--resume .*: it holds no run \(no run\.json\)\nhint: /],
  ])('%s', async (_what, of, message) => {
    const { code, stderr } = await train('--resume', of(folder()));
    expect(code).toBe(1);
    expect(stderr).toMatch(message);
  });

  test.each(['', '{', '[]', '{"config": {}}', '{"config": {"lr": 0.002}, "data": {"file": "a", "sha256": 1}}'])(
    'run.json is %s',
    async (text) => {
      const path = folder({ 'run.json': text });
      const { code, stderr } = await train('--resume', path);
      expect([1, 2]).toContain(code);
      expect(stderr).toMatch(/run\.json: .*\nhint: /);
    },
  );

  test('its checkpoint is of another run', async () => {
    const path = folder();
    const [one, other] = [await stopped(join(path, 'one')), await stopped(join(path, 'other'), '--lr', '0.5')];
    copyFileSync(join(other, 'checkpoint.safetensors'), join(one, 'checkpoint.safetensors'));
    const { code, stderr } = await train('--resume', one, ...goOn);
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /checkpoint\.safetensors: it is of another run than run\.json: lr is 0\.5 in the one, 0\.002 in the other\nhint: /,
    );
  });

  test('its checkpoint is gone, or not one: the hint says what is left, and that works', async () => {
    const path = folder();
    const cut = await stopped(join(path, 'cut'));
    rmSync(join(cut, 'checkpoint.safetensors'));
    const { code, stderr } = await train('--resume', cut, ...goOn);
    expect(code).toBe(1);
    expect(stderr).toMatch(/checkpoint\.safetensors: there is no such file, though the run has done 1 step\nhint: /);
    const [, command] = /whole: rnn (train .*?) starts/.exec(stderr)!;
    expect(await run([...command.replace('NEW', join(path, 'new')).split(' '), ...small])).toMatchObject({ code: 0, stderr: '' });
    copyFileSync(join(cut, 'weights.safetensors'), join(cut, 'checkpoint.safetensors'));
    expect((await train('--resume', cut, ...goOn)).stderr).toMatch(/checkpoint\.safetensors: it holds no checksum\nhint: /);
    rmSync(join(cut, 'weights.safetensors'));
    expect((await train('--resume', cut, ...goOn)).stderr).toMatch(/hint: nothing else is left of the run: rnn train --config/);
  });

  test('its checkpoint is damaged, in any region or cut to any length: an error, and no other file is touched', async () => {
    const cut = await stopped(join(folder(), 'cut'), '--validation-split', '0.3');
    const file = join(cut, 'checkpoint.safetensors');
    const whole = readFileSync(file);
    const headerEnd = 8 + Number(whole.readBigUInt64LE());
    const { tensors } = readSafetensors(whole, file);
    const at = [
      0,
      7,
      8,
      9,
      headerEnd >> 1,
      headerEnd - 1,
      whole.indexOf('"progress"'),
      whole.indexOf('"model"'),
      whole.indexOf('"sha256"') + 15,
    ];
    let offset = headerEnd;
    for (const { data } of tensors.values()) {
      at.push(offset, offset + (data.byteLength >> 1), offset + data.byteLength - 1);
      offset += data.byteLength;
    }
    const damages = [
      ...at.map((byte) => whole.map((value, i) => (i === byte ? value ^ 0x10 : value))),
      ...[0, 1, 7, 8, 9, headerEnd - 1, headerEnd, headerEnd + 1, whole.length >> 1, whole.length - 1].map((length) =>
        whole.subarray(0, length),
      ),
      Buffer.alloc(whole.length),
    ];
    for (const [i, damaged] of damages.entries()) {
      writeFileSync(file, damaged);
      const { code, stdout, stderr } = await train('--resume', cut, ...goOn);
      expect({ code, stdout }, `damage ${i}`).toEqual({ code: 1, stdout: '' });
      expect(stderr, `damage ${i}`).toMatch(/^.*checkpoint\.safetensors: .*\nhint: .*weights\.safetensors is whole: rnn train .*\n$/);
    }
    writeFileSync(file, whole);
    expect(await train('--resume', cut, ...goOn)).toMatchObject({ code: 0, stderr: '' });
  });
});

describe('two runs in one directory', () => {
  test('while a process holds it, --force and --resume are refused, and nothing is written', async () => {
    const cut = await stopped(join(folder(), 'cut'));
    const before = resultsOf(cut);
    const held = JSON.stringify({ pid: process.ppid, host: (await import('node:os')).hostname(), born: '', since: 'today' });
    writeFileSync(join(cut, 'rnn.lock'), held);
    for (const flags of [
      ['--resume', cut],
      [lecture, ...small, '--force', '--out', cut],
    ]) {
      const { code, stderr } = await train(...flags);
      expect(code).toBe(1);
      expect(stderr).toMatch(/: a run is writing into it \(process \d+, since today\)\nhint: /);
    }
    expect(resultsOf(cut)).toEqual(before);
    expect(readFileSync(join(cut, 'rnn.lock'), 'utf8')).toBe(held);
  });

  test('what a killed run left (lock, temporary files) is no run, and is taken away', async () => {
    const path = folder();
    const cut = join(path, 'cut');
    mkdirSync(cut);
    const left = ['.rnn-123-abc.tmp', 'rnn.lock-123.tmp', 'rnn.lock'];
    for (const name of left) writeFileSync(join(cut, name), '');
    await stopped(cut);
    for (const name of left) writeFileSync(join(cut, name), '');
    expect(await train('--resume', cut, ...goOn)).toMatchObject({ code: 0, stderr: '' });
    expect(readdirSync(cut).filter((name) => name.includes('tmp') || name.includes('lock'))).toEqual([]);
  });

  test('--force takes the old run away whole: its checkpoint is not gone on with', async () => {
    const cut = await stopped(join(folder(), 'cut'));
    writeFileSync(join(cut, 'diary.txt'), 'dear diary');
    expect(await train(lecture, ...small, '--epochs', '2', '--force', '--out', cut)).toMatchObject({ code: 0, stderr: '' });
    expect(recordOf(cut)).toMatchObject({ status: 'finished', result: { epochs: 2 } });
    expect(readFileSync(join(cut, 'diary.txt'), 'utf8')).toBe('dear diary');
  });
});
