import type { AccessBlock } from '@tierlab/trace';
import { initiatorIndex } from './engine.ts';
import type { Engine } from './engine.ts';
import { pointTo } from './kernels/compiled.ts';
import { TRACE_TIME } from './kernels/span.ts';
import { growPageTable } from './pages.ts';

/**
 * Copies a block into the column memory, makes room for its pages, and shows the loops all of it.
 * Columns may move only until then: `makeRoom` lengthens those that others own.
 */
export function showBlock(engine: Engine, block: AccessBlock, makeRoom: () => void): void {
  const { columns, block: own, span, pages } = engine;
  const { length, newPageFirst, newPageNumber } = block;
  const wanted = [own.page, own.write];
  columns.ready();
  const time = timePasses(engine, block) ? block.time : undefined;
  if (time !== undefined) wanted.push(own.time);
  if (block.thread !== undefined) wanted.push(own.thread);
  if (block.weight !== undefined) wanted.push(own.weight);
  if (wanted.some((column) => column.length < length)) {
    columns.lengthen(wanted, 2 ** Math.ceil(Math.log2(length)));
  }
  growPageTable(pages, newPageFirst + newPageNumber.length);
  makeRoom();
  const { views } = own;
  if (block.thread !== undefined) {
    views.thread.set(head(block.thread, length));
    lengthenThreads(engine, length);
  }
  views.page.set(head(block.page, length));
  views.write.set(head(block.write, length));
  if (time !== undefined) views.time.set(head(time, length));
  if (block.weight !== undefined) views.weight.set(head(block.weight, length));
  pages.pageNumber.set(newPageNumber, newPageFirst);
  span.page = views.page;
  span.write = views.write;
  span.time = time === undefined ? undefined : views.time;
  span.soleThread = soleThreadOf(engine, block);
  span.thread =
    block.thread === undefined || span.soleThread !== undefined ? undefined : views.thread;
  span.weight = block.weight === undefined ? undefined : views.weight;
  showPages(engine);
}

/**
 * Whether the trace's clock makes a difference. Where no tick has passed since the block before, as in most blocks of a
 * trace in whole seconds, a closed loop has no pauses; an open one waits for the clock all the same.
 */
function timePasses({ followsClock, span }: Engine, { time, length }: AccessBlock): boolean {
  if (!followsClock || time === undefined) return false;
  const last = span.registers[TRACE_TIME];
  return span.openLoop || time[0] !== last || time[length - 1] !== last;
}

/** Shows the loops the columns of the page table; those of flags only where somebody wants to know. */
export function showPages({ columns, span, pages, traffic, tracksFlags }: Engine): void {
  span.nodeOf = pages.nodeOf;
  span.flags = tracksFlags ? pages.flags : undefined;
  span.accesses = pages.accesses;
  span.writes = pages.writes;
  span.touched = pages.touched;
  span.classCostNs = traffic.classCostNs;
  span.classCount = traffic.classCount;
  pointTo(columns, span, 2 * traffic.nodeSlots);
}

/** Makes the tables by thread long enough for the first `length` accesses of the block. */
function lengthenThreads(engine: Engine, length: number): void {
  const { span, block, columns, traffic } = engine;
  if (length === 0) return;
  const before = span.threadNs?.length ?? 0;
  const { byteOffset } = block.views.thread;
  const threadCount = (columns.kernels.largestThread(byteOffset, length) >>> 0) + 1;
  if (threadCount <= before) return;
  columns.lengthen([block.threadNs, block.classOffsetOf], threadCount);
  const { classOffsetOf } = block.views;
  for (let id = before; id < threadCount; id++) {
    classOffsetOf[id] = 2 * initiatorIndex(engine, id) * traffic.nodeSlots;
  }
}

/** The thread that all accesses of the block just copied are of, so that the loops need not ask; undefined where who accesses matters. */
function soleThreadOf(
  { columns, block: own, memory }: Engine,
  block: AccessBlock,
): number | undefined {
  if (block.thread === undefined || block.length === 0) return undefined;
  if (memory.initiators.length > 1) return undefined;
  const thread = columns.kernels.soleThread(own.views.thread.byteOffset, block.length);
  return thread < 0 ? undefined : thread;
}

function head<T extends { subarray(from: number, to: number): T; readonly length: number }>(
  column: T,
  length: number,
): T {
  return column.length === length ? column : column.subarray(0, length);
}
