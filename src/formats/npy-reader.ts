// What the header of a NumPy .npy file says, and whole numbers from its bytes. Versions 1 to 3; integers of 1 to 8 bytes, either byte order.
import { quote } from '../errors.ts';

export interface NpyHeader {
  readonly shape: readonly number[];
  /** Column after column instead of row after row. */
  readonly isFortran: boolean;
  /** Bytes of one number. */
  readonly itemSize: number;
  /** The number at a byte; beyond 2^53 the nearest that a float64 can hold. */
  readonly read: (view: DataView, at: number) => number;
  /** The same as text, to its last digit. */
  readonly text: (view: DataView, at: number) => string;
}

export type Refuse = (what: string, hint: string) => never;

const magic = '\x93NUMPY';
const damaged = 'save the array anew with numpy.save';

/** Bytes up to the end of the header, or undefined where these are too few to tell. */
export function npyHeaderSize(head: Uint8Array, refuse: Refuse): number | undefined {
  const begins = Buffer.from(head.subarray(0, magic.length)).toString('latin1');
  if (!magic.startsWith(begins)) refuse('this is no .npy file', 'take the .npy off its name, or save the array with numpy.save');
  if (head.length < magic.length + 2) return undefined;
  const version = head[magic.length];
  if (version < 1 || version > 3) refuse(`version ${version} of the .npy format is not known`, damaged);
  const lengthBytes = version === 1 ? 2 : 4;
  const begin = magic.length + 2 + lengthBytes;
  if (head.length < begin) return undefined;
  const view = new DataView(head.buffer, head.byteOffset);
  const length = version === 1 ? view.getUint16(begin - 2, true) : view.getUint32(begin - 4, true);
  if (length > 1 << 20) refuse(`the header claims ${length} bytes`, damaged);
  return begin + length;
}

/** Reads a whole header: `{'descr': '<i4', 'fortran_order': False, 'shape': (3, 4), }`. */
export function readNpyHeader(header: Uint8Array, refuse: Refuse): NpyHeader {
  const text = Buffer.from(header).toString('latin1');
  const descr = /'descr': '([^']*)'/.exec(text)?.[1];
  const order = /'fortran_order': (True|False)/.exec(text)?.[1];
  const shape = /'shape': \(((?:\d+, ?)*\d*)\)/.exec(text)?.[1];
  if (/'descr': \[/.test(text))
    refuse('the array has named fields', 'save the one that holds the tokens: numpy.save(file, array["tokens"])');
  if (descr === undefined || order === undefined || shape === undefined) return refuse('the header is not one that NumPy writes', damaged);
  const sizes = shape.split(',').flatMap((size) => (size.trim() === '' ? [] : [Number(size)]));
  return { shape: sizes, isFortran: order === 'True', ...numbersOf(descr, refuse) };
}

function numbersOf(descr: string, refuse: Refuse): Pick<NpyHeader, 'itemSize' | 'read' | 'text'> {
  const [, order, kind, size] = /^([<>|=]?)([iu])([1248])$/.exec(descr) ?? [];
  if (kind === undefined) {
    return refuse(
      `the array holds ${kindsOfNumpy[descr.replace(/^[<>|=]/, '')[0]] ?? 'values'} (${quote(descr)}), not whole numbers`,
      'save it with array.astype("int32")',
    );
  }
  const isLittle = order !== '>';
  const itemSize = Number(size);
  if (itemSize === 8) {
    const big = kind === 'i' ? 'getBigInt64' : 'getBigUint64';
    return {
      itemSize,
      // Two halves spare a BigInt for each number.
      read: (view, at) => {
        const high = isLittle ? at + 4 : at;
        return (
          (kind === 'i' ? view.getInt32(high, isLittle) : view.getUint32(high, isLittle)) * 2 ** 32 +
          view.getUint32(2 * at + 4 - high, isLittle)
        );
      },
      text: (view, at) => String(view[big](at, isLittle)),
    };
  }
  const read = readers[`${kind}${itemSize}` as keyof typeof readers](isLittle);
  return { itemSize, read, text: (view, at) => String(read(view, at)) };
}

const kindsOfNumpy: Readonly<Record<string, string>> = {
  f: 'floats',
  b: 'booleans',
  c: 'complex numbers',
  U: 'texts',
  S: 'texts',
  O: 'Python objects',
  M: 'dates',
  m: 'times',
};

type ReadOne = (view: DataView, at: number) => number;

const readers: Readonly<Record<'i1' | 'u1' | 'i2' | 'u2' | 'i4' | 'u4', (isLittle: boolean) => ReadOne>> = {
  i1: () => (view, at) => view.getInt8(at),
  u1: () => (view, at) => view.getUint8(at),
  i2: (isLittle) => (view, at) => view.getInt16(at, isLittle),
  u2: (isLittle) => (view, at) => view.getUint16(at, isLittle),
  i4: (isLittle) => (view, at) => view.getInt32(at, isLittle),
  u4: (isLittle) => (view, at) => view.getUint32(at, isLittle),
};
