declare const unit: unique symbol;
type Branded<Unit extends string> = number & { readonly [unit]: Unit };

/** An amount of memory in bytes. */
export type Bytes = Branded<'bytes'>;
/** A duration or a point of simulated time in nanoseconds. */
export type Nanoseconds = Branded<'nanoseconds'>;
/** A bandwidth in MB/s, 10^6 bytes a second, as the kernel documents `nodeN/accessC/initiators`. */
export type MegabytesPerSecond = Branded<'megabytesPerSecond'>;
/** The kernel's abstract distance: smaller is faster, 576 is default DRAM. */
export type AbstractDistance = Branded<'abstractDistance'>;
/** A NUMA node's number, as Linux counts nodes. */
export type NodeId = Branded<'nodeId'>;

export const bytes = (value: number): Bytes => value as Bytes;
export const nanoseconds = (value: number): Nanoseconds => value as Nanoseconds;
export const megabytesPerSecond = (value: number): MegabytesPerSecond =>
  value as MegabytesPerSecond;
export const adistance = (value: number): AbstractDistance => value as AbstractDistance;
export const nodeId = (value: number): NodeId => value as NodeId;
