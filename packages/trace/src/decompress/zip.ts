import { finished } from 'node:stream/promises';
import { crc32, createInflateRaw } from 'node:zlib';
import {
  type ByteQueue,
  close,
  createByteQueue,
  fill,
  putBack,
  take,
  takeSome,
} from './byte-queue.ts';
import type { Codec } from './codec.ts';

/**
 * A zip archive as the content of its files one after the other, as drmemtrace's `chunk.0000`,
 * `chunk.0001`... are meant. Read from local headers on, so that a pipe will do.
 *
 * Source: PKWARE APPNOTE 6.3.10 sections 4.3.7, 4.3.9, 4.5.3.
 */
export const zip: Codec = {
  name: 'zip',
  matches: (head) => head[0] === 0x50 && head[1] === 0x4b && head[2] === 3 && head[3] === 4,
  decode: (bytes) => decodeZip(bytes),
};

const LOCAL_HEADER = 0x04034b50;
const DESCRIPTOR = 0x08074b50;
const STORED = 0;
const DEFLATED = 8;
const UNKNOWN = 0xffffffff;

interface Entry {
  readonly method: number;
  /** Compressed bytes, where the header knows. */
  readonly size: number | undefined;
  /** Checksum of the content; where the header does not know, it follows the content. */
  readonly crc: number | undefined;
}

async function* decodeZip(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const queue = createByteQueue(bytes);
  try {
    for (;;) {
      const signature = view(await take(queue, 4, 'the archive')).getUint32(0, true);
      // The central directory repeats what the local headers said.
      if (signature !== LOCAL_HEADER) return;
      const entry = await readLocalHeader(queue);
      const checksum = { value: 0 };
      for await (const chunk of content(queue, entry)) {
        checksum.value = crc32(chunk, checksum.value);
        yield chunk;
      }
      const expected = entry.crc ?? (await readDescriptor(queue));
      if (checksum.value !== expected) throw new Error("a file's checksum is wrong");
    }
  } finally {
    await close(queue);
  }
}

async function readLocalHeader(queue: ByteQueue): Promise<Entry> {
  const header = view((await take(queue, 26, 'a file header')).slice());
  const flags = header.getUint16(2, true);
  const method = header.getUint16(4, true);
  const name = await take(queue, header.getUint16(22, true), 'a file name');
  const shownName = JSON.stringify(Buffer.from(name).toString('latin1').slice(0, 80));
  const extra = await take(queue, header.getUint16(24, true), 'a file header');
  const size = header.getUint32(14, true);
  if (flags & 1) throw new Error(`${shownName} is encrypted`);
  if (method !== STORED && method !== DEFLATED)
    throw new Error(`${shownName} is compressed by method ${method}, only deflate is read`);
  const isDeferred = (flags & 8) !== 0;
  if (isDeferred && method === STORED) throw new Error(`${shownName} is stored without its size`);
  return {
    method,
    size: isDeferred ? undefined : size === UNKNOWN ? longSize(extra) : size,
    crc: isDeferred ? undefined : header.getUint32(10, true),
  };
}

// The compressed size in the zip64 field, after the other.
function longSize(extra: Uint8Array): number {
  const fields = view(extra);
  for (let at = 0; at + 4 <= extra.length; at += 4 + fields.getUint16(at + 2, true))
    if (fields.getUint16(at, true) === 1 && at + 20 <= extra.length)
      return Number(fields.getBigUint64(at + 12, true));
  throw new Error('a file has no size');
}

// Its signature is optional, and sizes of 4 or 8 bytes follow: what comes after tells which.
async function readDescriptor(queue: ByteQueue): Promise<number> {
  const first = view(await take(queue, 4, 'a data descriptor')).getUint32(0, true);
  const crc =
    first === DESCRIPTOR
      ? view(await take(queue, 4, 'a data descriptor')).getUint32(0, true)
      : first;
  await fill(queue, 10);
  const isShort = queue.waiting[8] === 0x50 && queue.waiting[9] === 0x4b;
  await take(queue, isShort ? 8 : 16, 'a data descriptor');
  return crc;
}

function content(queue: ByteQueue, entry: Entry): AsyncGenerator<Uint8Array> {
  return entry.method === STORED ? stored(queue, entry.size ?? 0) : inflated(queue, entry.size);
}

const SLICE_BYTES = 16 << 10;

async function* stored(queue: ByteQueue, size: number): AsyncGenerator<Uint8Array> {
  for (let left = size; left > 0;) {
    const chunk = await takeSome(queue, Math.min(left, SLICE_BYTES));
    if (chunk.length === 0) throw new Error('it ends inside a file');
    left -= chunk.length;
    yield chunk;
  }
}

// Deflate knows its own end; a slice at a time, so that what one becomes stays small.
async function* inflated(queue: ByteQueue, size: number | undefined): AsyncGenerator<Uint8Array> {
  const inflate = createInflateRaw({ chunkSize: 256 << 10 });
  const decoded: Uint8Array[] = [];
  let failure: Error | undefined;
  let wake: (() => void) | undefined;
  inflate.on('data', (chunk: Uint8Array) => decoded.push(chunk));
  // A write that fails is not always called back.
  inflate.on('error', (error) => {
    failure = error;
    wake?.();
  });
  try {
    for (let fed = 0; fed !== size;) {
      const slice = await takeSome(queue, Math.min(SLICE_BYTES, (size ?? Infinity) - fed));
      if (slice.length === 0) throw new Error('it ends inside a file');
      fed += slice.length;
      await new Promise<void>((resolve) => {
        wake = resolve;
        inflate.write(slice, () => setImmediate(resolve));
      });
      if (failure !== undefined) throw failure;
      yield* decoded.splice(0);
      if (inflate.bytesWritten === fed) continue;
      if (size !== undefined) throw new Error('a file is shorter than its header says');
      putBack(queue, slice, fed - inflate.bytesWritten);
      break;
    }
    inflate.end();
    await finished(inflate);
    yield* decoded.splice(0);
  } finally {
    inflate.destroy();
  }
}

function view(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
