import type { RunRecord } from '@tierlab/core';
import { defineMigrationPolicy, nodeId } from '@tierlab/policy';
import type {
  MigrationContext,
  MigrationHooks,
  MigrationPolicy,
  NodeId,
  Signal,
} from '@tierlab/policy';

/** Settings with one access at a time, in which nothing else costs anything. */
export const bare = { memoryParallelism: 1, fault: 0, shootdown: 0, movePage: 0 };

/** The first two nodes of a tiny machine. */
export const near: NodeId = nodeId(0);
export const far: NodeId = nodeId(1);

/** The page numbers of a letter trace. */
export const letters: readonly number[] = Array.from({ length: 26 }, (_, i) => i);

/** A policy for one test: what it does is on the page of the test. */
export function policyOf<const S extends readonly Signal[]>(
  signals: S,
  create: (context: MigrationContext<S[number]>) => MigrationHooks<S[number]>,
): MigrationPolicy {
  return defineMigrationPolicy({ name: 'of-the-test', doc: 'For one test.', signals, create });
}

/** The moves of the watched pages, `page:from>to`, in order. */
export function show(record: RunRecord): string {
  return (record.watched ?? [])
    .map(({ pageNumber, from, to }) => `${String.fromCharCode(97 + pageNumber)}:${from}>${to}`)
    .join(' ');
}
