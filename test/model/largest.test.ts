import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { largest } from '../../src/model/largest.ts';

test('the k largest of any numbers are those that sorting finds, of equals the first', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: -5, max: 5 }), { minLength: 1, maxLength: 600 }),
      fc.integer({ min: 1, max: 700 }),
      (values, k) => {
        const sorted = values.map((_, i) => i).sort((a, b) => values[b] - values[a] || a - b);
        expect(largest([9, ...values], 1, values.length, k)).toEqual(sorted.slice(0, k));
      },
    ),
  );
});
