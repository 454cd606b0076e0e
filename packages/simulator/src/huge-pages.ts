import type { NodeId } from '@tierlab/core';
import { chargeWork, countEvent, freePages, knownNode } from './engine.ts';
import type { Engine } from './engine.ts';
import {
  changeFolioFlags,
  eachOfFolio,
  folioHead,
  HUGE_PAGES,
  PAGE_HUGE,
  PAGE_MOVING,
} from './pages.ts';

/** Maps a huge page by base pages, and frees those that nobody touched; false where it is none, or on its way. */
export function splitHugePage(
  engine: Engine,
  page: number,
  dropShadow: (page: number) => void,
): boolean {
  const { pages, costs } = engine;
  if (!(pages.flags[page] & PAGE_HUGE)) return false;
  const head = folioHead(pages, page);
  if (pages.flags[head] & PAGE_MOVING) return false;
  dropShadow(head);
  let touched = 0;
  eachOfFolio(pages, head, () => touched++);
  changeFolioFlags(pages, head, 0, PAGE_HUGE);
  engine.usedPages[pages.nodeOf[head]] -= HUGE_PAGES - touched;
  chargeWork(engine, 'moveNs', costs.splitHugePageNs);
  countEvent(engine, 'thp_split_page', 1);
  return true;
}

/** Maps the huge page around `page` whole; false where its pages are not together on one node that has room for the rest. */
export function collapseHugePage(
  engine: Engine,
  page: number,
  dropShadow: (page: number) => void,
): boolean {
  const { pages, costs } = engine;
  if (pages.headOf === undefined || pages.flags[page] & PAGE_HUGE) return false;
  const head = pages.headOf[page];
  const node = pages.nodeOf[head] as NodeId;
  let touched = 0;
  let flags = 0;
  let alike = true;
  for (let next = head + 1; next !== 0; next = pages.nextOf![next - 1]) {
    touched++;
    flags |= pages.flags[next - 1];
    alike &&= pages.nodeOf[next - 1] === node;
  }
  const room = freePages(engine, node) - (HUGE_PAGES - touched);
  if (!alike || flags & PAGE_MOVING || room < knownNode(engine, node).watermarks.minPages) {
    return false;
  }
  for (let next = head + 1; next !== 0; next = pages.nextOf![next - 1]) dropShadow(next - 1);
  for (let next = head + 1; next !== 0; next = pages.nextOf![next - 1]) {
    pages.flags[next - 1] |= PAGE_HUGE;
  }
  engine.usedPages[node] += HUGE_PAGES - touched;
  chargeWork(engine, 'moveNs', costs.splitHugePageNs);
  countEvent(engine, 'thp_collapse_alloc', 1);
  return true;
}
