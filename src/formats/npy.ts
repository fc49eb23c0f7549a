// NumPy's .npy, version 1.0: int32, little-endian, C order. Writes the header and the numbers; reads neither.

const magic = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0];
const isLittleEndian = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;

/**
 * \x93NUMPY, version, header length, then a Python dictionary, padded with spaces so that the data begin at a multiple of 64 bytes.
 * https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
 */
export function npyHeader(shape: readonly number[]): Uint8Array {
  const dimensions = shape.length === 1 ? `${shape[0]},` : shape.join(', ');
  const dictionary = `{'descr': '<i4', 'fortran_order': False, 'shape': (${dimensions}), }`;
  const size = Math.ceil((magic.length + 2 + dictionary.length + 1) / 64) * 64;
  const header = new Uint8Array(size).fill(0x20);
  const length = size - magic.length - 2;
  header.set([...magic, length & 0xff, length >> 8, ...new TextEncoder().encode(dictionary)]);
  header[size - 1] = 0x0a;
  return header;
}

/** The bytes of int32 numbers, little-endian on every machine; a copy. */
export function npyData(values: Int32Array): Uint8Array {
  const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength).slice();
  if (!isLittleEndian) {
    const view = new DataView(bytes.buffer);
    for (let i = 0; i < values.length; i++) view.setInt32(4 * i, values[i], true);
  }
  return bytes;
}
