import { assert } from '@tierlab/core';
import { NO_NODE } from '@tierlab/policy';
import type { Engine } from './engine.ts';
import { CLOCK_NS, THINK_NS } from './kernels/span.ts';
import { folioHead, folioPages } from './pages.ts';
import { EXACT_NS } from './time.ts';
import { takeCounts } from './traffic.ts';

/** Throws unless the books balance: no node over its capacity, meters add up, time is accounted for. */
export function checkBooks(engine: Engine, queued: number): void {
  const { traffic, memory, span } = engine;
  takeCounts(traffic);
  let served = 0;
  for (const total of traffic.classTotal) served += total;
  // Messages are made only when they are needed: intervals are many.
  if (served !== engine.accessCount) {
    assert(false, `${engine.accessCount} accesses replayed, ${served} served`);
  }
  for (const { id } of memory.nodes) {
    const used = engine.usedPages[id];
    if (used < 0 || used > engine.capacityPages[id]) {
      assert(false, `node ${id} holds ${used} of ${engine.capacityPages[id]} pages`);
    }
  }
  let refused = 0;
  for (const count of engine.refusals.values()) refused += count;
  const { requests, movedRequests } = engine;
  if (requests !== movedRequests + refused + queued) {
    assert(
      false,
      `${requests} requests, ${movedRequests} moved, ${refused} refused, ${queued} queued`,
    );
  }
  if (span.openLoop || span.registers[CLOCK_NS] > EXACT_NS) return;
  const { faultNs, moveNs, sampleNs, displacedNs } = engine.time;
  const spent =
    span.registers[THINK_NS] + traffic.memoryNs + faultNs + moveNs + sampleNs + displacedNs;
  if (spent !== span.registers[CLOCK_NS]) {
    assert(false, `the clock shows ${span.registers[CLOCK_NS]} ns, the meters ${spent} ns`);
  }
}

/** Throws unless every mapped page is on one node and the nodes hold these pages and no others. */
export function checkPages(engine: Engine, shadowPages: (node: number) => number): void {
  const { pages, memory } = engine;
  const { nodeOf } = pages;
  const held = new Float64Array(NO_NODE + 1);
  if (pages.headOf === undefined) {
    // Every page is its own folio.
    const ids = memory.nodes.map(({ id }) => id);
    engine.countPagesOn(ids).forEach((count, i) => (held[ids[i]] = count));
    held[NO_NODE] = pages.count - held.reduce((sum, count) => sum + count);
  }
  for (let page = 0; pages.headOf !== undefined && page < pages.count; page++) {
    const head = folioHead(pages, page);
    // The message is made only when it is needed: this runs for every page.
    if (nodeOf[page] !== nodeOf[head]) assert(false, `page ${page} is not where its folio is`);
    if (page === head) held[nodeOf[page]] += folioPages(pages, page);
  }
  assert(held[NO_NODE] === 0, `${held[NO_NODE]} mapped pages are on no node`);
  for (const { id } of memory.nodes) {
    const expected = held[id] + shadowPages(id);
    assert(
      expected === engine.usedPages[id],
      `node ${id}: ${engine.usedPages[id]} pages allocated, ${expected} held`,
    );
  }
}
