// The layout of CONTRIBUTING.md, held by the imports themselves.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, posix, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const source = fileURLToPath(new URL('../src/', import.meta.url));

/** What each folder may import, besides itself and errors.ts. */
const arrows: Readonly<Record<string, readonly string[]>> = {
  commands: ['run', 'data', 'model', 'formats', 'view', 'engine'],
  run: ['data', 'model', 'formats', 'view', 'engine'],
  data: ['model', 'formats'],
  model: ['engine'],
  formats: [],
  view: [],
  engine: [],
};

interface Import {
  readonly file: string;
  readonly specifier: string;
}

function imports(): Import[] {
  const files = readdirSync(source, { recursive: true, encoding: 'utf8' }).filter(
    (name) => name.endsWith('.ts') && !name.includes('kernels/'),
  );
  return files.flatMap((file) => {
    const text = readFileSync(join(source, file), 'utf8');
    return [...text.matchAll(/(?:from|import\()\s*'([^']+)'/g)].map(([, specifier]) => ({ file: file.replaceAll('\\', '/'), specifier }));
  });
}

function folderOf(file: string): string {
  return file.includes('/') ? file.split('/')[0] : '';
}

test('arrows go one way: commands → run → {data, model, formats, view} → engine', () => {
  const wrong = imports().filter(({ file, specifier }) => {
    const from = folderOf(file);
    if (from === '' || !specifier.startsWith('.')) return false;
    const target = posix.normalize(posix.join(dirname(file), specifier));
    const to = folderOf(target);
    if (to === '') return target !== 'errors.ts';
    return to !== from && !arrows[from].includes(to);
  });
  expect(wrong).toEqual([]);
});

test('inside data, too, arrows go one way: no folder or file of it leads back to itself', () => {
  const partOf = (file: string): string => file.split('/')[1];
  const needs = new Map<string, Set<string>>();
  for (const { file, specifier } of imports()) {
    const target = posix.join(dirname(file), specifier);
    if (folderOf(file) !== 'data' || folderOf(target) !== 'data' || partOf(file) === partOf(target)) continue;
    needs.set(partOf(file), (needs.get(partOf(file)) ?? new Set()).add(partOf(target)));
  }
  // Takes away what needs nothing that is left: only circles, and what leads to them, remain.
  const free = (): string[] => [...needs.keys()].filter((part) => ![...needs.get(part)!].some((needed) => needs.has(needed)));
  for (let found = free(); found.length > 0; found = free()) for (const part of found) needs.delete(part);
  expect(Object.fromEntries(needs)).toEqual({});
});

test('no folder of src has more than 25 files directly in it: beyond that, what belongs together is not seen', () => {
  const counts = new Map<string, number>();
  for (const name of readdirSync(source, { recursive: true, encoding: 'utf8' })) {
    if (name.endsWith('.ts')) counts.set(dirname(name), (counts.get(dirname(name)) ?? 0) + 1);
  }
  expect([...counts].filter(([, count]) => count > 25)).toEqual([]);
});

test('model and engine know no file, console, clock or process, but for the loader that reads the compiled kernels', () => {
  const loaders = ['engine/wasm/engine.ts', 'engine/wasm/relaxed.ts', 'engine/wasm/wide.ts'];
  const outside = imports().filter(
    ({ file, specifier }) => ['model', 'engine'].includes(folderOf(file)) && !loaders.includes(file) && specifier.startsWith('node:'),
  );
  expect(outside).toEqual([]);
  for (const folder of ['model', 'engine']) {
    for (const name of readdirSync(join(source, folder), { recursive: true, encoding: 'utf8' })) {
      if (!name.endsWith('.ts') || name.includes('kernels/')) continue;
      const code = readFileSync(join(source, folder, name), 'utf8').replace(/\/\/.*|\/\*[\s\S]*?\*\//g, '');
      expect(code, `${folder}/${name}`).not.toMatch(/\b(console|process|performance|Date|setTimeout)\s*\./);
    }
  }
});

test('nothing that can reach a weight goes through Math.exp, log, pow, sin, cos, tanh or Math.random', () => {
  for (const folder of ['model', 'engine', 'data']) {
    for (const name of readdirSync(join(source, folder), { recursive: true, encoding: 'utf8' })) {
      if (!name.endsWith('.ts')) continue;
      const code = readFileSync(join(source, folder, name), 'utf8').replace(/\/\/.*|\/\*[\s\S]*?\*\//g, '');
      expect(code, relative(source, join(folder, name))).not.toMatch(
        /Math\.(exp|expm1|log|log1p|log2|log10|pow|sin|cos|tan|tanh|sinh|cosh|cbrt|hypot|random)\b/,
      );
      expect(code, `${folder}/${name}`).not.toMatch(/(?<!\b2 )\*\* (?!\d)/);
    }
  }
});

test('the tree in CONTRIBUTING names what there is, and every folder of src, src/data and src/run', () => {
  const root = join(source, '..');
  const guide = readFileSync(join(root, 'CONTRIBUTING.md'), 'utf8');
  const named = Array.from(guide.matchAll(/^\| `([^`]+)` \|/gm), ([, place]) => place);
  expect(named.filter((place) => !existsSync(join(root, place)))).toEqual([]);
  const folders = ['src/', 'src/data/', 'src/run/'].flatMap((place) =>
    readdirSync(join(root, place), { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => `${place}${name}/`),
  );
  expect(named).toEqual(expect.arrayContaining(folders));
});
