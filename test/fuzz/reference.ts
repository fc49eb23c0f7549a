// An independent reading of CSV and JSON, written as plainly as can be: the whole text at once, one character after another, no speed.
// It shares nothing with src/ but the layout that the reader found, and says undefined where the text breaks a rule.

export type Rows = readonly (readonly number[])[];

export interface ReferenceCell {
  readonly text: string;
  readonly quoted: boolean;
}

const largest = 2147483647;

/** Decimal digits, with spaces or tabs around; undefined for anything else. */
export function tokenOf(text: string): number | undefined {
  if (!/^[ \t]*[0-9]+[ \t]*$/.test(text)) return undefined;
  const value = Number(text.replaceAll(/[ \t]/g, ''));
  return value <= largest ? value : undefined;
}

/** The records of a CSV text; undefined where quotation marks do not pair, or stand inside a cell. */
export function csvRecords(text: string, delimiter: string): ReferenceCell[][] | undefined {
  const records: ReferenceCell[][] = [];
  let record: ReferenceCell[] = [];
  let at = 0;
  while (at < text.length) {
    let cell = '';
    const quoted = text[at] === '"';
    if (quoted) {
      at++;
      for (;;) {
        if (at >= text.length) return undefined;
        if (text[at] === '"' && text[at + 1] === '"') {
          cell += '"';
          at += 2;
        } else if (text[at] === '"') {
          break;
        } else {
          cell += text[at++];
        }
      }
      at++;
    } else {
      while (at < text.length && text[at] !== delimiter && text[at] !== '\n' && text[at] !== '\r') {
        if (text[at] === '"') return undefined;
        cell += text[at++];
      }
    }
    record.push({ text: cell, quoted });
    if (text[at] === delimiter) {
      at++;
      // A delimiter at the very end begins one more cell.
      if (at < text.length) continue;
      record.push({ text: '', quoted: false });
    } else if (at < text.length && text[at] !== '\n' && text[at] !== '\r') {
      return undefined;
    } else {
      at += text[at] === '\r' && text[at + 1] === '\n' ? 2 : 1;
    }
    records.push(record);
    record = [];
  }
  return delimiter === ' ' ? records.map((cells) => cells.filter(({ text: cell, quoted }) => quoted || cell !== '')) : records;
}

export type Json =
  | { readonly kind: 'number' | 'word'; readonly source: string }
  | { readonly kind: 'text'; readonly value: string }
  | { readonly kind: 'list'; readonly items: readonly Json[] }
  | { readonly kind: 'object'; readonly entries: readonly (readonly [key: string, value: Json])[] };

/** A JSON value with numbers as they are written; undefined where the text is no JSON, or an object has a key twice. */
export function parseJson(text: string): Json | undefined {
  let at = 0;
  const space = (): void => {
    while (at < text.length && ' \t\r\n'.includes(text[at])) at++;
  };
  const take = (pattern: RegExp): string | undefined => {
    const found = pattern.exec(text.slice(at))?.[0];
    if (found !== undefined) at += found.length;
    return found;
  };
  const string = (): string | undefined => {
    // Control characters are for JSON.parse to refuse.
    const source = take(/^"(?:[^"\\]|\\.)*"/);
    try {
      return source === undefined ? undefined : (JSON.parse(source) as string);
    } catch {
      return undefined;
    }
  };
  /** What stands between brackets, with commas between. */
  const members = <T>(close: string, one: () => T | undefined): T[] | undefined => {
    const all: T[] = [];
    at++;
    space();
    if (text[at] === close) {
      at++;
      return all;
    }
    for (;;) {
      const member = one();
      if (member === undefined) return undefined;
      all.push(member);
      space();
      const next = text[at++];
      if (next === close) return all;
      if (next !== ',') return undefined;
    }
  };
  const value = (): Json | undefined => {
    space();
    if (text[at] === '[') {
      const items = members(']', value);
      return items && { kind: 'list', items };
    }
    if (text[at] === '{') {
      const entries = members<readonly [string, Json]>('}', () => {
        space();
        const key = string();
        space();
        if (key === undefined || text[at++] !== ':') return undefined;
        const member = value();
        return member && [key, member];
      });
      return entries && { kind: 'object', entries };
    }
    if (text[at] === '"') {
      const found = string();
      return found === undefined ? undefined : { kind: 'text', value: found };
    }
    const number = take(/^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/);
    if (number !== undefined) return { kind: 'number', source: number };
    const word = take(/^(?:true|false|null)/);
    return word === undefined ? undefined : { kind: 'word', source: word };
  };
  const whole = value();
  space();
  return at === text.length ? whole : undefined;
}

/** The tokens of a list; undefined where it is none, or holds what is no token. */
export function tokensOfList(json: Json | undefined): number[] | undefined {
  if (json?.kind !== 'list') return undefined;
  const tokens: number[] = [];
  for (const item of json.items) {
    if (item.kind !== 'number' || !/^(?:0|[1-9][0-9]*)$/.test(item.source) || Number(item.source) > largest) return undefined;
    tokens.push(Number(item.source));
  }
  return tokens;
}

/** The one value of a key; undefined where there is none, or it stands there twice. */
export function memberOf(json: Json | undefined, key: string): Json | undefined {
  if (json?.kind !== 'object') return undefined;
  const found = json.entries.filter(([name]) => name === key);
  return found.length === 1 ? found[0][1] : undefined;
}
