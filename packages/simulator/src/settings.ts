import type { RunSetting } from '@tierlab/core';
import { bytes, count, duration, oneOf, ratio, resolveParams } from '@tierlab/policy';
import type { GivenParam, Param, UnitCosts } from '@tierlab/policy';

/** The values of {@link SETTINGS}; times in nanoseconds, sizes in bytes. */
export interface Settings {
  readonly memoryParallelism: number;
  readonly loop: 'closed' | 'open';
  readonly tickNs: number;
  readonly contentionWindow: number;
  readonly epochAccesses: number;
  readonly intervalLength: number;
  readonly intervalsMax: number;
  readonly idleCores: number;
  readonly pingPongWindow: number;
  readonly queueMax: number;
  readonly copyBandwidth: number;
  readonly fault: number;
  readonly pteScan: number;
  readonly shootdown: number;
  readonly movePage: number;
  readonly moveHugePage: number;
  readonly splitHugePage: number;
  readonly sample: number;
  readonly sampleRead: number;
  readonly hugePages: 'never' | 'always';
}

/**
 * What a run assumes besides machine, trace and policy; every value is in the manifest.
 *
 * Sources of the defaults: `moveHugePageNs` is ARMS's measured 500 us of metadata work a huge page
 * (SujayYadalam94/tiering_solutions, arms_kernel.h). The other costs of kernel work are typical
 * magnitudes of current x86 servers, not measurements of a particular one: replace them by your own.
 */
export const SETTINGS: { readonly [K in keyof Settings]: Param<Settings[K]> } = {
  memoryParallelism: ratio({
    default: 4,
    min: 0.01,
    max: 1024,
    doc: 'Memory accesses that the application keeps in flight: an access delays the next by its latency over this.',
  }),
  loop: oneOf({
    values: ['closed', 'open'],
    default: 'closed',
    doc: 'closed: an access that takes longer delays the next. open: accesses come when the trace says.',
  }),
  tickNs: ratio({
    default: 0.25,
    min: 0,
    max: 1e9,
    doc: 'Nanoseconds a tick of a trace clock that does not say its rate, such as instructions. An access clock has no think time.',
  }),
  contentionWindow: duration({
    default: 100_000,
    min: 1,
    doc: 'Time over which the load of a node is measured; its latency follows in the next one.',
  }),
  epochAccesses: count({
    default: 1_000_000,
    min: 1,
    doc: 'Accesses of an epoch.',
  }),
  intervalLength: duration({
    default: 10e6,
    min: 1,
    doc: 'Time of a reported interval at first; doubled whenever there would be more than intervalsMax.',
  }),
  intervalsMax: count({ default: 256, min: 2, doc: 'Reported intervals at most.' }),
  idleCores: count({
    default: 1,
    doc: 'Cores that kernel threads can use without displacing the application.',
  }),
  // Source: Linux kernel/sched/fair.c sysctl_numa_balancing_hot_threshold, 6.12: a page touched again within it is hot.
  pingPongWindow: duration({
    default: 1e9,
    doc: 'Time within which a move that undoes the last one of its page is ping-pong.',
  }),
  queueMax: count({ default: 65_536, min: 1, doc: 'Asynchronous moves that can wait.' }),
  copyBandwidth: bytes({
    default: 10e9,
    min: 1,
    doc: 'Bytes a second that one core copies at most.',
  }),
  fault: duration({ default: 1_000, doc: 'CPU time of a minor fault.' }),
  pteScan: duration({ default: 30, doc: 'CPU time of testing or protecting one PTE.' }),
  shootdown: duration({ default: 2_000, doc: 'CPU time of a TLB shootdown.' }),
  movePage: duration({ default: 2_000, doc: 'CPU time of moving a base page, without the copy.' }),
  moveHugePage: duration({
    default: 500_000,
    doc: 'CPU time of moving a huge page whole, without the copy.',
  }),
  splitHugePage: duration({ default: 50_000, doc: 'CPU time of splitting or collapsing.' }),
  sample: duration({ default: 300, doc: 'CPU time of taking a sample.' }),
  sampleRead: duration({ default: 50, doc: 'CPU time of reading a sample from the buffer.' }),
  hugePages: oneOf({
    values: ['never', 'always'],
    default: 'never',
    doc: 'always: the first touch maps the aligned 2 MiB around it whole.',
  }),
};

/** Values for some settings, as text or as they are. */
export type GivenSettings = Readonly<Partial<Record<keyof Settings, GivenParam>>>;

/**
 * The settings that `given` and the defaults make, and their lines of the manifest.
 *
 * @throws {PolicyError} `POLICY_BAD_PARAM`, `POLICY_UNKNOWN_PARAM`.
 */
export function resolveSettings(given: GivenSettings = {}): {
  readonly values: Settings;
  readonly manifest: Readonly<Record<string, RunSetting>>;
} {
  const { values, manifest } = resolveParams('settings', SETTINGS, given);
  return { values: values as unknown as Settings, manifest };
}

/** The costs of kernel work among the settings, as a policy sees them. */
export function unitCosts(settings: Settings): UnitCosts {
  return {
    faultNs: settings.fault,
    pteScanNs: settings.pteScan,
    shootdownNs: settings.shootdown,
    movePageNs: settings.movePage,
    moveHugePageNs: settings.moveHugePage,
    splitHugePageNs: settings.splitHugePage,
    sampleNs: settings.sample,
    sampleReadNs: settings.sampleRead,
  };
}
