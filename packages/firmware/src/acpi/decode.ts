import {
  bytes,
  DEFAULT_KERNEL,
  holds,
  nodeId,
  type Cxl,
  type CxlLink,
  type Hmat,
  type KernelRule,
  type KernelVersion,
  type Machine,
  type MachineNode,
  type MachineNote,
  type MappedRange,
  type MemoryRange,
  type TableSignature,
  type TableUse,
} from '@tierlab/core';
import { parseBootOptions, type BootOptions } from './boot-options.ts';
import { readCdat } from './cdat.ts';
import { parseCedt, type FixedWindow } from './cedt.ts';
import { parseHmat } from './hmat.ts';
import { isRefusal, readHmat } from './hmat-targets.ts';
import { parseMadt, type MadtCpu } from './madt.ts';
import type { NodeBlock, Span } from './memory-blocks.ts';
import { normaliseMap, pcMemoryMap } from './memory-map.ts';
import { buildNuma, type Numa } from './numa.ts';
import { parseSlit } from './slit.ts';
import { parseSrat, type Srat } from './srat.ts';
import { openTable, type AcpiTable } from './table.ts';

/** Raw tables, as in `/sys/firmware/acpi/tables`; `APIC` is the MADT, `CDAT` that of a CXL device. */
export type AcpiTables = Readonly<Partial<Record<TableSignature, Uint8Array>>>;

export interface AcpiOptions {
  /** What is at which address; absent: every enabled, not hot-pluggable SRAT range is RAM. */
  readonly memoryMap?: readonly MappedRange[];
  /** Instead of a memory map: a PC with so much RAM. */
  readonly ramMiB?: number;
  /** Kernel boot options that matter to firmware tables; see `parseBootOptions`. */
  readonly bootOptions?: readonly string[];
  /** The kernel that reads the tables; the newest 6.12 by default. */
  readonly kernel?: KernelVersion;
  /**
   * Links of the CXL device, up to the root port, which no table describes. Absent: where QEMU made
   * the tables the link it emulates, otherwise none, so that the link adds nothing.
   */
  readonly cxlLinks?: readonly CxlLink[];
  /** Whether firmware answers the QTG `_DSM`, which no table says; true by default. */
  readonly qosAnswered?: boolean;
}

/** SRAT generic ports are HMAT targets, and one that is memory too loses its sysfs attributes. */
export const GENERIC_PORTS: KernelRule = {
  name: 'generic-ports',
  since: '6.8',
  source: 'Linux drivers/acpi/numa/hmat.c srat_parse_genport_affinity, hmat_register_target',
  what: 'SRAT type 6 entries with an ACPI handle become HMAT targets; before, they were skipped',
};

/** What QEMU's CXL root ports and devices report. Source: QEMU hw/pci/pcie.c pcie_cap_fill_lnk, 7.2. */
const QEMU_LINK: CxlLink = { transferRate: 2500, lanes: 1 };
/** RAM of a machine about which nothing at all says how much it has. */
const ASSUMED_RAM_MIB = 1024;
const PAGE_BYTES = 4096;

/**
 * The machine that Linux sees in these firmware tables.
 *
 * Every table is read as that kernel reads it: what is malformed is skipped, or drops the table, or
 * drops all of NUMA, just as there, and `notes` and `tables` say so. Only what is no table at all,
 * or ends before it says it does, is an error: `FIRMWARE_BAD_TABLE`, `FIRMWARE_TRUNCATED_TABLE`,
 * `FIRMWARE_BAD_BOOT_OPTION`.
 */
export function decodeAcpi(tables: AcpiTables, options: AcpiOptions = {}): Machine {
  return new Decoder(tables, options).decode();
}

class Decoder {
  private readonly options: AcpiOptions;
  private readonly boot: BootOptions;
  private readonly opened: Partial<Record<TableSignature, AcpiTable>> = {};
  private readonly uses: Partial<Record<TableSignature, TableUse>> = {};
  private readonly notes: MachineNote[] = [];

  constructor(tables: AcpiTables, options: AcpiOptions) {
    this.options = options;
    this.boot = parseBootOptions(options.bootOptions ?? []);
    for (const signature of ['SRAT', 'SLIT', 'HMAT', 'APIC', 'CEDT', 'CDAT'] as const)
      this.open(signature, tables[signature]);
  }

  decode(): Machine {
    const { SRAT, SLIT, APIC, CEDT } = this.opened;
    const srat = SRAT && parseSrat(SRAT);
    const slit = SLIT && parseSlit(SLIT);
    const madt = APIC && parseMadt(APIC);
    const windows = CEDT ? parseCedt(CEDT) : [];
    const memoryMap = this.readMemoryMap(srat);
    const ram = pagesOf(memoryMap);

    const numa = buildNuma({
      srat,
      slit,
      windows,
      ram,
      numaOff: this.boot.numaOff,
      noSrat: this.boot.noSrat,
      cpuTypes: cpuTypesOf(madt, srat),
      note: (table, offset, text) => this.note(table, offset, text),
    });
    this.judgeNumaTables(numa, slit?.invalid);
    const nodes = describeNodes(numa, madt ?? cpusOf(numa), ram);
    const hmat = this.readHmat(srat, numa, nodes);
    const cxl = this.readCxl(windows, numa);
    return {
      nodes,
      distances: nodes.map(({ id: from }) => nodes.map(({ id: to }) => numa.distance(from, to))),
      memory: describeMemory(srat, numa, ram, windows),
      memoryMap,
      ...(hmat && { hmat }),
      ...(cxl && { cxl }),
      movableNode: this.boot.movableNode,
      tables: this.uses,
      notes: this.notes,
    };
  }

  private open(signature: TableSignature, raw: Uint8Array | undefined): void {
    if (!raw) {
      this.uses[signature] = { state: 'absent' };
      return;
    }
    const table = openTable(signature, raw);
    if (this.boot.acpiOff) {
      this.ignore(signature, undefined, 'acpi=off');
      return;
    }
    this.uses[signature] = { state: 'used' };
    this.opened[signature] = table;
    if (!table.checksumGood && signature !== 'CDAT')
      this.note(signature, 9, 'wrong checksum: Linux warns and uses the table all the same');
  }

  private readMemoryMap(srat: Srat | undefined): MappedRange[] {
    const { memoryMap, ramMiB } = this.options;
    if (memoryMap) return this.boot.applyMemmap(normaliseMap(memoryMap));
    if (ramMiB !== undefined) return this.boot.applyMemmap(normaliseMap(pcMemoryMap(ramMiB)));
    const ranges: MappedRange[] = [];
    for (const entry of srat?.entries ?? [])
      if (entry.kind === 'memory' && entry.enabled && !entry.hotPluggable && entry.size > 0)
        ranges.push({ base: bytes(entry.base), size: bytes(entry.size), kind: 'ram' });
    if (ranges.length > 0) {
      this.note(
        'memmap',
        undefined,
        'no memory map: enabled, not hot-pluggable SRAT memory is RAM',
      );
      return this.boot.applyMemmap(normaliseMap(ranges));
    }
    this.note(
      'memmap',
      undefined,
      `no memory map, and no SRAT memory: ${ASSUMED_RAM_MIB} MiB of RAM from address 0 are assumed`,
    );
    return this.boot.applyMemmap(normaliseMap(pcMemoryMap(ASSUMED_RAM_MIB)));
  }

  private judgeNumaTables(
    numa: Numa,
    slitInvalid: { readonly offset: number; readonly reason: string } | undefined,
  ): void {
    if (slitInvalid) this.ignore('SLIT', undefined, slitInvalid.reason);
    if (numa.fallback === undefined) return;
    if (this.opened.SRAT) this.ignore('SRAT', undefined, numa.fallback);
    this.note('SRAT', undefined, `${numa.fallback}: all memory and CPUs are in one node 0`);
    if (this.opened.SLIT && !slitInvalid) this.ignore('SLIT', undefined, 'its nodes are not used');
  }

  private readHmat(
    srat: Srat | undefined,
    numa: Numa,
    nodes: readonly MachineNode[],
  ): Hmat | undefined {
    const table = this.opened.HMAT;
    if (!table) return undefined;
    let unread: string | undefined;
    if (this.boot.noHmat) unread = 'numa=nohmat';
    else if (numa.sratDisabled) unread = 'the SRAT is disabled';
    else if (!srat) unread = 'there is no SRAT';
    if (unread !== undefined || !srat) {
      this.ignore('HMAT', undefined, unread!);
      return undefined;
    }
    const result = readHmat({
      table: parseHmat(table),
      srat,
      numa,
      online: new Set(nodes.filter((node) => node.online).map((node) => node.id)),
      withCpus: new Set(nodes.filter((node) => node.cpus.length > 0).map((node) => node.id)),
      genericPorts: holds(GENERIC_PORTS, this.options.kernel ?? DEFAULT_KERNEL),
    });
    if (!isRefusal(result)) return result;
    this.ignore('HMAT', result.offset, result.reason);
    return undefined;
  }

  private readCxl(windows: readonly FixedWindow[], numa: Numa): Cxl | undefined {
    const { CDAT, CEDT } = this.opened;
    const hostBridge = windows[0]?.hostBridges[0];
    if (CDAT && hostBridge === undefined)
      this.ignore('CDAT', undefined, 'no CXL window (CEDT) leads to a device');
    if (windows.length === 0) return undefined;
    return {
      windows: windows.map(({ base, size, hostBridges }, i) => {
        const node = numa.windowNodes[i];
        return {
          base: bytes(base),
          size: bytes(size),
          ...(node !== undefined && { node: nodeId(node) }),
          hostBridges,
        };
      }),
      devices:
        CDAT && CEDT && hostBridge !== undefined ? this.readDevice(CDAT, CEDT, hostBridge) : [],
      qosAnswered: this.options.qosAnswered ?? true,
    };
  }

  private readDevice(cdat: AcpiTable, cedt: AcpiTable, hostBridge: number): Cxl['devices'] {
    const ranges = readCdat(cdat);
    if ('reason' in ranges) {
      this.ignore('CDAT', ranges.offset, ranges.reason);
      return [];
    }
    let links = this.options.cxlLinks;
    if (!links) {
      links = cedt.madeByQemu ? [QEMU_LINK] : [];
      const what = cedt.madeByQemu
        ? 'the x1 link at 2.5 GT/s that QEMU emulates'
        : 'none, so the link adds no latency and limits nothing';
      this.note('CDAT', undefined, `no table tells the device's CXL link: taken is ${what}`);
    }
    return [{ hostBridge, ranges, links, switches: [] }];
  }

  private ignore(signature: TableSignature, offset: number | undefined, reason: string): void {
    this.uses[signature] = { state: 'ignored', reason };
    this.note(signature, offset, `not used: ${reason}`);
  }

  private note(where: string, offset: number | undefined, text: string): void {
    this.notes.push({ where, ...(offset !== undefined && { offset }), text });
  }
}

/** Whole pages of RAM, sorted. */
function pagesOf(memoryMap: readonly MappedRange[]): Span[] {
  return memoryMap
    .filter(({ kind }) => kind === 'ram')
    .map(({ base, size }) => ({
      start: Math.ceil(base / PAGE_BYTES) * PAGE_BYTES,
      end: Math.floor((base + size) / PAGE_BYTES) * PAGE_BYTES,
    }))
    .filter(({ start, end }) => start < end);
}

const SRAT_CPU_TYPES = { x86: [0, 2], arm64: [3], riscv: [7] } as const;

/** A kernel of one architecture has no handler for the CPUs of another. */
function cpuTypesOf(
  madt: readonly MadtCpu[] | undefined,
  srat: Srat | undefined,
): ReadonlySet<number> {
  const listed = madt?.[0]?.architecture;
  if (listed) return new Set(SRAT_CPU_TYPES[listed]);
  const first = srat?.entries.find((entry) => entry.kind === 'cpu')?.type;
  return new Set(first === 3 || first === 7 ? [first] : SRAT_CPU_TYPES.x86);
}

/** Without a MADT, the CPUs are those the SRAT placed, all started; there is one at least. */
function cpusOf(numa: Numa): MadtCpu[] {
  const placed = [...numa.cpuNode.keys()].map(startedCpu);
  return placed.length > 0 ? placed : [startedCpu(0)];
}

const startedCpu = (id: number): MadtCpu => ({ id, enabled: true, architecture: 'x86' });

/**
 * Possible nodes. One is online with RAM, with a CPU (also one that is not plugged in), or as a
 * generic initiator. A CPU that the SRAT does not place falls to node 0.
 * Source: Linux arch/x86/mm/numa.c numa_register_nodes, init_cpu_to_node, init_gi_nodes.
 */
function describeNodes(numa: Numa, cpus: readonly MadtCpu[], ram: readonly Span[]): MachineNode[] {
  const nodeOfCpu = (cpu: MadtCpu): number => numa.cpuNode.get(cpu.id) ?? 0;
  const online = new Set<number>(cpus.map(nodeOfCpu));
  for (const block of numa.blocks)
    if (ram.some((span) => intersects(span, block))) online.add(block.node);
  for (const node of numa.genericInitiators) online.add(node);
  const started = cpus.filter((cpu) => cpu.enabled);
  const describeNode = (node: number): MachineNode => {
    const proximityDomain = numa.domainOf.get(node);
    return {
      id: nodeId(node),
      ...(proximityDomain !== undefined && !numa.sratDisabled && { proximityDomain }),
      online: online.has(node),
      cpus: started.flatMap((cpu, number) => (nodeOfCpu(cpu) === node ? [number] : [])),
      genericInitiator: numa.genericInitiators.has(node),
    };
  };
  return [...numa.nodes].sort((a, b) => a - b).map(describeNode);
}

const intersects = (a: Span, b: Span): boolean => a.start < b.end && b.start < a.end;

/** The SRAT's memory by node, and RAM that a node has between two ranges of its own. */
function describeMemory(
  srat: Srat | undefined,
  numa: Numa,
  ram: readonly Span[],
  windows: readonly FixedWindow[],
): MemoryRange[] {
  const ranges: MemoryRange[] = [];
  if (numa.fallback === undefined)
    for (const entry of srat?.entries ?? []) {
      if (entry.kind !== 'memory' || !entry.enabled || entry.base + entry.size >= 2 ** 64) continue;
      const domain = srat!.revision <= 1 ? entry.proximityDomain % 256 : entry.proximityDomain;
      ranges.push({
        node: nodeId(numa.nodeOf.get(domain)!),
        base: bytes(entry.base),
        size: bytes(entry.size),
        hotPluggable: entry.hotPluggable,
        nonVolatile: entry.nonVolatile,
      });
    }
  const claimed = [...ranges, ...windows];
  for (const block of numa.blocks)
    for (const gap of gapsWithRam(block, claimed, ram))
      ranges.push({
        node: nodeId(block.node),
        base: bytes(gap.start),
        size: bytes(gap.end - gap.start),
        hotPluggable: false,
        nonVolatile: false,
      });
  return ranges.sort((a, b) => a.base - b.base || a.size - b.size || a.node - b.node);
}

/** The RAM of a block that no range claims. */
function gapsWithRam(
  block: NodeBlock,
  claimed: readonly { readonly base: number; readonly size: number }[],
  ram: readonly Span[],
): Span[] {
  const gaps: Span[] = [];
  const sorted = [...claimed].sort((a, b) => a.base - b.base);
  for (const span of ram) {
    if (!intersects(span, block)) continue;
    let at = Math.max(span.start, block.start);
    const end = Math.min(span.end, block.end);
    for (const { base, size } of sorted) {
      if (base + size <= at || base >= end) continue;
      if (base > at) gaps.push({ start: at, end: base });
      at = base + size;
    }
    if (at < end) gaps.push({ start: at, end });
  }
  return gaps;
}
