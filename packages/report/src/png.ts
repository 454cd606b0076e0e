import { crc32, deflateSync } from 'node:zlib';

import { assert } from '@tierlab/core';

/**
 * A PNG of `width` x `height` pixels, row by row from the top, each an index into `palette` of `[red, green, blue]`.
 * Index 0 is transparent.
 *
 * Source: PNG specification, third edition (W3C 2025), sections 5 and 11.
 */
export function palettePng(
  width: number,
  height: number,
  index: Uint8Array,
  palette: readonly (readonly [number, number, number])[],
): Uint8Array {
  assert(index.length === width * height, `${index.length} pixels of ${width} x ${height}`);
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 3, 0, 0, 0], 8);
  // Each row begins with its filter type; 0 is none.
  const rows = Buffer.alloc(height * (width + 1));
  for (let y = 0; y < height; y++) {
    rows.set(index.subarray(y * width, (y + 1) * width), y * (width + 1) + 1);
  }
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunk('IHDR', header),
    chunk('PLTE', Buffer.from(palette.flat())),
    chunk('tRNS', Buffer.from([0])),
    chunk('IDAT', deflateSync(rows, { level: 9 })),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const framed = Buffer.alloc(body.length + 8);
  framed.writeUInt32BE(data.length, 0);
  framed.set(body, 4);
  framed.writeUInt32BE(crc32(body), body.length + 4);
  return framed;
}
