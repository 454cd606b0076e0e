import type { NodeId } from '@tierlab/core';

/**
 * Everything that a policy can be told, by the name under which it is declared.
 *
 * | name | what it is | in which form |
 * |---|---|---|
 * | `accessedBits` | accessed and dirty bits of page tables, read and cleared on request | `signals.accessedBits` |
 * | `hintFaults` | protected pages fault at the next touch | `signals.hintFaults`, hook `hintFault` |
 * | `samples` | every n-th memory access, as PEBS, IBS or SPE give them | `signals.samples` |
 * | `allocation` | pages being mapped | hooks `allocate`, `mapped`, `mappedMany` |
 * | `pressure` | allocations that find too few free pages | hook `pressure` |
 * | `telemetry` | counters of memory controllers and cores | `signals.telemetry` |
 * | `accesses` | exact access counts of the epoch that ended | `epoch` view, ground truth |
 * | `writes` | exact write counts of the epoch that ended | `epoch` view, ground truth |
 * | `futureAccesses` | exact access counts of the epoch to come | `epoch` view, ground truth |
 * | `runAccesses` | exact access counts of the whole run, known before it | `signals.runAccesses`, ground truth |
 * | `accessStream` | every access in order | hook `block`, ground truth |
 * | `nextUse` | when each access's page is accessed again | `block` view, ground truth |
 * | `wholeTrace` | every access, known before the run, and what each costs where | `signals.wholeTrace`, ground truth |
 *
 * Touches and misses are told apart: `accessedBits` and `hintFaults` see every touch of a page,
 * `samples` and `telemetry` what reached memory. A trace that only has misses cannot feed the former.
 */
export const SIGNALS = [
  'accessedBits',
  'hintFaults',
  'samples',
  'allocation',
  'pressure',
  'telemetry',
  'accesses',
  'writes',
  'futureAccesses',
  'runAccesses',
  'accessStream',
  'nextUse',
  'wholeTrace',
] as const;

/** The name of a signal; see {@link SIGNALS}. */
export type Signal = (typeof SIGNALS)[number];

/** The signals that no hardware gives: reports mark whoever declares one of them. */
export const GROUND_TRUTH: readonly Signal[] = [
  'accesses',
  'writes',
  'futureAccesses',
  'runAccesses',
  'accessStream',
  'nextUse',
  'wholeTrace',
];

/** The signals that see every touch of a page, not only what missed the caches. */
export const TOUCH_SIGNALS: readonly Signal[] = ['accessedBits', 'hintFaults'];

/** Accessed bit in what {@link AccessedBits.read} returns. */
export const ACCESSED = 1;
/** Dirty bit in what {@link AccessedBits.read} returns. */
export const DIRTY = 2;

/** Accessed and dirty bits; a huge page has one pair. Each page read is charged as one PTE scanned. */
export interface AccessedBits {
  /** The bits of `page`, of which those in `clear` are cleared. */
  read(page: number, clear: number): number;
  /** Writes the bits of `pages[i]` to `bits[i]`, for the first `count` or all; returns how many had the accessed bit. */
  readMany(pages: ArrayLike<number>, clear: number, bits: Uint8Array, count?: number): number;
  /**
   * Reads and clears the accessed bits of those of the pages `[from, to)` of a list that are on `node`. Writes the pages that
   * had it to `accessed`, in their order, and returns how many they are.
   */
  takeOnNode(
    node: number,
    pages: Readonly<Uint32Array>,
    from: number,
    to: number,
    accessed: Uint32Array,
  ): number;
  /** Writes the bits of every page of `node` to `bits[page]`, 0 elsewhere; returns how many were accessed. */
  readNode(node: number, clear: number, bits: Uint8Array): number;
}

/** A touch of a protected page. Borrowed: the same object is passed every time. */
export interface HintFault {
  readonly page: number;
  readonly write: boolean;
  readonly thread: number;
  /** The node of the CPU that touched the page. */
  readonly initiator: NodeId;
  readonly timeNs: number;
  /** When the page was protected. */
  readonly protectedNs: number;
}

/**
 * Page protection that makes the next touch fault. A fault takes the protection away, from the whole
 * huge page where it is one, before the hook `hintFault` is called.
 */
export interface HintFaults {
  /** Protects `page` and notes the time; false: it is protected already. Charged as one PTE. */
  protect(page: number): boolean;
  isProtected(page: number): boolean;
  /** Takes the protection away without a fault. */
  unprotect(page: number): void;
  /** When `page` was last protected; -1 if never. */
  protectedNs(page: number): number;
}

/** Which accesses a sampler counts. */
export interface SamplerSpec {
  readonly event: 'loads' | 'stores' | 'all';
  /** Only accesses served by these nodes; all nodes if absent. */
  readonly nodes?: readonly NodeId[];
  /** One sample every `period` events. */
  readonly period: number;
  /** Samples that the buffer holds until they are drained; later ones are lost. Default 65,536. */
  readonly bufferSamples?: number;
}

/** Samples as columns, oldest first; only the first `length` entries are valid. Borrowed until the next drain. */
export interface SampleBatch {
  readonly length: number;
  readonly page: Readonly<Uint32Array>;
  readonly write: Readonly<Uint8Array>;
  /** The node that served the access. */
  readonly node: Readonly<Uint8Array>;
  readonly thread: Readonly<Uint16Array>;
  readonly timeNs: Readonly<Float64Array>;
}

/** A running sampler. The sampled task pays for each sample taken, the reader for each one drained. */
export interface Sampler {
  /** Takes everything out of the buffer. */
  drain(): SampleBatch;
  /** Changes the period from the next event on; 0 switches the sampler off. */
  setPeriod(period: number): void;
  readonly period: number;
  /** Samples lost so far because the buffer was full. */
  readonly lost: number;
}

export interface Samples {
  open(spec: SamplerSpec): Sampler;
}

/** Counters that only ever grow; a policy takes differences over its own intervals. */
export interface Telemetry {
  /** Reads and writes that `node` served, in accesses. */
  reads(node: number): number;
  writes(node: number): number;
  /** Bytes of all traffic of `node`: accesses and moves. */
  readBytes(node: number): number;
  writeBytes(node: number): number;
  /** Sum of the loaded latencies of the accesses that `node` served: occupancy, in access-nanoseconds. */
  occupancyNs(node: number): number;
  /** Loaded read latency of `node` in the last contention window. */
  readLatencyNs(node: number): number;
  /** Time that the application waited for memory: latency over memory-level parallelism. */
  stallNs(): number;
}

/** The accesses of a trace in order, as columns, and what each costs the application. */
export interface WholeTrace {
  readonly length: number;
  readonly page: Readonly<Uint32Array>;
  /** Who accesses and how: accesses of one kind cost the same on the same node. */
  readonly kind: Readonly<Uint16Array>;
  /** Accesses that each record stands for; absent: 1 each. */
  readonly weight?: Readonly<Uint32Array>;
  /** Time that one access of this kind makes the application wait where `node` serves it, unloaded. */
  accessNs(kind: number, node: NodeId): number;
}

/** What `signals` holds for each declared signal that is asked rather than told. */
export interface SignalSources {
  readonly accessedBits: AccessedBits;
  readonly hintFaults: HintFaults;
  readonly samples: Samples;
  readonly telemetry: Telemetry;
  /** By page id, of pages not mapped yet as well. */
  readonly runAccesses: Readonly<Uint32Array>;
  readonly wholeTrace: WholeTrace;
}
