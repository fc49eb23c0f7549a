import { PassThrough } from 'node:stream';
import { stripVTControlCharacters } from 'node:util';
import { describe, expect, test } from 'vitest';
import { displayWidth } from '../../src/view/display-width.ts';
import { createProgress } from '../../src/view/progress.ts';
import type { ProgressOptions } from '../../src/view/progress.ts';

/** A stream that keeps what is written, and a clock that goes when told. */
function setUp(overrides: Partial<ProgressOptions> & { readonly isTTY?: boolean; readonly columns?: number } = {}) {
  const { isTTY = false, columns = 80, ...rest } = overrides;
  const written: string[] = [];
  const stream = Object.assign(new PassThrough(), { isTTY, columns });
  stream.write = (text: string) => written.push(text) > 0;
  const clock = { ms: 0 };
  const options = { total: 100, unit: 'step', quiet: false, terminal: isTTY, unicode: true, now: () => clock.ms, ...rest };
  return { written, clock, create: () => createProgress(stream, options) };
}

/** What a terminal shows after these writes: the few codes that the bar uses, or an error. */
function screenOf(written: readonly string[]): string[] {
  const lines = [''];
  let column = 0;
  // oxlint-disable-next-line no-control-regex -- escape codes are what is read here
  for (const [token] of written.join('').matchAll(/\u001b(?:\[[?\d;]*[A-Za-z]|.)|\n|[^\u001b\n]+/g)) {
    const line = lines.at(-1)!;
    if (token === '\n') [column] = [0, lines.push('')];
    else if (token === '\u001b[1G') column = 0;
    else if (token === '\u001b[0K') lines[lines.length - 1] = line.slice(0, column);
    else if (token === '\u001b[2K') lines[lines.length - 1] = '';
    else if (token === '\u001b[0J') lines[lines.length - 1] = line.slice(0, column);
    else if (token.startsWith('\u001b')) throw new Error(`the bar writes ${JSON.stringify(token)}`);
    else {
      lines[lines.length - 1] = line.slice(0, column) + token + line.slice(column + token.length);
      column += token.length;
    }
  }
  return lines;
}

test.each([true, false])('writes nothing when quiet (terminal: %s)', async (isTTY) => {
  const { written, create } = setUp({ quiet: true, isTTY });
  const progress = await create();
  progress.update(1, { loss: 1 });
  progress.note('note');
  progress.stop();
  expect(written).toEqual([]);
});

describe('off a terminal', () => {
  test('writes the first step, one line each 10 %, and the last, without escape codes', async () => {
    const { written, create } = setUp({ total: 1000 });
    const progress = await create();
    for (let step = 1; step <= 1000; step++) progress.update(step, { epoch: 1, loss: 1 / step });
    progress.stop();
    expect(written.map((line) => /^step (\d+)/.exec(line)![1])).toEqual([
      '1',
      '100',
      '200',
      '300',
      '400',
      '500',
      '600',
      '700',
      '800',
      '900',
      '1000',
    ]);
    expect(written[1]).toBe('step 100/1000 (10%): epoch 1, loss 0.01000, 0 s left\n');
    expect(stripVTControlCharacters(written.join(''))).toBe(written.join(''));
  });

  test('writes a line each 10 s where 10 % takes longer', async () => {
    const { written, clock, create } = setUp({ total: 100_000 });
    const progress = await create();
    for (let step = 1; step <= 60; step++, clock.ms += 1000) progress.update(step);
    expect(written.map((line) => /^step (\d+)/.exec(line)![1])).toEqual(['1', '11', '21', '31', '41', '51']);
  });

  test('writes the last state when stopped early, once', async () => {
    const { written, create } = setUp();
    const progress = await create();
    progress.update(1);
    progress.update(2, { loss: NaN });
    progress.stop();
    progress.stop();
    expect(written).toEqual(['step 1/100 (1%)\n', 'step 2/100 (2%): loss NaN, 0 s left\n']);
  });

  test('tells the time left from the pace since the first step seen, as a resumed run needs', async () => {
    const { written, clock, create } = setUp({ total: 1000 });
    const progress = await create();
    progress.update(900);
    clock.ms = 20_000;
    progress.update(910, { tokensPerSecond: 254_312, validationLoss: 2 });
    expect(written[1]).toBe('step 910/1000 (91%): validation 2.000, 254 000 tokens/s, 3 min 0 s left\n');
  });

  test('writes notes as they are', async () => {
    const { written, create } = setUp();
    (await create()).note('saved');
    expect(written).toEqual(['saved\n']);
  });
});

describe('on a terminal', () => {
  test('leaves the notes, each on its own line, and the last state of the bar below', async () => {
    const { written, clock, create } = setUp({ isTTY: true });
    const progress = await create();
    progress.note('before');
    for (let step = 1; step <= 100; step++, clock.ms += 50) {
      progress.update(step, { loss: 1 / step });
      if (step % 40 === 0) progress.note(`note at ${step}`);
    }
    progress.stop();
    progress.stop();
    progress.note('after');
    const screen = screenOf(written);
    expect([...screen.slice(0, 3), ...screen.slice(4)]).toEqual(['before', 'note at 40', 'note at 80', 'after', '']);
    expect(screen[3]).toBe(`${'━'.repeat(40)}  100%  step 100/100  loss 0.01000`);
  });

  test('redraws at most 10 times a second however often it is updated', async () => {
    const { written, clock, create } = setUp({ isTTY: true, total: 10_000 });
    const progress = await create();
    for (let step = 0; step < 10_000; step++, clock.ms += 0.1) progress.update(step);
    const redraws = written.filter((text) => text.includes('━') || text.includes('─')).length;
    progress.stop();
    expect(redraws).toBe(10);
  });

  test.each([10, 20, 40, 60, 80, 200])('fits in %d columns, and drops what matters less first', async (columns) => {
    const { written, clock, create } = setUp({ isTTY: true, columns, total: 12_000, unicode: false });
    const progress = await create();
    progress.update(1);
    clock.ms = 3_600_000;
    progress.update(6_000, { epoch: 3, loss: 1.2345, validationLoss: 2.3456, tokensPerSecond: 123_456 });
    progress.stop();
    const bar = screenOf(written)[0];
    expect(displayWidth(bar)).toBeLessThan(columns);
    expect(bar.includes('50%')).toBe(columns > 16);
    expect(bar.includes('loss 1.234')).toBe(columns > 28);
    expect(bar.includes('1 h 0 min left')).toBe(columns > 44);
    expect(bar.includes('123 000 tokens/s')).toBe(columns === 200);
  });

  test('draws = and - where the terminal speaks no UTF-8, half of each at 50 %', async () => {
    const { written, create } = setUp({ isTTY: true, unicode: false });
    const progress = await create();
    progress.update(50);
    progress.stop();
    expect(screenOf(written)[0]).toBe(`${'='.repeat(20)}${'-'.repeat(20)}   50%  step 50/100`);
  });

  test('keeps the bar on the screen below a note, though nothing has changed since', async () => {
    const { written, create } = setUp({ isTTY: true });
    const progress = await create();
    progress.update(100);
    progress.note('saved');
    const screen = screenOf(written);
    progress.stop();
    expect(screen).toEqual(['saved', `${'━'.repeat(40)}  100%  step 100/100`]);
  });

  test('shows nothing when it stops before the first step', async () => {
    const { written, create } = setUp({ isTTY: true });
    (await create()).stop();
    expect(written).toEqual([]);
  });
});
