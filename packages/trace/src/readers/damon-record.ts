import { type ByteQueue, createByteQueue, fill, take } from '../decompress/byte-queue.ts';
import { TraceError } from '../errors.ts';
import type { Head, TraceContent } from '../source.ts';
import { type DamonRegion, damonTrace } from './parts/damon.ts';
import type { TraceFormat } from './format.ts';
import { PAGE_SIZE_OPTION } from './parts/region-blocks.ts';

/**
 * DAMON's binary record as damo wrote it until October 2023, versions 0 to 2: snapshots of targets of
 * regions, packed, little-endian.
 *
 * Source: damo at a86884e^, _damon_result.py, read_record, write_binary.
 */
export const damonRecord: TraceFormat = {
  name: 'damon-record',
  summary: "DAMON's binary record of damo before October 2023, versions 0 to 2",
  options: [PAGE_SIZE_OPTION],
  score,
  open: (content, options) =>
    damonTrace(content, options, { format: 'damon-record', addressSpace: 'virtual' }, () =>
      readRegions(content),
    ),
};

const MAGIC = 'damon_recfmt_ver';
const REGIONS_MAX = 1 << 20;

function score(head: Head): number {
  const { bytes } = head;
  if (Buffer.from(bytes.subarray(0, 16)).toString('latin1') === MAGIC) return 100;
  if (head.lines.length > 0 || bytes.length < 48) return 0;
  // Version 0 has no magic: a time, a target of one region or more, and a region whose end is after its start.
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const nanoseconds = view.getBigInt64(8, true);
  const targets = view.getUint32(16, true);
  const regions = view.getUint32(28, true);
  const start = view.getBigUint64(32, true);
  const end = view.getBigUint64(40, true);
  const fits =
    nanoseconds >= 0n &&
    nanoseconds < 1_000_000_000n &&
    targets > 0 &&
    targets < 1000 &&
    regions > 0 &&
    regions < 100_000 &&
    start < end &&
    start % 4096n === 0n &&
    end % 4096n === 0n;
  return fits ? 55 : 0;
}

async function* readRegions(content: TraceContent): AsyncGenerator<DamonRegion> {
  const queue = createByteQueue(content.bytes());
  let version = 0;
  if ((await fill(queue, 20)) >= 20 && latin1(queue.waiting.subarray(0, 16)) === MAGIC) {
    version = view(await take(queue, 20, 'its header')).getInt32(16, true);
    if (version < 0 || version > 2)
      throw new TraceError(
        'TRACE_UNSUPPORTED',
        `${content.name}: DAMON record version ${version}; 0 to 2 are read`,
      );
  }
  const idBytes = version === 1 ? 4 : 8;
  try {
    while ((await fill(queue, 1)) > 0) yield* readSnapshot(content, queue, idBytes);
  } catch (error) {
    if (error instanceof TraceError || !(error instanceof Error)) throw error;
    if (content.lenient) return;
    throw new TraceError(
      'TRACE_TRUNCATED',
      `${content.name}: byte ${queue.taken}: ${error.message}; pass --lenient to read up to here`,
      { cause: error },
    );
  }
}

async function* readSnapshot(
  content: TraceContent,
  queue: ByteQueue,
  idBytes: number,
): AsyncGenerator<DamonRegion> {
  const offset = queue.taken;
  const header = view(await take(queue, 20, 'a snapshot'));
  const seconds = Number(header.getBigInt64(0, true));
  const nanoseconds = Number(header.getBigInt64(8, true));
  const targets = header.getUint32(16, true);
  if (
    !(
      seconds >= 0 &&
      seconds < 2 ** 33 &&
      nanoseconds >= 0 &&
      nanoseconds < 1e9 &&
      targets < 65_536
    )
  )
    throw badSnapshot(content, offset, 'a time and a number of targets');
  const endTime = seconds * 1e9 + nanoseconds;
  for (let target = 0; target < targets; target++) {
    const regions = view(await take(queue, idBytes + 4, 'a target')).getUint32(idBytes, true);
    if (regions > REGIONS_MAX) throw badSnapshot(content, queue.taken - 4, 'a number of regions');
    for (let region = 0; region < regions; region++) {
      const at = queue.taken;
      const fields = view(await take(queue, 20, 'a region'));
      const start = unsigned64(fields, 0);
      const end = unsigned64(fields, 8);
      if (end < start) throw badSnapshot(content, at, 'a region that ends after its start');
      // A record of one snapshot was given a second, of an empty region and a count of -1.
      if (end > start)
        yield { endTime, start, end, accesses: Math.max(0, fields.getInt32(16, true)) };
    }
  }
}

function badSnapshot(content: TraceContent, offset: number, expected: string): TraceError {
  return new TraceError(
    'TRACE_BAD_RECORD',
    `${content.name}: byte ${offset}: expected ${expected}`,
  );
}

function unsigned64(fields: DataView, at: number): number {
  return fields.getUint32(at + 4, true) * 4294967296 + fields.getUint32(at, true);
}

function view(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('latin1');
}
