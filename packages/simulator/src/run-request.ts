import type { RunInput, RunRecord, RunSetting } from '@tierlab/core';
import type { GivenParam, MigrationPolicy } from '@tierlab/policy';
import type { PlacedRange } from '@tierlab/trace';
import type { MemorySystem } from './memory-system.ts';
import type { Foresight } from './run-setup.ts';
import type { GivenSettings, Settings } from './settings.ts';

/** One run that is asked for: a policy on a memory system. */
export interface RunRequest {
  readonly memory: MemorySystem;
  readonly policy: MigrationPolicy;
  /** Values for some of the policy's parameters; the others have their defaults. */
  readonly params?: Readonly<Record<string, GivenParam>>;
  readonly settings?: GivenSettings;
  /** Seed of everything random in the run; 1 if absent. */
  readonly seed?: number;
  /** Index into `memory.initiators` of each thread's CPU; all on the first one if absent. */
  readonly initiatorOf?: readonly number[];
  /**
   * Where the pages of each process of the trace were before the run, ranges by ascending start: a first touch finds them
   * there while the node has room, unless the policy says itself where pages go.
   */
  readonly placement?: readonly (readonly PlacedRange[])[];
  /** Page numbers whose every move is recorded, with the policy's reason. */
  readonly watchedPages?: readonly number[];
  /** Replays with the loop in TypeScript that defines the compiled one: slower, with the same record. */
  readonly interpreted?: boolean;
  /** For the manifest. */
  readonly inputs?: readonly RunInput[];
  readonly tool?: RunRecord['manifest']['tool'];
}

/** A request with everything resolved that a run is made of. */
export interface Prepared {
  readonly request: RunRequest;
  readonly paramValues: Readonly<Record<string, unknown>>;
  readonly settingValues: Settings;
  readonly foresight: Foresight | undefined;
  /** For the manifest. */
  readonly params: Readonly<Record<string, RunSetting>>;
  readonly settings: Readonly<Record<string, RunSetting>>;
}
