import { describe, expect, test } from 'vitest';
import { painter, speaksUtf8 } from '../../src/view/terminal.ts';

const terminal = { isTTY: true };
const red = '\u001b[31mtext\u001b[39m';

describe('painter', () => {
  test.each([
    ['a terminal', terminal, { TERM: 'xterm' }],
    ['a terminal with an empty NO_COLOR', terminal, { NO_COLOR: '' }],
    ['FORCE_COLOR off a terminal', {}, { FORCE_COLOR: '1' }],
    ['an empty FORCE_COLOR', {}, { FORCE_COLOR: '' }],
    ['FORCE_COLOR against NO_COLOR', terminal, { FORCE_COLOR: '3', NO_COLOR: '1' }],
  ])('colours on %s', async (_what, stream, env) => {
    expect((await painter(stream, env)).red('text')).toBe(red);
  });

  test.each([
    ['a pipe', {}, { TERM: 'xterm-256color', COLORTERM: 'truecolor' }],
    ['a dumb terminal', terminal, { TERM: 'dumb' }],
    ['a terminal with NO_COLOR', terminal, { NO_COLOR: '1' }],
    ['a terminal with FORCE_COLOR=0', terminal, { FORCE_COLOR: '0' }],
    ['a terminal with FORCE_COLOR=false', terminal, { FORCE_COLOR: 'false' }],
  ])('writes no escape code on %s', async (_what, stream, env) => {
    const paint = await painter(stream, env);
    for (const color of Object.values(paint)) expect(color('text')).toBe('text');
  });
});

test.each([
  [{ LANG: 'en_US.UTF-8' }, true],
  [{ LANG: 'C.utf8' }, true],
  [{ LC_ALL: 'C', LANG: 'en_US.UTF-8' }, false],
  [{ LC_ALL: '', LC_CTYPE: 'UTF-8', LANG: 'C' }, true],
  [{}, false],
  [{ WT_SESSION: '1' }, true],
])('the locale %j is UTF-8: %s', (env, expected) => {
  expect(speaksUtf8(env)).toBe(expected);
});
