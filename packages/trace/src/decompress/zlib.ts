import { constants, createInflate } from 'node:zlib';
import type { Codec } from './codec.ts';
import { through } from './through.ts';

/** A bare zlib stream, as DAMON's compressed JSON. Source: RFC 1950 section 2.2. */
export const zlib: Codec = {
  name: 'zlib',
  // Deflate with a 32 KiB window, no dictionary, and the check bits that go with each level.
  matches: (head) => head[0] === 0x78 && [0x01, 0x5e, 0x9c, 0xda].includes(head[1]),
  decode: (bytes, lenient) =>
    through(
      bytes,
      createInflate({
        chunkSize: 256 << 10,
        finishFlush: lenient ? constants.Z_SYNC_FLUSH : constants.Z_FINISH,
      }),
    ),
};
