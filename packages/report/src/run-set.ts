import { contentHash, type RunBound, type RunRecord, type RunSetting } from '@tierlab/core';

import type { BesideRecords, ReplicateSlowdown } from './beside-records.ts';

/** Name of the ruler that slowdowns are measured against: every page in the fastest tier, at no cost. */
export const BASELINE_POLICY = 'all-fast';

/**
 * A run among the runs it is reported with: who it is, and which of the others bound it.
 */
export interface ComparedRun {
  readonly record: RunRecord;
  /** See {@link runId}. */
  readonly id: string;
  readonly trace: string;
  readonly machine: string;
  /** The all-fast run of the same trace, machine and settings; of the same seed where there is one. */
  readonly allFast: RunRecord | undefined;
  /** The quickest ruler that keeps the capacities of this run, on the same trace, machine, settings and seed. */
  readonly bestRuler: RunRecord | undefined;
  /** The highest that any ruler proved for this trace, machine, settings and capacities. */
  readonly bound: RunBound | undefined;
  /** That of the replicates that this run is one of. */
  readonly slowdown: ReplicateSlowdown | undefined;
  readonly cost: number | undefined;
}

/** Each record with what it is compared to, in the order given. */
export function compareRuns(
  records: readonly RunRecord[],
  { slowdowns = [], costs }: BesideRecords = {},
): readonly ComparedRun[] {
  const allFast = firstByKey(records.filter(isAllFast), (record) => [
    bySeed(record),
    situation(record),
  ]);
  const bestRuler = firstByKey(
    records.filter(isBoundedRuler).toSorted((a, b) => a.totals.timeNs - b.totals.timeNs),
    (record) => [byCapacities(record)],
  );
  const boundOf = highestBounds(records);
  const slowdownOf = new Map(
    slowdowns.flatMap((slowdown) => slowdown.runs.map((run) => [run, slowdown] as const)),
  );
  return records.map((record) => {
    const id = runId(record);
    return {
      record,
      id,
      trace: inputName(record, 'trace'),
      machine: inputName(record, 'machine'),
      allFast: allFast.get(bySeed(record)) ?? allFast.get(situation(record)),
      bestRuler: bestRuler.get(byCapacities(record)),
      bound: boundOf.get(`${situation(record)} ${capacities(record)}`),
      slowdown: slowdownOf.get(id),
      cost: costs?.cost[id],
    };
  });
}

/**
 * Content hash of everything that determines the run: its manifest and the capacities of its nodes,
 * as an r and 12 hexadecimal digits of the SHA-256. Two records of one run have the same.
 *
 * The letter keeps a spreadsheet from reading `12345e678901` as a number.
 */
export function runId(record: RunRecord): string {
  const { manifest, nodes } = record;
  return `r${contentHash({ manifest, nodes }).slice(0, 12)}`;
}

/** The name that the user gave an input; empty where the manifest has none of that role. */
export function inputName(record: RunRecord, role: 'trace' | 'machine'): string {
  return record.manifest.inputs.find((input) => input.role === role)?.name ?? '';
}

/** A policy that is exempt from a law of the machine, or sees what no hardware shows: a bound. */
export function isRuler(record: RunRecord): boolean {
  const { groundTruth, relaxes } = record.manifest.policy;
  return groundTruth.length > 0 || relaxes.length > 0;
}

/** The parameters of the policy as `name=value` by name, separated by blanks; empty without parameters. */
export function paramsText(record: RunRecord, which: 'all' | 'given' = 'all'): string {
  return settingsText(record.manifest.policy.params, which);
}

/** The policy with the parameters that are not at their default: `hot-threshold(hotAccesses=8)`. */
export function policyLabel(record: RunRecord): string {
  const given = paramsText(record, 'given');
  return record.manifest.policy.name + (given === '' ? '' : `(${given})`);
}

function settingsText(
  settings: Readonly<Record<string, RunSetting>>,
  which: 'all' | 'given',
): string {
  return Object.entries(settings)
    .filter(([, setting]) => which === 'all' || setting.source !== 'default')
    .map(([name, setting]) => `${name}=${setting.value}`)
    .toSorted()
    .join(' ');
}

/** Trace, machine and settings of the simulator: what differs is policy, capacity or seed. */
function situation({ manifest }: RunRecord): string {
  const inputs = manifest.inputs
    .filter((input) => input.role !== 'policy')
    .map((input) => `${input.role}\0${input.name}\0${input.sha256 ?? ''}`)
    .toSorted();
  return JSON.stringify([inputs, settingsText(manifest.settings, 'all')]);
}

const bySeed = (record: RunRecord): string => `${situation(record)} ${record.manifest.seed}`;

const capacities = (record: RunRecord): string =>
  record.nodes.map((node) => `${node.id}:${node.capacityPages}`).join();

const byCapacities = (record: RunRecord): string => `${bySeed(record)} ${capacities(record)}`;

/** The highest bound for each situation and capacities; of equals one that is attained. */
function highestBounds(records: readonly RunRecord[]): Map<string, RunBound> {
  const highest = new Map<string, RunBound>();
  for (const record of records) {
    if (record.bound === undefined) continue;
    const key = `${situation(record)} ${capacities(record)}`;
    const before = highest.get(key);
    const { placementNs, attained } = record.bound;
    const higher = before === undefined || placementNs > before.placementNs;
    if (higher || (placementNs === before.placementNs && attained)) highest.set(key, record.bound);
  }
  return highest;
}

function isAllFast({ manifest }: RunRecord): boolean {
  return manifest.policy.name === BASELINE_POLICY;
}

function isBoundedRuler(record: RunRecord): boolean {
  return isRuler(record) && !record.manifest.policy.relaxes.includes('capacity');
}

/** The first of `records` under each of its keys. */
function firstByKey(
  records: readonly RunRecord[],
  keysOf: (record: RunRecord) => readonly string[],
): Map<string, RunRecord> {
  const first = new Map<string, RunRecord>();
  for (const record of records) {
    for (const key of keysOf(record)) if (!first.has(key)) first.set(key, record);
  }
  return first;
}
