// How far a run is, on stderr: a bar on a terminal, a plain line now and then elsewhere, nothing when asked to be quiet.
// Neither hides the cursor nor switches wrapping off, so that a run that is killed leaves the terminal as it was.
import { displayWidth, shorten } from './display-width.ts';
import { count, duration, significant } from './numbers.ts';

/** What is known at a step; what is absent is not shown. */
export interface ProgressFields {
  readonly epoch?: number;
  readonly loss?: number;
  readonly validationLoss?: number;
  readonly tokensPerSecond?: number;
  /** Share of the steps whose gradient was clipped. */
  readonly clipped?: number;
}

export interface Progress {
  /** Cheap: call it at every step, and it shows one now and then. */
  readonly update: (step: number, fields?: ProgressFields) => void;
  /** A line that stays, above the bar. */
  readonly note: (line: string) => void;
  /** Leaves the last state on the screen. Call it in a `finally`: a running bar keeps the process alive. */
  readonly stop: () => void;
}

export interface ProgressOptions {
  /** Steps of the whole run. */
  readonly total: number;
  /** What one of them is called: `step`, `row`. */
  readonly unit: string;
  readonly quiet: boolean;
  /** Whether there is a terminal that can draw a line anew. */
  readonly terminal: boolean;
  readonly unicode: boolean;
  /** Milliseconds, from any start. */
  readonly now: () => number;
}

type Stream = NodeJS.WritableStream & { readonly isTTY?: boolean; readonly columns?: number };

interface State extends ProgressFields {
  readonly step: number;
  /** Seconds; undefined until there is a pace, and at the end. */
  readonly left?: number | undefined;
}

const redrawEvery = 100;
const lineEvery = 10_000;
const shortestBar = 10;
const longestBar = 40;

/** Loads cli-progress only for a terminal. */
export async function createProgress(stderr: Stream, options: ProgressOptions): Promise<Progress> {
  if (options.quiet) return { update() {}, note() {}, stop() {} };
  return options.terminal ? await bar(stderr, options) : lines(stderr, options);
}

async function bar(stderr: Stream, options: ProgressOptions): Promise<Progress> {
  const { MultiBar } = await import('cli-progress');
  const withTimeLeft = createPace(options);
  let latest: State = { step: 0 };
  let phase: 'waiting' | 'running' | 'stopped' = 'waiting';
  let drawnAt = -Infinity;
  // For its log() and its redraws on demand. The library's bar for one line jumps, at its end, back to where it
  // began, over the notes written since; and a loop that never yields would see none of its timed redraws.
  const bars = new MultiBar({
    stream: stderr,
    format: (_options, { maxWidth }) => barText(withTimeLeft(latest), options, maxWidth - 1),
    linewrap: true,
    forceRedraw: true,
  });
  const redraw = (): void => {
    drawnAt = options.now();
    bars.update();
  };
  return {
    update(step, fields) {
      if (phase === 'stopped') return;
      latest = { step, ...fields };
      if (phase === 'waiting') bars.create(options.total, step);
      phase = 'running';
      if (options.now() - drawnAt >= redrawEvery) redraw();
    },
    note(line) {
      if (phase !== 'running') stderr.write(`${line}\n`);
      else {
        bars.log(`${line}\n`);
        redraw();
      }
    },
    stop() {
      if (phase === 'running') bars.stop();
      phase = 'stopped';
    },
  };
}

/** The first state, then one each 10 % or 10 s, whichever is sooner, and the last. */
function lines(stderr: Stream, options: ProgressOptions): Progress {
  const withTimeLeft = createPace(options);
  let pending: State | undefined;
  let shown: { readonly at: number; readonly tenth: number } | undefined;
  const show = (state: State, at: number, tenth: number): void => {
    stderr.write(`${lineText(withTimeLeft(state), options)}\n`);
    pending = undefined;
    shown = { at, tenth };
  };
  return {
    update(step, fields) {
      const at = options.now();
      const tenth = Math.floor(percent(step, options) / 10);
      pending = { step, ...fields };
      if (shown === undefined || tenth > shown.tenth || at - shown.at >= lineEvery) show(pending, at, tenth);
    },
    note: (line) => void stderr.write(`${line}\n`),
    stop() {
      if (pending !== undefined) show(pending, 0, 10);
    },
  };
}

/** Adds the time left, at the pace since the first state seen: a resumed run starts in the middle. */
function createPace({ total, now }: ProgressOptions): (state: State) => State {
  let first: { readonly step: number; readonly at: number } | undefined;
  return (state) => {
    first ??= { step: state.step, at: now() };
    const done = state.step - first.step;
    if (done <= 0 || state.step >= total) return { ...state, left: undefined };
    return { ...state, left: ((now() - first.at) / done / 1000) * (total - state.step) };
  };
}

/** In the order of the line; `rank` says which give way first (the highest) where the width does not suffice for all. */
function barPieces(state: State, options: ProgressOptions): readonly { readonly text: string; readonly rank: number }[] {
  const { epoch, loss, validationLoss, tokensPerSecond, clipped } = texts(state);
  const pieces = [
    { text: `${percent(state.step, options)}%`.padStart(4), rank: 0 },
    { text: epoch, rank: 4 },
    { text: `${options.unit} ${count(state.step)}/${count(options.total)}`, rank: 3 },
    { text: loss, rank: 1 },
    { text: validationLoss, rank: 5 },
    { text: tokensPerSecond, rank: 6 },
    { text: clipped, rank: 7 },
    { text: timeLeft(state), rank: 2 },
  ];
  return pieces.filter((piece): piece is { text: string; rank: number } => piece.text !== undefined);
}

function barText(state: State, options: ProgressOptions, width: number): string {
  let room = width - shortestBar;
  const kept = new Set<string>();
  const pieces = barPieces(state, options);
  for (const { text } of pieces.toSorted((a, b) => a.rank - b.rank)) {
    if (displayWidth(text) + 2 > room) break;
    room -= displayWidth(text) + 2;
    kept.add(text);
  }
  const length = Math.max(0, Math.min(longestBar, shortestBar + room));
  const full = Math.floor((percent(state.step, options) / 100) * length);
  const [done, todo] = options.unicode ? ['━', '─'] : ['=', '-'];
  const drawn = done.repeat(full) + todo.repeat(length - full);
  return shorten([drawn, ...pieces.map(({ text }) => text).filter((text) => kept.has(text))].join('  '), width);
}

function lineText(state: State, options: ProgressOptions): string {
  const parts = [...Object.values(texts(state)), timeLeft(state)].filter((text) => text !== undefined);
  const place = `${options.unit} ${count(state.step)}/${count(options.total)} (${percent(state.step, options)}%)`;
  return parts.length === 0 ? place : `${place}: ${parts.join(', ')}`;
}

function texts({
  epoch,
  loss,
  validationLoss,
  tokensPerSecond,
  clipped,
}: ProgressFields): Record<keyof ProgressFields, string | undefined> {
  return {
    epoch: epoch === undefined ? undefined : `epoch ${count(epoch)}`,
    loss: loss === undefined ? undefined : `loss ${significant(loss)}`,
    validationLoss: validationLoss === undefined ? undefined : `validation ${significant(validationLoss)}`,
    tokensPerSecond: tokensPerSecond === undefined ? undefined : `${count(Number(tokensPerSecond.toPrecision(3)))} tokens/s`,
    clipped: clipped === undefined ? undefined : `clipped ${significant(100 * clipped, 2)}%`,
  };
}

function timeLeft({ left }: State): string | undefined {
  return left === undefined ? undefined : `${left < 10 ? `${Math.ceil(left)} s` : duration(left)} left`;
}

/** Whole; 100 only at the end. */
function percent(step: number, { total }: ProgressOptions): number {
  return total <= 0 ? 100 : Math.min(100, Math.floor((100 * step) / total));
}
