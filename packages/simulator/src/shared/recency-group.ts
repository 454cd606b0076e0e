import { assert } from '@tierlab/core';
import type { AccessBlock } from '@tierlab/trace';
import { knownPages } from '../run.ts';
import type { Run } from '../run.ts';
import { EXACT_NS } from '../time.ts';
import { createRecencyColumns } from './recency-columns.ts';

/** Runs in order of recency that are replayed in one list. */
export interface RecencyGroup {
  accept(block: AccessBlock): void;
  /** The trace has ended: each run finishes by itself. */
  end(): void;
}

/** Fewer runs than this cost less on their own. */
const GROUP_MIN = 3;
/** A word of bits has one for each run. */
const GROUP_MAX = 64;

/** The runs that can be replayed in one list, in groups, and the other ones. */
export function groupRecencies(runs: readonly Run[]): {
  readonly groups: readonly RecencyGroup[];
  readonly others: readonly Run[];
} {
  const byKey = new Map<string, Run[]>();
  for (const run of runs) {
    if (run.recency === undefined) continue;
    const { key } = run.recency;
    byKey.set(key, [...(byKey.get(key) ?? []), run]);
  }
  const parts: Run[][] = [];
  for (const like of byKey.values()) {
    for (let from = 0; from < like.length; from += GROUP_MAX) {
      const part = like.slice(from, from + GROUP_MAX);
      if (part.length >= GROUP_MIN) parts.push(part);
    }
  }
  const grouped = new Set(parts.flat());
  return { groups: parts.map(createRecencyGroup), others: runs.filter((run) => !grouped.has(run)) };
}

function createRecencyGroup(members: readonly Run[]): RecencyGroup {
  const recencies = members.map(({ recency }) => recency!);
  const columns = createRecencyColumns(recencies);
  /** Members that are still in the group. */
  let inGroup = members.map((_, i) => i);
  /** Accesses before the block. */
  let blockStart = 0;

  const settle = (i: number, accesses: number): void =>
    recencies[i].settle({
      clockNs: columns.clockNs(i),
      accesses,
      writes: columns.writes,
      readMisses: columns.readMisses(i),
      writeMisses: columns.writeMisses(i),
      pageCount: columns.pageCount,
    });

  /** Lets happen what is due after so many accesses; false: nothing is. */
  const happen = (accesses: number): boolean => {
    const due = inGroup.filter((i) => recencies[i].nextNs() <= columns.clockNs(i));
    for (const i of due) {
      settle(i, accesses);
      while (recencies[i].nextNs() <= columns.clockNs(i)) recencies[i].happen();
    }
    if (due.length > 0) columns.showDeadlines(inGroup);
    return due.length > 0;
  };

  const leave = (leaving: readonly number[], accesses: number): void => {
    for (const i of leaving) {
      settle(i, accesses);
      recencies[i].leave(columns.state(i));
    }
    inGroup = inGroup.filter((i) => !leaving.includes(i));
    columns.keep(inGroup);
    columns.showDeadlines(inGroup);
  };

  /** These runs replay by themselves what is left of the block, and all blocks after it. */
  const goOnAlone = (leaving: readonly number[], from: number, block: AccessBlock): void => {
    leave(leaving, blockStart + from);
    const rest = restOf(block, from);
    for (const i of leaving) members[i].accept(rest);
  };

  const take = (block: AccessBlock): void => {
    const { page, length } = block;
    const known = knownPages(block);
    const exact = inGroup.every((i) => columns.clockNs(i) < EXACT_NS / 2);
    if (!exact || !isPlain(block) || !columns.show(block, known)) {
      return goOnAlone(inGroup, 0, block);
    }
    const pagesMax = (i: number): number => Math.min(recencies[i].pagesMax, known);
    for (let from = 0; from < length && inGroup.length > 0;) {
      from = columns.replay(from, length, Math.min(...inGroup.map(pagesMax)));
      if (from === length || happen(blockStart + from)) continue;
      const { pageCount } = columns;
      assert(page[from] >= pageCount, 'the loop stopped for nothing');
      const leaving = inGroup.filter((i) => page[from] > pageCount || pagesMax(i) <= pageCount);
      goOnAlone(leaving, from, block);
    }
    // Somebody knows of pages that nobody accessed.
    if (columns.pageCount < known) goOnAlone(inGroup, length, block);
  };

  columns.keep(inGroup);
  columns.showDeadlines(inGroup);
  return {
    accept(block) {
      const apart = members.filter((_, i) => !inGroup.includes(i));
      if (inGroup.length > 0) take(block);
      for (const run of apart) run.accept(block);
      blockStart += block.length;
    },
    end: () => leave(inGroup, blockStart),
  };
}

/** Whether a block has nothing but pages and writes that the loop would have to see. */
function isPlain({ thread, weight, touches }: AccessBlock): boolean {
  return thread === undefined && weight === undefined && touches === undefined;
}

/** What is left of a plain block; whoever takes it has mapped some of its pages. */
function restOf(block: AccessBlock, from: number): AccessBlock {
  if (from === 0) return block;
  const { page, write, length, newPageFirst, newPageNumber } = block;
  return {
    length: length - from,
    page: page.subarray(from, length),
    write: write.subarray(from, length),
    newPageFirst,
    newPageNumber,
  };
}
