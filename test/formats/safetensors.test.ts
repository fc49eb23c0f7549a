import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { UserError } from '../../src/errors.ts';
import { readSafetensors, writeSafetensors } from '../../src/formats/safetensors.ts';
import type { Dtype, NamedTensor } from '../../src/formats/safetensors.ts';

const arrays = { I64: BigInt64Array, F64: Float64Array, F32: Float32Array, I32: Int32Array, U8: Uint8Array } as const;

/** A file with this header text as it is, and `data` bytes of zeros. */
function fileOf(header: string, data: number): Uint8Array {
  const text = Buffer.from(header);
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(text.length));
  return Buffer.concat([length, text, Buffer.alloc(data)]);
}

function bytesOf(data: ArrayBufferView): number[] {
  return [...new Uint8Array(data.buffer, data.byteOffset, data.byteLength)];
}

/** What a call throws, if it does. */
function failureOf(call: () => unknown): unknown {
  try {
    call();
  } catch (error) {
    return error;
  }
  return undefined;
}

/** Any bits are a value: NaNs with a payload, −0, subnormals. */
const anyTensor = fc
  .tuple(
    fc.constantFrom<Dtype>('I64', 'F64', 'F32', 'I32', 'U8'),
    fc.oneof(fc.constant([]), fc.array(fc.nat(4), { minLength: 1, maxLength: 3 })),
    fc.infiniteStream(fc.nat(255)),
  )
  .map(([dtype, shape, stream]) => {
    const length = shape.reduce((size, next) => size * next, 1);
    const bytes = Uint8Array.from({ length: length * arrays[dtype].BYTES_PER_ELEMENT }, () => stream.next().value);
    return { dtype, shape, data: new arrays[dtype](bytes.buffer) };
  });
const anyTensors = fc
  .dictionary(fc.string({ unit: 'binary' }), anyTensor, { maxKeys: 6 })
  .map((named) => Object.entries(named).map(([name, tensor]) => ({ name, ...tensor }) as NamedTensor));
const anyMetadata = fc.dictionary(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), { maxKeys: 4 });

describe('writeSafetensors', () => {
  test('writes these bytes for two tensors and metadata', () => {
    const written = writeSafetensors(
      [
        { name: 'c', dtype: 'U8', shape: [3], data: Uint8Array.of(7, 8, 9) },
        { name: 'W', dtype: 'F32', shape: [1, 2], data: Float32Array.of(1, -2) },
      ],
      { task: 'regression', made: 'by hand' },
    );
    const header =
      '{"__metadata__":{"made":"by hand","task":"regression"},' +
      '"W":{"dtype":"F32","shape":[1,2],"data_offsets":[0,8]},"c":{"dtype":"U8","shape":[3],"data_offsets":[8,11]}}';
    const padding = ' '.repeat(168 - header.length);
    const data = [0, 0, 0x80, 0x3f, 0, 0, 0, 0xc0, 7, 8, 9];
    expect([...written]).toEqual([168, 0, 0, 0, 0, 0, 0, 0, ...Buffer.from(header + padding), ...data]);
  });

  test('writes 16 bytes for no tensors: the length 8 and {} with six spaces', () => {
    expect([...writeSafetensors([], {})]).toEqual([8, 0, 0, 0, 0, 0, 0, 0, 0x7b, 0x7d, 0x20, 0x20, 0x20, 0x20, 0x20, 0x20]);
  });

  test('writes the same bytes whatever the order of tensors and metadata', () => {
    fc.assert(
      fc.property(anyTensors, anyMetadata, (tensors, metadata) => {
        const reversed = Object.fromEntries(Object.entries(metadata).reverse());
        expect(writeSafetensors(tensors.toReversed(), reversed)).toEqual(writeSafetensors(tensors, metadata));
      }),
    );
  });

  test('reads only the part of a shared memory that a tensor is a view of', () => {
    const memory = new Float32Array(new SharedArrayBuffer(16));
    memory.set([1, 2, 3, 4]);
    const bytes = writeSafetensors([{ name: 'b', dtype: 'F32', shape: [2], data: memory.subarray(1, 3) }]);
    expect(readSafetensors(bytes, 'w').tensors.get('b')!.data).toEqual(Float32Array.of(2, 3));
  });

  test.each([
    ['a length that is not the shape', [{ name: 'W', dtype: 'U8', shape: [2], data: Uint8Array.of(1) }], /1 values for shape \[2\]/],
    ['the reserved name', [{ name: '__metadata__', dtype: 'U8', shape: [0], data: new Uint8Array() }], /reserved/],
    [
      'a name twice',
      [
        { name: 'W', dtype: 'U8', shape: [0], data: new Uint8Array() },
        { name: 'W', dtype: 'F32', shape: [0], data: new Float32Array() },
      ],
      /repeated/,
    ],
  ] as const)('refuses %s as a bug', (_what, tensors, message) => {
    expect(() => writeSafetensors(tensors)).toThrow(message);
    expect(() => writeSafetensors(tensors)).not.toThrow(UserError);
  });
});

describe('readSafetensors', () => {
  test('gives back every bit, shape and text that was written', () => {
    fc.assert(
      fc.property(anyTensors, anyMetadata, (tensors, metadata) => {
        const read = readSafetensors(writeSafetensors(tensors, metadata), 'w');
        expect(Object.entries(read.metadata).sort()).toEqual(Object.entries(metadata).sort());
        expect([...read.tensors.keys()].sort()).toEqual(tensors.map(({ name }) => name).sort());
        for (const { name, dtype, shape, data } of tensors) {
          const tensor = read.tensors.get(name)!;
          expect([tensor.dtype, tensor.shape, bytesOf(tensor.data)]).toEqual([dtype, shape, bytesOf(data)]);
          expect(tensor.data).toBeInstanceOf(arrays[dtype]);
        }
      }),
    );
  });

  test('keeps −0 and the bits of a NaN', () => {
    const bits = BigInt64Array.of(-0x8000000000000000n, 0x7ff8000000000123n);
    const data = new Float64Array(bits.buffer);
    const read = readSafetensors(writeSafetensors([{ name: 'x', dtype: 'F64', shape: [2], data }]), 'w').tensors.get('x')!.data;
    expect(Object.is(read[0], -0)).toBe(true);
    expect(new BigInt64Array(read.buffer as ArrayBuffer)).toEqual(bits);
  });

  test('reads a header with leading and trailing white space, null metadata, unknown keys and entries out of order', () => {
    const header =
      ' \n{"b":{"dtype":"U8","shape":[1],"data_offsets":[4,5],"note":1},"__metadata__":null,"a":{"dtype":"F32","shape":[],"data_offsets":[0,4]}} \n';
    const { tensors, metadata } = readSafetensors(fileOf(header, 5), 'w');
    expect([...tensors.keys()]).toEqual(['a', 'b']);
    expect(metadata).toEqual({});
  });

  test('reads tensors of no values at the offset of another, wherever they stand in the header', () => {
    const empty = '{"dtype":"U8","shape":[0,3],"data_offsets":[0,0]}';
    const header = `{"W":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"b":${empty},"c":${empty.replaceAll('0,0', '2,2')}}`;
    expect([...readSafetensors(fileOf(header, 2), 'w').tensors.keys()]).toEqual(['b', 'W', 'c']);
  });

  test('reads from the middle of a larger buffer at an odd offset, into arrays of its own', () => {
    const bytes = writeSafetensors([{ name: 'x', dtype: 'F64', shape: [1], data: Float64Array.of(Math.PI) }]);
    const within = new Uint8Array(bytes.length + 3);
    within.set(bytes, 3);
    const { data } = readSafetensors(within.subarray(3), 'w').tensors.get('x')!;
    within.fill(0);
    expect([data[0], data.byteOffset, data.buffer.byteLength]).toEqual([Math.PI, 0, 8]);
  });

  test('takes __proto__ and constructor as names like any other', () => {
    const names = ['__proto__', 'constructor', 'toString'];
    const tensors = names.map((name): NamedTensor => ({ name, dtype: 'U8', shape: [1], data: Uint8Array.of(5) }));
    const metadata = Object.fromEntries(names.map((name) => [name, 'text']));
    const read = readSafetensors(writeSafetensors(tensors, metadata), 'w');
    expect([...read.tensors.keys()].sort()).toEqual(names.toSorted());
    expect(Object.keys(read.metadata).sort()).toEqual(names.toSorted());
    expect(readSafetensors(writeSafetensors([]), 'w').metadata['constructor']).toBeUndefined();
    expect(({} as Record<string, unknown>)['dtype']).toBeUndefined();
  });

  const entry = (rest: string): string => `{"W":{${rest}}}`;
  const sound = '"dtype":"U8","shape":[2],"data_offsets":[0,2]';
  test.each<[what: string, bytes: Uint8Array, message: RegExp]>([
    ['no bytes', new Uint8Array(), /ends after 0 of its first 8 bytes/],
    ['7 bytes', new Uint8Array(7), /ends after 7 of its first 8 bytes/],
    ['a header of 2⁶⁴ − 1 bytes', new Uint8Array(16).fill(255), /claims 18446744073709551615 bytes, more than the 100000000 allowed/],
    ['a header longer than the file', fileOf('{}', 0).subarray(0, 9), /claims 2 bytes, but 1 follow/],
    ['a header of no bytes', fileOf('', 0), /not JSON/],
    ['a header that is not UTF-8', Uint8Array.of(2, 0, 0, 0, 0, 0, 0, 0, 0x22, 0xff), /not JSON in UTF-8/],
    ['a byte order mark', fileOf('\ufeff{}', 0), /not JSON/],
    ['a header cut in the middle', fileOf(entry(sound).slice(0, -1), 2), /not JSON/],
    ['an array as the header', fileOf('[]', 0), /not a JSON object/],
    ['null as the header', fileOf('null', 0), /not a JSON object/],
    ['a tensor twice', fileOf(`{"W":{${sound}},"W":{${sound}}}`, 2), /the key "W" twice/],
    ['a tensor twice, once in escapes', fileOf(`{"W":{${sound}},"\\u0057":{${sound}}}`, 2), /the key "W" twice/],
    ['a key of a tensor twice', fileOf(entry(`${sound},"shape":[2]`), 2), /the key "shape" twice/],
    ['a key of the metadata twice', fileOf('{"__metadata__":{"a\\"":"1","b":"{","a\\"":"2"}}', 0), /twice/],
    ['metadata that is a list', fileOf('{"__metadata__":[]}', 0), /__metadata__ is not a JSON object/],
    ['metadata with a number', fileOf('{"__metadata__":{"epoch":3}}', 0), /__metadata__ key "epoch" is not a text/],
    ['a tensor that is a list', fileOf('{"W":[]}', 0), /tensor "W" is not described/],
    ['no dtype', fileOf(entry('"shape":[2],"data_offsets":[0,2]'), 2), /has dtype "undefined"/],
    ['a dtype that rnn does not read', fileOf(entry('"dtype":"BF16","shape":[1],"data_offsets":[0,2]'), 2), /has dtype "BF16"/],
    ['a dtype from the prototype', fileOf(entry('"dtype":"constructor","shape":[1],"data_offsets":[0,2]'), 2), /has dtype "constructor"/],
    ['no shape', fileOf(entry('"dtype":"U8","data_offsets":[0,2]'), 2), /a shape that is not a list/],
    ['a negative size', fileOf(entry('"dtype":"U8","shape":[-2],"data_offsets":[0,2]'), 2), /a shape that is not a list/],
    ['a fractional size', fileOf(entry('"dtype":"U8","shape":[0.5,4],"data_offsets":[0,2]'), 2), /a shape that is not a list/],
    ['a size beyond 2⁵³', fileOf(entry('"dtype":"U8","shape":[9007199254740993],"data_offsets":[0,2]'), 2), /a shape that is not a list/],
    ['sizes that overflow', fileOf(entry('"dtype":"U8","shape":[4294967296,4294967296],"data_offsets":[0,0]'), 0), /overflows/],
    ['sizes that overflow before a 0', fileOf(entry('"dtype":"U8","shape":[94906266,94906267,0],"data_offsets":[0,0]'), 0), /overflows/],
    ['bytes that overflow', fileOf(entry('"dtype":"F64","shape":[4503599627370496],"data_offsets":[0,0]'), 0), /overflows/],
    ['one offset', fileOf(entry('"dtype":"U8","shape":[2],"data_offsets":[2]'), 2), /not two whole numbers/],
    ['a negative offset', fileOf(entry('"dtype":"U8","shape":[2],"data_offsets":[-2,0]'), 2), /not two whole numbers/],
    ['offsets in the wrong order', fileOf(entry('"dtype":"U8","shape":[2],"data_offsets":[2,0]'), 2), /has -2 bytes/],
    ['too few bytes for the shape', fileOf(entry('"dtype":"F32","shape":[2],"data_offsets":[0,4]'), 4), /has 4 bytes, but .* takes 8/],
    ['tensors that end behind the file', fileOf(entry(sound), 1), /take 2 bytes, but 1 follow/],
    ['bytes behind the tensors', fileOf(entry(sound), 3), /bytes 2 to 3, at the end, belong to no tensor/],
    ['bytes and no tensors', fileOf('{}', 3), /bytes 0 to 3, at the end, belong to no tensor/],
    [
      'a hole before the first tensor',
      fileOf(entry('"dtype":"U8","shape":[2],"data_offsets":[1,3]'), 3),
      /bytes 0 to 1, before tensor "W"/,
    ],
    [
      'a hole between tensors',
      fileOf(`{"V":{${sound}},"W":{"dtype":"U8","shape":[1],"data_offsets":[3,4]}}`, 4),
      /bytes 2 to 3, before tensor "W", belong to no tensor/,
    ],
    [
      'tensors that overlap',
      fileOf(`{"V":{${sound}},"W":{"dtype":"U8","shape":[2],"data_offsets":[1,3]}}`, 3),
      /"W" starts at byte 1, inside/,
    ],
    ['two tensors on the same bytes', fileOf(`{"V":{${sound}},"W":{${sound}}}`, 2), /"W" starts at byte 0, inside/],
  ])('refuses %s, and names the file and what to do', (_what, bytes, message) => {
    const error = failureOf(() => readSafetensors(bytes, 'model.safetensors'));
    expect(error).toBeInstanceOf(UserError);
    const { message: text, hint } = error as UserError;
    expect(text).toMatch(/^model\.safetensors: /);
    expect(text).toMatch(message);
    expect(hint).toMatch(/\w/);
  });

  test('refuses a file that is cut anywhere, or has a byte too many', () => {
    const bytes = writeSafetensors([{ name: 'W', dtype: 'F32', shape: [3], data: Float32Array.of(1, 2, 3) }], { a: 'b' });
    for (let length = 0; length < bytes.length; length++) expect(() => readSafetensors(bytes.subarray(0, length), 'w')).toThrow(UserError);
    expect(() => readSafetensors(Uint8Array.of(...bytes, 0), 'w')).toThrow(UserError);
  });

  test('never throws anything but a UserError, whichever byte of the header is wrong', () => {
    const bytes = writeSafetensors([{ name: 'W', dtype: 'U8', shape: [1], data: Uint8Array.of(1) }], { a: 'b' });
    fc.assert(
      fc.property(fc.nat(bytes.length - 2), fc.nat(255), (at, value) => {
        const wrong = bytes.slice();
        wrong[at] = value;
        expect(failureOf(() => readSafetensors(wrong, 'w')) ?? new UserError('none')).toBeInstanceOf(UserError);
      }),
      { numRuns: 2000 },
    );
  });
});
