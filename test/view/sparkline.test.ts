import { expect, test } from 'vitest';
import { sparkline } from '../../src/view/sparkline.ts';

test('a character for each count: space for none, the lowest for the least, the highest for the most', () => {
  expect(sparkline([0, 1, 400, 800], { unicode: true })).toBe(' ▁▄█');
  expect(sparkline([0, 1, 400, 800], { unicode: false })).toBe(' .=@');
});

test('of nothing at all there are only spaces', () => {
  expect(sparkline([0, 0], { unicode: true })).toBe('  ');
});
