import { createRequire } from 'node:module';
import type * as XzDecompress from 'xz-decompress';
import type { Codec } from './codec.ts';
import { owned } from './owned.ts';

/** xz. Source: The .xz File Format 1.2.1, section 2.1.1.1. */
export const xz: Codec = {
  name: 'xz',
  matches: (head) => [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00].every((byte, i) => head[i] === byte),
  decode: (bytes) => decodeXz(bytes),
};

async function* decodeXz(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  // A CommonJS bundle whose names an ES module cannot import, and which is loaded when first needed.
  const { XzReadableStream } = createRequire(import.meta.url)(
    'xz-decompress',
  ) as typeof XzDecompress;
  yield* new XzReadableStream(ReadableStream.from<Uint8Array>(owned(bytes)));
}
