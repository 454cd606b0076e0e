import * as nodeZlib from 'node:zlib';
import type { Codec } from './codec.ts';
import { owned } from './owned.ts';
import { through } from './through.ts';

/** Zstandard, with Node's own decoder where it has one. Source: RFC 8878 section 3.1. */
export const zstd: Codec = {
  name: 'zstd',
  matches(head) {
    const [a, b, c, d] = head;
    const isFrame = a === 0x28 && b === 0xb5 && c === 0x2f && d === 0xfd;
    const isSkippable = a >= 0x50 && a <= 0x5f && b === 0x2a && c === 0x4d && d === 0x18;
    return isFrame || isSkippable;
  },
  decode(bytes) {
    const native = createNativeDecoder();
    return native === undefined ? decodeHere(bytes) : through(bytes, native);
  },
};

// Node has it from 22.15 on, later than the types that this project is checked with.
function createNativeDecoder(): nodeZlib.Gunzip | undefined {
  const create = (nodeZlib as { createZstdDecompress?: () => nodeZlib.Gunzip })
    .createZstdDecompress;
  return create?.();
}

// A repeated byte takes 4 bytes a block and becomes up to 128 KiB, all of which fzstd hands out at once.
const SLICE_BYTES = 2048;

async function* decodeHere(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const { Decompress } = await import('fzstd');
  const decoded: Uint8Array[] = [];
  const decoder = new Decompress((chunk) => decoded.push(chunk));
  for await (const chunk of owned(bytes)) {
    for (let at = 0; at < chunk.length; at += SLICE_BYTES) {
      decoder.push(chunk.subarray(at, at + SLICE_BYTES));
      yield* decoded.splice(0);
    }
  }
  decoder.push(new Uint8Array(0), true);
  yield* decoded.splice(0);
}
