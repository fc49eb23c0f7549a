// The rows that the reference finds in a text that the reader has accepted, laid out as the reader says.
import type { SequenceInput } from '../../src/data/rows/rows.ts';
import { csvRecords, memberOf, parseJson, tokenOf, tokensOfList } from './reference.ts';
import type { Json, ReferenceCell, Rows } from './reference.ts';

/** `unsure`: a length or a mask has its say, which the reference knows nothing of. */
export type ReferenceRows = Rows | 'broken' | 'unsure';

export function referenceRows(text: string, input: SequenceInput): ReferenceRows {
  const names = input.columns.names;
  if (names.some((name) => /^(lengths?|masks?|mask_\d+)$/.test(name))) return 'unsure';
  const bare = text.replace(/^\ufeff/, '');
  if (input.format === 'csv' || input.format === 'tsv') return csvRows(bare, input);
  if (input.format === 'json') return documentRows(parseJson(bare), input);
  if (input.format !== 'jsonl') return 'unsure';
  const lines = bare.split('\n').filter((line) => !/^[ \t\r]*$/.test(line));
  return rowsOfObjects(lines.map(parseJson), input);
}

function all<T>(rows: readonly (T | undefined)[]): readonly T[] | 'broken' {
  return rows.every((row) => row !== undefined) ? rows : 'broken';
}

function csvRows(text: string, { layout, delimiter = ',' }: SequenceInput): ReferenceRows {
  const records = csvRecords(text, delimiter);
  if (records === undefined) return 'broken';
  const isBlank = (cells: readonly ReferenceCell[]): boolean =>
    cells.length === 0 || (cells.length === 1 && cells[0].text === '' && !cells[0].quoted);
  const tokensOf = (texts: readonly string[]): number[] | undefined => {
    const tokens = texts.map(tokenOf);
    return tokens.every((token) => token !== undefined) ? tokens : undefined;
  };
  if (layout.kind === 'plain') return all(records.map((cells) => (isBlank(cells) ? [] : tokensOf(cells.map((cell) => cell.text)))));
  const [header, ...rest] = records;
  return all(
    rest.map((cells) => {
      if (isBlank(cells)) return [];
      if (cells.length > header.length) return undefined;
      if (layout.kind === 'cell') return tokensOf((cells[layout.tokenCell - 1]?.text ?? '').split(/[ \t]+/).filter((word) => word !== ''));
      if (layout.kind !== 'wide') return undefined;
      const texts = layout.tokenCells.map((cell) => cells[cell - 1]?.text ?? '');
      while (texts.at(-1) === '') texts.pop();
      return tokensOf(texts);
    }),
  );
}

function documentRows(json: Json | undefined, input: SequenceInput): ReferenceRows {
  const { layout } = input;
  if (layout.kind !== 'columns') return json?.kind === 'list' ? rowsOfObjects(json.items, input) : 'broken';
  const list = memberOf(json, layout.sequenceName);
  if (list?.kind !== 'list' || hasDouble(json)) return 'broken';
  return all(list.items.map(tokensOfList));
}

function rowsOfObjects(items: readonly (Json | undefined)[], { layout }: SequenceInput): ReferenceRows {
  if (layout.kind === 'arrays') return all(items.map(tokensOfList));
  if (layout.kind !== 'objects') return 'broken';
  if (items.some((item) => item?.kind === 'object' && item.entries.some(([key]) => key === 'length' || key === 'mask'))) return 'unsure';
  return all(items.map((item) => (hasDouble(item) ? undefined : tokensOfList(memberOf(item, layout.sequenceName)))));
}

function hasDouble(json: Json | undefined): boolean {
  return json?.kind === 'object' && new Set(json.entries.map(([key]) => key)).size < json.entries.length;
}
