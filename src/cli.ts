// Reading order is running order: argv → the command, loaded on demand → its options → run → exit code.
// The only place that maps errors to stderr and exit codes, and that listens to signals.
import { readFile } from 'node:fs/promises';
import { exitCodes, interruptedCode, signalCodes, systemCode, UserError, UsageError } from './errors.ts';
import type { Signal } from './errors.ts';
import type { Command, Io, OptionSpec } from './commands/command.ts';

/** The subcommands, in the order of the help. A new command is one line here and its file. */
export const commands: Readonly<Record<string, { readonly summary: string; readonly load: () => Promise<Command> }>> = {
  tokenize: {
    summary: 'turn lines of text into rows of token IDs',
    load: async () => (await import('./commands/tokenize.ts')).tokenize,
  },
  detokenize: {
    summary: 'turn rows of token IDs back into lines of text',
    load: async () => (await import('./commands/detokenize.ts')).detokenize,
  },
  pad: { summary: 'pad and truncate token rows to one length', load: async () => (await import('./commands/pad.ts')).pad },
  train: { summary: 'train a recurrent network on token rows', load: async () => (await import('./commands/train.ts')).train },
  inspect: { summary: 'show what is in a data file or in weights', load: async () => (await import('./commands/inspect.ts')).inspect },
  synth: { summary: 'write rows of a benchmark task, to train on', load: async () => (await import('./commands/synth.ts')).synth },
  split: { summary: 'split a file of rows to train, validate and test on', load: async () => (await import('./commands/split.ts')).split },
  eval: {
    summary: 'measure trained weights on rows with known targets',
    load: async () => (await import('./commands/eval.ts')).evaluateCommand,
  },
  predict: {
    summary: 'predict targets, classes or the next token of rows',
    load: async () => (await import('./commands/predict.ts')).predict,
  },
  generate: {
    summary: 'draw text or token IDs from weights trained on the next token',
    load: async () => (await import('./commands/generate.ts')).generate,
  },
  'grad-check': {
    summary: 'check BPTT against finite differences and the forward recursion',
    load: async () => (await import('./commands/grad-check.ts')).gradCheck,
  },
  bench: { summary: 'measure what this machine gives for a training step', load: async () => (await import('./commands/bench.ts')).bench },
};

type Streams = Pick<Io, 'stdin' | 'stdout' | 'stderr' | 'env'>;

/** Runs one command line and returns its exit code. Never throws, never exits. */
export async function main(argv: readonly string[], streams: Streams): Promise<number> {
  if (argv[0] === '--version' || argv[0] === '-V') {
    streams.stdout.write(`${await version()}\n`);
    return exitCodes.done;
  }
  const interruption = new AbortController();
  const stop = await onSignals(interruption);
  const pipe = onClosedPipe(streams);
  try {
    const running = dispatch(argv, ioOf(streams, interruption.signal)).then(async (code) => {
      await written(streams.stdout);
      return code;
    });
    return await Promise.race([running, pipe.closed]);
  } catch (error) {
    // A command that was only reading has nothing to save: it just ends.
    if (isInterruption(error, interruption.signal)) return interruptedCode(interruption.signal);
    // The terminal that was closed takes no result; that is why the command was stopped.
    if (interruption.signal.reason === 'SIGHUP' && systemCode(error) === 'EIO') return exitCodes.hungUp;
    return report(await explained(error), argv, streams);
  } finally {
    stop();
    pipe.release();
  }
}

/** The version in package.json. */
export async function version(): Promise<string> {
  const file = await readFile(new URL('../package.json', import.meta.url), 'utf8');
  return (JSON.parse(file) as { version: string }).version;
}

/** Resolves when all that was printed has left the process; a result that cannot be written is no success. */
function written(stream: NodeJS.WritableStream): Promise<void> {
  return new Promise((resolve, reject) => {
    stream.write('', (error) => (error ? reject(error) : resolve()));
  });
}

/** Node makes standard input when it is first asked for, which a command that reads a file spares. */
function ioOf(streams: Streams, interrupted: AbortSignal): Io {
  const { stdout, stderr, env } = streams;
  return {
    get stdin() {
      return streams.stdin;
    },
    stdout,
    stderr,
    env,
    interrupted,
    given: new Set(),
  };
}

async function dispatch(argv: readonly string[], io: Io): Promise<number> {
  const { buildProgram } = await import('./commands/program.ts');
  return buildProgram(commands, io, await version()).run(argv);
}

/**
 * The first signal asks the command to stop cleanly; the second ends the process at once, unless it is a SIGHUP: where a terminal
 * is closed both its shell and the system may send one.
 */
async function onSignals(interruption: AbortController): Promise<() => void> {
  const { isatty } = await import('node:tty');
  // Asked now: a terminal that was closed is none. Without one none can be: the command runs under nohup, which Node takes no
  // note of, or in the background.
  const hasTerminal = [0, 1, 2].some((descriptor) => isatty(descriptor));
  const listener = (signal: Signal): void => {
    if (signal === 'SIGHUP' && !hasTerminal) return;
    if (!interruption.signal.aborted) interruption.abort(signal);
    else if (signal !== 'SIGHUP') process.exit(signalCodes[signal]);
  };
  const signals = Object.keys(signalCodes) as Signal[];
  for (const signal of signals) process.on(signal, listener);
  return () => signals.forEach((signal) => process.off(signal, listener));
}

/** A reader that has had enough (`| head`) ends the command quietly, as it ends `cat`. */
function onClosedPipe({ stdout, stderr }: Streams): { closed: Promise<number>; release: () => void } {
  let release = (): void => {};
  const closed = new Promise<number>((resolve, reject) => {
    const onError = (error: Error): void => (systemCode(error) === 'EPIPE' ? resolve(exitCodes.done) : reject(error));
    const ignore = (): void => {};
    stdout.on('error', onError);
    stderr.on('error', ignore);
    release = () => {
      stdout.off('error', onError);
      // A broken pipe may still report after the last write; it must not become an uncaught error.
      stdout.on('error', ignore);
    };
  });
  return { closed, release };
}

/** What reading throws once the signal is aborted, or the signal's own reason. */
function isInterruption(error: unknown, { aborted, reason }: AbortSignal): boolean {
  return aborted && (error === reason || (error instanceof Error && error.name === 'AbortError'));
}

/** What the system says, in words: of a write without a path, that is standard output, else of what was being done. */
async function explained(error: unknown): Promise<unknown> {
  const code = systemCode(error);
  if (code === undefined || !(error instanceof Error) || !('syscall' in error)) return error;
  const { syscall, path } = error as NodeJS.ErrnoException;
  if (syscall !== 'write' || path !== undefined) {
    const what = ['open', 'read', 'fstat', 'stat', 'lstat', 'scandir', 'access'].includes(syscall ?? '') ? 'read' : syscall;
    return new UserError(`cannot ${what} ${path ?? 'a file'}: the system answers ${code}`, 'check the path, and the disk that it is on');
  }
  const { writeError } = await import('./formats/atomic-file.ts');
  return writeError('standard output', error);
}

function report(error: unknown, argv: readonly string[], { stderr }: Streams): number {
  if (systemCode(error) === 'EPIPE') return exitCodes.done;
  if (error instanceof UserError) {
    const hint = error instanceof UsageError && error.hint === undefined ? `\nhint: see rnn ${argv[0] ?? ''} --help` : '';
    stderr.write(`${error.report()}${hint}\n`);
    return error.exitCode;
  }
  stderr.write(`rnn: this is a bug in rnn, please report it with the command that you ran\n`);
  stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  return exitCodes.failed;
}

export type { Command, Io, OptionSpec };
