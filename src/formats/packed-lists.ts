// Lists of whole numbers packed into one array, to go from thread to thread without a copy of each number.

export interface PackedLists {
  /** The list of row i, if it is packed, is numbers[offsets[i] … offsets[i + 1]). */
  readonly numbers: Int32Array<ArrayBuffer>;
  readonly offsets: Int32Array<ArrayBuffer>;
  /** Rows whose first value could not be packed, such as null or a list with a number beyond 32 bits. */
  readonly unpacked: ReadonlySet<number>;
  /** The values; the first of packed rows is taken out. */
  readonly rows: unknown[][];
}

/** Takes the first value out of each row, where it is a list of whole numbers of 32 bits. */
export function packFirst(rows: unknown[][]): PackedLists {
  const unpacked = new Set<number>();
  const offsets = new Int32Array(rows.length + 1);
  let numbers = new Int32Array(1 << 12);
  let size = 0;
  for (const [row, values] of rows.entries()) {
    const [list] = values;
    const begin = size;
    if (Array.isArray(list)) {
      while (size + list.length > numbers.length) numbers = grown(numbers);
      for (let i = 0; i < list.length && size === begin + i; i++) {
        const value: unknown = list[i];
        const number = typeof value === 'bigint' ? Number(value) : value;
        if (number === ((number as number) | 0)) numbers[size++] = number;
      }
    }
    if (Array.isArray(list) && size === begin + list.length) values[0] = undefined;
    else {
      unpacked.add(row);
      size = begin;
    }
    offsets[row + 1] = size;
  }
  return { numbers: numbers.slice(0, size), offsets, unpacked, rows };
}

/** Puts the lists back; those that were packed are parts of the one array. */
export function unpackFirst({ numbers, offsets, unpacked, rows }: PackedLists): unknown[][] {
  for (const [row, values] of rows.entries()) {
    if (!unpacked.has(row)) values[0] = numbers.subarray(offsets[row], offsets[row + 1]);
  }
  return rows;
}

function grown(numbers: Int32Array<ArrayBuffer>): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(2 * numbers.length);
  larger.set(numbers);
  return larger;
}
