import { BLOCK_ACCESSES, type TouchInterval } from '../block.ts';
import type { Arena } from './arena.ts';
import { Column, Encoding } from './layout.ts';
import { badColumn, type Payload } from './payload.ts';
import { controlBytes, decodeStream, WIDTH_SETS } from './stream-vbyte.ts';

const TOUCH_HEADER_BYTES = 32;

/** The touch intervals of a payload, if it has any. The arena's weights are overwritten. */
export function readTouches(payload: Payload, arena: Arena): TouchInterval[] | undefined {
  const column = payload.columns.get(Column.touches);
  if (column === undefined) return undefined;
  const { bytes } = payload;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const touches: TouchInterval[] = [];
  let at = column.from;
  while (at < column.to) {
    if (at + TOUCH_HEADER_BYTES > column.to) throw badColumn(payload, 'touches');
    const count = view.getUint32(at + 16, true);
    const encoding = view.getUint32(at + 20, true);
    const from = at + TOUCH_HEADER_BYTES;
    const to = from + view.getUint32(at + 24, true);
    const first = view.getUint32(at + 28, true);
    // Four pages take a byte at least, in either encoding: a wrong count does not allocate.
    if (to > column.to || count > (to - from) * 8) throw badColumn(payload, 'touches');
    const page = new Uint32Array(count);
    const good =
      encoding === Encoding.bitmap
        ? touchesOfBitmap(arena, bytes.byteOffset + from, to - from, first, page)
        : touchesOfGaps(encoding, bytes, from, to, first, page);
    const pageCount = payload.header.newPageFirst + payload.header.newPages;
    const known = count === 0 || (first < pageCount && page[count - 1] < pageCount);
    if (!good || !known) throw badColumn(payload, 'touches');
    touches.push({
      startTime: view.getFloat64(at, true),
      endTime: view.getFloat64(at + 8, true),
      page,
    });
    at = to;
  }
  return touches;
}

/** Bytes of a bitmap that are decoded at once, into the arena's weights. */
const PIECE_BYTES = BLOCK_ACCESSES / 8;

function touchesOfBitmap(
  { kernels, weight }: Arena,
  bits: number,
  bytes: number,
  first: number,
  page: Uint32Array,
): boolean {
  let count = 0;
  for (let done = 0; done < bytes; done += PIECE_BYTES) {
    const piece = Math.min(PIECE_BYTES, bytes - done);
    const found = kernels.bitsToIds(bits + done, piece, first + done * 8, weight.byteOffset);
    if (count + found > page.length) return false;
    page.set(weight.subarray(0, found), count);
    count += found;
  }
  return count === page.length;
}

function touchesOfGaps(
  set: number,
  bytes: Uint8Array,
  from: number,
  to: number,
  first: number,
  page: Uint32Array,
): boolean {
  if (set >= WIDTH_SETS.length || from + controlBytes(page.length) > to) return false;
  if (decodeStream(set, bytes, from, page.length, page) !== to) return false;
  let last = first;
  for (let i = 0; i < page.length; i++) {
    const id = i === 0 ? first : last + page[i] + 1;
    if (id > 0xffff_ffff) return false;
    page[i] = id;
    last = id;
  }
  return true;
}
