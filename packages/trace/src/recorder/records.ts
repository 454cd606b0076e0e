import type { AccessBlock, AccessTrace, TouchInterval } from '../block.ts';
import { BLOCK_ACCESSES } from '../block.ts';
import { createTouchCollector } from '../filter/touches.ts';
import { createPendingBlock, takeBlock } from '../pack.ts';
import { createPageTable, pageId, takeFreshPages } from '../pages.ts';

/** Kinds of the plugin's records, as in `recorder/recorder.c`. */
const Kind = { load: 0, store: 1, fill: 2, writeBack: 3, touch: 4, progress: 5 } as const;
const RECORD_BYTES = 16;

/** How far a recording is. */
export interface RecordingProgress {
  /** Data accesses of the program so far, before the cache. */
  readonly dataAccesses: number;
  /** Accesses recorded so far. */
  readonly accesses: number;
  readonly instructions: number;
}

/** What the records stand for. */
export interface RecordSource {
  readonly name: string;
  /** The records are those of a program after a cache. */
  readonly filtered: boolean;
  /** Instructions of a touch interval; 0 where the records have no touches. */
  readonly touchInterval: number;
  readonly onProgress?: (progress: RecordingProgress) => void;
}

/** The trace in the bytes that the QEMU plugin writes; a record cut off at the end is left out. */
export function recordedTrace(
  bytes: () => AsyncIterable<Uint8Array>,
  source: RecordSource,
): AccessTrace {
  return {
    declaration: {
      format: 'tierlab-recorder',
      level: source.filtered ? 'memory' : 'cpu',
      addressSpace: 'virtual',
      clock: 'instructions',
      pageShift: 12,
      threads: true,
      writes: true,
    },
    blocks: () => decodeRecords(bytes(), source),
  };
}

async function* decodeRecords(
  bytes: AsyncIterable<Uint8Array>,
  source: RecordSource,
): AsyncGenerator<AccessBlock> {
  const pages = createPageTable(source.name);
  const pending = createPendingBlock({ time: true, line: true, thread: true });
  const touches = createTouchCollector(source.touchInterval, (page) => page);
  let taken = 0;
  const take = (): AccessBlock => {
    taken += pending.length;
    // Ids come from the table, which also knows the pages that were only touched.
    const newPageFirst = pages.taken;
    return { ...takeBlock(pending), newPageFirst, newPageNumber: takeFreshPages(pages) };
  };
  for await (const records of wholeRecords(bytes)) {
    for (let at = 0; at < records.byteLength; at += RECORD_BYTES) {
      const low = records.getUint32(at, true);
      const high = records.getUint32(at + 4, true);
      const time = timeOf(records, at);
      const kind = low & 63;
      if (kind === Kind.progress) {
        const dataAccesses = high * 2 ** 26 + (low >>> 6);
        const accesses = taken + pending.length;
        source.onProgress?.({ dataAccesses, accesses, instructions: time });
        continue;
      }
      // A page may be new in an access or in a touch: a block brings no more of them than it may have accesses.
      if (pending.length === BLOCK_ACCESSES || pages.count - pages.taken === BLOCK_ACCESSES)
        yield take();
      const page = pageId(pages, (low >>> 12) | (high << 20), high >>> 12);
      if (kind === Kind.touch) {
        keep(pending.touches, touches.touch(page, time));
        continue;
      }
      const i = pending.length++;
      pending.page[i] = page;
      pending.write[i] = kind === Kind.store || kind === Kind.writeBack ? 1 : 0;
      pending.line![i] = (low >>> 6) & 63;
      pending.thread![i] = records.getUint16(at + 8, true);
      pending.time![i] = time;
    }
  }
  keep(pending.touches, touches.end());
  if (pending.length > 0 || pending.touches.length > 0) yield take();
}

/** The upper 48 bits of a record's second word. */
const timeOf = (records: DataView, at: number): number =>
  records.getUint32(at + 12, true) * 65_536 + records.getUint16(at + 10, true);

function keep(intervals: TouchInterval[], closed: TouchInterval | undefined): void {
  if (closed !== undefined) intervals.push(closed);
}

/** The bytes in pieces of whole records. */
async function* wholeRecords(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<DataView> {
  let rest: Uint8Array = new Uint8Array(0);
  for await (const chunk of bytes) {
    const joined = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    const whole = joined.length - (joined.length % RECORD_BYTES);
    yield new DataView(joined.buffer, joined.byteOffset, whole);
    rest = joined.subarray(whole).slice();
  }
}
