// The engine of a run: the one that was asked for; otherwise wasm, in a long run with its vectors joined where this Node can do that.
import { execFile } from 'node:child_process';
import type { ExecFileException } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { loadEngine } from '../engine/engines.ts';
import type { EngineKind, EngineName } from '../engine/engines.ts';
import { UserError } from '../errors.ts';

/** What computes where no flag says otherwise, unless it is worth joining vectors. */
export const DEFAULT_ENGINE = 'wasm' satisfies EngineName;

/** Multiply-adds of a run, some five seconds on one thread, from which a third of its time is worth the tenth of a second of a trial. */
export const WORTH_A_TRIAL = 1e11;

const TRIAL_MILLISECONDS = 10_000;

/** The program that tries wasm-wide: built JavaScript, right from src/ and from dist/. */
const trialProgram = fileURLToPath(new URL('../../dist/run/wide-trial.js', import.meta.url));

let trial: Promise<string | undefined> | undefined;

/**
 * As `loadEngine`. wasm-wide is tried by a process of its own first, once: it rests on an experiment in V8, and a compiler that fails
 * ends its process. Rejects with UserError where it does, and where this machine lacks what an engine needs.
 */
export async function openEngine(name: EngineName, blasPath: string | undefined): Promise<EngineKind> {
  const kind = await loadEngine(name, blasPath);
  if (name !== 'wasm-wide') return kind;
  const failure = await (trial ??= tryWide());
  if (failure === undefined) return kind;
  throw new UserError(`--engine wasm-wide: ${failure}`, 'use --engine wasm');
}

/** What takes the place of wasm in a run of so many multiply-adds that gives no --engine: the same bytes in less time, where there is such an engine. */
export async function fasterForTheSameBytes(kind: EngineKind, multiplyAdds: number): Promise<EngineKind> {
  if (multiplyAdds < WORTH_A_TRIAL) return kind;
  try {
    return await openEngine('wasm-wide', undefined);
  } catch (error) {
    if (error instanceof UserError) return kind;
    throw error;
  }
}

/** What went wrong in the trial; undefined where nothing did. The other process runs under this one's flags, but for those of a debugger. */
function tryWide(): Promise<string | undefined> {
  const flags = process.execArgv.filter((flag) => !flag.startsWith('--inspect'));
  const settings = { timeout: TRIAL_MILLISECONDS, killSignal: 'SIGKILL', windowsHide: true } as const;
  return new Promise((resolve) => {
    try {
      execFile(process.execPath, [...flags, trialProgram], settings, (error) => resolve(error ? failureOf(error) : undefined));
    } catch (error) {
      resolve(failureOf(error as Error)); // under Node's permission model, say
    }
  });
}

function failureOf(error: Error & Pick<ExecFileException, 'signal' | 'code'>): string {
  const { code, signal } = error;
  if (signal || typeof code === 'number') {
    return `Node ${process.versions.node} fails at joining vectors (${signal ?? `exit code ${code}`})`;
  }
  return `it cannot be tried by a process of its own (${code ?? error.message})`;
}
