import {
  bytes,
  type KernelVersion,
  type Machine,
  type MachineNode,
  type MappedRange,
  type MemoryRange,
  overlap,
} from '@tierlab/core';
import { decodeAcpi, encodeAcpi } from '@tierlab/firmware';

import { KernelLabError } from '../errors.ts';
import type { GuestMachine } from './scenario.ts';

/** A machine that QEMU boots. */
export interface BootableMachine {
  /** As a kernel with the boot options reads it from the guest's tables. */
  readonly machine: Machine;
  readonly guest: GuestMachine;
  /** The kernel's command line: what was asked for, and what makes the kinds of memory. */
  readonly bootOptions: readonly string[];
}

/** How a scaled machine is booted. */
export interface ScalingOptions {
  /** The kernel that reads the tables; the newest 6.12 by default. */
  readonly kernel?: KernelVersion;
  /** Boot options that hold for any addresses, as `numa=off`. */
  readonly bootOptions?: readonly string[];
  /** MiB of each range of a node's memory, a multiple of 128, which it is unless given; the first node has 512 more. */
  readonly rangeMib?: number;
}

const MIB = 2 ** 20;
const GIB = 2 ** 30;
/** One memory block of a machine below 64 GiB. Source: Linux arch/x86/mm/init_64.c, 6.12. */
const BLOCK_MIB = 128;
/** The first node also holds the kernel and its initramfs. */
const FIRST_RANGE_MIB = 512;
/** Where q35 stops laying RAM below 4 GiB. Source: QEMU hw/i386/pc_q35.c pc_q35_init, 7.2. */
const SPLIT_AT_MIB = 0xb00;
const LOW_MIB = 2048;
/** More than this is more than most hosts give. */
const RAM_MIB_MAX = 8192;

type Kind = MappedRange['kind'] | 'absent';

/** A stretch of one node's memory that has one kind, before it has an address. */
interface Part extends Pick<MemoryRange, 'node' | 'hotPluggable' | 'nonVolatile'> {
  readonly kind: Kind;
}

/**
 * Scales `machine` down to what QEMU can boot in seconds: each node keeps which kinds of memory it
 * has (RAM at boot, soft-reserved, persistent, none yet) in ranges of 128 MiB or what is asked for, and
 * one CPU if it has any. No tier, demotion target or coordinate depends on how much there is, only on whether.
 *
 * Throws `LAB_BAD_SCENARIO` for a machine that cannot be booted here: with CXL devices, which QEMU
 * would have to emulate, or with too many nodes; and `FIRMWARE_CANNOT_ENCODE`.
 */
export function scaledMachine(machine: Machine, options: ScalingOptions = {}): BootableMachine {
  refuseCxl(machine);
  const { memory, memoryMap, ramMib, memmapOptions } = layOut(
    machine.nodes.flatMap(partsOf(machine)),
    options.rangeMib ?? BLOCK_MIB,
  );
  const nodes = withOneCpuEach(machine.nodes);
  const encoded = encodeAcpi({ ...machine, nodes, memory, memoryMap });
  const { tables } = encoded;
  const shown = [tables.SRAT, tables.SLIT, tables.HMAT].filter((table) => table !== undefined);
  const bootOptions = [...(encoded.options.bootOptions ?? []), ...(options.bootOptions ?? [])];
  return {
    // `memoryMap` is that after the memmap options.
    machine: decodeAcpi(tables, { ...encoded.options, ...options, bootOptions }),
    guest: {
      qemu: ['-smp', cpuArgument(tables.APIC ?? new Uint8Array(0)), '-m', `${ramMib}M`],
      tables: shown,
    },
    bootOptions: [...memmapOptions, ...bootOptions],
  };
}

/** Throws `LAB_BAD_SCENARIO` for a machine with CXL windows. */
export function refuseCxl({ cxl }: Machine): void {
  if (cxl === undefined) return;
  throw new KernelLabError(
    'LAB_BAD_SCENARIO',
    'machine: expected one without CXL windows, which need a device behind them; describe the node by its HMAT alone',
  );
}

/** The kinds of memory that a node has, RAM first; `absent` for addresses with nothing behind them. */
const partsOf =
  ({ memory, memoryMap }: Machine) =>
  ({ id }: MachineNode): readonly Part[] => {
    const ranges = memory.filter(({ node }) => node === id);
    if (ranges.length === 0) return [];
    const kinds = (['ram', 'soft-reserved', 'persistent'] as const).filter((kind) =>
      memoryMap.some(
        (mapped) => mapped.kind === kind && ranges.some((range) => overlap(range, mapped) > 0),
      ),
    );
    const { hotPluggable, nonVolatile } = ranges[0];
    return (kinds.length === 0 ? (['absent'] as const) : kinds).map((kind) => ({
      kind,
      node: id,
      hotPluggable,
      nonVolatile,
    }));
  };

interface Layout {
  readonly memory: readonly MemoryRange[];
  readonly memoryMap: readonly MappedRange[];
  readonly ramMib: number;
  readonly memmapOptions: readonly string[];
}

/**
 * Gives the parts addresses: what has something behind it from 0 on, the rest beyond the RAM. The
 * first node has the last range as well: its top 128 KiB are the firmware's, and a block with a hole
 * neither goes offline nor becomes a dax device.
 */
function layOut(parts: readonly Part[], rangeMib: number): Layout {
  const present = parts.filter(({ kind }) => kind !== 'absent');
  const first = present.find(isRam);
  if (first === undefined) {
    throw new KernelLabError(
      'LAB_BAD_SCENARIO',
      'machine: expected a node with memory at boot, got none; no kernel boots without',
    );
  }
  const order = [first, ...present.filter((part) => part !== first), first];
  const ramMib = FIRST_RANGE_MIB + rangeMib * (order.length - 1);
  checkRange(rangeMib, ramMib);
  if (ramMib > RAM_MIB_MAX) {
    throw new KernelLabError(
      'LAB_BAD_SCENARIO',
      `machine: expected at most ${RAM_MIB_MAX} MiB once scaled down, got ${order.length} ranges of memory; describe fewer nodes`,
    );
  }
  const placed: [Part, MemoryRange][] = order.map((part, i) => {
    const offsetMib = i === 0 ? 0 : FIRST_RANGE_MIB + rangeMib * (i - 1);
    const sizeMib = i === 0 ? FIRST_RANGE_MIB : rangeMib;
    return [part, rangeOf(part, addressOf(offsetMib, ramMib), sizeMib)];
  });
  const beyond = Math.ceil((4 * GIB + ramMib * MIB) / GIB) * GIB;
  const absent = parts.filter(({ kind }) => kind === 'absent');
  const windows = absent.map((part, i) => rangeOf(part, beyond + i * GIB, BLOCK_MIB));
  return {
    memory: [...placed.map(([, range]) => range), ...windows].sort((a, b) => a.base - b.base),
    memoryMap: memoryMapOf(placed),
    ramMib,
    memmapOptions: placed.flatMap(([{ kind }, range]) => memmapOption(kind, range)),
  };
}

/** Throws `LAB_BAD_SCENARIO` for ranges that are not whole blocks, or of which one would lie across the hole of a PC. */
function checkRange(rangeMib: number, ramMib: number): void {
  const whole = Number.isInteger(rangeMib / BLOCK_MIB) && rangeMib > 0;
  const apart = ramMib < SPLIT_AT_MIB || (LOW_MIB - FIRST_RANGE_MIB) % rangeMib === 0;
  if (whole && apart) return;
  throw new KernelLabError(
    'LAB_BAD_SCENARIO',
    `machine: expected nodes of a multiple of ${BLOCK_MIB} MiB each, and with ${SPLIT_AT_MIB} MiB or more in all one of 128, 256, 384, 512, 768 and 1536, got ${rangeMib} (${ramMib} in all)`,
  );
}

const isRam = ({ kind }: Part): boolean => kind === 'ram';

/** As {@link pcMemoryMap} of `@tierlab/firmware` has it: no range of ours crosses the gap. */
function addressOf(offsetMib: number, ramMib: number): number {
  const high = ramMib >= SPLIT_AT_MIB && offsetMib >= LOW_MIB;
  return high ? 4 * GIB + (offsetMib - LOW_MIB) * MIB : offsetMib * MIB;
}

const rangeOf = (part: Part, base: number, sizeMib: number): MemoryRange => ({
  node: part.node,
  base: bytes(base),
  size: bytes(sizeMib * MIB),
  hotPluggable: part.hotPluggable,
  nonVolatile: part.nonVolatile,
});

/** The PC's hole under the first MiB, then every range with its kind; equal neighbours joined. */
function memoryMapOf(placed: readonly [Part, MemoryRange][]): readonly MappedRange[] {
  const map: MappedRange[] = [{ base: bytes(0), size: bytes(0x9fc00), kind: 'ram' }];
  for (const [{ kind }, range] of placed) {
    if (kind === 'absent') continue;
    const base = Math.max(range.base, MIB);
    const size = range.base + range.size - base;
    const last = map.at(-1);
    if (last !== undefined && last.kind === kind && last.base + last.size === base) {
      map[map.length - 1] = { ...last, size: bytes(last.size + size) };
    } else {
      map.push({ base: bytes(base), size: bytes(size), kind });
    }
  }
  return map;
}

/**
 * What turns RAM of QEMU's into another kind for the kernel.
 * Source: Linux arch/x86/kernel/e820.c parse_memmap_one, 6.12; 0xefffffff is E820_TYPE_SOFT_RESERVED.
 */
function memmapOption(kind: Kind, { base, size }: MemoryRange): readonly string[] {
  const [sizeMib, baseMib] = [size / MIB, base / MIB];
  if (kind === 'soft-reserved') return [`memmap=${sizeMib}M%${baseMib}M-1+0xefffffff`];
  if (kind === 'persistent') return [`memmap=${sizeMib}M!${baseMib}M`];
  if (kind === 'reserved') return [`memmap=${sizeMib}M$${baseMib}M`];
  return [];
}

function withOneCpuEach(nodes: readonly MachineNode[]): readonly MachineNode[] {
  let cpu = 0;
  return nodes.map((node) => (node.cpus.length === 0 ? node : { ...node, cpus: [cpu++] }));
}

/**
 * QEMU's CPUs for the processors of a MADT: those enabled, and slots for those that may come later.
 * Source: ACPI 6.5, 5.2.12: entries from 44, type 0 (local APIC) of 8 bytes, flags at 4.
 */
export function cpuArgument(madt: Uint8Array): string {
  let enabled = 0;
  let possible = 0;
  for (let at = 44; at < madt.length; at += madt[at + 1]) {
    if (madt[at] !== 0) continue;
    possible++;
    if ((madt[at + 4] & 1) === 1) enabled++;
  }
  return possible === enabled ? String(enabled) : `${enabled},maxcpus=${possible}`;
}
