import type { TouchInterval } from '../block.ts';
import { Column, Encoding } from './layout.ts';
import { badColumn, type Payload } from './payload.ts';
import { controlBytes, decodeStream, WIDTH_SETS } from './stream-vbyte.ts';

const TOUCH_HEADER_BYTES = 32;

/** The touch intervals of a payload, if it has any. */
export function readTouches(payload: Payload): TouchInterval[] | undefined {
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
        ? touchesOfBitmap(bytes.subarray(from, to), first, page)
        : touchesOfGaps(encoding, bytes, from, to, first, page);
    const pageCount = payload.header.newPageFirst + payload.header.newPages;
    if (!good || (count > 0 && page[count - 1] >= pageCount)) throw badColumn(payload, 'touches');
    touches.push({
      startTime: view.getFloat64(at, true),
      endTime: view.getFloat64(at + 8, true),
      page,
    });
    at = to;
  }
  return touches;
}

function touchesOfBitmap(bits: Uint8Array, first: number, page: Uint32Array): boolean {
  let count = 0;
  for (let i = 0; i < bits.length; i++) {
    for (let left = bits[i]; left !== 0; left &= left - 1) {
      page[count++] = first + i * 8 + 31 - Math.clz32(left & -left);
    }
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
