// safetensors (https://huggingface.co/docs/safetensors): the length of a JSON header, the header, the bytes of the tensors.
// Writes the same bytes for the same tensors, in the reference writer's order. Refuses any file whose header does not
// account for every byte once. Values are not looked at: NaN is data.
import { quote, UserError } from '../errors.ts';
import { repeatedKey } from './repeated-key.ts';

/** In the order in which tensors are laid out: the widest first, so that each starts aligned. */
const arrays = { I64: BigInt64Array, F64: Float64Array, F32: Float32Array, I32: Int32Array, U8: Uint8Array } as const;
const order = Object.keys(arrays);

export type Dtype = keyof typeof arrays;
interface ArrayOf {
  readonly I64: BigInt64Array;
  readonly F64: Float64Array;
  readonly F32: Float32Array;
  readonly I32: Int32Array;
  readonly U8: Uint8Array;
}
/** `data` in C order, its length the product of `shape`; a scalar has the shape []. */
export type Tensor = { [D in Dtype]: { readonly dtype: D; readonly shape: readonly number[]; readonly data: ArrayOf[D] } }[Dtype];
export type NamedTensor = Tensor & { readonly name: string };

export interface Safetensors {
  /** By name, in the order of their bytes in the file. */
  readonly tensors: ReadonlyMap<string, Tensor>;
  /** Without a prototype: a key such as `constructor` is there only if the file has it. */
  readonly metadata: Readonly<Record<string, string>>;
}

interface Entry {
  readonly name: string;
  readonly dtype: Dtype;
  readonly shape: readonly number[];
  readonly begin: number;
  readonly end: number;
}

type Refuse = (what: string, hint?: string) => never;

const lengthBytes = 8;
const longestHeader = 100_000_000;
const damaged = 'the file is damaged or cut short: copy or write it again';

/** The file's bytes. A wrong length, a repeated or a reserved name is a bug of the caller, and throws a plain Error. */
export function writeSafetensors(tensors: readonly NamedTensor[], metadata: Readonly<Record<string, string>> = {}): Uint8Array {
  const sorted = tensors.toSorted((a, b) => order.indexOf(a.dtype) - order.indexOf(b.dtype) || compareUtf8(a.name, b.name));
  const entries: string[] = [];
  const keys = Object.keys(metadata).sort(compareUtf8);
  if (keys.length > 0)
    entries.push(`"__metadata__":{${keys.map((key) => `${JSON.stringify(key)}:${JSON.stringify(metadata[key])}`).join(',')}}`);
  const offsets = new Map<string, number>();
  let total = 0;
  for (const { name, dtype, shape, data } of sorted) {
    if (name === '__metadata__' || offsets.has(name)) throw new Error(`tensor name ${name} is reserved or repeated`);
    if (data.length !== product(shape)) throw new Error(`tensor ${name}: ${data.length} values for shape [${shape.join(',')}]`);
    offsets.set(name, total);
    entries.push(`${JSON.stringify(name)}:${JSON.stringify({ dtype, shape, data_offsets: [total, total + data.byteLength] })}`);
    total += data.byteLength;
  }
  const header = new TextEncoder().encode(`{${entries.join(',')}}`);
  const start = lengthBytes + Math.ceil(header.length / 8) * 8;
  const bytes = new Uint8Array(start + total).fill(0x20, 0, start);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(start - lengthBytes), true);
  bytes.set(header, lengthBytes);
  for (const { name, data } of sorted) {
    bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), start + offsets.get(name)!);
  }
  return bytes;
}

/** The tensors, each copied to an array of its own. `file` is the name for messages. Throws UserError for a file that is not sound. */
export function readSafetensors(bytes: Uint8Array, file: string): Safetensors {
  const refuse: Refuse = (what, hint = damaged) => {
    throw new UserError(`${file}: ${what}`, hint);
  };
  const start = lengthBytes + headerLength(bytes, refuse);
  const header = parseHeader(bytes.subarray(lengthBytes, start), refuse);
  const metadata = readMetadata(header['__metadata__'], refuse);
  const entries = Object.entries(header)
    .filter(([name]) => name !== '__metadata__')
    .map(([name, value]) => readEntry(name, value, refuse))
    .sort((a, b) => a.begin - b.begin || a.end - b.end);
  checkCoverage(entries, bytes.length - start, refuse);
  const tensors = new Map<string, Tensor>();
  for (const { name, dtype, shape, begin, end } of entries) {
    // A copy starts at offset 0 of its own buffer, as a typed array wants; a view would start anywhere.
    const { buffer } = new Uint8Array(bytes.subarray(start + begin, start + end));
    tensors.set(name, { dtype, shape, data: new arrays[dtype](buffer) } as Tensor);
  }
  return { tensors, metadata };
}

function headerLength(bytes: Uint8Array, refuse: Refuse): number {
  const hint = `is this a safetensors file? If so, ${damaged}`;
  if (bytes.length < lengthBytes) refuse(`the file ends after ${bytes.length} of its first ${lengthBytes} bytes`, hint);
  const length = new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true);
  if (length > BigInt(longestHeader)) refuse(`the header claims ${length} bytes, more than the ${longestHeader} allowed`, hint);
  const left = bytes.length - lengthBytes;
  if (length > BigInt(left)) refuse(`the header claims ${length} bytes, but ${left} follow`, hint);
  return Number(length);
}

function parseHeader(bytes: Uint8Array, refuse: Refuse): Readonly<Record<string, unknown>> {
  let text = '';
  let header: unknown;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    header = JSON.parse(text);
  } catch {
    refuse('the header is not JSON in UTF-8');
  }
  if (!isObject(header)) return refuse('the header is not a JSON object');
  const repeated = repeatedKey(text);
  if (repeated !== undefined)
    refuse(`the header has the key ${quote(repeated)} twice`, 'which of the two counts is not defined: write the file again');
  return header;
}

function readMetadata(value: unknown, refuse: Refuse): Readonly<Record<string, string>> {
  const metadata: Record<string, string> = Object.create(null);
  if (value === undefined || value === null) return metadata;
  if (!isObject(value)) return refuse('__metadata__ is not a JSON object');
  for (const [key, text] of Object.entries(value)) {
    if (typeof text !== 'string')
      return refuse(`__metadata__ key ${quote(key)} is not a text`, 'metadata maps texts to texts: write numbers as texts');
    metadata[key] = text;
  }
  return metadata;
}

function readEntry(name: string, value: unknown, refuse: Refuse): Entry {
  const tensor = `tensor ${quote(name)}`;
  if (!isObject(value)) return refuse(`${tensor} is not described by a JSON object`);
  const { dtype, shape, data_offsets: offsets } = value;
  if (typeof dtype !== 'string' || !Object.hasOwn(arrays, dtype)) {
    return refuse(`${tensor} has dtype ${quote(String(dtype))}, which rnn does not read`, `convert it to one of ${order.join(', ')}`);
  }
  if (!isSizes(shape)) return refuse(`${tensor} has a shape that is not a list of whole numbers from 0`);
  if (!isSizes(offsets) || offsets.length !== 2) return refuse(`${tensor} has data_offsets that are not two whole numbers from 0`);
  const [begin, end] = offsets as [number, number];
  const size = product(shape) * arrays[dtype as Dtype].BYTES_PER_ELEMENT;
  if (!Number.isSafeInteger(size)) return refuse(`${tensor} has shape [${shape.join(',')}], which overflows`);
  if (end - begin !== size) {
    return refuse(`${tensor} has ${end - begin} bytes, but shape [${shape.join(',')}] of ${dtype} takes ${size}`);
  }
  return { name, dtype: dtype as Dtype, shape, begin, end };
}

/** Every byte after the header belongs to exactly one tensor. `entries` by offset. */
function checkCoverage(entries: readonly Entry[], length: number, refuse: Refuse): void {
  let covered = 0;
  for (const { name, begin, end } of entries) {
    if (begin < covered) refuse(`tensor ${quote(name)} starts at byte ${begin}, inside the one before it, which ends at ${covered}`);
    if (begin > covered) refuse(`bytes ${covered} to ${begin}, before tensor ${quote(name)}, belong to no tensor`);
    covered = end;
  }
  if (covered > length) refuse(`the tensors take ${covered} bytes, but ${length} follow the header`);
  if (covered < length) refuse(`bytes ${covered} to ${length}, at the end, belong to no tensor`);
}

/** NaN once a partial product is beyond exact whole numbers, even if a later size is 0. */
function product(shape: readonly number[]): number {
  return shape.reduce((size, next) => (Number.isSafeInteger(size * next) ? size * next : NaN), 1);
}

function isSizes(value: unknown): value is readonly number[] {
  return Array.isArray(value) && value.every((size) => Number.isSafeInteger(size) && size >= 0);
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The order of the bytes of the names, which UTF-16 code units do not keep beyond U+FFFF. */
function compareUtf8(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}
