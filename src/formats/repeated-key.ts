// What JSON.parse passes over in silence: a key that stands twice in one object, of which it keeps the last.

/** The first key that some object of this valid JSON text has twice. */
export function repeatedKey(json: string): string | undefined {
  const open: (Set<string> | undefined)[] = [];
  let keyNext = false;
  for (let at = 0; at < json.length; at++) {
    const character = json[at];
    if (character === '"') {
      const start = at;
      while (json[++at] !== '"') if (json[at] === '\\') at++;
      if (!keyNext) continue;
      keyNext = false;
      const key = JSON.parse(json.slice(start, at + 1)) as string;
      const keys = open.at(-1)!;
      if (keys.has(key)) return key;
      keys.add(key);
    } else if (character === '{' || character === '[') {
      keyNext = character === '{';
      open.push(keyNext ? new Set() : undefined);
    } else if (character === '}' || character === ']') {
      keyNext = false;
      open.pop();
    } else if (character === ',') {
      keyNext = open.at(-1) !== undefined;
    }
  }
  return undefined;
}
