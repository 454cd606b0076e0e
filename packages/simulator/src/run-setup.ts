import type { MigrationPolicy } from '@tierlab/policy';
import type { PlacedRange, SourceDeclaration } from '@tierlab/trace';
import type { MemorySystem } from './memory-system.ts';
import type { Settings } from './settings.ts';
import type { SharedRun } from './shared/shared-run.ts';

/** What a run is made of, resolved. */
export interface RunSetup {
  readonly declaration: SourceDeclaration;
  readonly memory: MemorySystem;
  readonly policy: MigrationPolicy;
  readonly params: Readonly<Record<string, unknown>>;
  readonly settings: Settings;
  readonly seed: number;
  /** Index into `memory.initiators` of each thread's CPU; all on the first one by default. */
  readonly initiatorOf?: readonly number[];
  /** Where the pages of each process were before the run. */
  readonly placement?: readonly (readonly PlacedRange[])[];
  /** Page numbers whose every move is recorded. */
  readonly watchedPages?: readonly number[];
  /** Replays with the loop in TypeScript, which defines what the compiled one must do. */
  readonly interpreted?: boolean;
  /** What only a pass over the trace before the run can tell, for bounds that declare it. */
  readonly foresight?: Foresight;
  /** The run is one of several that count together. */
  readonly shared?: SharedRun;
}

/** The future of a trace, in the order in which a run asks for it. */
export interface Foresight {
  /** Accesses of each page in the whole run. */
  readonly runAccesses?: Readonly<Uint32Array>;
  /** Accesses of each page in the next epoch. */
  readonly nextEpoch?: () => Readonly<Uint32Array>;
  /** Index of the next access to the page of each access of the next block. */
  readonly nextUse?: (start: number, length: number) => Readonly<Float64Array>;
  /** Every access, as columns of which the first `length` entries are valid. */
  readonly wholeTrace?: TraceColumns;
}

/** The accesses of a trace in order; `thread` and `weight` where the trace has them. */
export interface TraceColumns {
  readonly length: number;
  readonly page: Readonly<Uint32Array>;
  readonly write: Readonly<Uint8Array>;
  readonly thread?: Readonly<Uint16Array>;
  readonly weight?: Readonly<Uint32Array>;
}
