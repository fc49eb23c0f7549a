// Builds the commander program from the option tables: parsing, help and the suggestions for misspelled names.
import type { Help } from 'commander';
import { Command as Commander, CommanderError, Option } from 'commander';
import { exitCodes, UsageError } from '../errors.ts';
import { flagOf, groups, nearestName } from './command.ts';
import type { Config } from './config.ts';
import type { Command, Io, OptionSpec } from './command.ts';

type Registry = Readonly<Record<string, { readonly summary: string; readonly load: () => Promise<Command> }>>;

/** The whole program; `run` parses argv, runs one command and returns its exit code. Loads only the command that is named. */
export function buildProgram(commands: Registry, io: Io, version: string): { run: (argv: readonly string[]) => Promise<number> } {
  let code: number = exitCodes.done;
  const program = new Commander('rnn')
    .description('Train vanilla (Elman) recurrent networks on token-ID sequences, and pad them, from the command line.')
    .version(version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .helpCommand('help [command]', 'print the help of a command')
    .addHelpText('after', '\nExamples:\n  rnn pad --max-len 7 rows.csv\n  rnn train data.csv --epochs 20\n\nrnn COMMAND --help says more.');
  quiet(program, io);

  const register = async (argv: readonly string[]): Promise<void> => {
    const wanted = argv.find((word) => Object.hasOwn(commands, word));
    for (const [name, { summary, load: loadCommand }] of Object.entries(commands)) {
      const sub = program.command(name).summary(summary).description(summary);
      quiet(sub, io);
      if (name === wanted) describe(sub, name, await loadCommand(), io, (result) => (code = result));
    }
  };

  return {
    async run(argv) {
      await register(argv);
      if (argv.length === 0) {
        io.stderr.write(program.helpInformation());
        throw new UsageError('rnn: no command is given', 'name one of the commands above');
      }
      try {
        await program.parseAsync([...argv], { from: 'user' });
      } catch (error) {
        if (error instanceof CommanderError) return usage(error, argv, Object.keys(commands));
        throw error;
      }
      return code;
    },
  };
}

/** Commander must neither exit nor print errors itself; help goes to stdout, since it is what was asked for. */
function quiet(command: Commander, io: Io): void {
  command.exitOverride().configureOutput({
    writeOut: (text) => io.stdout.write(text),
    writeErr: () => {},
    getOutHelpWidth: () => Math.max(40, Math.min(io.stderr.columns ?? 100, 110)),
    getOutHasColors: () => false,
  });
}

function usage(error: CommanderError, argv: readonly string[], names: readonly string[]): number {
  if (error.exitCode === 0) return exitCodes.done;
  // `rnn help NAME`: commander has nothing to say of a name that it does not know.
  if (error.code === 'commander.help') {
    const name = argv.at(-1)!;
    const nearest = nearestName(name, names);
    throw new UsageError(`rnn help: unknown command '${name}'`, nearest ? `did you mean ${nearest}?` : 'see rnn --help for the commands');
  }
  const [line = '', suggestion] = error.message.replace(/^error: /, '').split('\n');
  const hint = suggestion?.replace(/^\((.*)\)$/, '$1').replace(/^D/, 'd');
  const named = argv.find((word) => !word.startsWith('-'));
  const place = error.code === 'commander.unknownCommand' || named === undefined ? 'rnn' : `rnn ${named}`;
  throw new UsageError(`${place}: ${line}`, hint ?? `see ${place} --help`);
}

function describe(sub: Commander, name: string, command: Command, io: Io, done: (code: number) => void): void {
  sub.description(command.description).configureHelp({ formatHelp, sortOptions: false, minWidthToWrap: 20 });
  const positionals = command.positionals ?? [];
  for (const { name: word, help, required = false } of positionals) sub.argument(required ? `<${word}>` : `[${word}]`, help);
  for (const [key, spec] of Object.entries(command.options)) sub.addOption(toOption(key, spec));
  sub.helpOption('-h, --help', 'print this help');
  const examples = command.examples.map(([line, what]) => `  ${line}\n      ${what}`).join('\n');
  sub.addHelpText('after', `\nExamples:\n${examples}`);
  sub.action(async (...received: unknown[]) => {
    const given = givenValues(sub, command);
    const config = await configOf(given['config'], name, command);
    const operands = positionals.map((_, i) => (received[i] as string | undefined) ?? config.operands[i]);
    const values = { ...config.values, ...given };
    done(await command.run({ ...defaultsOf(command), ...values }, withGiven(io, Object.keys(values)), ...operands));
  });
}

/** A copy in which standard input is still not asked for. */
function withGiven(io: Io, given: readonly string[]): Io {
  const copy = {};
  return Object.defineProperties(copy, {
    ...Object.getOwnPropertyDescriptors(io),
    given: { value: new Set(given), enumerable: true },
  }) as Io;
}

function toOption(key: string, spec: OptionSpec<unknown>): Option {
  const flags = `${spec.short ? `${spec.short}, ` : ''}${flagOf(key)}${spec.argument ? ` <${spec.argument}>` : ''}`;
  const option = new Option(flags, sentence(spec)).helpGroup(spec.group);
  const parse = spec.parse;
  if (parse) option.argParser((text: string) => parse(text, flagOf(key)));
  return option;
}

/** Help text of one option: what it does, its bounds where they are not obvious, its default, and why that is the default. */
export function sentence(spec: OptionSpec<unknown>): string {
  const notes: string[] = [];
  if (spec.bounds !== undefined) notes.push(spec.bounds);
  if (spec.unit !== undefined) notes.push(spec.unit);
  const fallback = spec.defaultText ?? (spec.default === undefined || spec.default === false ? undefined : shown(spec.default));
  if (fallback !== undefined) notes.push(`default: ${fallback}`);
  if (fallback !== undefined && spec.why !== undefined) notes.push(`why: ${spec.why}`);
  return notes.length === 0 ? spec.help : `${spec.help} (${notes.join('; ')})`;
}

function shown(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function defaultsOf(command: Command): Record<string, unknown> {
  return Object.fromEntries(Object.entries(command.options).map(([key, spec]) => [key, spec.default]));
}

/** What the command line gives. Commander reads `--no-mask` as `mask: false`; the tables keep the name as it is spelled: `noMask: true`. */
function givenValues(sub: Commander, command: Command): Record<string, unknown> {
  const parsed = sub.opts<Record<string, unknown>>();
  const values: Record<string, unknown> = {};
  for (const key of Object.keys(command.options)) {
    const isNegative = /^no[A-Z]/.test(key);
    const value = isNegative ? parsed[key.charAt(2).toLowerCase() + key.slice(3)] === false || undefined : parsed[key];
    if (value !== undefined) values[key] = value;
  }
  return values;
}

async function configOf(path: unknown, name: string, command: Command): Promise<Config> {
  if (typeof path !== 'string') return { values: {}, operands: [] };
  return (await import('./config.ts')).readConfig(path, name, command);
}

/** The options under their groups, in the order of the table. */
function formatHelp(command: Commander, help: Help): string {
  const width = Math.max(40, help.helpWidth ?? 80);
  const item = (term: string, description: string): string => {
    const indent = 6;
    return `  ${term}\n${help.boxWrap(description, width - indent).replace(/^/gm, ' '.repeat(indent))}`;
  };
  const lines = [help.boxWrap(command.description(), width), '', `Usage: ${help.commandUsage(command)}`, ''];
  const positionals = help.visibleArguments(command);
  if (positionals.length > 0) {
    for (const argument of positionals) lines.push(item(argument.name(), argument.description));
    lines.push('');
  }
  const options = help.visibleOptions(command);
  for (const group of [...groups, undefined]) {
    const members = options.filter((option) => option.helpGroupHeading === group);
    if (members.length === 0) continue;
    lines.push(`${group ?? 'Other'}:`);
    for (const option of members) lines.push(item(help.optionTerm(option), help.optionDescription(option)));
    lines.push('');
  }
  return lines.join('\n');
}
