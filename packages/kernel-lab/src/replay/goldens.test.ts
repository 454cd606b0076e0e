import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { PAGES_PER_PMD } from '@tierlab/linux-mm';
import { describe, expect, test } from 'vitest';
import { barOf, judge } from '../agreement.ts';
import type { KernelRecord, RecordInterval } from '../record.ts';
import { replayLabRecord, startReplay } from './replay-record.ts';

const fixtures = join(import.meta.dirname, '../../fixtures');
/** Recordings of a scenario on a newer kernel, from which nothing was taken: made with `tierlab lab record --kernel`. */
const newerRunsOf = (name: string): KernelRecord[] =>
  ['', '~b', '~c'].map((run) => load(`newer/${name}${run}`));
/** The recordings of a scenario, the golden first. */
const runsOf = (name: string): KernelRecord[] => [
  load(`goldens/${name}`),
  load(`ensemble/${name}~b`),
  load(`ensemble/${name}~c`),
];
/** Replays the golden from its starting state, with what the kernel then did taken out of the record. */
const replayBlind = (record: KernelRecord): KernelRecord =>
  replayLabRecord({ ...record, intervals: [] });
const load = (name: string): KernelRecord =>
  JSON.parse(
    gunzipSync(readFileSync(join(fixtures, `${name}.json.gz`))).toString(),
  ) as KernelRecord;

/** Replayed by every test run; the others with TIERLAB_ORACLE=1, as they take minutes. */
const QUICK = ['no-tiering', 'rate-limit-4'];
const OTHERS = [
  'damon-hot',
  'damon-zipf',
  'demotion-only',
  'hbm-dram-cxl',
  'hot-static',
  'hot-static-lru',
  'moving-hot',
  'scan-hot',
  'thp-hot',
  'thp-zipf',
  'three-tiers-cxl',
  'zipf',
  'zipf-lru',
];

/** Of newer kernels; what misses. */
const NEWER: Readonly<Record<string, readonly string[]>> = {
  'zipf-7.2': [],
  'zipf-lru-7.2': [],
  'hot-static-7.2': [],
  'hot-static-lru-7.2': ['pgpromote_candidate', 'numa_hint_faults'],
};

/**
 * Recorded with `tierlab lab record` to be held against: no constant comes from them. All that lie in the folder are held;
 * here are those that miss, and what.
 */
const HOLD_OUT_MISSES: Readonly<Record<string, readonly string[]>> = {
  'thp-moving-lru': ['pgpromote_success', 'pgdemote_kswapd'],
  'scan-hot-lru': ['pages', 'pgpromote_success', 'pgdemote_kswapd'],
  'thp-three-tiers': ['numa_hint_faults'],
};
const holdOutFiles = readdirSync(join(fixtures, 'hold-outs')).map((file) =>
  file.replace('.json.gz', ''),
);
/** A scenario has a second run; the recordings of a first touch alone do not. */
const HOLD_OUTS = holdOutFiles
  .filter((file) => file.endsWith('~b'))
  .map((file) => file.slice(0, -2));
const holdOutRunsOf = (name: string): KernelRecord[] =>
  holdOutFiles
    .filter((file) => file === name || file.startsWith(`${name}~`))
    .toSorted()
    .map((file) => load(`hold-outs/${file}`));

/** End of the interval in which the hint-fault scanner protects pages for the third time, ms. */
function thirdPass(intervals: Iterable<RecordInterval>): number {
  let before = 0;
  let passes = 0;
  for (const { ms, vmstat } of intervals) {
    const updates = vmstat['numa_pte_updates'] ?? 0;
    if (updates > before) passes++;
    if (passes === 3) return ms;
    before = updates;
  }
  return NaN;
}

/** Base pages protected, and moved up, in the end: huge ones count 512. */
const basePages = ({ intervals }: KernelRecord): number[] =>
  ['numa_pte_updates', 'pgpromote_success'].map(
    (counter) => (intervals.at(-1)?.vmstat[counter] ?? NaN) % PAGES_PER_PMD,
  );

/** Pages protected, faults in them and candidates, in the end. */
const faultsOf = ({ intervals }: KernelRecord): string =>
  ['numa_pte_updates', 'numa_hint_faults', 'pgpromote_candidate']
    .map((counter) => intervals.at(-1)?.vmstat[counter])
    .join();

const oracle = process.env['TIERLAB_ORACLE'] === '1';

/** Demoted pages that are no part of a huge one. */
const demotedBase = ({ intervals }: KernelRecord): number =>
  Number(intervals.at(-1)?.vmstat['pgdemote_kswapd']) % PAGES_PER_PMD;

describe('as close to the kernel as the kernel is to itself', () => {
  test.each(oracle ? [...QUICK, ...OTHERS] : QUICK)('%s', { timeout: 300_000 }, (name) => {
    const runs = runsOf(name);
    const verdict = judge(replayBlind(runs[0]), runs, barOf(runs));
    expect(verdict.misses).toEqual([]);
    if (name !== 'no-tiering') return;
    // Free memory and the first touch alone decide here.
    expect(1 - verdict.pages).toBeLessThan(0.005);
    expect(verdict.topShare).toBeLessThan(0.005);
  });

  // Equal: a known miss that holds by now is news as well.
  test.skipIf(!oracle).each(HOLD_OUTS)('a hold-out: %s', { timeout: 300_000 }, (name) => {
    const runs = holdOutRunsOf(name);
    expect(runs.length).toBeGreaterThanOrEqual(3);
    const verdict = judge(replayBlind(runs[0]), runs, barOf(runs));
    expect(verdict.misses).toEqual(HOLD_OUT_MISSES[name] ?? []);
  });

  // Its length is a record's `count:`; these are older than that, so that the measured list has to do.
  test.each([128, 384, 1024])('the first touch of a node of %i MiB', (mebibytes) => {
    const record = load(`hold-outs/first-touch-${mebibytes}mib`);
    const [ours] = startReplay({ ...record, intervals: [] }).intervals();
    expect(Math.abs((ours?.['n0'] ?? 0) - (record.intervals[0]?.['n0'] ?? 0))).toBeLessThan(100);
  });

  // A page of the stack went down in the first burst. Its fault, in the report after the second pass over all memory, makes
  // the scanner wait for two seconds; without that the third pass comes after 0.6 s.
  test('the scanner comes again when the kernel’s does', () => {
    const record = load('hold-outs/moving-fast');
    const replay = startReplay({ ...record, intervals: [] });
    expect(thirdPass(replay.intervals())).toBe(thirdPass(record.intervals));
  });

  // Pages of the program's arrays, to the last entry behind malloc's header, and of its small mappings. All are touched
  // again and moved up, but one that only its start touched.
  test('thp-hot: as many base pages are protected and moved up as in each run of the kernel', () => {
    const runs = runsOf('thp-hot');
    const kernels = new Set(runs.map((run) => basePages(run).join()));
    expect(kernels).toEqual(new Set([basePages(replayBlind(runs[0])).join()]));
  });

  // Without generations the program's own small pages go down in the first burst: looked at twice while kswapd has the CPU,
  // they are young the first time only. The scanner protects them there, eight more than if they stayed.
  test('thp-moving-lru: as many pages are protected and fault as in a run of the kernel', () => {
    const runs = holdOutRunsOf('thp-moving-lru');
    expect(runs.map(faultsOf)).toContain(faultsOf(replayBlind(runs[0])));
  });

  // What the shell wrote after the setup and the program's data are inactive, too: without them 170 small pages go down.
  test('thp-moving-lru: as many small pages are demoted as in every run of the kernel', () => {
    const runs = holdOutRunsOf('thp-moving-lru');
    expect(new Set(runs.map(demotedBase))).toEqual(new Set([183]));
    expect(demotedBase(replayBlind(runs[0]))).toBe(183);
  });

  test.skipIf(!oracle).each(Object.entries(NEWER))(
    'a kernel that is newer: %s',
    { timeout: 300_000 },
    (name, known) => {
      const runs = newerRunsOf(name);
      const verdict = judge(replayBlind(runs[0]), runs, barOf(runs));
      expect(verdict.misses).toEqual(known);
    },
  );
});
