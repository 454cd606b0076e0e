import { NODE_ABSENT, type Hardware, type KernelMemory } from '@tierlab/linux-mm';

/**
 * Which physical page frame holds which page, for who monitors physical memory.
 *
 * A zone gives its frames in ascending order at first, as a buddy allocator that nobody has used yet does; frames that
 * were freed since are given again, the last one first, as the per-CPU list does. Base pages only.
 */
export interface Frames {
  /** Page held by a frame; -1: none of the program's. */
  pageAt(frame: number): number;
  /** Gives a page that was just mapped a frame of its zone. */
  place(page: number): void;
  /** Hardware that keeps the frames right as pages move. */
  readonly hardware: Hardware;
}

const PAGES_PER_MB = 256;
/** Border of the zones DMA and DMA32. Source: arch/x86/include/asm/dma.h, MAX_DMA_PFN. */
const DMA_FRAMES = 16 * PAGES_PER_MB;

/**
 * @param nodeFirst First frame of each node.
 * @param usedFrames Frames of each zone that were in use before the program started; they are taken to be its lowest.
 */
export function createFrames(
  memory: KernelMemory,
  base: Hardware,
  nodeFirst: readonly number[],
  usedFrames: readonly number[],
): Frames {
  const lastNode = nodeFirst.length - 1;
  const zones = memory.zones.map((zone, index) => {
    const first = zone.node === 0 && zone.type > 0 ? DMA_FRAMES : nodeFirst[zone.node];
    return { next: first + usedFrames[index], freed: [] as number[] };
  });
  const end = nodeFirst[lastNode] + (memory.zones.at(-1)?.presentPages ?? 0) + 1;
  const pageAt = new Int32Array(Math.max(end, ...zones.map((zone) => zone.next + 2 ** 18))).fill(
    -1,
  );
  const frameOf = new Int32Array(memory.pageCount).fill(-1);

  const take = (page: number, zone: number): void => {
    const pool = zones[zone];
    const frame = pool.freed.pop() ?? pool.next++;
    frameOf[page] = frame;
    pageAt[frame] = page;
  };
  return {
    pageAt: (frame) => pageAt[frame],
    place(page) {
      if (memory.nodeOf[page] !== NODE_ABSENT && frameOf[page] < 0) take(page, memory.zoneOf[page]);
    },
    hardware: {
      ...base,
      move(folio, node, mark) {
        const from = memory.zoneOf[folio];
        if (!base.move(folio, node, mark)) return false;
        const old = frameOf[folio];
        take(folio, memory.zoneOf[folio]); // the old frame is free only afterwards
        if (old >= 0) {
          pageAt[old] = -1;
          zones[from].freed.push(old);
        }
        return true;
      },
    },
  };
}
