// Runs the command line as a user does: in this process with streams in memory, or by spawning bin/rnn.js.
import { spawn } from 'node:child_process';
import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable, Writable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import { main } from '../../src/cli.ts';

export interface RunOptions {
  /** Absent: an empty pipe. A list is what arrives one after another. */
  readonly stdin?: string | readonly (string | Uint8Array)[] | undefined;
  readonly env?: Readonly<Record<string, string>>;
  readonly tty?: boolean;
}

export interface RunResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export async function run(argv: readonly string[], { stdin = [], env = {}, tty = false }: RunOptions = {}): Promise<RunResult> {
  const [stdout, stderr] = [memory(), memory()];
  const input = Object.assign(chunked(typeof stdin === 'string' ? [stdin] : stdin), { isTTY: tty });
  const code = await main(argv, { stdin: input, stdout: stdout.stream, stderr: stderr.stream, env });
  return { code, stdout: stdout.text(), stderr: stderr.text() };
}

/** A byte stream that delivers these parts as they are cut. */
export function chunked(parts: readonly (string | Uint8Array)[]): Readable {
  return Readable.from(
    parts.map((part) => Buffer.from(part)).filter((part) => part.length > 0),
    { objectMode: false },
  );
}

function memory(): { readonly stream: Writable; readonly text: () => string } {
  const parts: Buffer[] = [];
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      parts.push(chunk);
      done();
    },
  });
  return { stream, text: () => Buffer.concat(parts).toString() };
}

/** The command as it is installed; needs `npm run build`. */
export const bin = fileURLToPath(new URL('../../bin/rnn.js', import.meta.url));

/** The path of a file in fixtures/. */
export const fixture = (name: string): string => fileURLToPath(new URL(`../../fixtures/${name}`, import.meta.url));

/** The built command as a process of its own, killed when the test ends. */
export function spawnRnn(argv: readonly string[], cwd?: string): ChildProcessWithoutNullStreams {
  const child = spawn(process.execPath, [bin, ...argv], { cwd });
  child.stdin.on('error', () => {});
  onTestFinished(() => void child.kill('SIGKILL'));
  return child;
}

/** What a process printed, once it has ended. */
export async function ended(child: ChildProcessWithoutNullStreams): Promise<RunResult> {
  const exit = new Promise<number>((resolve) => child.on('close', (code, signal) => resolve(code ?? (signal === 'SIGKILL' ? 137 : 128))));
  const [code, stdout, stderr] = await Promise.all([exit, text(child.stdout), text(child.stderr)]);
  return { code, stdout, stderr };
}

/** The same of one whose standard output nobody reads any more. */
export async function endedUnread(
  child: ChildProcessWithoutNullStreams,
): Promise<{ readonly code: number | null; readonly stderr: string }> {
  const exit = new Promise<number | null>((resolve) => child.on('close', resolve));
  const stderr = await text(child.stderr);
  return { code: await exit, stderr };
}

/** A folder of its own with these files in it, removed when the test ends. */
export function folder(files: Readonly<Record<string, string | Uint8Array>> = {}): string {
  const path = mkdtempSync(join(tmpdir(), 'rnn-test-'));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  for (const [name, content] of Object.entries(files)) writeFileSync(join(path, name), content);
  return path;
}
