import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { TextBytes } from '../../../src/data/write/text-bytes.ts';

const comma = 0x2c;
const edges = [0, 1, 9, 10, 99, 100, 999, 1000, 9999, 10_000, 10_009, 99_999_999, 100_000_000, 100_000_001, 999_999_999, 2_147_483_647];

test('decimals are what String writes, whatever the number of digits', () => {
  const numbers = fc.array(fc.oneof(fc.constantFrom(...edges), fc.nat(20_000), fc.nat(2 ** 31 - 1)), { maxLength: 40 });
  fc.assert(
    fc.property(numbers, fc.nat(5), (list, skipped) => {
      const out = new TextBytes();
      out.decimals(Int32Array.from(list), Math.min(skipped, list.length), list.length, comma);
      expect(out.written.toString()).toBe(
        list
          .slice(skipped)
          .map((value) => `${value},`)
          .join(''),
      );
    }),
  );
});

test('20 000 parts of every kind stand one behind the other after the memory has grown, and a clear begins anew', () => {
  const out = new TextBytes();
  for (let i = 0; i < 5000; i++) {
    out.add('é𝄞');
    out.repeat(Buffer.from('-1,'), 2);
    out.decimals(Int32Array.of(i), 0, 1, comma);
    out.dropLast();
    out.addByte(0x0a);
  }
  const expected = Array.from({ length: 5000 }, (_, i) => `é𝄞-1,-1,${i}\n`).join('');
  expect(out.written.toString()).toBe(expected);
  out.clear();
  out.add(Buffer.from('x'));
  expect(out.written.toString()).toBe('x');
});
