import type { AccessBlock } from './block.ts';
import { clear, type Columns, filledBlock, isFull } from './columns.ts';
import { TraceError } from './errors.ts';
import type { Region } from './regions.ts';

/**
 * Appends the accesses of the lines (records) of `cells` from `from` to `to` to the columns it was
 * made with, until the next line (record) might not fit; returns where it stopped, at the start of one.
 */
export type Scan<Cells extends Uint8Array | Int32Array> = (
  cells: Cells,
  from: number,
  to: number,
) => number;

/**
 * The blocks that `scan` makes of `regions`.
 * @throws TRACE_EMPTY where there is no access at all, and what `scan` and `regions` throw.
 */
export async function* scanRegions<Cells extends Uint8Array | Int32Array>(
  name: string,
  regions: AsyncIterable<Region<Cells>>,
  columns: Columns,
  scan: Scan<Cells>,
): AsyncGenerator<AccessBlock> {
  for await (const { cells, end } of regions) {
    for (let at = 0; at < end;) {
      at = scan(cells, at, end);
      if (at === end && !isFull(columns)) continue;
      yield filledBlock(columns);
      clear(columns);
    }
  }
  if (columns.length > 0) {
    yield filledBlock(columns);
    clear(columns);
  }
  if (columns.taken === 0)
    throw new TraceError(
      'TRACE_EMPTY',
      `${name}: no access in it; is the format right (--format)?`,
    );
}

/** What a reader of lines counts, and how it refuses one. */
export interface LineTally {
  readonly name: string;
  readonly lenient: boolean;
  /** Lines before the one being read. */
  lines: number;
  readonly leftOut: Map<string, number>;
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
