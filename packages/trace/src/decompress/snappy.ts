import { createByteQueue, fill, take } from './byte-queue.ts';
import type { Codec } from './codec.ts';

/**
 * Snappy in its framing format, as drmemtrace's `.sz`.
 *
 * Source: google/snappy framing_format.txt (2013-10-25) and format_description.txt.
 */
export const snappy: Codec = {
  name: 'snappy',
  matches: (head) => IDENTIFIER.every((byte, i) => head[i] === byte),
  decode: (bytes) => decodeSnappy(bytes),
};

const IDENTIFIER = [0xff, 0x06, 0x00, 0x00, 0x73, 0x4e, 0x61, 0x50, 0x70, 0x59];
const COMPRESSED = 0x00;
const UNCOMPRESSED = 0x01;
const FIRST_SKIPPABLE = 0x80;
const CHUNK_BYTES = 65_536;

async function* decodeSnappy(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const queue = createByteQueue(bytes);
  while ((await fill(queue, 1)) > 0) {
    const [type, low, middle, high] = await take(queue, 4, 'a chunk header');
    const size = low | (middle << 8) | (high << 16);
    const chunk = await take(queue, size, 'a chunk');
    if (type >= FIRST_SKIPPABLE) continue;
    if (type !== COMPRESSED && type !== UNCOMPRESSED)
      throw new Error(`chunk type ${type} is not known`);
    if (size < 4) throw new Error('a chunk is too short for its checksum');
    const view = Buffer.from(chunk.buffer, chunk.byteOffset, 4);
    const data = chunk.subarray(4);
    const decoded = type === COMPRESSED ? decodeBlock(data) : data.slice();
    if (decoded.length > CHUNK_BYTES) throw new Error('a chunk holds more than 65536 bytes');
    if (maskedCrc32c(decoded) !== view.readUInt32LE(0)) throw new Error('a checksum is wrong');
    yield decoded;
  }
}

// One block: its length as a varint, then literals and copies told by the low two bits of a tag.
function decodeBlock(data: Uint8Array): Uint8Array {
  let length = 0;
  let at = 0;
  for (let shift = 0; ; shift += 7) {
    if (at >= data.length || shift > 28) throw new Error('a block has no length');
    const byte = data[at++];
    length |= (byte & 127) << shift;
    if (byte < 128) break;
  }
  if (length >>> 0 > CHUNK_BYTES) throw new Error('a block is longer than 65536 bytes');
  const decoded = new Uint8Array(length);
  let n = 0;
  while (at < data.length) {
    const tag = data[at++];
    let size = (tag >>> 2) + 1;
    let offset: number;
    if ((tag & 3) === 0) {
      if (size > 60) {
        const extra = size - 60;
        size = littleEndian(data, at, extra) + 1;
        at += extra;
      }
      if (at + size > data.length || n + size > length) throw new Error('a literal is too long');
      decoded.set(data.subarray(at, at + size), n);
      at += size;
      n += size;
      continue;
    }
    if ((tag & 3) === 1) {
      size = ((tag >>> 2) & 7) + 4;
      offset = ((tag >>> 5) << 8) | littleEndian(data, at, 1);
      at += 1;
    } else {
      const width = (tag & 3) === 2 ? 2 : 4;
      offset = littleEndian(data, at, width);
      at += width;
    }
    if (offset === 0 || offset > n || n + size > length) throw new Error('a copy leaves its block');
    for (let end = n + size; n < end; n++) decoded[n] = decoded[n - offset];
  }
  if (n !== length) throw new Error('a block is shorter than its length');
  return decoded;
}

function littleEndian(data: Uint8Array, at: number, width: number): number {
  if (at + width > data.length) throw new Error('a block ends inside a tag');
  let value = 0;
  for (let i = width - 1; i >= 0; i--) value = value * 256 + data[at + i];
  return value;
}

const CRC32C: Int32Array = Int32Array.from({ length: 256 }, (_, index) => {
  let crc = index;
  for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0x82f63b78 : 0);
  return crc;
});

function maskedCrc32c(bytes: Uint8Array): number {
  let crc = -1;
  for (const byte of bytes) crc = (crc >>> 8) ^ CRC32C[(crc ^ byte) & 255];
  crc = ~crc;
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
}
