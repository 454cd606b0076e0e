import type { RunRecord, WatchedMove } from '@tierlab/core';
import type { GivenParam, MigrationPolicy } from '@tierlab/policy';
import { replay } from '@tierlab/simulator';
import type { GivenSettings, MemorySystem } from '@tierlab/simulator';
import type { AccessTrace } from '@tierlab/trace';
import { traceOf } from './draw.ts';
import type { DrawnAccesses } from './draw.ts';

/** One run of the kit, with every move of every page recorded. */
export interface KitRun {
  readonly policy: MigrationPolicy;
  readonly accesses: DrawnAccesses;
  readonly memory: MemorySystem;
  readonly params?: Readonly<Record<string, GivenParam>>;
  readonly settings?: GivenSettings;
  readonly seed?: number;
  readonly blockAccesses?: number;
  /** Makes another trace of that of `accesses`. */
  readonly change?: (trace: AccessTrace) => AccessTrace;
}

/** The record of the run; its `watched` has every move. */
export function watchedRun(run: KitRun): Promise<RunRecord> {
  const { policy, accesses, memory, params, settings, seed, blockAccesses } = run;
  const trace = traceOf(accesses, blockAccesses);
  return replay({
    policy,
    memory,
    trace: run.change?.(trace) ?? trace,
    watchedPages: Array.from(new Set(accesses.numbers)),
    ...(params && { params }),
    ...(settings && { settings }),
    ...(seed !== undefined && { seed }),
  });
}

/** `access page:from>to`, by page number, one a line. */
export function showMoves(record: RunRecord): string {
  return (record.watched ?? []).map(showMove).join('\n');
}

function showMove({ access, pageNumber, from, to }: WatchedMove): string {
  return `${access} ${pageNumber}:${from}>${to}`;
}
