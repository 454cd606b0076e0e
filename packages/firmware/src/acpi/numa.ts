import type { FixedWindow } from './cedt.ts';
import type { Slit } from './slit.ts';
import type { Srat, SratCpu, SratGeneric, SratMemory } from './srat.ts';
import { cleanBlocks, uncoveredBytes, type NodeBlock, type Span } from './memory-blocks.ts';

/**
 * Nodes as Linux makes them from SRAT, SLIT and CEDT at boot, or the one node it falls back to.
 */
export interface Numa {
  /** Node of a proximity domain. It outlives a fallback, and the HMAT is read with what is left. */
  readonly nodeOf: ReadonlyMap<number, number>;
  /** Proximity domain of a node. */
  readonly domainOf: ReadonlyMap<number, number>;
  /** Possible nodes. */
  readonly nodes: ReadonlySet<number>;
  /** Blocks of boot memory, trimmed and joined; see `memory-blocks.ts`. */
  readonly blocks: readonly NodeBlock[];
  /** Node of a CPU that the SRAT names, by APIC id or processor UID. */
  readonly cpuNode: ReadonlyMap<number, number>;
  readonly genericInitiators: ReadonlySet<number>;
  /** Node of each CXL window, in order. */
  readonly windowNodes: readonly (number | undefined)[];
  readonly distance: (from: number, to: number) => number;
  /** Why firmware's nodes are not used and everything is in node 0. */
  readonly fallback: string | undefined;
  /** The kernel calls the SRAT disabled: then the HMAT is not even opened. */
  readonly sratDisabled: boolean;
}

export interface NumaInput {
  readonly srat: Srat | undefined;
  readonly slit: Slit | undefined;
  readonly windows: readonly FixedWindow[];
  readonly ram: readonly Span[];
  readonly numaOff: boolean;
  readonly noSrat: boolean;
  /** Entry types that are CPUs on this machine: 0 and 2 on x86, 3 on Arm, 7 on RISC-V. */
  readonly cpuTypes: ReadonlySet<number>;
  readonly note: (
    table: 'SRAT' | 'SLIT' | 'CEDT',
    offset: number | undefined,
    text: string,
  ) => void;
}

/** Domains a kernel can map: MAX_NUMNODES, 1024 in distribution kernels. Source: Linux include/acpi/acpi_numa.h. */
const DOMAIN_LIMIT = 1024;
/** RAM that may be in no node. Source: Linux arch/x86/mm/numa.c, mm/memblock.c memblock_validate_numa_coverage. */
const UNCOVERED_MAX = 2 ** 20;

/**
 * The nodes. Two passes over the SRAT, each in table order: first CPUs and generic initiators, then
 * memory; a domain gets the lowest free node the first time an enabled entry names it. Then SLIT,
 * then the CXL windows. Source: Linux drivers/acpi/numa/srat.c acpi_numa_init; mm/numa_memblks.c.
 */
export function buildNuma(input: NumaInput): Numa {
  const reader = new Reader(input);
  let fallback: string | undefined;
  if (input.numaOff) fallback = 'numa=off';
  else fallback = reader.read();
  const cleaned = fallback === undefined ? cleanBlocks(reader.blocks, input.ram) : undefined;
  if (cleaned?.overlap !== undefined) fallback = cleaned.overlap;
  if (cleaned && fallback === undefined) {
    const uncovered = uncoveredBytes(cleaned.blocks, input.ram);
    if (uncovered > UNCOVERED_MAX)
      fallback = `${uncovered} bytes of RAM are in no node, more than ${UNCOVERED_MAX}`;
  }
  const shared = {
    nodeOf: input.numaOff ? new Map<number, number>() : reader.nodeOf,
    domainOf: reader.domainOf,
    genericInitiators: reader.genericInitiators,
    sratDisabled: reader.disabled,
  };
  if (cleaned && fallback === undefined)
    return {
      ...shared,
      nodes: new Set([...reader.parsed, ...cleaned.blocks.map((block) => block.node)]),
      blocks: cleaned.blocks,
      cpuNode: reader.cpuNode,
      windowNodes: reader.windowNodes,
      distance: reader.distance,
      fallback,
    };
  const end = Math.max(0, ...input.ram.map((span) => span.end));
  return {
    ...shared,
    nodes: new Set([0]),
    blocks: [{ start: 0, end, node: 0 }],
    cpuNode: new Map(),
    windowNodes: input.windows.map(() => undefined),
    distance: (from, to) => (from === to ? 10 : 20),
    fallback,
  };
}

/** The state of the kernel's SRAT code while it reads. */
class Reader {
  readonly nodeOf = new Map<number, number>();
  readonly domainOf = new Map<number, number>();
  readonly parsed = new Set<number>();
  readonly cpuNode = new Map<number, number>();
  readonly genericInitiators = new Set<number>();
  readonly blocks: NodeBlock[] = [];
  readonly windowNodes: (number | undefined)[] = [];
  distance: Numa['distance'] = (from, to) => (from === to ? 10 : 20);
  disabled = false;
  private memoryEntries = 0;
  private readonly input: NumaInput;

  constructor(input: NumaInput) {
    this.input = input;
    this.disabled = input.noSrat;
  }

  /** Reads all; the reason when firmware gives no usable nodes. */
  read(): string | undefined {
    const { srat, noSrat } = this.input;
    if (srat && !noSrat) {
      this.readProcessors(srat);
      this.readMemory(srat);
    }
    this.readDistances();
    this.readWindows();
    if (!srat) return 'there is no SRAT';
    if (noSrat) return 'numa=noacpi';
    if (srat.zeroLengthAt !== undefined)
      return `SRAT entry of length 0 at byte ${srat.zeroLengthAt}`;
    if (this.disabled) return 'SRAT not used';
    if (this.memoryEntries === 0) return 'the SRAT has no enabled memory';
    return undefined;
  }

  /** Pass 1: one entry that fails ends it, and a disabled generic initiator fails. */
  private readProcessors(srat: Srat): void {
    for (const entry of srat.entries) {
      if (entry.kind === 'cpu') this.readCpu(entry);
      else if (entry.kind === 'initiator' && !this.readInitiator(entry)) return;
    }
  }

  private readCpu(entry: SratCpu): void {
    if (this.disabled || !this.input.cpuTypes.has(entry.type)) return;
    if (!entry.lengthGood) {
      this.refuse(entry.offset, `CPU entry of type ${entry.type} with length ${entry.length}`);
      return;
    }
    if (!entry.enabled) return;
    const node = this.mapDomain(entry.proximityDomain);
    if (node === undefined) {
      this.refuse(entry.offset, `proximity domain ${entry.proximityDomain} is out of range`);
      return;
    }
    this.cpuNode.set(entry.cpu, node);
    this.parsed.add(node);
  }

  private readInitiator(entry: SratGeneric): boolean {
    const node = entry.enabled ? this.mapDomain(entry.proximityDomain) : undefined;
    if (node === undefined) {
      const why = entry.enabled ? 'a domain out of range' : 'not enabled';
      this.note(
        entry.offset,
        `generic initiator is ${why}: its handler fails and no CPU or initiator entry after it is read`,
      );
      return false;
    }
    this.parsed.add(node);
    this.genericInitiators.add(node);
    return true;
  }

  /** Pass 2. */
  private readMemory(srat: Srat): void {
    for (const entry of srat.entries) {
      if (entry.kind !== 'memory' || this.disabled) continue;
      if (!entry.lengthGood) {
        this.refuse(entry.offset, `memory entry with length ${entry.length}, less than 40`);
        continue;
      }
      if (!entry.enabled) continue;
      this.readMemoryEntry(entry, srat.revision);
    }
  }

  private readMemoryEntry(entry: SratMemory, revision: number): void {
    const domain = revision <= 1 ? entry.proximityDomain % 256 : entry.proximityDomain;
    if (domain !== entry.proximityDomain)
      this.note(
        entry.offset,
        `domain ${entry.proximityDomain} counts as ${domain}: revision ${revision} has 8 bits, but the HMAT is compared with all of them`,
      );
    const node = this.mapDomain(domain);
    if (node === undefined) {
      this.refuse(entry.offset, `proximity domain ${domain} is out of range`);
      return;
    }
    this.addBlock(node, entry.base, entry.base + entry.size);
    this.parsed.add(node);
    this.memoryEntries++;
  }

  /** Ranges that wrap around 2^64 are ignored, as are empty ones. */
  private addBlock(node: number, start: number, end: number): void {
    if (start < end && end < 2 ** 64) this.blocks.push({ start, end, node });
  }

  private mapDomain(domain: number): number | undefined {
    if (domain >= DOMAIN_LIMIT) return undefined;
    const known = this.nodeOf.get(domain);
    if (known !== undefined) return known;
    const node = this.domainOf.size;
    if (node >= DOMAIN_LIMIT) return undefined;
    this.nodeOf.set(domain, node);
    this.domainOf.set(node, domain);
    return node;
  }

  /** A SLIT by proximity domain; the table has room for nodes known now, later ones stay at 10 and 20. */
  private readDistances(): void {
    const { slit } = this.input;
    if (!slit) return;
    if (slit.invalid) {
      this.input.note('SLIT', slit.invalid.offset, slit.invalid.reason);
      return;
    }
    const nodeCount = 1 + Math.max(-1, ...this.parsed);
    const values = new Uint8Array(nodeCount * nodeCount);
    for (let from = 0; from < nodeCount; from++)
      for (let to = 0; to < nodeCount; to++) {
        const fromDomain = this.domainOf.get(from) ?? slit.localities;
        const toDomain = this.domainOf.get(to) ?? slit.localities;
        const known = fromDomain < slit.localities && toDomain < slit.localities;
        const unknown = from === to ? 10 : 20;
        values[from * nodeCount + to] = known ? slit.distance(fromDomain, toDomain) : unknown;
      }
    this.distance = (from, to) => {
      if (from < nodeCount && to < nodeCount) return values[from * nodeCount + to]!;
      return from === to ? 10 : 20;
    };
  }

  /** A window that no memory entry touches becomes a node with a made-up domain; any other widens what it touches. */
  private readWindows(): void {
    let madeUpDomain = 1 + Math.max(-1, ...this.nodeOf.keys());
    for (const { base, size, offset } of this.input.windows) {
      const touched = this.blocks
        .filter((block) => block.start < base + size && base < block.end)
        .sort((a, b) => a.start - b.start);
      if (touched.length > 0) {
        this.fillGaps(touched, base, base + size);
        this.windowNodes.push(touched[0]!.node);
        continue;
      }
      const node = this.mapDomain(madeUpDomain);
      this.windowNodes.push(node);
      if (node === undefined) continue;
      this.input.note(
        'CEDT',
        offset,
        `CXL window is in no SRAT memory: node ${node} is made for it, with domain ${madeUpDomain}`,
      );
      madeUpDomain++;
      this.addBlock(node, base, base + size);
      this.parsed.add(node);
    }
  }

  /** Source: Linux mm/numa_memblks.c numa_fill_memblks. */
  private fillGaps(touched: readonly NodeBlock[], start: number, end: number): void {
    touched[0]!.start = Math.min(touched[0]!.start, start);
    const last = touched.at(-1)!;
    last.end = Math.max(last.end, end);
    let previousEnd = touched[0]!.end;
    for (const block of touched.slice(1)) {
      if (previousEnd < block.start) block.start = previousEnd;
      previousEnd = Math.max(previousEnd, block.end);
    }
  }

  private refuse(offset: number, why: string): void {
    this.note(offset, `${why}: the whole SRAT is not used`);
    this.disabled = true;
  }

  private note(offset: number, text: string): void {
    this.input.note('SRAT', offset, text);
  }
}
