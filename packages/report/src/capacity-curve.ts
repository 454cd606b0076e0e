import type { RunRecord } from '@tierlab/core';

import { pageBytes } from './run-figures.ts';
import { compareRuns, isRuler, policyLabel, type ComparedRun } from './run-set.ts';

/**
 * Slowdown over the size of the fastest tier, for each policy on one trace and machine. Only nodes whose size differs
 * between the runs count: a neighbour socket that nobody resized is not the memory in question.
 */
export interface CapacityCurve {
  readonly trace: string;
  readonly machine: string;
  readonly footprintBytes: number;
  readonly lines: readonly CapacityLine[];
}

export interface CapacityLine {
  readonly policy: string;
  readonly ruler: boolean;
  /** By ascending size. */
  readonly points: readonly CapacityPoint[];
}

export interface CapacityPoint {
  /** Memory of the resized nodes of the fastest tier, in bytes and over the footprint. */
  readonly topTierBytes: number;
  readonly topTierShare: number;
  /** Mean, least and most over the seeds. */
  readonly slowdown: number;
  readonly slowdownLow: number;
  readonly slowdownHigh: number;
}

/** The curves of the traces and machines that `records` have at two sizes of the fastest tier or more. */
export function capacityCurves(records: readonly RunRecord[]): readonly CapacityCurve[] {
  return [...groupRuns(compareRuns(records)).values()].flatMap((runs) => {
    const nodes = resizedNodes(runs);
    const [first] = runs;
    if (first === undefined || nodes.size === 0) return [];
    const footprintBytes = Math.max(
      ...runs.map(({ record }) => record.totals.pages * pageBytes(record)),
    );
    const lines = [...new Set(runs.map(({ record }) => policyLabel(record)))].map((policy) =>
      lineOf(
        policy,
        runs.filter(({ record }) => policyLabel(record) === policy),
        footprintBytes,
        nodes,
      ),
    );
    return [{ trace: first.trace, machine: first.machine, footprintBytes, lines }];
  });
}

/** Ids of the nodes of the fastest tier that have more than one size in `runs`. */
function resizedNodes(runs: readonly ComparedRun[]): ReadonlySet<number> {
  const sizes = new Map<number, Set<number>>();
  for (const { record } of runs) {
    for (const { id, tierRank, capacityPages } of record.nodes) {
      if (tierRank === 0) sizes.set(id, (sizes.get(id) ?? new Set()).add(capacityPages));
    }
  }
  return new Set([...sizes].flatMap(([id, different]) => (different.size > 1 ? [id] : [])));
}

function sizeBytes(record: RunRecord, nodes: ReadonlySet<number>): number {
  const pages = record.nodes
    .filter((node) => nodes.has(node.id))
    .reduce((sum, node) => sum + node.capacityPages, 0);
  return pages * pageBytes(record);
}

function lineOf(
  policy: string,
  runs: readonly ComparedRun[],
  footprintBytes: number,
  nodes: ReadonlySet<number>,
): CapacityLine {
  const sizes = [...new Set(runs.map(({ record }) => sizeBytes(record, nodes)))];
  return {
    policy,
    ruler: runs.some(({ record }) => isRuler(record)),
    points: sizes
      .toSorted((a, b) => a - b)
      .flatMap((size) => {
        const slowdowns = runs.flatMap(({ record, allFast }) =>
          sizeBytes(record, nodes) === size && allFast
            ? [record.totals.timeNs / allFast.totals.timeNs]
            : [],
        );
        if (slowdowns.length === 0) return [];
        return [
          {
            topTierBytes: size,
            topTierShare: size / footprintBytes,
            slowdown: slowdowns.reduce((sum, value) => sum + value, 0) / slowdowns.length,
            slowdownLow: Math.min(...slowdowns),
            slowdownHigh: Math.max(...slowdowns),
          },
        ];
      }),
  };
}

const situation = ({ trace, machine }: ComparedRun): string => JSON.stringify([trace, machine]);

function groupRuns(runs: readonly ComparedRun[]): Map<string, ComparedRun[]> {
  const groups = new Map<string, ComparedRun[]>();
  for (const run of runs) groups.set(situation(run), [...(groups.get(situation(run)) ?? []), run]);
  return groups;
}
