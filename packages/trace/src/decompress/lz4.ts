import { createByteQueue, fill, take } from './byte-queue.ts';
import type { Codec } from './codec.ts';

/** LZ4 frames. Source: lz4 doc/lz4_Frame_format.md 1.6.4 and lz4_Block_format.md. */
export const lz4: Codec = {
  name: 'lz4',
  matches: (head) => head[0] === 0x04 && head[1] === 0x22 && head[2] === 0x4d && head[3] === 0x18,
  decode: (bytes) => decodeLz4(bytes),
};

const FRAME = 0x184d2204;
const SKIPPABLE = 0x184d2a50;
const HISTORY_BYTES = 65_536;

async function* decodeLz4(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const queue = createByteQueue(bytes);
  while ((await fill(queue, 1)) > 0) {
    const magic = word(await take(queue, 4, 'a frame'));
    if ((magic & ~15) === SKIPPABLE) {
      await take(queue, word(await take(queue, 4, 'a frame')) >>> 0, 'a frame');
      continue;
    }
    if (magic !== FRAME) throw new Error('what follows a frame is none');
    const [flags, descriptor] = await take(queue, 2, 'a frame header');
    const blockBytes = 1 << (8 + 2 * ((descriptor >>> 4) & 7));
    if (flags >>> 6 !== 1 || blockBytes < 65_536) throw new Error('a frame header is wrong');
    await take(queue, (flags & 8 ? 8 : 0) + (flags & 1 ? 4 : 0) + 1, 'a frame header');

    // What earlier blocks of the frame left for copies, then the block itself.
    const window = new Uint8Array(HISTORY_BYTES + blockBytes);
    let history = 0;
    for (;;) {
      const size = word(await take(queue, 4, 'a block size'));
      if (size === 0) break;
      const stored = size < 0;
      const length = size & 0x7fffffff;
      if (length > blockBytes) throw new Error('a block is longer than its frame allows');
      const data = await take(queue, length, 'a block');
      let end = history + length;
      if (stored) window.set(data, history);
      else end = decodeBlock(data, window, history);
      yield window.slice(history, end);
      if (flags & 16) await take(queue, 4, 'a block checksum');
      const kept = Math.min(end, HISTORY_BYTES);
      window.copyWithin(0, end - kept, end);
      history = kept;
    }
    if (flags & 4) await take(queue, 4, 'a content checksum');
  }
}

// Sequences of literals and copies; returns where the block ends in `window`.
function decodeBlock(data: Uint8Array, window: Uint8Array, start: number): number {
  let at = 0;
  let n = start;
  for (;;) {
    const token = data[at++];
    let literals = token >>> 4;
    if (literals === 15) {
      for (let more = 255; more === 255; literals += more) more = byteAt(data, at++);
    }
    if (at + literals > data.length || n + literals > window.length)
      throw new Error('a literal is too long');
    window.set(data.subarray(at, at + literals), n);
    at += literals;
    n += literals;
    if (at >= data.length) return n;

    const offset = byteAt(data, at) | (byteAt(data, at + 1) << 8);
    at += 2;
    let size = (token & 15) + 4;
    if (size === 19) {
      for (let more = 255; more === 255; size += more) more = byteAt(data, at++);
    }
    if (offset === 0 || offset > n || n + size > window.length)
      throw new Error('a copy leaves its block');
    for (let end = n + size; n < end; n++) window[n] = window[n - offset];
  }
}

function byteAt(data: Uint8Array, at: number): number {
  if (at >= data.length) throw new Error('a block ends inside a sequence');
  return data[at];
}

function word(bytes: Uint8Array): number {
  return bytes[0] | (bytes[1] << 8) | (bytes[2] << 16) | (bytes[3] << 24);
}
