// Target values: finite numbers from the columns beside the tokens, as many for every row.
import { DataError, quote } from '../../errors.ts';
import { plural } from '../plural.ts';
import { pluralTargetNames, shownName, targetNames } from '../rows/names.ts';
import { inputFormats, placeOfRow } from '../rows/rows.ts';
import type { CellValue, Columns, Origin } from '../rows/rows.ts';

/** The columns that hold the targets: those that `--target` names, else the one that is called target, label or y. */
export function targetColumns({ file, format, layout, columns }: Origin, named: readonly string[] | undefined): readonly string[] {
  if (named !== undefined) return named;
  const usual = layout.kind === 'columns' ? [...pluralTargetNames, ...targetNames] : targetNames;
  const found = columns.names.filter((name) => usual.includes(name));
  if (found.length < 2) return found;
  const { place } = placeOfRow({ file, format }, 1);
  throw new DataError(
    place,
    `there are several targets: ${found.join(', ')}`,
    `choose with --target ${found[0]}, or take both with --target ${found.join(',')}`,
  );
}

/** Reads rows' targets one after another. Throws DataError at a value that is missing or no number, and has then taken nothing of the row. */
export class TargetReader {
  readonly #origin: Origin;
  readonly #columns: readonly string[];
  #perColumn: number[] = [];
  #values = new Float64Array(1 << 10);
  #length = 0;

  constructor(origin: Origin, columns: readonly string[]) {
    this.#origin = origin;
    this.#columns = columns;
  }

  read(line: number, columns: Columns, values: readonly CellValue[]): void {
    const all = this.#columns.map((name) => this.#numbersOf(line, columns, name, values[columns.names.indexOf(name)]));
    for (const [i, name] of this.#columns.entries()) {
      const numbers = all[i];
      const expected = this.#perColumn[i] ?? numbers.length;
      if (numbers.length !== expected) {
        throw this.#fail(
          line,
          columns,
          name,
          `holds ${plural(numbers.length, 'number')}, in the rows before ${expected}`,
          'give every row as many',
        );
      }
    }
    this.#perColumn = all.map(({ length }) => length);
    for (const numbers of all) for (const number of numbers) this.#push(number);
  }

  /** A column of lists is as many targets: target1, target2, … */
  get names(): readonly string[] {
    return this.#columns.flatMap((column, i) => {
      const name = this.#origin.layout.kind === 'columns' && pluralTargetNames.includes(column) ? column.slice(0, -1) : column;
      const count = this.#perColumn[i] ?? 1;
      return count === 1 ? [name] : Array.from({ length: count }, (_, k) => `${name}${k + 1}`);
    });
  }

  /** (rows, names.length) */
  get values(): Float64Array {
    return this.#values.slice(0, this.#length);
  }

  /** The values since they were last taken, for one who goes through the rows and keeps none. */
  take(): Float64Array {
    const taken = this.values;
    this.#length = 0;
    return taken;
  }

  #numbersOf(line: number, columns: Columns, name: string, value: CellValue): readonly number[] {
    if (value === undefined || value === '' || value === 'null') {
      throw this.#fail(line, columns, name, 'is missing', 'give every row a target, or leave such rows out');
    }
    const isJson = inputFormats[this.#origin.format].values === 'json';
    const texts = isJson && value.startsWith('[') ? listItems(value) : [value];
    if (texts.length === 0) throw this.#fail(line, columns, name, 'is an empty list', 'give every row a target, or leave such rows out');
    return texts.map((text) => {
      const number = isJson ? Number(text) : parseDecimal(text);
      if (Number.isFinite(number)) return number;
      const shown = isJson && !text.startsWith('"') ? text.slice(0, 40) : quote(isJson ? (JSON.parse(text) as string) : text);
      throw this.#fail(line, columns, name, `is ${shown}, not a finite number`, targetHint(text));
    });
  }

  #push(number: number): void {
    if (this.#length === this.#values.length) {
      const larger = new Float64Array(2 * this.#length);
      larger.set(this.#values);
      this.#values = larger;
    }
    this.#values[this.#length++] = number;
  }

  #fail(line: number, columns: Columns, name: string, problem: string, hint: string): DataError {
    const { place, detail } = placeOfRow(this.#origin, line);
    const column = columns.cells?.[columns.names.indexOf(name)];
    return new DataError(
      column === undefined ? place : { ...place, column },
      `${detail && `${detail}: `}target ${shownName(name)} ${problem}`,
      hint,
    );
  }
}

function targetHint(text: string): string {
  if (Number.isFinite(parseDecimal(text.replace(/^"(.*)"$/, '$1')))) return 'write the number without quotation marks';
  if (/^\s*[+-]?(nan|inf|infinity)\s*$/i.test(text)) return 'leave out rows whose target is not known';
  const isText = /\p{L}/u.test(text) && !/^(\s*[+-]?[\d.]|(true|false)$)/.test(text);
  return isText ? 'number the classes from 0 (and --class-names names them)' : 'targets are decimal numbers; classes are numbered from 0';
}

/** NaN for all but decimal digits with point, sign and exponent. */
function parseDecimal(cell: string): number {
  return /^[ \t]*[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?[ \t]*$/i.test(cell) ? Number(cell) : NaN;
}

/** The source texts of a JSON list's values. */
function listItems(json: string): string[] {
  return (JSON.parse(json) as unknown[]).map((item) => JSON.stringify(item));
}
