// What a subcommand is: a table of options (help, default, unit and bounds in one place) and a run().
// The table is plain data and not a zod schema, because importing zod alone costs more than a small `rnn pad` takes.
import { UsageError } from '../errors.ts';
import type { ExitCode } from '../errors.ts';

/** The outside world as a command sees it; `process` is one, and tests make their own. */
export interface Io {
  readonly stdin: NodeJS.ReadableStream & { readonly isTTY?: boolean };
  readonly stdout: NodeJS.WritableStream & { readonly isTTY?: boolean; readonly columns?: number };
  readonly stderr: NodeJS.WritableStream & { readonly isTTY?: boolean; readonly columns?: number };
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Aborted by SIGINT or SIGTERM: finish the step, save, stop. */
  readonly interrupted: AbortSignal;
  /** The options that the command line or a --config file gives, by their keys in the table; the others hold their defaults. */
  readonly given: ReadonlySet<string>;
}

export const groups = ['Data', 'Model', 'Optimisation', 'Run', 'Output'] as const;
export type Group = (typeof groups)[number];

/** One flag: its value's type T, and all that the help and the parser need to know of it. */
export interface OptionSpec<T> {
  readonly group: Group;
  /** Placeholder in the help, as in `--max-len N`; absent for a switch. */
  readonly argument?: string;
  readonly help: string;
  readonly unit?: string;
  readonly bounds?: string;
  readonly choices?: readonly string[];
  readonly short?: string;
  /** What the help shows as the default, where it is not the value itself. */
  readonly defaultText?: string;
  /** Why that is the default, in a few words: `default: 1; why: gradients explode`. */
  readonly why?: string;
  readonly default: T;
  /** Turns the text behind the flag into a value; throws UsageError. Absent for a switch. */
  readonly parse?: (given: string, flag: string) => T;
}

export type OptionTable = Readonly<Record<string, OptionSpec<unknown>>>;
export type OptionsOf<Table extends OptionTable> = { readonly [Name in keyof Table]: Table[Name] extends OptionSpec<infer T> ? T : never };

/** A word of the command line that is no flag: a file to read, say. */
export interface Positional {
  readonly name: string;
  readonly help: string;
  /** Whether leaving it out is a usage error; the required ones come first. */
  readonly required?: boolean;
}

/** A subcommand. `run` gets its positionals in their order, and returns its exit code, and throws UserError for what a person can mend. */
export interface Command<Table extends OptionTable = OptionTable> {
  readonly summary: string;
  readonly description: string;
  readonly positionals?: readonly Positional[];
  readonly options: Table;
  readonly examples: readonly (readonly [command: string, what: string])[];
  readonly run: (options: OptionsOf<Table>, io: Io, ...operands: (string | undefined)[]) => Promise<ExitCode>;
}

/** Gives a command its option types: `export const pad = defineCommand({ options, run })`. */
export function defineCommand<Table extends OptionTable>(command: Command<Table>): Command {
  return command as unknown as Command;
}

interface Described {
  readonly group: Group;
  readonly help: string;
  readonly argument?: string;
  readonly unit?: string;
  readonly short?: string;
  readonly defaultText?: string;
  readonly why?: string;
}

interface Bounded {
  readonly min?: number;
  readonly max?: number;
  /** Excludes the lower bound itself: a rate of 0 is refused, 1e-9 is not. */
  readonly above?: number;
}

/** A whole number within bounds. */
export function integer<D extends number | undefined>(spec: Described & Bounded & { readonly default: D }): OptionSpec<number | D> {
  const bounds = boundsText(spec, 'whole number');
  return {
    argument: 'N',
    bounds,
    ...spec,
    parse(given, flag) {
      const value = Number(given);
      if (!/^[+-]?\d+$/.test(given) || !Number.isSafeInteger(value) || !within(value, spec)) throw outOfBounds(flag, given, bounds);
      return value;
    },
  };
}

/** A finite number within bounds. */
export function real<D extends number | undefined>(spec: Described & Bounded & { readonly default: D }): OptionSpec<number | D> {
  const bounds = boundsText(spec, 'number');
  return {
    argument: 'X',
    bounds,
    ...spec,
    parse(given, flag) {
      const value = Number(given);
      if (!/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(given) || !Number.isFinite(value) || !within(value, spec)) {
        throw outOfBounds(flag, given, bounds);
      }
      return value;
    },
  };
}

/** One of a few words. */
export function choice<const C extends string>(
  spec: Described & { readonly choices: readonly C[]; readonly default: NoInfer<C> },
): OptionSpec<C>;
export function choice<const C extends string>(
  spec: Described & { readonly choices: readonly C[]; readonly default: undefined },
): OptionSpec<C | undefined>;
export function choice(
  spec: Described & { readonly choices: readonly string[]; readonly default: string | undefined },
): OptionSpec<string | undefined> {
  return {
    ...spec,
    argument: spec.argument ?? spec.choices.join('|'),
    parse(given, flag) {
      const found = spec.choices.find((word) => word === given);
      if (found === undefined) {
        const nearest = nearestName(given, spec.choices);
        throw new UsageError(
          `${flag}: ${JSON.stringify(given)} is not one of ${spec.choices.join(', ')}`,
          nearest === undefined ? `use one of ${spec.choices.join(', ')}` : `did you mean ${nearest}?`,
        );
      }
      return found;
    },
  };
}

/** A text: a name or a path; never empty. */
export function text<D extends string | undefined>(spec: Described & { readonly default: D }): OptionSpec<string | D> {
  return {
    argument: 'TEXT',
    ...spec,
    parse(value, flag) {
      if (value === '') throw new UsageError(`${flag}: the value is empty`, `give ${spec.argument ?? 'a text'} after ${flag}`);
      return value;
    },
  };
}

/** A list of texts with commas between. */
export function list(spec: Described): OptionSpec<readonly string[] | undefined> {
  return {
    argument: 'A,B',
    ...spec,
    default: undefined,
    parse(value, flag) {
      const parts = value.split(',').map((part) => part.trim());
      if (parts.includes(''))
        throw new UsageError(`${flag}: ${JSON.stringify(value)} has an empty name`, 'separate names with single commas');
      return parts;
    },
  };
}

/** On when present. A switch named `no…` is the other way to say a negative: the key of `--no-mask` is `noMask`. */
export function toggle(spec: Described): OptionSpec<boolean> {
  return { ...spec, default: false };
}

/** The table without some options: what a command shares with others, less what has no meaning in it. */
export function without<Table extends object, Key extends string>(table: Table, ...keys: readonly Key[]): Omit<Table, Key> {
  return Object.fromEntries(Object.entries(table).filter(([key]) => !(keys as readonly string[]).includes(key))) as Omit<Table, Key>;
}

/** `maxLen` → `--max-len` */
export function flagOf(key: string): string {
  return `--${key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

/** The candidate within two edits (or a third of its length) of the word, if there is one. */
export function nearestName(word: string, candidates: Iterable<string>): string | undefined {
  let best: string | undefined;
  let bestDistance = Infinity;
  for (const candidate of candidates) {
    const distance = editDistance(word, candidate);
    if (distance < bestDistance) [best, bestDistance] = [candidate, distance];
  }
  return best !== undefined && bestDistance <= Math.max(2, Math.floor(best.length / 3)) ? best : undefined;
}

function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      next[j] = Math.min(row[j] + 1, next[j - 1] + 1, row[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1));
    }
    row = next;
  }
  return row[b.length];
}

function within(value: number, { min = -Infinity, max = Infinity, above = -Infinity }: Bounded): boolean {
  return value >= min && value <= max && value > above;
}

function boundsText({ min, max, above }: Bounded, kind: string): string {
  if (above !== undefined) return max === undefined ? `${kind} above ${above}` : `${kind} above ${above}, at most ${max}`;
  if (min !== undefined && max !== undefined) return `${kind} from ${min} to ${max}`;
  if (min !== undefined) return `${kind}, at least ${min}`;
  if (max !== undefined) return `${kind}, at most ${max}`;
  return kind;
}

function outOfBounds(flag: string, given: string, bounds: string): UsageError {
  return new UsageError(`${flag}: ${JSON.stringify(given)} is not a ${bounds}`, `give a ${bounds} after ${flag}`);
}
