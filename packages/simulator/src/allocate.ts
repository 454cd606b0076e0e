import { assert } from '@tierlab/core';
import { PROCESS_STRIDE } from '@tierlab/trace';
import type { NodeId } from '@tierlab/core';
import { PolicyError } from '@tierlab/policy';
import type { AllocationRequest } from '@tierlab/policy';
import { chargeTask, countEvent, freePages, initiatorIndex, knownNode, payedBy } from './engine.ts';
import type { Engine } from './engine.ts';
import { SimulatorError } from './errors.ts';
import { HUGE_PAGES, PAGE_ACCESSED, PAGE_DIRTY, PAGE_HUGE } from './pages.ts';

/** Base pages are mapped one by one at first touch, huge pages whole. */
export interface PageAllocator {
  /** Maps `page`, the next id, which a thread touches for the first time. */
  map(page: number, pageNumber: number, thread: number, write: boolean): void;
  /** Zone list of an initiator: nodes by distance, then id. */
  readonly zoneLists: readonly (readonly NodeId[])[];
}

type Request = { -readonly [K in keyof AllocationRequest]: AllocationRequest[K] };

/** The allocator of a run. */
export function createAllocator(engine: Engine): PageAllocator {
  const zoneLists = engine.memory.initiators.map((_, i) => zoneList(engine, i));
  /** First page touched in each aligned huge range, by process and range. */
  const headOfRange = new Map<number, number>();
  const request: Request = {
    page: 0,
    process: 0,
    pageNumber: 0,
    folioPages: 1,
    thread: 0,
    initiator: engine.memory.initiators[0].id,
    write: false,
  };

  const easyMark = engine.relaxes.includes('watermarks') ? 'minPages' : 'lowPages';
  const nowhere: readonly NodeId[] = [];

  const place = (pageCount: number): NodeId | undefined => {
    request.folioPages = pageCount;
    const { hooks, placement } = engine;
    const wanted =
      hooks.allocate === undefined
        ? hooks.cache?.nodes
        : nodesWithMemory(engine, hooks.allocate(request));
    const named = wanted === undefined ? placement?.nodeFor(request) : undefined;
    const list = zoneLists[initiatorIndex(engine, request.thread)];
    const first = wanted ?? (named === undefined ? nowhere : [named]);
    const node = chooseNode(engine, pageCount, first, list, easyMark);
    if (named !== undefined && node !== undefined) placement?.settle(request, node);
    return node;
  };

  const settle = (page: number, node: NodeId, pageCount: number): void => {
    engine.pages.nodeOf[page] = node;
    engine.usedPages[node] += pageCount;
    engine.firstTouchNs += chargeTask(engine, 'faultNs', engine.costs.faultNs);
    engine.events.pgfault++;
    engine.hooks.mapped?.(page);
  };

  const mapHuge = (page: number, rangeKey: number): boolean => {
    const { pages } = engine;
    const head = headOfRange.get(rangeKey);
    if (head !== undefined) {
      pages.headOf![page] = head;
      pages.nextOf![page] = pages.nextOf![head];
      pages.nextOf![head] = page + 1;
      if (!(pages.flags[head] & PAGE_HUGE)) return false;
      pages.nodeOf[page] = pages.nodeOf[head];
      // The bits of the mapping, but not those of accesses.
      pages.flags[page] = pages.flags[head] & ~(PAGE_ACCESSED | PAGE_DIRTY);
      return true;
    }
    headOfRange.set(rangeKey, page);
    pages.headOf![page] = page;
    const node = place(HUGE_PAGES);
    if (node === undefined) {
      countEvent(engine, 'thp_fault_fallback', 1);
      return false;
    }
    pages.flags[page] |= PAGE_HUGE;
    countEvent(engine, 'thp_fault_alloc', 1);
    settle(page, node, HUGE_PAGES);
    return true;
  };

  return {
    zoneLists,
    map(page, number, thread, write) {
      const { pages } = engine;
      const process = engine.processes > 1 ? Math.floor(number / PROCESS_STRIDE) : 0;
      const pageNumber = number - process * PROCESS_STRIDE;
      assert(page === pages.count, 'pages are mapped in the order of their ids');
      pages.count = page + 1;
      pages.pageNumber[page] = pageNumber;
      pages.processOf[page] = process;
      request.page = page;
      request.process = process;
      request.pageNumber = pageNumber;
      request.thread = thread;
      request.initiator = engine.memory.initiators[initiatorIndex(engine, thread)].id;
      request.write = write;
      if (pages.headOf !== undefined) {
        const rangeKey = process * 2 ** 44 + Math.floor(pageNumber / HUGE_PAGES);
        if (mapHuge(page, rangeKey)) return;
      }
      const node = place(1);
      if (node === undefined) throw outOfMemory(engine);
      settle(page, node, 1);
    },
  };
}

/** `wanted`, which the hook `allocate` returned. Throws `POLICY_BAD_HOOKS` unless they are nodes, or undefined. */
function nodesWithMemory(
  { nodeAt }: Engine,
  wanted: readonly NodeId[] | undefined,
): readonly NodeId[] | undefined {
  if (wanted === undefined) return undefined;
  if (Array.isArray(wanted) && wanted.every((id) => nodeAt[id] !== undefined)) return wanted;
  throw new PolicyError(
    'POLICY_BAD_HOOKS',
    `hook allocate: expected a list of nodes with memory or undefined, got ${JSON.stringify(wanted)}`,
  );
}

/**
 * The node that a folio of `pageCount` base pages is allocated on, or undefined.
 *
 * First every node in order whose free pages stay at its low watermark; then, with every node on
 * the list told of the pressure, its min watermark; then once more after the application's own
 * reclaim.
 *
 * Source: Linux mm/page_alloc.c get_page_from_freelist, __alloc_pages_slowpath, 6.12.
 */
function chooseNode(
  engine: Engine,
  pageCount: number,
  wanted: readonly NodeId[],
  list: readonly NodeId[],
  easyMark: 'lowPages' | 'minPages',
): NodeId | undefined {
  const easy = firstWithRoom(engine, pageCount, wanted, list, easyMark);
  if (easy !== undefined) return easy;
  for (const id of list) engine.hooks.pressure?.(id, 'low');
  const hard = firstWithRoom(engine, pageCount, wanted, list, 'minPages');
  if (hard !== undefined || engine.hooks.pressure === undefined) return hard;
  payedBy(engine, 'task', () => engine.hooks.pressure!(wanted[0] ?? list[0], 'min'));
  countEvent(engine, 'allocstall', 1);
  return firstWithRoom(engine, pageCount, wanted, list, 'minPages');
}

/** The first node, of those wanted and then of the list, whose free pages stay at the mark. */
function firstWithRoom(
  engine: Engine,
  pageCount: number,
  wanted: readonly NodeId[],
  list: readonly NodeId[],
  mark: 'lowPages' | 'minPages',
): NodeId | undefined {
  return firstOf(engine, pageCount, wanted, mark) ?? firstOf(engine, pageCount, list, mark);
}

function firstOf(
  engine: Engine,
  pageCount: number,
  nodes: readonly NodeId[],
  mark: 'lowPages' | 'minPages',
): NodeId | undefined {
  for (const id of nodes) {
    const { lowPages, minPages } = knownNode(engine, id).watermarks;
    const keptPages = mark === 'lowPages' ? lowPages : minPages;
    if (freePages(engine, id) - pageCount >= keptPages) return id;
  }
  return undefined;
}

function zoneList(engine: Engine, initiator: number): NodeId[] {
  const { nodes, initiators } = engine.memory;
  const distance = initiators[initiator].paths.map((path) => path.distance);
  return nodes
    .map((node, i) => ({ id: node.id, distance: distance[i] }))
    .toSorted((a, b) => a.distance - b.distance || a.id - b.id)
    .map((node) => node.id);
}

function outOfMemory(engine: Engine): SimulatorError {
  const held = engine.memory.nodes
    .map((node) => `node ${node.id}: ${engine.usedPages[node.id]} of ${node.capacityPages}`)
    .join(', ');
  return new SimulatorError(
    'SIM_OUT_OF_MEMORY',
    `page ${engine.pages.count - 1}: no node has a free page above its min watermark (pages ${held}); give the machine more memory`,
  );
}
