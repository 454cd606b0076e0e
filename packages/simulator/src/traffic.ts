import { LINE_BYTES } from '@tierlab/core';
import type { ColumnMemory } from './kernels/column-memory.ts';
import { latencyFactor } from './latency-curve.ts';
import type { MemoryPath, MemorySystem } from './memory-system.ts';
import { timeSteps } from './time.ts';

/**
 * What the memory serves and how fast: counts by class of access, loaded latencies by node, bytes of
 * moves that still wait for bandwidth. Tables by class are indexed as in `Span`, tables by node with
 * the node's id.
 */
export interface Traffic {
  readonly memory: MemorySystem;
  /** The widest path to each node, in the order of the memory's nodes. */
  readonly widest: readonly MemoryPath[];
  /** Node ids below this. */
  readonly nodeSlots: number;
  /** Accesses over the time that an access delays the next: memory-level parallelism. */
  readonly parallelism: number;
  /** Latencies never change: no node's depends on its load, or the policy is exempt from contention. */
  readonly steady: boolean;
  /** What an access costs the clock now, in time steps. */
  classCostNs: Float64Array;
  /** The most of them. */
  costNsMax: number;
  /** Loaded latency now. */
  readonly classLatencyNs: Float64Array;
  /** Accesses since the last {@link takeCounts}. */
  classCount: Uint32Array;
  /** Accesses until the last {@link takeCounts}. */
  readonly classTotal: Float64Array;
  /** Sum over accesses of their loaded latency. */
  readonly classOccupancyNs: Float64Array;
  /** Sum over accesses of what they cost the clock. */
  memoryNs: number;
  /** Bytes read from and written to each node by moves, all told. */
  readonly moveReadBytes: Float64Array;
  readonly moveWriteBytes: Float64Array;
  /** Bytes of moves that no window had bandwidth for yet. */
  readonly backlogReadBytes: Float64Array;
  readonly backlogWriteBytes: Float64Array;
  /** Share of each node's bandwidth in use, smoothed over two windows. */
  readonly utilisation: Float64Array;
  /** Class totals at the start of the window. */
  readonly windowTotal: Float64Array;
  windowStartNs: number;
}

/** Whether latencies never change: no node's depends on its load, or the run is `uncontended`. */
export function isSteady({ nodes }: MemorySystem, uncontended: boolean): boolean {
  return uncontended || nodes.every(({ curve }) => curve.kind === 'flat');
}

/** A memory system at rest. */
export function createTraffic(
  columns: ColumnMemory,
  memory: MemorySystem,
  parallelism: number,
  uncontended: boolean,
): Traffic {
  const nodeSlots = Math.max(...memory.nodes.map((node) => node.id)) + 1;
  const classes = memory.initiators.length * nodeSlots * 2;
  const byClass = (): Float64Array => new Float64Array(classes);
  const byNode = (): Float64Array => new Float64Array(nodeSlots);
  const traffic: Traffic = {
    memory,
    widest: memory.nodes.map((_, i) => bestPath(memory, i)),
    nodeSlots,
    parallelism,
    steady: isSteady(memory, uncontended),
    classCostNs: byClass(),
    costNsMax: 0,
    classLatencyNs: byClass(),
    classCount: new Uint32Array(classes),
    classTotal: byClass(),
    classOccupancyNs: byClass(),
    memoryNs: 0,
    moveReadBytes: byNode(),
    moveWriteBytes: byNode(),
    backlogReadBytes: byNode(),
    backlogWriteBytes: byNode(),
    utilisation: byNode(),
    windowTotal: byClass(),
    windowStartNs: 0,
  };
  columns.add(Float64Array, classes, (view) => (traffic.classCostNs = view));
  columns.add(Uint32Array, classes, (view) => (traffic.classCount = view));
  setLatencies(traffic);
  return traffic;
}

/** The class of reads of `node` by the initiator with this index; writes are the next class. */
export function readClass(traffic: Traffic, initiator: number, node: number): number {
  return 2 * (initiator * traffic.nodeSlots + node);
}

/** Adds the counts since the last call to the totals, at the latencies that hold now. */
export function takeCounts(traffic: Traffic): void {
  const { classCount, classTotal, classCostNs, classLatencyNs, classOccupancyNs } = traffic;
  for (let kind = 0; kind < classCount.length; kind++) {
    const accesses = classCount[kind];
    if (accesses === 0) continue;
    classTotal[kind] += accesses;
    classOccupancyNs[kind] += accesses * classLatencyNs[kind];
    traffic.memoryNs += accesses * classCostNs[kind];
    classCount[kind] = 0;
  }
}

/** Charges the copy of `copiedBytes` from one node to another to the bandwidth of both. */
export function chargeCopy(traffic: Traffic, from: number, to: number, copiedBytes: number): void {
  traffic.moveReadBytes[from] += copiedBytes;
  traffic.moveWriteBytes[to] += copiedBytes;
  // Where no latency depends on load, nobody works the backlog off, or asks for it.
  if (traffic.steady) return;
  traffic.backlogReadBytes[from] += copiedBytes;
  traffic.backlogWriteBytes[to] += copiedBytes;
}

/** As `count` times {@link chargeCopy}, to the last bit wherever that can be seen. */
export function chargeCopies(
  traffic: Traffic,
  from: number,
  to: number,
  copiedBytes: number,
  count: number,
): void {
  // A backlog is no whole number, and its sum depends on the order, which matters where load does.
  if (traffic.steady) return chargeCopy(traffic, from, to, copiedBytes * count);
  for (let i = 0; i < count; i++) chargeCopy(traffic, from, to, copiedBytes);
}

/**
 * Ends the contention window at `nowNs`: the load of the window sets the latencies of the next one.
 *
 * The load of a node is its bytes over what its bandwidth allows in that time, reads and writes
 * added as DRAM's shared bus does, and the mean of that and the load before, which keeps a
 * closed loop from swinging around its fixed point. Moves use what bandwidth the window had; the
 * rest waits for the next window.
 */
export function endWindow(traffic: Traffic, nowNs: number): void {
  takeCounts(traffic);
  const elapsedNs = nowNs - traffic.windowStartNs;
  if (elapsedNs <= 0) return;
  const { memory, nodeSlots, classTotal, windowTotal } = traffic;
  for (let i = 0; i < memory.nodes.length; i++) {
    const { id } = memory.nodes[i];
    let reads = 0;
    let writes = 0;
    for (let initiator = 0; initiator < memory.initiators.length; initiator++) {
      const kind = 2 * (initiator * nodeSlots + id);
      reads += classTotal[kind] - windowTotal[kind];
      writes += classTotal[kind + 1] - windowTotal[kind + 1];
    }
    const { readBandwidth, writeBandwidth } = traffic.widest[i];
    // B / (MB/s) is microseconds: bandwidth * ns / 1000 is the bytes of the window.
    const readBytesMax = (readBandwidth * elapsedNs) / 1e3;
    const writeBytesMax = (writeBandwidth * elapsedNs) / 1e3;
    const moveRead = Math.min(traffic.backlogReadBytes[id], readBytesMax);
    const moveWrite = Math.min(traffic.backlogWriteBytes[id], writeBytesMax);
    traffic.backlogReadBytes[id] -= moveRead;
    traffic.backlogWriteBytes[id] -= moveWrite;
    const load =
      (reads * LINE_BYTES + moveRead) / readBytesMax +
      (writes * LINE_BYTES + moveWrite) / writeBytesMax;
    traffic.utilisation[id] = (traffic.utilisation[id] + load) / 2;
  }
  windowTotal.set(classTotal);
  traffic.windowStartNs = nowNs;
  if (!traffic.steady) setLatencies(traffic);
}

/** The widest path to the node with this index: what the node itself can deliver. */
export function bestPath(memory: MemorySystem, nodeIndex: number): MemoryPath {
  return memory.initiators
    .map((initiator) => initiator.paths[nodeIndex])
    .reduce((best, path) => (path.readBandwidth > best.readBandwidth ? path : best));
}

/** Sets latency and cost of each class from the load of its node. */
function setLatencies(traffic: Traffic): void {
  const { memory, parallelism, nodeSlots, classCostNs, classLatencyNs } = traffic;
  traffic.costNsMax = 0;
  memory.initiators.forEach((initiator, k) => {
    initiator.paths.forEach((path, i) => {
      const node = memory.nodes[i];
      const factor = latencyFactor(node.curve, traffic.utilisation[node.id]);
      const kind = 2 * (k * nodeSlots + node.id);
      classLatencyNs[kind] = path.readLatency * factor;
      classLatencyNs[kind + 1] = path.writeLatency * factor;
      // An access cannot take less time than its line takes on the path.
      const readLineNs = (LINE_BYTES / path.readBandwidth) * 1e3;
      const writeLineNs = (LINE_BYTES / path.writeBandwidth) * 1e3;
      classCostNs[kind] = timeSteps(Math.max(classLatencyNs[kind] / parallelism, readLineNs));
      classCostNs[kind + 1] = timeSteps(
        Math.max(classLatencyNs[kind + 1] / parallelism, writeLineNs),
      );
      traffic.costNsMax = Math.max(traffic.costNsMax, classCostNs[kind], classCostNs[kind + 1]);
    });
  });
}

/** Sums over initiators for one node: reads, writes, occupancy; the counts must have been taken. */
export function nodeTraffic(
  traffic: Traffic,
  node: number,
): { readonly reads: number; readonly writes: number; readonly occupancyNs: number } {
  let reads = 0;
  let writes = 0;
  let occupancyNs = 0;
  for (let k = 0; k < traffic.memory.initiators.length; k++) {
    const kind = readClass(traffic, k, node);
    reads += traffic.classTotal[kind];
    writes += traffic.classTotal[kind + 1];
    occupancyNs += traffic.classOccupancyNs[kind] + traffic.classOccupancyNs[kind + 1];
  }
  return { reads, writes, occupancyNs };
}
