import { assert } from '@tierlab/core';

import {
  type AccessBlock,
  type AccessTrace,
  BLOCK_ACCESSES,
  type Interval,
  type TouchInterval,
} from './block.ts';

/** A block being filled: columns of {@link BLOCK_ACCESSES}, and the pages that were declared for it. */
export interface PendingBlock {
  length: number;
  readonly page: Uint32Array;
  readonly write: Uint8Array;
  readonly time: Float64Array | undefined;
  readonly line: Uint8Array | undefined;
  readonly thread: Uint16Array | undefined;
  readonly weight: Uint32Array | undefined;
  /** Pages in the blocks taken so far. */
  newPageFirst: number;
  /** Numbers of the pages from `newPageFirst` on. */
  newPageNumbers: number[];
  interval: Interval | undefined;
  touches: TouchInterval[];
}

/** Columns beside `page` and `write`. */
export interface OptionalColumns {
  readonly time?: boolean;
  readonly line?: boolean;
  readonly thread?: boolean;
  readonly weight?: boolean;
}

export function createPendingBlock(columns: OptionalColumns): PendingBlock {
  return {
    length: 0,
    page: new Uint32Array(BLOCK_ACCESSES),
    write: new Uint8Array(BLOCK_ACCESSES),
    time: columns.time ? new Float64Array(BLOCK_ACCESSES) : undefined,
    line: columns.line ? new Uint8Array(BLOCK_ACCESSES) : undefined,
    thread: columns.thread ? new Uint16Array(BLOCK_ACCESSES) : undefined,
    weight: columns.weight ? new Uint32Array(BLOCK_ACCESSES) : undefined,
    newPageFirst: 0,
    newPageNumbers: [],
    interval: undefined,
    touches: [],
  };
}

/** The block filled so far, borrowed until something is appended; `pending` is empty afterwards. */
export function takeBlock(pending: PendingBlock): AccessBlock {
  const { length, page, write, time, line, thread, weight, interval, touches } = pending;
  const block: AccessBlock = {
    length,
    page,
    write,
    ...(time && { time }),
    ...(line && { line }),
    ...(thread && { thread }),
    ...(weight && { weight }),
    ...(interval && { interval }),
    newPageFirst: pending.newPageFirst,
    newPageNumber: Float64Array.from(pending.newPageNumbers),
    ...(touches.length > 0 && { touches }),
  };
  pending.newPageFirst += pending.newPageNumbers.length;
  pending.newPageNumbers = [];
  pending.touches = [];
  pending.interval = undefined;
  pending.length = 0;
  return block;
}

/** Appends accesses `from` to `to` of `block`; the caller sees to room. Page ids are those of `block`. */
export function appendRange(
  pending: PendingBlock,
  block: AccessBlock,
  from: number,
  to: number,
): void {
  const at = pending.length;
  assert(at + to - from <= BLOCK_ACCESSES, 'the accesses fit into a block');
  pending.page.set(block.page.subarray(from, to), at);
  pending.write.set(block.write.subarray(from, to), at);
  if (block.time) pending.time?.set(block.time.subarray(from, to), at);
  if (block.line) pending.line?.set(block.line.subarray(from, to), at);
  if (block.thread) pending.thread?.set(block.thread.subarray(from, to), at);
  if (block.weight) pending.weight?.set(block.weight.subarray(from, to), at);
  else pending.weight?.fill(1, at, at + to - from);
  pending.length = at + to - from;
}

/** Pages in the touch intervals of one packed block, at most; more make a block of their own. */
const TOUCHED_PAGES_LIMIT = 1 << 20;

/** A trace in the blocks that {@link packBlocks} makes: those that a `.tlt` file of it has. */
export const packTrace = (trace: AccessTrace): AccessTrace => ({
  ...trace,
  blocks: () => packBlocks(trace.blocks()),
});

/** The same accesses in full blocks, whatever the lengths of `blocks`. A histogram's blocks stay apart. */
export async function* packBlocks(blocks: AsyncIterable<AccessBlock>): AsyncGenerator<AccessBlock> {
  let pending: PendingBlock | undefined;
  for await (const block of blocks) {
    const isAlone = block.interval !== undefined || block.length === BLOCK_ACCESSES;
    if (isAlone && isEmpty(pending)) {
      yield block;
      if (pending) pending.newPageFirst = block.newPageFirst + block.newPageNumber.length;
      continue;
    }
    pending ??= { ...createPendingBlock(columnsOf(block)), newPageFirst: block.newPageFirst };
    if (block.interval !== undefined) {
      yield takeBlock(pending);
      yield block;
      pending.newPageFirst = block.newPageFirst + block.newPageNumber.length;
      continue;
    }
    yield* appendBlock(pending, block);
  }
  if (pending && !isEmpty(pending)) yield takeBlock(pending);
}

const isEmpty = (pending: PendingBlock | undefined): boolean =>
  pending === undefined || (pending.length === 0 && pending.newPageNumbers.length === 0);

const columnsOf = (block: AccessBlock): OptionalColumns => ({
  time: block.time !== undefined,
  line: block.line !== undefined,
  thread: block.thread !== undefined,
  weight: block.weight !== undefined,
});

function* appendBlock(pending: PendingBlock, block: AccessBlock): Generator<AccessBlock> {
  const declared = pending.newPageFirst + pending.newPageNumbers.length;
  assert(declared === block.newPageFirst, 'new pages follow one another');
  let touched = 0;
  for (const { page } of pending.touches) touched += page.length;
  if (touched > TOUCHED_PAGES_LIMIT) yield takeBlock(pending);
  // Page ids are dense, so an earlier block may declare a page that only a later one accesses.
  for (const number of block.newPageNumber) pending.newPageNumbers.push(number);
  for (const { startTime, endTime, page } of block.touches ?? [])
    pending.touches.push({ startTime, endTime, page: page.slice() });
  for (let from = 0; from < block.length;) {
    const to = Math.min(block.length, from + BLOCK_ACCESSES - pending.length);
    appendRange(pending, block, from, to);
    if (pending.length === BLOCK_ACCESSES) yield takeBlock(pending);
    from = to;
  }
}
