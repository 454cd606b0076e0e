import { nodeId, type MigrationContext } from '@tierlab/policy';
import { createMonitor, stepMonitor, type DamonMonitor, type MonitorOptions } from './monitor.ts';
import type { DamonAttributes } from './regions.ts';
import type { DamosApply, DamosScheme } from './schemes.ts';

/** What a monitor needs of a policy's context. */
export type DamonContext = Pick<
  MigrationContext<'accessedBits'>,
  'memory' | 'pages' | 'signals' | 'clock' | 'random'
>;

/** Source: include/linux/damon.h, the interval at which monitored ranges are looked at again. */
const UPDATE_US = 60_000_000;

/** One monitor of a simulated machine. */
export interface SimulatedDamon {
  /** Starts its thread. */
  start(): void;
}

/**
 * A monitor whose address space is the machine's pages in the order of their addresses: traces tell virtual addresses
 * and no page frames, so neighbours are neighbours of the program. With `node`, pages elsewhere count as not there.
 *
 * `apply` is given page ids. Pages mapped after a look at the ranges are monitored from the next one on, each
 * `UPDATE_US` and whenever the mapped pages have grown by a tenth.
 */
export function simulateDamon(
  context: DamonContext,
  node: number | undefined,
  attributes: DamonAttributes,
  schemes: readonly DamosScheme[],
  apply: (scheme: DamosScheme, pages: readonly number[]) => number,
  options: MonitorOptions = {},
): SimulatedDamon {
  const { pages, signals, clock, memory } = context;
  let order: number[] = [];
  let monitor: DamonMonitor | undefined;
  let updateUs = 0;
  const isHere = (page: number): boolean => node === undefined || pages.nodeOf[page] === node;
  const capacity = memory.nodes.reduce((sum, { capacityPages }) => sum + capacityPages, 0);

  const applyRange: DamosApply = (scheme, start, end) => {
    const found: number[] = [];
    for (let at = start; at < end; at++) {
      const page = order[at];
      if (isHere(page) && pages.folioHead(page) === page) found.push(page);
    }
    return apply(scheme, found);
  };
  const freePermille = (): number => {
    let free = 0;
    for (const { id } of memory.nodes) free += memory.freePages(id);
    return Math.trunc((free * 1000) / capacity);
  };
  const machine = {
    random: context.random,
    nowMs: () => Math.trunc(clock.nowNs() / 1e6),
    freePermille,
    clear(at: number): void {
      if (isHere(order[at])) signals.accessedBits.read(pages.folioHead(order[at]), 1);
    },
    accessed: (at: number) =>
      isHere(order[at]) && (signals.accessedBits.read(pages.folioHead(order[at]), 0) & 1) === 1,
    apply: applyRange,
  };
  const step = (): void => {
    const nowUs = clock.nowNs() / 1000;
    if (monitor === undefined || nowUs >= updateUs || pages.pageCount > order.length * 1.1) {
      order = byAddress(pages);
      updateUs = nowUs + UPDATE_US;
      if (order.length > 1) {
        if (monitor === undefined)
          monitor = createMonitor(0, order.length, { ...attributes }, schemes, options);
        else monitor.regions[monitor.regions.length - 1].end = order.length;
      }
    }
    clock.after(
      (monitor === undefined ? attributes.sampleUs : stepMonitor(monitor, machine)) * 1000,
      step,
    );
  };
  return {
    start() {
      clock.after(attributes.sampleUs * 1000, step);
    },
  };
}

/** Mapped pages of all processes in order of address. */
function byAddress(pages: DamonContext['pages']): number[] {
  const order: number[] = [];
  for (let process = 0; process < pages.processCount; process++)
    for (const page of pages.inRange(process, 0, Number.MAX_SAFE_INTEGER)) order.push(page);
  return order;
}

/** Pages that are moved with one flush of the TLB. Source: mm/migrate.c, NR_MAX_BATCHED_MIGRATION, Linux 6.12. */
const BATCH_PAGES = 512;

/**
 * Moves pages that a scheme found, given in order of address, to `target`, as `moveRegion` does: the one at the highest
 * address first, and the first that finds no room there ends it, with its batch. Returns how many moved.
 */
export function migrateTo(
  moves: Pick<MigrationContext['moves'], 'requestBatch' | 'lastRefusal'>,
  found: readonly number[],
  target: number,
): number {
  let moved = 0;
  for (let end = found.length; end > 0; end -= BATCH_PAGES) {
    const batch = found.slice(Math.max(0, end - BATCH_PAGES), end).toReversed();
    const movedOfBatch = moves.requestBatch(batch, nodeId(target));
    moved += movedOfBatch;
    if (movedOfBatch < batch.length && moves.lastRefusal === 'dst_node_full') break;
  }
  return moved;
}
