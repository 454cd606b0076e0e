import { bytes, megabytesPerSecond, nanoseconds, nodeId } from '@tierlab/core';
import type { Watermarks } from '@tierlab/policy';
import type { AccessBlock, AccessTrace, SourceDeclaration } from '@tierlab/trace';
import type { LatencyCurve } from './latency-curve.ts';
import type { MemorySystem } from './memory-system.ts';
import { NO_WATERMARKS } from './watermarks.ts';

/** One node of {@link tinyMemory}, alone in its tier. */
export interface TinyNode {
  readonly pages: number;
  readonly latencyNs: number;
  /** Latency of writes; that of reads if absent. */
  readonly writeLatencyNs?: number;
  /** Both ways; 1 TB/s if absent, so that bandwidth does not matter. */
  readonly bandwidthMbps?: number;
  readonly curve?: LatencyCurve;
  readonly watermarks?: Watermarks;
}

/** A memory system for tests and examples: nodes 0, 1, ... from the fastest tier down, CPUs at node 0. */
export function tinyMemory(nodes: readonly TinyNode[]): MemorySystem {
  const ids = nodes.map((_, i) => nodeId(i));
  return {
    pageBytes: bytes(4096),
    nodes: nodes.map((node, i) => ({
      id: ids[i],
      tierRank: i,
      topTier: i === 0,
      hasCpus: i === 0,
      capacityPages: node.pages,
      watermarks: node.watermarks ?? NO_WATERMARKS,
      curve: node.curve ?? { kind: 'flat' },
      preferredTargets: ids.slice(i + 1, i + 2),
      fallbackTargets: ids.slice(i + 1),
    })),
    initiators: [
      {
        id: ids[0],
        paths: nodes.map((node, i) => ({
          readLatency: nanoseconds(node.latencyNs),
          writeLatency: nanoseconds(node.writeLatencyNs ?? node.latencyNs),
          readBandwidth: megabytesPerSecond(node.bandwidthMbps ?? 1e6),
          writeBandwidth: megabytesPerSecond(node.bandwidthMbps ?? 1e6),
          distance: 10 + 10 * i,
        })),
      },
    ],
  };
}

/**
 * A trace written as letters: `a b A` reads page a, reads page b, writes page a. Page numbers are the
 * letters' places in the alphabet, from 0; anything else is left out.
 */
export function letterTrace(letters: string, blockAccesses = 65_536): AccessTrace {
  const symbols = letters.replaceAll(/[^a-zA-Z]/g, '');
  const numbers = Array.from(symbols, (symbol) => symbol.toLowerCase().charCodeAt(0) - 97);
  const writes = Array.from(symbols, (symbol) => symbol === symbol.toUpperCase());
  return numberTrace(numbers, (i) => writes[i], blockAccesses);
}

/** A trace of accesses to page numbers, in blocks of `blockAccesses`. */
export function numberTrace(
  numbers: ArrayLike<number>,
  isWrite: (i: number) => boolean = () => false,
  blockAccesses = 65_536,
  time?: Float64Array,
): AccessTrace {
  const declaration: SourceDeclaration = {
    format: 'tiny',
    level: 'cpu',
    addressSpace: 'virtual',
    clock: time === undefined ? 'accesses' : 'nanoseconds',
    pageShift: 12,
    threads: false,
    writes: true,
  };
  return {
    declaration,
    async *blocks() {
      const idOf = new Map<number, number>();
      for (let start = 0; start < numbers.length; start += blockAccesses) {
        const length = Math.min(blockAccesses, numbers.length - start);
        yield numberBlock(numbers, isWrite, start, length, idOf, time);
      }
    },
  };
}

function numberBlock(
  numbers: ArrayLike<number>,
  isWrite: (i: number) => boolean,
  start: number,
  length: number,
  idOf: Map<number, number>,
  time: Float64Array | undefined,
): AccessBlock {
  const page = new Uint32Array(length);
  const write = new Uint8Array(length);
  const newPageFirst = idOf.size;
  const newPageNumber: number[] = [];
  for (let i = 0; i < length; i++) {
    const number = numbers[start + i];
    let id = idOf.get(number);
    if (id === undefined) {
      id = idOf.size;
      idOf.set(number, id);
      newPageNumber.push(number);
    }
    page[i] = id;
    write[i] = isWrite(start + i) ? 1 : 0;
  }
  return {
    length,
    page,
    write,
    newPageFirst,
    newPageNumber: Float64Array.from(newPageNumber),
    ...(time && { time: time.subarray(start, start + length) }),
  };
}
