import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { grouped, plural } from '../../src/data/plural.ts';
import { count } from '../../src/view/numbers.ts';

test('messages about data show whole numbers as reports do', () => {
  fc.assert(fc.property(fc.nat({ max: Number.MAX_SAFE_INTEGER }), (n) => grouped(n) === count(n)));
  fc.assert(fc.property(fc.nat({ max: 20_000 }), (n) => grouped(n) === count(n)));
  expect([plural(1, 'row'), plural(200_001, 'token')]).toEqual(['1 row', '200 001 tokens']);
});
