import { TOUCH_SIGNALS } from '@tierlab/policy';
import type { Signal } from '@tierlab/policy';
import type { SourceDeclaration } from '@tierlab/trace';
import type { Prepared } from '../run-request.ts';
import { isSteady } from '../traffic.ts';
import { RUNS_PER_WORD } from './count-columns.ts';
import { createSharedCounts } from './counts.ts';
import type { SharedCounts } from './counts.ts';

/** Which of the runs that are asked for count together, and which replay on their own, by their indexes. */
export interface Sharing {
  readonly groups: readonly {
    readonly members: readonly number[];
    readonly counts: SharedCounts;
    readonly epochAccesses: number;
  }[];
  readonly alone: readonly number[];
}

/** Fewer runs than this cost less on their own. */
const GROUP_MIN = 3;

/** What a policy may be told that does not take every access in order: counts, bits and faults of pages, and what lies outside the trace. */
const SHARED_SIGNALS: ReadonlySet<Signal> = new Set([
  'accessedBits',
  'hintFaults',
  'accesses',
  'writes',
  'futureAccesses',
  'runAccesses',
  'wholeTrace',
  'allocation',
  'pressure',
  'telemetry',
]);

/**
 * Runs count together where only the place of pages tells them apart between their events: base pages of
 * one process, no threads and no samples in the trace, a clock that waits for memory, and no signal of accesses in order.
 */
export function planSharing(trace: SourceDeclaration, prepared: readonly Prepared[]): Sharing {
  const byCounts = new Map<string, number[]>();
  const alone: number[] = [];
  prepared.forEach((run, index) => {
    if (!mayShare(trace, run)) {
      alone.push(index);
      return;
    }
    const { signals } = run.request.policy;
    const key = `${run.settingValues.epochAccesses} ${signals.includes('accesses')} ${signals.includes('writes')}`;
    const members = byCounts.get(key);
    if (members === undefined) byCounts.set(key, [index]);
    else members.push(index);
  });
  const groups: Sharing['groups'][number][] = [];
  for (const members of byCounts.values()) {
    for (let from = 0; from < members.length; from += RUNS_PER_WORD) {
      const group = members.slice(from, from + RUNS_PER_WORD);
      if (group.length < GROUP_MIN) alone.push(...group);
      else groups.push(groupOf(group, prepared));
    }
  }
  return { groups, alone: alone.toSorted((a, b) => a - b) };
}

function mayShare(
  { threads, processes = 1, samplePeriod }: SourceDeclaration,
  { request, settingValues }: Prepared,
): boolean {
  return (
    !threads &&
    processes === 1 &&
    samplePeriod === undefined &&
    settingValues.loop === 'closed' &&
    settingValues.hugePages === 'never' &&
    request.interpreted !== true &&
    request.policy.signals.every((signal) => SHARED_SIGNALS.has(signal))
  );
}

function groupOf(
  members: readonly number[],
  prepared: readonly Prepared[],
): Sharing['groups'][number] {
  const requests = members.map((index) => prepared[index].request);
  const { signals } = requests[0].policy;
  const nodes = Math.max(...requests.map(({ memory }) => memory.nodes.length));
  return {
    members,
    epochAccesses: prepared[members[0]].settingValues.epochAccesses,
    counts: createSharedCounts(members.length, nodes - 1, {
      accesses: signals.includes('accesses'),
      writes: signals.includes('writes'),
      steady: requests.every(({ memory, policy }) =>
        isSteady(memory, policy.relaxes.includes('contention')),
      ),
      touches: requests.some(({ policy }) =>
        policy.signals.some((signal) => TOUCH_SIGNALS.includes(signal)),
      ),
    }),
  };
}
