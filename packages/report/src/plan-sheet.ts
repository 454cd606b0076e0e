/** The answer of a capacity plan for one trace or a weighted fleet of them, as a report shows it. */
export interface PlanSheet {
  /** The trace, or what the fleet is called. */
  readonly workload: string;
  readonly machine: string;
  /** The slowdown that is still good enough: 1.05. */
  readonly slowdownTarget: number;
  /** Bytes that the workload touches. */
  readonly footprintBytes: number;
  readonly curves: readonly PlanCurve[];
  readonly answers: readonly PlanAnswer[];
  /** Which input moves the answer, most first. */
  readonly sensitivity: readonly SensitivityLine[];
  /** What to know before the answer is used. */
  readonly notes: readonly string[];
}

/** Slowdown and cost of one policy over the size of DRAM. */
export interface PlanCurve {
  readonly policy: string;
  readonly ruler: boolean;
  readonly points: readonly PlanPoint[];
}

export interface PlanPoint {
  /** Share of the footprint that DRAM has room for. */
  readonly dramShare: number;
  readonly dramBytes: number;
  readonly slowdown: number;
  readonly slowdownLow?: number;
  readonly slowdownHigh?: number;
  /** In the currency of the prices. */
  readonly cost?: number;
}

export interface PlanAnswer {
  readonly policy: string;
  readonly ruler: boolean;
  /** The least DRAM from which on every size tried meets the target; absent where none does. */
  readonly dramBytes?: number;
  /** DRAM that the ends of the interval of the slowdown ask for. */
  readonly dramBytesLow?: number;
  readonly dramBytesHigh?: number;
  readonly cost?: number;
  /** Cost with all of the footprint in DRAM. */
  readonly costAllDram?: number;
  /** Price of the second tier up to which the answer is cheaper than DRAM alone, as text with its unit. */
  readonly breakEvenPrice?: string;
}

export interface SensitivityLine {
  readonly input: string;
  readonly change: string;
  readonly effect: string;
}
