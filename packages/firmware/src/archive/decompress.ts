import { createRequire } from 'node:module';
import { gunzipSync } from 'node:zlib';

import { FirmwareError } from '../errors.ts';

/** How a stream of bytes is packed, by its first bytes. */
export type Compression = 'gzip' | 'bzip2' | 'none';

export function compressionOf(bytes: Uint8Array): Compression {
  if (bytes[0] === 0x1f && bytes[1] === 0x8b) return 'gzip';
  if (bytes[0] === 0x42 && bytes[1] === 0x5a && bytes[2] === 0x68) return 'bzip2';
  return 'none';
}

/** More than any snapshot unpacks to, and far less than a bomb. */
const UNPACKED_BYTES_MAX = 1024 * 1024 * 1024;

interface SeekBzip {
  decode(bytes: Uint8Array): Uint8Array;
}

/** `bytes` unpacked, whichever of gzip and bzip2 they are, or as they are. Throws FIRMWARE_BAD_ARCHIVE. */
export function decompress(bytes: Uint8Array): Uint8Array {
  const compression = compressionOf(bytes);
  if (compression === 'none') return bytes;
  try {
    if (compression === 'gzip') return gunzipSync(bytes, { maxOutputLength: UNPACKED_BYTES_MAX });
    return (createRequire(import.meta.url)('seek-bzip') as SeekBzip).decode(bytes);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new FirmwareError(
      'FIRMWARE_BAD_ARCHIVE',
      `cannot unpack the ${compression} data: ${reason}`,
      {
        cause,
      },
    );
  }
}
