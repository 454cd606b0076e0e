/** Version of the form of {@link RunRecord}; a reader refuses a higher one. */
export const RUN_RECORD_VERSION = 1;

/**
 * What one run of one policy over one trace on one machine came to: plain data, the same bytes for
 * the same inputs and seed, and all that a report needs.
 */
export interface RunRecord {
  readonly schemaVersion: typeof RUN_RECORD_VERSION;
  readonly manifest: RunManifest;
  /** The nodes that the run knew, by ascending id. */
  readonly nodes: readonly RunNode[];
  readonly totals: RunTotals;
  /** Intervals of simulated time, in order, without gaps from 0 to the end of the run. */
  readonly intervals: readonly RunInterval[];
  /** Counters under the names of /proc/vmstat, by name; counters at 0 that nobody touched are absent. */
  readonly vmstat: Readonly<Record<string, number>>;
  /** Refused requests by reason, in requests; the sum is `totals.refusedRequests`. */
  readonly refusals: Readonly<Record<string, number>>;
  /** Every move of the pages that the user asked to watch. */
  readonly watched?: readonly WatchedMove[];
  /** What a ruler has proved of this trace on this machine. */
  readonly bound?: RunBound;
  /** What became of the initial placement; absent where there was none, or the policy says itself where every page goes. */
  readonly placement?: PlacementOutcome;
}

/** Pages that an initial placement had a node for, in base pages, at their first touch. */
export interface PlacementOutcome {
  readonly namedPages: number;
  /** On their node; the others found it full, and went where any allocation goes. */
  readonly placedPages: number;
}

/** No run whose policy keeps the laws of the machine has a lower {@link placementCostNs}. */
export interface RunBound {
  readonly placementNs: number;
  /** A placement with this very cost exists: the bound is the optimum. */
  readonly attained: boolean;
}

/** Everything that determines the run. */
export interface RunManifest {
  readonly tool: { readonly name: string; readonly version: string };
  readonly inputs: readonly RunInput[];
  readonly trace: RunTrace;
  readonly policy: RunPolicy;
  /** Settings of the simulator by name: costs, intervals, clock. */
  readonly settings: Readonly<Record<string, RunSetting>>;
  readonly seed: number;
}

export interface RunInput {
  readonly role: 'trace' | 'machine' | 'policy' | 'placement';
  /** The name that the user gave it. */
  readonly name: string;
  /** SHA-256 of its bytes, hexadecimal. */
  readonly sha256?: string;
}

/** What the trace said of itself. */
export interface RunTrace {
  readonly format: string;
  readonly level: 'cpu' | 'memory';
  readonly clock: string;
  readonly pageBytes: number;
  readonly samplePeriod?: number;
  /** The trace has counts of pages, or of regions given to each of their pages, instead of accesses. */
  readonly countedBy?: 'page' | 'region';
  /** What its addresses are; virtual ones where absent. */
  readonly addressSpace?: 'physical' | 'object';
}

export interface RunPolicy {
  readonly name: string;
  readonly params: Readonly<Record<string, RunSetting>>;
  /** Declared signals that no hardware gives; a report marks a policy that has any. */
  readonly groundTruth: readonly string[];
  /** Laws of the machine that the policy is exempt from: it is a bound, not a policy. */
  readonly relaxes: readonly string[];
}

/** A value as text, and where it came from. */
export interface RunSetting {
  readonly value: string;
  readonly source: 'default' | 'file' | 'flag' | 'machine';
}

export interface RunNode {
  readonly id: number;
  /** Rank of the node's tier in this run: 0 is the fastest. */
  readonly tierRank: number;
  readonly capacityPages: number;
  /** Unloaded, from the nearest initiator. */
  readonly readLatencyNs: number;
  readonly writeLatencyNs: number;
  readonly readBandwidthMbps: number;
  readonly writeBandwidthMbps: number;
}

/** Bytes that an access moves between memory and the caches. */
export const LINE_BYTES = 64;

/** What a node served and held; `nodes[i]` of a record's lists belongs to `RunRecord.nodes[i]`. */
export interface NodeMeters {
  /** Accesses served. */
  readonly reads: number;
  readonly writes: number;
  /** Base pages held at the end. */
  readonly pages: number;
  /** Base pages moved in and out. */
  readonly pagesIn: number;
  readonly pagesOut: number;
  /** Bytes of all traffic: {@link LINE_BYTES} an access, the rest by moves. */
  readonly readBytes: number;
  readonly writeBytes: number;
  /** Sum of the loaded latencies of the accesses served; over their number it is the mean latency. */
  readonly occupancyNs: number;
}

/**
 * The application's time by what it was spent on. With a closed loop these sum to `timeNs` exactly;
 * with an open loop they are what the accesses waited for, beside a clock that did not wait.
 */
export interface RunTime {
  /** Between memory accesses, from the trace's clock. */
  readonly thinkNs: number;
  /** Waiting for memory: latency over memory-level parallelism. */
  readonly memoryNs: number;
  /** In faults: first touches, hint faults, write faults on shadowed pages. */
  readonly faultNs: number;
  /** Waiting for synchronous moves. */
  readonly moveNs: number;
  /** Taking samples. */
  readonly sampleNs: number;
  /** Displaced by kernel threads where no core was idle for them. */
  readonly displacedNs: number;
}

export interface RunTotals {
  readonly accesses: number;
  readonly reads: number;
  readonly writes: number;
  /** Distinct base pages touched. */
  readonly pages: number;
  /** Simulated time from the first access to the end of the last one. */
  readonly timeNs: number;
  readonly time: RunTime;
  /** CPU time of the policy's kernel threads. */
  readonly kernelThreadNs: number;
  /** CPU time of moving pages, their work and their copies, whoever waited for it; without shootdowns. */
  readonly migrationNs: number;
  /** Part of `time.faultNs` in which pages were mapped, which every policy pays; absent in early records. */
  readonly firstTouchNs?: number;
  readonly requests: number;
  readonly movedRequests: number;
  readonly refusedRequests: number;
  /** Base pages moved to a faster and to a slower tier. */
  readonly promotedPages: number;
  readonly demotedPages: number;
  /** Absent in early records. */
  readonly moveOutcome?: MoveOutcome;
  readonly nodes: readonly NodeMeters[];
}

/**
 * What became of the moves between tiers, in base pages that the trace touches; a page counts each time. Moves are dated
 * to a part in 32,768 of `pingPongWindow`.
 */
export interface MoveOutcome {
  /** Demoted no later after their promotion than the setting `pingPongWindow`. */
  readonly promotedThenDemotedPages: number;
  /** Promoted no later after their demotion than the setting `pingPongWindow`. */
  readonly demotedThenPromotedPages: number;
  /**
   * Demoted before the accesses they took since their promotion had saved as much time as the move took: each access
   * the unloaded read latency of the old node less that of the new one, over the memory-level parallelism. A promotion
   * that was free, or to a node whose latency is no lower, is not judged.
   */
  readonly wastedPromotionPages: number;
  /** Still there at the end of the run, without having saved as much. */
  readonly unpaidPromotionPages: number;
}

export interface RunInterval {
  readonly startNs: number;
  readonly endNs: number;
  readonly promotedPages: number;
  readonly demotedPages: number;
  /** Traffic and moves of the interval; `pages` at its end. */
  readonly nodes: readonly NodeMeters[];
}

export interface WatchedMove {
  readonly timeNs: number;
  /** Accesses replayed before it. */
  readonly access: number;
  readonly page: number;
  /** Address >> page shift. */
  readonly pageNumber: number;
  readonly from: number;
  readonly to: number;
  /** The policy's own account of why, where it gives one. */
  readonly why?: string;
}
