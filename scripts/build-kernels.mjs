// Compiles src/engine/wasm/kernels (AssemblyScript) to dist/engine/wasm: kernels.wasm, and kernels-relaxed.wasm of the same
// sources with fused multiply-adds. A module that is newer than its sources is left alone.
import { mkdirSync, readdirSync, statSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const sources = join(root, 'src/engine/wasm/kernels');

/** A module takes its one shared memory from the engine and owns no data, stack or table in it. */
const options = [
  ['--optimizeLevel', '3', '--noAssert', '--runtime', 'stub'],
  ['--importMemory', '--noExportMemory', '--sharedMemory', '--initialMemory', '1', '--maximumMemory', '65536'],
  ['--enable', 'simd', '--enable', 'threads'],
].flat();

const modules = [
  { name: 'kernels.wasm', more: [] },
  { name: 'kernels-relaxed.wasm', more: ['--enable', 'relaxed-simd', '--use', 'RELAXED=1'] },
];

function modified(file) {
  return statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

function isUpToDate(output) {
  const inputs = readdirSync(sources).map((name) => join(sources, name));
  inputs.push(fileURLToPath(import.meta.url), join(root, 'package-lock.json'));
  return inputs.every((file) => modified(file) < modified(output));
}

async function compile(output, more) {
  const { default: asc } = await import('assemblyscript/asc');
  mkdirSync(dirname(output), { recursive: true });
  const files = [relative(root, join(sources, 'index.ts')), '--outFile', relative(root, output)];
  const { error } = await asc.main([...files, '--baseDir', root, ...options, ...more], { stderr: process.stderr });
  if (error) throw error;
}

try {
  for (const { name, more } of modules) {
    const output = join(root, 'dist/engine/wasm', name);
    if (!isUpToDate(output)) await compile(output, more);
  }
} catch (error) {
  const missing = error.code === 'ERR_MODULE_NOT_FOUND';
  console.error(`build-kernels: ${missing ? 'the AssemblyScript compiler is not installed' : error.message}`);
  if (missing) console.error('hint: run npm ci with development dependencies');
  process.exitCode = 1;
}
