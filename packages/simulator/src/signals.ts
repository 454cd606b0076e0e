import { assert, LINE_BYTES } from '@tierlab/core';
import type { NodeId } from '@tierlab/core';
import { ACCESSED, DIRTY, NO_NODE } from '@tierlab/policy';
import type { AccessedBits, HintFaults, Telemetry } from '@tierlab/policy';
import { chargeSteps, chargeWork, countEvent, knownNode } from './engine.ts';
import type { Engine } from './engine.ts';
import {
  assertMapped,
  changeFolioFlags,
  folioFlags,
  folioHead,
  folioPages,
  noteTouches,
  PAGE_HUGE,
  PAGE_PROTECTED,
} from './pages.ts';
import type { PageTable } from './pages.ts';
import { timeSteps } from './time.ts';
import { bestPath, nodeTraffic, readClass, takeCounts } from './traffic.ts';

/** Accessed and dirty bits, which the replay kernel sets. */
export function createAccessedBits(engine: Engine): AccessedBits {
  const { pages, costs } = engine;
  const readNs = timeSteps(costs.pteScanNs);
  const readFolio = (head: number, clear: number): number => {
    noteTouches(pages, head);
    const bits = folioFlags(pages, head) & (ACCESSED | DIRTY);
    if (bits & clear) changeFolioFlags(pages, head, 0, clear & (ACCESSED | DIRTY));
    return bits;
  };
  const readPage = (page: number, clear: number): number => {
    assertMapped(pages, page);
    const flags = pages.flags[page];
    if (flags & PAGE_HUGE || pages.touches !== undefined)
      return readFolio(folioHead(pages, page), clear);
    const cleared = flags & clear & (ACCESSED | DIRTY);
    if (cleared) pages.flags[page] = flags & ~cleared;
    return flags & (ACCESSED | DIRTY);
  };
  return {
    read(page, clear) {
      chargeSteps(engine, 'faultNs', readNs);
      return readPage(page, clear);
    },
    readMany(list, clear, bits, count = list.length) {
      assert(
        count <= list.length && count <= bits.length,
        `accessedBits: ${count} of ${list.length} pages into ${bits.length} bytes`,
      );
      let accessed = 0;
      if (pages.headOf === undefined && pages.touches === undefined)
        accessed = readBasePages(pages, list, clear, bits, count);
      else
        for (let i = 0; i < count; i++) {
          bits[i] = readPage(list[i], clear);
          accessed += bits[i] & ACCESSED;
        }
      chargeSteps(engine, 'faultNs', readNs * count);
      return accessed;
    },
    takeOnNode(node, list, from, to, accessed) {
      knownNode(engine, node);
      assert(
        0 <= from && from <= to && to <= list.length && to - from <= accessed.length,
        `accessedBits: pages ${from} to ${to} of ${list.length} into ${accessed.length}`,
      );
      if (pages.headOf === undefined && pages.touches === undefined)
        return takeBasePages(engine, readNs, node, list, from, to, accessed);
      let read = 0;
      let count = 0;
      for (let i = from; i < to; i++) {
        if (pages.nodeOf[list[i]] !== node) continue;
        read++;
        if (readPage(list[i], ACCESSED) & ACCESSED) accessed[count++] = list[i];
      }
      chargeSteps(engine, 'faultNs', readNs * read);
      return count;
    },
    readNode(node, clear, bits) {
      knownNode(engine, node);
      assert(
        bits.length >= pages.count,
        `accessedBits: ${pages.count} pages into ${bits.length} bytes`,
      );
      let accessed = 0;
      let tested = 0;
      bits.fill(0);
      for (let page = 0; page < pages.count; page++) {
        if (pages.nodeOf[page] !== node) continue;
        if (folioHead(pages, page) !== page) continue;
        tested++;
        bits[page] = readFolio(page, clear);
        accessed += bits[page] & ACCESSED;
      }
      chargeWork(engine, 'faultNs', costs.pteScanNs * tested);
      return accessed;
    },
  };
}

/** Reads bits where there are no huge pages and nobody else keeps touches: of a page after the other, and nothing else. */
function readBasePages(
  table: PageTable,
  list: ArrayLike<number>,
  clear: number,
  bits: Uint8Array,
  listed: number,
): number {
  const { flags, nodeOf, count } = table;
  const cleared = clear & (ACCESSED | DIRTY);
  let accessed = 0;
  for (let i = 0; i < listed; i++) {
    const page = list[i];
    if (page >= count || nodeOf[page] === NO_NODE) assertMapped(table, page);
    const before = flags[page];
    flags[page] = before & ~cleared;
    bits[i] = before & (ACCESSED | DIRTY);
    accessed += before & ACCESSED;
  }
  return accessed;
}

/**
 * `takeOnNode` where there are no huge pages and nobody else keeps touches. Without a branch on what it finds, as nothing
 * foretells where a page is and whether it was accessed: each page is written where the next accessed one belongs. Four
 * pages a round, since a round checks once what the columns are.
 */
function takeBasePages(
  engine: Engine,
  readNs: number,
  node: number,
  list: Readonly<Uint32Array>,
  from: number,
  to: number,
  accessed: Uint32Array,
): number {
  const { flags, nodeOf } = engine.pages;
  const mapped = engine.pages.count >>> 0;
  let read = 0;
  let count = 0;
  let i = from;
  for (; i + 4 <= to; i += 4) {
    const a = list[i];
    const b = list[i + 1];
    const c = list[i + 2];
    const d = list[i + 3];
    if (a >= mapped || b >= mapped || c >= mapped || d >= mapped) break;
    const hereA = isSame(nodeOf[a], node);
    const hereB = isSame(nodeOf[b], node);
    const hereC = isSame(nodeOf[c], node);
    const hereD = isSame(nodeOf[d], node);
    read += hereA + hereB + hereC + hereD;
    accessed[count] = a;
    count += takeAccessed(flags, a, hereA);
    accessed[count] = b;
    count += takeAccessed(flags, b, hereB);
    accessed[count] = c;
    count += takeAccessed(flags, c, hereC);
    accessed[count] = d;
    count += takeAccessed(flags, d, hereD);
  }
  for (; i < to; i++) {
    const page = list[i];
    assertMapped(engine.pages, page);
    const here = isSame(nodeOf[page], node);
    read += here;
    accessed[count] = page;
    count += takeAccessed(flags, page, here);
  }
  chargeSteps(engine, 'faultNs', readNs * read);
  return count;
}

/** 1 where two node ids are the same, 0 otherwise. */
const isSame = (a: number, b: number): number => ((a ^ b) - 1) >>> 31;

/** Clears the accessed bit of a page where `here` is 1; returns what it was, 0 elsewhere. */
function takeAccessed(flags: Uint8Array, page: number, here: number): number {
  const bits = flags[page];
  const had = bits & here;
  flags[page] = bits ^ had;
  return had;
}

/** Page protection; the engine calls the hook `hintFault` when the kernel stops at a protected page. */
export function createHintFaults(engine: Engine): HintFaults {
  const { pages, costs } = engine;
  return {
    protect(page) {
      assertMapped(pages, page);
      const head = folioHead(pages, page);
      chargeWork(engine, 'faultNs', costs.pteScanNs);
      if (pages.flags[head] & PAGE_PROTECTED) return false;
      changeFolioFlags(pages, head, PAGE_PROTECTED, 0);
      pages.protectedNs![head] = engine.nowNs;
      engine.events.numa_pte_updates += folioPages(pages, head);
      if (pages.flags[head] & PAGE_HUGE) countEvent(engine, 'numa_huge_pte_updates', 1);
      return true;
    },
    isProtected(page) {
      assertMapped(pages, page);
      return (pages.flags[page] & PAGE_PROTECTED) !== 0;
    },
    unprotect(page) {
      assertMapped(pages, page);
      changeFolioFlags(pages, folioHead(pages, page), 0, PAGE_PROTECTED);
    },
    protectedNs(page) {
      assertMapped(pages, page);
      return pages.protectedNs![folioHead(pages, page)];
    },
  };
}

/** Counters of the memory controllers and of the cores. */
export function createTelemetry(engine: Engine): Telemetry {
  const { traffic } = engine;
  const of = (node: number): ReturnType<typeof nodeTraffic> => {
    knownNode(engine, node);
    takeCounts(traffic);
    return nodeTraffic(traffic, node);
  };
  return {
    reads: (node) => of(node).reads,
    writes: (node) => of(node).writes,
    readBytes: (node) => of(node).reads * LINE_BYTES + traffic.moveReadBytes[node],
    writeBytes: (node) => of(node).writes * LINE_BYTES + traffic.moveWriteBytes[node],
    occupancyNs: (node) => of(node).occupancyNs,
    readLatencyNs(node) {
      knownNode(engine, node);
      return traffic.classLatencyNs[readClass(traffic, nearestInitiator(engine, node), node)];
    },
    stallNs() {
      takeCounts(traffic);
      return traffic.memoryNs;
    },
  };
}

/** Index of the initiator with the widest path to a node. */
function nearestInitiator(engine: Engine, node: NodeId | number): number {
  const { memory } = engine;
  const nodeIndex = memory.nodes.findIndex(({ id }) => id === node);
  const best = bestPath(memory, nodeIndex);
  return memory.initiators.findIndex((initiator) => initiator.paths[nodeIndex] === best);
}
