import type { Bytes, MegabytesPerSecond, Nanoseconds, NodeId } from '@tierlab/core';

/** A NUMA node with memory, as a migration policy may know it: what sysfs and the firmware say. */
export interface MemoryNodeView {
  readonly id: NodeId;
  /** Rank of its tier: 0 is the fastest; nodes of one tier share a rank. */
  readonly tierRank: number;
  readonly hasCpus: boolean;
  readonly capacityPages: number;
  /** Unloaded latency and peak bandwidth from the nearest initiator. */
  readonly readLatency: Nanoseconds;
  readonly writeLatency: Nanoseconds;
  readonly readBandwidth: MegabytesPerSecond;
  readonly writeBandwidth: MegabytesPerSecond;
}

/**
 * Free-page marks of a node, in pages, as the kernel keeps them for a zone.
 *
 * Source: Linux mm/page_alloc.c __setup_per_zone_wmarks, include/linux/mmzone.h, 6.12.
 */
export interface Watermarks {
  readonly minPages: number;
  readonly lowPages: number;
  readonly highPages: number;
  readonly promoPages: number;
}

/** The nodes, tiers and demotion targets of the machine, with what is free now. */
export interface MemoryView {
  readonly pageBytes: Bytes;
  /** Every node with memory, in the order of their ids. */
  readonly nodes: readonly MemoryNodeView[];
  /** Node ids by tier rank, fastest tier first. */
  readonly tiers: readonly (readonly NodeId[])[];
  node(id: number): MemoryNodeView;
  /** Whether the kernel counts this node's tier as top tier: no page of it is promoted. */
  isTopTier(id: number): boolean;
  /** The nearest node of the next faster tier with memory; undefined in the fastest. */
  above(id: number): NodeId | undefined;
  /** The first preferred demotion target; undefined in the slowest tier. */
  below(id: number): NodeId | undefined;
  /** The kernel's preferred demotion targets: the nearest nodes of the next slower tier. */
  preferredTargets(id: number): readonly NodeId[];
  /** Every node of every slower tier, which a demotion falls back to. */
  fallbackTargets(id: number): readonly NodeId[];
  /** The distance of SLIT from node `from` to node `to`; 10 is local. */
  distance(from: number, to: number): number;
  freePages(id: number): number;
  /** CPU time of moving one base page, work and copy; the TLB shootdown of its batch is not in it. */
  movePageNs(from: number, to: number): number;
  watermarks(id: number): Watermarks;
}

/** The mapped pages as columns. Every column is borrowed until the hook returns: read it anew in each hook. */
export interface PageView {
  /** Pages mapped so far; ids run from 0 in the order of first touch. */
  readonly pageCount: number;
  /** Node id of each page; length at least `pageCount`. */
  readonly nodeOf: Readonly<Uint8Array>;
  /** Page number (address >> page shift) of each page in its address space. */
  readonly pageNumber: Readonly<Float64Array>;
  /** Process of each page, numbered from 0. */
  readonly processOf: Readonly<Uint8Array>;
  /** Base pages that move with `page`: 1, or 512 where it is part of a huge page mapped whole. */
  folioPages(page: number): number;
  /** The page that stands for the whole folio of `page`: its first one touched. */
  folioHead(page: number): number;
}

/** Node id in {@link PageView.nodeOf} of a page that is not mapped. */
export const NO_NODE = 255;
