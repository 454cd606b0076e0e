import { overlap, type Machine } from '../machine.ts';
import type { NodeId } from '../units.ts';
import { MEMORY_BLOCK } from './dax.ts';

/** Memory that is present on a node, online or not. */
export interface MemoryPiece {
  readonly node: NodeId;
  readonly base: number;
  readonly size: number;
  /**
   * Zone that its pages are in while it is online: hot-added memory is NORMAL, or MOVABLE under
   * `movable_node`. Source: Linux mm/memory_hotplug.c default_zone_for_pfn.
   */
  readonly zone: 'DMA32' | 'NORMAL' | 'MOVABLE';
  readonly origin: 'boot' | 'kmem' | 'acpi';
}

/** Addresses below are in ZONE_DMA32 at boot. Source: Linux arch/x86/include/asm/dma.h MAX_DMA32_PFN. */
const DMA32_END = 2 ** 32;

/** A piece and its memory blocks: all in one state but for some. */
interface Blocks {
  readonly piece: MemoryPiece;
  state: 'online' | 'offline';
  readonly otherwise: Set<number>;
}

/** What memory each node has, and which of its blocks are offline. */
export class NodeMemory {
  private readonly present: Blocks[] = [];

  constructor(machine: Machine) {
    for (const range of machine.memory)
      for (const mapped of machine.memoryMap) {
        if (mapped.kind !== 'ram' || overlap(range, mapped) === 0) continue;
        const base = Math.max(range.base, mapped.base);
        const movable = machine.movableNode && range.hotPluggable;
        const zone = base < DMA32_END ? 'DMA32' : 'NORMAL';
        this.add({
          node: range.node,
          base,
          size: overlap(range, mapped),
          zone: movable ? 'MOVABLE' : zone,
          origin: 'boot',
        });
      }
  }

  add(piece: MemoryPiece): void {
    this.present.push({ piece, state: 'online', otherwise: new Set() });
  }

  remove(piece: MemoryPiece): void {
    const at = this.present.findIndex((blocks) => blocks.piece === piece);
    if (at !== -1) this.present.splice(at, 1);
  }

  pieces(): MemoryPiece[] {
    return this.present.map(({ piece }) => piece);
  }

  piecesOf(node: NodeId): MemoryPiece[] {
    return this.pieces().filter((piece) => piece.node === node);
  }

  /** Puts all memory of a node in `state`; false: it was. */
  setNode(node: NodeId, state: Blocks['state']): boolean {
    let changed = false;
    for (const blocks of this.present) {
      if (blocks.piece.node !== node) continue;
      changed ||= blocks.state !== state || blocks.otherwise.size > 0;
      blocks.state = state;
      blocks.otherwise.clear();
    }
    return changed;
  }

  /** Nodes whose memory a block has. */
  nodesOfBlock(block: number): NodeId[] {
    return [...new Set(this.withBlock(block).map(({ piece }) => piece.node))];
  }

  /** Puts one block in `state`; false: it was. */
  setBlock(block: number, state: Blocks['state']): boolean {
    let changed = false;
    for (const { state: usual, otherwise } of this.withBlock(block)) {
      const was = otherwise.has(block) ? opposite(usual) : usual;
      changed ||= was !== state;
      if (state === usual) otherwise.delete(block);
      else otherwise.add(block);
    }
    return changed;
  }

  isOnline(piece: MemoryPiece): boolean {
    const blocks = this.present.find((blocks) => blocks.piece === piece);
    if (!blocks) return false;
    const { state, otherwise } = blocks;
    return state === 'online' ? otherwise.size < blockCount(piece) : otherwise.size > 0;
  }

  hasMemory(node: NodeId): boolean {
    return this.piecesOf(node).some((piece) => this.isOnline(piece));
  }

  /** Zones of a node that have pages; a new one, or one less, makes the kernel rebuild the zonelists. */
  zones(node: NodeId): string {
    const zones = this.piecesOf(node)
      .filter((piece) => this.isOnline(piece))
      .map((piece) => piece.zone);
    return [...new Set(zones)].sort().join(' ');
  }

  private withBlock(block: number): Blocks[] {
    return this.present.filter(
      ({ piece }) => firstBlock(piece) <= block && block < firstBlock(piece) + blockCount(piece),
    );
  }
}

const opposite = (state: Blocks['state']): Blocks['state'] =>
  state === 'online' ? 'offline' : 'online';

const firstBlock = (piece: MemoryPiece): number => Math.floor(piece.base / MEMORY_BLOCK);

const blockCount = (piece: MemoryPiece): number =>
  Math.ceil((piece.base + piece.size) / MEMORY_BLOCK) - firstBlock(piece);
