import type { MemoryView } from '@tierlab/policy';
import { createZones, type Zone, type ZoneDescription } from './zones.ts';

/**
 * A node of a simulated machine as one zone, whose free pages are the engine's; one without memory where the node is not
 * there. `demotionMark` says what a top tier has for its promo watermark instead of the machine's.
 */
export function simulatedZone(
  memory: MemoryView,
  node: number,
  demotionMark: ((zone: Zone) => number) | undefined,
): Zone {
  const known = memory.nodes.some((candidate) => candidate.id === node);
  const [zone] = createZones([describe(memory, node, known)], 1);
  const marked = demotionMark !== undefined && known && memory.isTopTier(node);
  const promo = marked ? demotionMark(zone) : zone.promo;
  return new SimulatedZone(zone, promo, known ? memory : undefined);
}

/** A class, since V8 looks up by name whatever an object has that has a getter of its own. */
class SimulatedZone implements Zone {
  readonly node: number;
  readonly type: number;
  readonly min: number;
  readonly low: number;
  readonly high: number;
  readonly promo: number;
  readonly presentPages: number;
  readonly managedPages: number;
  readonly lowmemReserve: number;
  readonly perCpu: Zone['perCpu'];
  reclaimActive: boolean;
  belowHigh: boolean;
  readonly #memory: MemoryView | undefined;

  constructor(zone: Zone, promo: number, memory: MemoryView | undefined) {
    this.node = zone.node;
    this.type = zone.type;
    this.min = zone.min;
    this.low = zone.low;
    this.high = zone.high;
    this.promo = promo;
    this.presentPages = zone.presentPages;
    this.managedPages = zone.managedPages;
    this.lowmemReserve = zone.lowmemReserve;
    this.perCpu = zone.perCpu;
    this.reclaimActive = zone.reclaimActive;
    this.belowHigh = zone.belowHigh;
    this.#memory = memory;
  }

  get freePages(): number {
    return this.#memory?.freePages(this.node) ?? 0;
  }
}

function describe(memory: MemoryView, node: number, known: boolean): ZoneDescription {
  const marks = known ? memory.watermarks(node) : undefined;
  const pages = known ? memory.node(node).capacityPages : 0;
  return {
    node,
    type: 2,
    min: marks?.minPages ?? 0,
    low: marks?.lowPages ?? 0,
    high: marks?.highPages ?? 0,
    promo: marks?.promoPages ?? 0,
    presentPages: pages,
    managedPages: pages,
    freePages: 0,
    perCpuPages: 0,
    perCpuUnmovable: 0,
  };
}
