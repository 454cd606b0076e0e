import { TraceError } from '../errors.ts';
import type { Head, TraceContent } from '../source.ts';
import { type JsonEvent, jsonEvents, JsonSyntaxError } from '../text/json-events.ts';
import { type DamonRegion, damonTrace } from './parts/damon.ts';
import type { TraceFormat } from './format.ts';
import { PAGE_SIZE_OPTION } from './parts/region-blocks.ts';

/**
 * What `damo record` and `damo report access --raw` write: JSON of records of snapshots of regions,
 * plain or as a zlib stream (`json_compressed`).
 *
 * Source: damo _damon_records.py, DamonRecord.to_kvpairs, DamonSnapshot.to_kvpairs; _damon.py,
 * DamonRegion.to_kvpairs.
 */
export const damonJson: TraceFormat = {
  name: 'damon-json',
  summary: 'DAMON records of damo: json_compressed and json',
  options: [PAGE_SIZE_OPTION],
  score,
  open: (content, options) =>
    damonTrace(
      content,
      options,
      { format: 'damon-json', addressSpace: spaceOf(content.head) },
      () => readRegions(content),
    ),
};

function score(head: Head): number {
  const text = Buffer.from(head.bytes.subarray(0, 4096)).toString('latin1');
  return /^\s*\[\s*\{/.test(text) && /"(kdamond_idx|snapshots)"/.test(text) ? 95 : 0;
}

// A target is a process; records of physical memory have none.
function spaceOf(head: Head): 'virtual' | 'physical' {
  const text = Buffer.from(head.bytes.subarray(0, 16_384)).toString('latin1');
  return /"target_id":\s*null/.test(text) ? 'physical' : 'virtual';
}

const REGIONS_MAX = 1 << 20;

/** A region and its snapshot as far as they have been read. */
interface Reading {
  /** Keys and array brackets from the outermost in. */
  readonly path: string[];
  key: string;
  startTime: number;
  endTime: number;
  start: number;
  end: number;
  accesses: number;
  /** Regions of the snapshot, whose end time may come after them. */
  readonly regions: { start: number; end: number; accesses: number }[];
}

async function* readRegions(content: TraceContent): AsyncGenerator<DamonRegion> {
  const reading: Reading = {
    path: [],
    key: '',
    startTime: NaN,
    endTime: NaN,
    start: NaN,
    end: NaN,
    accesses: 0,
    regions: [],
  };
  try {
    for await (const events of jsonEvents(content.bytes()))
      for (const event of events) {
        follow(content, reading, event);
        if (event.kind !== 'close' || reading.path.at(-1) !== 'snapshots[' || event.bracket !== '{')
          continue;
        if (!Number.isFinite(reading.endTime)) throw bad(content, 'a snapshot without end_time');
        const { startTime, endTime } = reading;
        const interval = startTime <= endTime ? { startTime, endTime } : { endTime };
        for (const region of reading.regions) yield { ...region, ...interval };
        reading.regions.length = 0;
        reading.startTime = NaN;
        reading.endTime = NaN;
      }
  } catch (error) {
    if (!(error instanceof JsonSyntaxError)) throw error;
    if (content.lenient) return;
    throw new TraceError(
      'TRACE_BAD_RECORD',
      `${content.name}: byte ${error.offset}: this is no JSON: ${error.message}; pass --lenient to read up to here`,
      { cause: error },
    );
  }
}

// Keeps the path, and takes the values that a region is made of.
function follow(content: TraceContent, reading: Reading, event: JsonEvent): void {
  const { path } = reading;
  if (event.kind === 'key') {
    reading.key = event.text;
  } else if (event.kind === 'open') {
    path.push(reading.key + event.bracket);
    reading.key = '';
  } else if (event.kind === 'close') {
    path.pop();
    reading.key = '';
    if (event.bracket === '{' && path.at(-1) === 'regions[') endRegion(content, reading);
  } else {
    takeValue(content, reading, event.text);
    reading.key = '';
  }
}

function takeValue(content: TraceContent, reading: Reading, text: string): void {
  const { path, key } = reading;
  const parent = path.at(-2);
  if (parent === 'snapshots[' && key === 'start_time')
    reading.startTime = text === 'null' ? NaN : numberOf(content, text);
  if (parent === 'snapshots[' && key === 'end_time') reading.endTime = numberOf(content, text);
  if (parent === 'regions[' && key === 'start') reading.start = numberOf(content, text);
  if (parent === 'regions[' && key === 'end') reading.end = numberOf(content, text);
  // A bare number in records of 2023, an object of samples and percent since.
  if (parent === 'regions[' && key === 'nr_accesses') reading.accesses = countOf(content, text);
  if (path.at(-1) === 'nr_accesses{' && key === 'samples')
    reading.accesses = countOf(content, text);
}

function endRegion(content: TraceContent, reading: Reading): void {
  const { start, end, accesses, regions } = reading;
  if (!(start <= end)) throw bad(content, 'a region that does not end after its start');
  if (regions.length >= REGIONS_MAX)
    throw bad(content, `a snapshot of more than ${REGIONS_MAX} regions`);
  if (end > start) regions.push({ start, end, accesses });
  reading.start = NaN;
  reading.end = NaN;
  reading.accesses = 0;
}

// Numbers are strings with commas between thousands, or bare, or null.
function numberOf(content: TraceContent, text: string): number {
  const value = Number(text.replaceAll(',', ''));
  if (text !== '' && value >= 0 && value <= 2 ** 64) return value;
  throw bad(content, `${JSON.stringify(text)} where a number was expected`);
}

// Counts are -1 or null where DAMON did not know.
function countOf(content: TraceContent, text: string): number {
  if (text === 'null' || text === '-1') return 0;
  return Math.min(numberOf(content, text), 0xffffffff);
}

function bad(content: TraceContent, got: string): TraceError {
  return new TraceError('TRACE_BAD_RECORD', `${content.name}: ${got}`);
}
