import { constants, createGunzip } from 'node:zlib';
import type { Codec } from './codec.ts';
import { through } from './through.ts';

/** gzip, also of several members. Source: RFC 1952 section 2.3.1. */
export const gzip: Codec = {
  name: 'gzip',
  matches: (head) => head[0] === 0x1f && head[1] === 0x8b && head[2] === 8,
  decode: (bytes, lenient) =>
    through(
      bytes,
      createGunzip({
        chunkSize: 256 << 10,
        finishFlush: lenient ? constants.Z_SYNC_FLUSH : constants.Z_FINISH,
      }),
    ),
};
