// The package as someone installs it: what is in the tarball, and the README's program, compiled by the package's types and run.
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { folder } from './support/run.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const readme = readFileSync(join(root, 'README.md'), 'utf8');

test("the README's program compiles under strict types, and prints what the README shows", () => {
  const [, program, shown] = /```ts\n([\s\S]*?)```\n\nIt prints\n\n```text\n([\s\S]*?)```/.exec(readme)!;
  const path = folder({
    'package.json': '{"type":"module"}',
    'program.ts': program,
    'tsconfig.json': JSON.stringify({
      // No DOM, and every declaration of the package is checked.
      compilerOptions: { strict: true, module: 'nodenext', lib: ['es2023'], types: ['node'], outDir: 'out', skipLibCheck: false },
      files: ['program.ts'],
    }),
  });
  const modules = join(path, 'node_modules');
  mkdirSync(modules);
  symlinkSync(root, join(modules, 'rnn'), 'junction');
  symlinkSync(join(root, 'node_modules', '@types'), join(modules, '@types'), 'junction');
  const compiler = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  expect(spawnSync(process.execPath, [compiler, '-p', path], { encoding: 'utf8' }).stdout).toBe('');
  expect(execFileSync(process.execPath, [join(path, 'out', 'program.js')], { encoding: 'utf8' })).toBe(shown);
});

test('the package holds the commands, the compiled library with its types, the kernels, README, licence and changelog, and no more', () => {
  const shell = process.platform === 'win32';
  const json = execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], { cwd: root, encoding: 'utf8', shell });
  const listed: unknown = JSON.parse(json);
  const [{ files }] = (Array.isArray(listed) ? listed : Object.values(listed as object)) as [{ files: { path: string }[] }];
  const paths = files.map(({ path }) => path);
  const wanted = ['bin/rnn.js', 'dist/index.js', 'dist/index.d.ts', 'package.json', 'README.md', 'LICENSE', 'CHANGELOG.md'];
  expect(paths).toEqual(expect.arrayContaining(wanted));
  expect(paths.filter((path) => path.endsWith('.wasm')).length).toBeGreaterThan(0);
  expect(paths.filter((path) => !path.startsWith('dist/') && !wanted.includes(path))).toEqual([]);
});
