// `--config file.json`: the options of a command from a file, held to the same table as the flags. A run.json is one too.
import { systemCode, UsageError } from '../errors.ts';
import { repeatedKey } from '../formats/repeated-key.ts';
import { readWholeFile } from '../formats/whole-file.ts';
import { flagOf, nearestName } from './command.ts';
import type { Command, OptionSpec } from './command.ts';

export interface Config {
  /** By the keys of the option table; only what the file gives. */
  readonly values: Readonly<Record<string, unknown>>;
  /** In the order of the command's positionals. */
  readonly operands: readonly (string | undefined)[];
}

/**
 * Reads `{"hidden": 64, "no-bias": true, "file": "rows.csv"}`: options by their flags without the dashes, positionals by their names
 * in small letters. In a run.json that is the object under `config`. Throws UsageError at a key that is no option, with the
 * nearest name, and at a value that the flag would not take.
 */
export function readConfig(file: string, name: string, command: Command): Config {
  const given = optionsIn(parseObject(file), file);
  const keys = new Map(Object.keys(command.options).map((key) => [flagOf(key).slice(2), key]));
  const positionals = (command.positionals ?? []).map((positional) => positional.name.toLowerCase());
  const values: Record<string, unknown> = {};
  const operands: (string | undefined)[] = positionals.map(() => undefined);
  for (const [word, value] of Object.entries(given)) {
    const key = keys.get(word);
    const place = `${file}: ${word}`;
    if (key !== undefined && key !== 'config') values[key] = optionValue(place, command.options[key], value);
    else if (positionals.includes(word)) operands[positionals.indexOf(word)] = textOf(place, value);
    else throw unknownKey(file, word, name, [...keys.keys(), ...positionals]);
  }
  return { values, operands };
}

function parseObject(file: string): Readonly<Record<string, unknown>> {
  const text = readText(file);
  let parsed: unknown;
  try {
    parsed = JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch (error) {
    throw new UsageError(`${file}: this is not JSON: ${(error as Error).message}`, 'write {"hidden": 64, "epochs": 20}');
  }
  if (!isObject(parsed)) throw new UsageError(`${file}: this is no JSON object`, 'write {"hidden": 64, "epochs": 20}');
  const twice = repeatedKey(text);
  if (twice !== undefined) throw new UsageError(`${file}: the key ${JSON.stringify(twice)} stands twice`, 'take one of them away');
  return parsed;
}

function readText(file: string): string {
  try {
    return readWholeFile(file).toString('utf8');
  } catch (error) {
    const reason = { ENOENT: 'there is no such file', EISDIR: 'it is a directory', EACCES: 'it may not be read' }[systemCode(error) ?? ''];
    throw new UsageError(
      `--config ${file}: ${reason ?? (error as Error).message}`,
      'give the path of a JSON file of options, or of a run.json',
    );
  }
}

/** The object itself, or in a run.json what it says of its configuration. */
function optionsIn(parsed: Readonly<Record<string, unknown>>, file: string): Readonly<Record<string, unknown>> {
  const { config } = parsed;
  if (isObject(config)) return config;
  if ('config' in parsed) throw new UsageError(`${file}: config: one file of options cannot name another`, 'write the options themselves');
  return parsed;
}

function optionValue(place: string, spec: OptionSpec<unknown>, value: unknown): unknown {
  if (spec.parse === undefined) {
    if (typeof value === 'boolean') return value;
    throw new UsageError(`${place}: ${JSON.stringify(value)} is neither true nor false`, 'this option is a switch');
  }
  try {
    return spec.parse(textOf(place, value), place);
  } catch (error) {
    // The flag's own hint speaks of what stands after it.
    if (!(error instanceof UsageError)) throw error;
    throw new UsageError(error.message, error.hint?.replace(` after ${place}`, ''));
  }
}

/** What would stand behind the flag. */
function textOf(place: string, value: unknown): string {
  if (typeof value === 'string' || typeof value === 'number') return String(value);
  if (Array.isArray(value) && value.every((item): item is string => typeof item === 'string' && !item.includes(',')))
    return value.join(',');
  throw new UsageError(
    `${place}: ${JSON.stringify(value)} is no value of an option`,
    'give a text, a number, or a list of texts without commas',
  );
}

function unknownKey(file: string, word: string, name: string, names: readonly string[]): UsageError {
  const dashless = word.replace(/^--?/, '');
  const nearest = names.includes(dashless) ? dashless : nearestName(dashless, names);
  return new UsageError(
    `${file}: ${JSON.stringify(word)} is no option of rnn ${name}`,
    nearest === undefined ? `see rnn ${name} --help` : `did you mean ${JSON.stringify(nearest)}?`,
  );
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
