// An .npy as NumPy writes it, of any integer type, byte order and version.

export interface NpyForm {
  /** As NumPy says it: `<i4`, `>u8`, `|i1`. */
  readonly descr?: string;
  readonly fortran?: boolean;
  readonly version?: number;
  readonly shape?: readonly number[];
}

/** The rows as a table; `shape` says otherwise. */
export function npy(rows: readonly (readonly (number | bigint)[])[], form: NpyForm = {}): Buffer {
  const { descr = '<i4', fortran = false, version = 1 } = form;
  const shape = form.shape ?? [rows.length, rows[0]?.length ?? 0];
  const dictionary = `{'descr': '${descr}', 'fortran_order': ${fortran ? 'True' : 'False'}, 'shape': (${shape.join(', ')}${shape.length === 1 ? ',' : ''}), }`;
  const lengthBytes = version === 1 ? 2 : 4;
  const text = `${dictionary.padEnd(128 - 8 - lengthBytes - 1)}\n`;
  const head = Buffer.alloc(8 + lengthBytes);
  head.write('\x93NUMPY', 'latin1');
  head[6] = version;
  head.writeUIntLE(text.length, 8, lengthBytes);
  const columns = rows[0]?.map((_, column) => rows.map((row) => row[column])) ?? [];
  return Buffer.concat([head, Buffer.from(text), ...(fortran ? columns : rows).flat().map((value) => numberBytes(value, descr))]);
}

function numberBytes(value: number | bigint, descr: string): Buffer {
  const size = Number(descr.at(-1));
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64LE(BigInt.asIntN(64, BigInt(value)));
  const little = bytes.subarray(0, size);
  return descr.startsWith('>') ? Buffer.from(little.toReversed()) : little;
}
