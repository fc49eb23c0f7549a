// Texts that nearly are what a reader hopes for: rows of tokens in every layout, now and then with something that breaks a rule.
import * as fc from 'fast-check';

const token = fc.oneof({ weight: 8, arbitrary: fc.nat(300) }, { weight: 1, arbitrary: fc.nat(2147483647) }).map(String);
const odd = fc.constantFrom(
  '',
  ' ',
  '-1',
  '1e3',
  '1.5',
  '0x10',
  '007',
  '-0',
  '2147483647',
  '2147483648',
  '9007199254740993',
  'NaN',
  'null',
  'x',
  ' 5',
  '5\t',
);
const oddJson = fc.constantFrom(
  '-1',
  '1e3',
  '1.0',
  '-0',
  '007',
  '2147483648',
  '9007199254740993',
  'null',
  'true',
  '"5"',
  '[1]',
  '{}',
  '',
  'nul',
  '"a\\"]"',
);
const rare = <T>(usual: fc.Arbitrary<T>, other: fc.Arbitrary<T>): fc.Arbitrary<T> =>
  fc.oneof({ weight: 40, arbitrary: usual }, { weight: 1, arbitrary: other });
const lineEnd = fc.constantFrom('\n', '\n', '\n', '\r\n', '\r');
const name = fc.constantFrom(
  't1',
  't2',
  't3',
  'label',
  'target',
  'y',
  'tokens',
  'sequence',
  'length',
  'mask_1',
  'note',
  '__proto__',
  'constructor',
  'a b',
  '"q"',
);
const text = fc.oneof(fc.constantFrom('', 'cat', 'a,b', '1;2', 'é𝄞', 'a"b', 'x\ny', ' '), fc.string({ maxLength: 6 }));

const quote = (cell: string): string => `"${cell.replaceAll('"', '""')}"`;

const wide = ['t1', 't2', 't3', 't4', 't5', 't6', 'label'];

const csv = fc
  .record({
    delimiter: fc.constantFrom(',', ',', ',', ';', '\t', ' '),
    rows: fc.array(fc.array(rare(token, odd), { maxLength: 6 }), { minLength: 1, maxLength: 8 }),
    header: fc.option(
      fc.oneof(fc.array(name, { minLength: 1, maxLength: 6 }), fc.constantFrom(wide, [...wide, 'length'], ['y', ...wide])),
      { nil: undefined },
    ),
    marks: fc.constantFrom(0, 0, 0, 0.2, 1),
    end: lineEnd,
    last: fc.boolean(),
  })
  .map(({ delimiter, rows, header, marks, end, last }) => {
    const lines = [...(header ? [header] : []), ...rows].map((cells, row) =>
      cells.map((cell, i) => (marks === 1 || ((row * 7 + i * 3) % 10) / 10 < marks ? quote(cell) : cell)).join(delimiter),
    );
    return lines.join(end) + (last ? end : '');
  });

const cells = fc
  .record({
    rows: fc.array(fc.tuple(text, fc.array(rare(token, odd), { maxLength: 6 }), token), { minLength: 1, maxLength: 6 }),
    delimiter: fc.constantFrom(',', ';', '\t'),
    end: lineEnd,
  })
  .map(({ rows, delimiter, end }) => {
    const lines = rows.map(([note, tokens, label]) => [quote(note), tokens.join(' '), label].join(delimiter));
    return [['note', 'tokens', 'label'].join(delimiter), ...lines, ''].join(end);
  });

const list = fc
  .array(rare(token, oddJson), { maxLength: 6 })
  .chain((items) => fc.constantFrom(',', ', ', ',', ' ,').map((comma) => `[${items.join(comma)}]`));
const value = fc.oneof(
  fc.jsonValue({ maxDepth: 2 }).map((json) => JSON.stringify(json)),
  fc.constantFrom('9007199254740993', '1.50', 'nul', '"a'),
);
const key = fc.constantFrom('label', 'target', 'y', 'length', 'mask', 'id', '__proto__', 'constructor', 'tokens', 'a"b');
const object = fc.tuple(list, fc.array(fc.tuple(key, rare(token, value)), { maxLength: 3 }), fc.nat(3)).map(([tokens, others, at]) => {
  const members = others.map(([other, json]) => `${JSON.stringify(other)}:${json}`);
  members.splice(at, 0, `"tokens":${tokens}`);
  return `{${members.join(',')}}`;
});

const rowsOf = <T>(row: fc.Arbitrary<T>): fc.Arbitrary<T[]> => fc.array(row, { minLength: 1, maxLength: 6 });
const jsonRows = fc.oneof(rowsOf(list), rowsOf(object), rowsOf(fc.oneof({ weight: 9, arbitrary: list }, { weight: 1, arbitrary: object })));
const jsonl = fc
  .tuple(jsonRows, fc.constantFrom('\n', '\n', '\r\n', '\n\n', ' '), fc.boolean())
  .map(([rows, end, last]) => rows.join(end) + (last ? end : ''));
const document = fc.tuple(jsonRows, fc.constantFrom(',', ',\n', ' , ', ',,')).map(([rows, comma]) => `[${rows.join(comma)}]`);
const columns = fc
  .tuple(
    rowsOf(list),
    fc.array(
      fc.tuple(fc.constantFrom('targets', 'labels', 'lengths', 'masks', 'y', 'name'), fc.array(rare(token, value), { maxLength: 6 })),
      { maxLength: 3 },
    ),
  )
  .map(([rows, others]) => {
    const lists = others.map(([other, values]) => `${JSON.stringify(other)}:[${rows.map((_, i) => values[i] ?? '0').join(',')}]`);
    return `{${[`"sequences":[${rows.join(',')}]`, ...lists].join(',')}}`;
  });

/** A text, with a byte order mark now and then. */
export const nearlyRight = fc
  .tuple(fc.constantFrom('', '', '', '\ufeff'), fc.oneof(csv, csv, cells, jsonl, jsonl, document, columns))
  .map((parts) => parts.join(''));
