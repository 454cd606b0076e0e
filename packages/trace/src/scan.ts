import { type AccessBlock, BLOCK_ACCESSES } from './block.ts';
import { clear, type Columns, filledBlock, releaseColumns } from './columns.ts';
import { TraceError } from './errors.ts';
import type { Span } from './regions.ts';

/**
 * Appends the accesses of the records of `words` from `from` to `to` to the columns it was made with, until the next
 * record might not fit; returns where it stopped, at the start of one.
 */
export type Scan = (words: Int32Array, from: number, to: number) => number;

/**
 * The blocks that `fill` makes of the regions of a source, each time until its columns are full or the region is read:
 * it returns where it stopped.
 * @throws TRACE_EMPTY where there is no access at all, and what `fill` and `regions` throw.
 */
export async function* fillBlocks<Region extends Span>(
  name: string,
  columns: Columns,
  regions: AsyncIterable<Region>,
  fill: (region: Region, from: number) => number,
): AsyncGenerator<AccessBlock> {
  try {
    for await (const region of regions) {
      for (let at = region.from; at < region.to;) {
        at = fill(region, at);
        if (at === region.to && columns.length <= LENGTH_MAX) continue;
        yield filledBlock(columns);
        clear(columns);
      }
    }
    if (columns.length > 0) {
      yield filledBlock(columns);
      clear(columns);
    }
    if (columns.taken === 0) throw noAccess(name);
  } finally {
    releaseColumns(columns);
  }
}

/** What is wrong with a source without any access. */
export const noAccess = (name: string): TraceError =>
  new TraceError('TRACE_EMPTY', `${name}: no access in it; is the format right (--format)?`);

/** Each of `items` as a region of one. */
export async function* onesOf<Item>(
  items: AsyncIterable<Item>,
): AsyncGenerator<Span & { readonly one: Item }> {
  for await (const one of items) yield { one, from: 0, to: 1 };
}

/** Accesses after which a block is full enough: a line or record may bring two. */
export const LENGTH_MAX: number = BLOCK_ACCESSES - 2;

/** What a reader of lines counts, and how it refuses one. */
export interface LineTally {
  readonly name: string;
  readonly lenient: boolean;
  /** Lines before the one being read. */
  lines: number;
  readonly leftOut: Map<string, number>;
  /** What a line is that the kernel counts as a fetch. */
  readonly fetchReason?: string;
}

/** Adds one to what is left out for `reason`. */
export function leaveOut(leftOut: Map<string, number>, reason: string, count = 1): void {
  leftOut.set(reason, (leftOut.get(reason) ?? 0) + count);
}

/**
 * Refuses the line that starts at `from`, or leaves it out where the content is read leniently.
 * @throws TRACE_BAD_LINE
 */
export function refuseLine(
  tally: LineTally,
  bytes: Uint8Array,
  from: number,
  expected: string,
): void {
  if (tally.lenient) {
    leaveOut(tally.leftOut, 'line not understood');
    return;
  }
  throw new TraceError(
    'TRACE_BAD_LINE',
    `${tally.name}:${tally.lines + 1}: expected ${expected}, got ${quoteLine(bytes, from)}; pass --lenient to skip such lines, or --format to pick another reader`,
  );
}

/** Where the line that holds byte `at` ends: the index of its newline. */
export function lineEnd(bytes: Uint8Array, at: number): number {
  while (bytes[at] !== 10) at++;
  return at;
}

function quoteLine(bytes: Uint8Array, from: number): string {
  const end = Math.min(lineEnd(bytes, from), from + 80);
  return JSON.stringify(Buffer.from(bytes.subarray(from, end)).toString('latin1'));
}
