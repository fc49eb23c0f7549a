import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { RowBuilder } from '../../../src/data/rows/builder.ts';
import { GrowingInts } from '../../../src/data/rows/growing-ints.ts';
import { RowStore } from '../../../src/data/rows/store.ts';

test('numbers that grow past a reservation of 1 MB and of 4 are the numbers that were added', () => {
  const part = Int32Array.from({ length: 100_000 }, (_, i) => i);
  const all = new GrowingInts();
  for (let i = 0; i < 12; i++) {
    all.append(part);
    all.push(-i);
  }
  const taken = all.take();
  expect(taken).toHaveLength(12 * 100_001);
  for (let i = 0; i < 12; i++) expect(taken.subarray(i * 100_001, (i + 1) * 100_001)).toEqual(Int32Array.of(...part, -i));
});

test('where addresses are scarce, it moves to a larger reservation and keeps what it has', () => {
  const Buffers = globalThis.ArrayBuffer;
  globalThis.ArrayBuffer = new Proxy(Buffers, {
    construct(target, [length, options]: [number, { maxByteLength?: number }?]) {
      if ((options?.maxByteLength ?? 0) > 4e6 && length === 0 && scarce) throw new RangeError('Array buffer allocation failed');
      return new target(length, options);
    },
  });
  let scarce = true;
  try {
    const all = new GrowingInts();
    scarce = false;
    for (let i = 0; i < 2_000_000; i += 1000) all.append(Int32Array.from({ length: 1000 }, (_, k) => i + k));
    const taken = all.take();
    expect([taken.length, taken[0], taken[1_000_000], taken.at(-1)]).toEqual([2_000_000, 0, 1_000_000, 1_999_999]);
  } finally {
    globalThis.ArrayBuffer = Buffers;
  }
});

test('chunks in any cut, with gaps, give the rows, lines and begins that were added', () => {
  const row = fc.record({
    tokens: fc.array(fc.nat(99), { maxLength: 5 }),
    begin: fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, fc.nat(3)),
  });
  fc.assert(
    fc.property(fc.array(fc.array(fc.tuple(row, fc.boolean()), { maxLength: 6 }), { maxLength: 5 }), (chunks) => {
      const [builder, store] = [new RowBuilder(), new RowStore()];
      let line = 0;
      for (const rows of chunks) {
        for (const [{ tokens, begin }] of rows) {
          for (const token of tokens) builder.push(token);
          builder.beginOpenRowAt(begin);
          builder.endRow(++line, [`v${line}`]);
        }
        const chunk = builder.take();
        rows.forEach(([, isKept], i) => isKept && store.add(chunk, i, i + 1));
      }
      const kept = chunks
        .flat()
        .map(([given, isKept], i) => ({ ...given, isKept, line: i + 1 }))
        .filter(({ isKept }) => isKept);
      const { tokens, offsets, lines, begins, others } = store.take();
      expect([...lines]).toEqual(kept.map((given) => given.line));
      expect(kept.map((_, i) => [...tokens.subarray(offsets[i], offsets[i + 1])])).toEqual(kept.map((given) => given.tokens));
      expect([...(begins ?? new Int32Array(kept.length))]).toEqual(kept.map((given) => given.begin));
      expect(others).toEqual(kept.map((given) => [`v${given.line}`]));
    }),
  );
});
