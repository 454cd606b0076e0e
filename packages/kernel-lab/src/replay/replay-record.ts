import {
  DEFAULT_SETTINGS,
  modelledKernel,
  NODE_ABSENT,
  type KernelSettings,
  type KernelVersion,
} from '@tierlab/linux-mm';
import { createHash } from 'node:crypto';
import type { MeasuredGuest } from '../boot/measure-costs.ts';
import { playedPages, type AccessPlay } from '../boot/access-play.ts';
import { KernelLabError } from '../errors.ts';
import { formatPlacement } from '../placement.ts';
import type { KernelRecord, RecordInterval } from '../record.ts';
import {
  accessesByMs,
  parseAccessProgram,
  programLength,
  type ProgramMillisecond,
} from './access-program.ts';
import { guestCosts, measuredGuest, type GuestCosts } from './guest-costs.ts';
import { createGuest, type LabGuest } from './lab-guest.ts';
import { labMachine, type LabMachine } from './lab-machine.ts';
import type { OlderPages, OwnPages } from './lab-program.ts';
import { parseSetup, type LabSetup } from './setup.ts';

export interface ReplayOptions {
  readonly costs?: Partial<GuestCosts>;
  /** The accesses of a record whose stream is a trace that was played: the record holds their hash alone. */
  readonly play?: AccessPlay;
  /** Seed of what the kernel draws at random. */
  readonly seed?: number;
  /** Milliseconds of the schedule between two intervals; 500 unless given. */
  readonly stepMs?: number;
}

const STEP_MS = 500;

/**
 * Plays a record's access stream on the simulated kernel, from the record's own machine, settings and free pages, and
 * writes what it did as a record of the same form. Nothing of the record's `intervals` is read.
 *
 * @throws {KernelLabError} `LAB_BAD_RECORD` for a record that is none, or a setting that the replay would not obey.
 */
export function replayLabRecord(record: KernelRecord, options: ReplayOptions = {}): KernelRecord {
  const replay = startReplay(record, options);
  return replayedRecord(record, [...replay.intervals()], replay);
}

/** A replay that is ready to run. */
export interface LabReplay {
  /** Milliseconds of the schedule, and the accesses in it. */
  readonly milliseconds: number;
  readonly accesses: number;
  /** Runs the replay, an interval at a time: between two of them its caller may do other things, or stop. Once. */
  intervals(): Generator<RecordInterval, void>;
}

/**
 * Makes {@link replayLabRecord} ready to be run in steps; everything that it refuses is refused here.
 *
 * @throws {KernelLabError} `LAB_BAD_RECORD`.
 */
export function startReplay(record: KernelRecord, options: ReplayOptions = {}): LabReplay {
  const setup = parseSetup(record.setup);
  const program = programOf(record, options.play);
  const measured = measuredGuest(record.kernel);
  const machine = labMachine(record, measured.facts);
  checkRoom(record.name, machine, program.pageCount);
  const settings = kernelSettings(record, setup);
  const guest = createGuest({
    machine,
    settings,
    mappingPages: program.pageCount,
    hugePages: setup.hugePages,
    costs: { ...guestCosts(measured, settings.lru_gen_enabled), ...options.costs },
    pagesBelowBorder: measured.facts['pages_below_border'],
    older: olderPages(measured),
    bootMs: measured.facts['boot_ms'],
    sleepSeconds: setup.sleepSeconds,
    bootThreads: measured.facts['boot_threads'],
    damon: setup.damon,
    random: seededRandom(options.seed ?? 1),
  });
  return {
    milliseconds: program.milliseconds,
    accesses: program.accesses,
    intervals: () => playProgram(guest, program.play(), options.stepMs ?? STEP_MS),
  };
}

/** What the measuring program counted. */
export function olderPages({ facts }: MeasuredGuest): OlderPages {
  return {
    files: facts['file_pages'],
    mappedFiles: facts['mapped_file_pages'],
    smallMappings: facts['small_anonymous_pages'],
    olderSmallMappings: facts['active_anonymous_pages'],
    own: {
      bss: ownPages(facts, 'bss'),
      heap: ownPages(facts, 'heap'),
      stack: ownPages(facts, 'stack'),
    },
  };
}

const ownPages = (facts: MeasuredGuest['facts'], mapping: string): OwnPages => ({
  pages: facts[`${mapping}_pages`],
  busy: facts[`${mapping}_busy`],
  reporting: facts[`${mapping}_reporting`],
});

/** A program that fills the machine would be killed in the guest. Without swap, its own pages are the least it needs. */
function checkRoom(name: string, { zones }: LabMachine, pageCount: number): void {
  let free = 0;
  for (const zone of zones) free += Math.max(0, zone.freePages - zone.min);
  if (pageCount > free)
    throw new KernelLabError(
      'LAB_BAD_RECORD',
      `${name}: agent: ${pageCount} pages, of which the machine has ${free} above its zones' minimum; expected fewer pages or more memory`,
    );
}

/** What the guest's program does. */
interface GuestProgram {
  readonly pageCount: number;
  readonly milliseconds: number;
  readonly accesses: number;
  readonly play: () => Iterable<ProgramMillisecond>;
}

function programOf(record: KernelRecord, play: AccessPlay | undefined): GuestProgram {
  if (record.agent !== 'play') {
    const program = parseAccessProgram(record.agent);
    const play = (): Iterable<ProgramMillisecond> => accessesByMs(program);
    return { pageCount: program.pageCount, ...programLength(program), play };
  }
  const sha256 = play && createHash('sha256').update(play.bytes).digest('hex');
  if (play === undefined || sha256 !== record.played?.sha256)
    throw new KernelLabError(
      'LAB_BAD_RECORD',
      `${record.name}: expected the trace that was played (${record.played?.sha256 ?? 'no hash'}), at its pace, got ${sha256 ?? 'none'}`,
    );
  const { pageCount, milliseconds, accessCount } = play;
  return { pageCount, milliseconds, accesses: accessCount, play: () => playedByMs(play) };
}

/** A played access costs the program about what one of a sequential phase does: it draws nothing. */
function* playedByMs(play: AccessPlay): Generator<ProgramMillisecond, void> {
  for (const pages of playedPages(play)) yield { pages, kind: 's' };
}

/** The record of a replay: `record`, with what the replay did in place of what the kernel did. */
export function replayedRecord(
  record: KernelRecord,
  intervals: readonly RecordInterval[],
  { accesses, milliseconds }: Pick<LabReplay, 'accesses' | 'milliseconds'>,
): KernelRecord {
  return { ...record, exact: true, intervals, end: `E accesses=${accesses} ms=${milliseconds}` };
}

function* playProgram(
  guest: LabGuest,
  program: Iterable<ProgramMillisecond>,
  stepMs: number,
): Generator<RecordInterval, void> {
  let startNs = guest.cpu.nowNs;
  let ms = 0;
  for (const { pages, kind } of program) {
    guest.touchAll(pages, kind);
    ms++;
    const lateNs = guest.cpu.nowNs - startNs - ms * 1e6;
    if (lateNs < 0) guest.cpu.run(-lateNs);
    if (ms % stepMs !== 0) continue;
    const before = guest.cpu.nowNs;
    yield reportInterval(guest, ms, before - startNs - ms * 1e6);
    startNs += guest.cpu.nowNs - before; // the schedule stands still while the program reports
  }
}

/** The program asks where its pages are and prints it, which moves time on; then it reads the counters. */
function reportInterval(guest: LabGuest, ms: number, driftNs: number): RecordInterval {
  const before = guest.cpu.nowNs;
  guest.query();
  const queryNs = guest.cpu.nowNs - before;
  const placed = describePlacement(guest);
  guest.reportPlacement(placed.placement);
  return {
    ms,
    drift_us: Math.trunc(driftNs / 1000),
    query_us: Math.trunc(queryNs / 1000),
    ...placed,
    vmstat: guest.reportCounters(),
  };
}

function describePlacement(guest: LabGuest): Pick<RecordInterval, 'placement' | `n${number}`> {
  const { folioOf, nodeOf } = guest.kernel.memory;
  const placement = new Uint8Array(guest.pages.mapping);
  const counts: Record<`n${number}`, number> = {};
  for (let page = 0; page < placement.length; page++) {
    const node = nodeOf[folioOf[page]];
    placement[page] = node;
    const key = `n${node === NODE_ABSENT ? 8 : node}` as const;
    counts[key] = (counts[key] ?? 0) + 1;
  }
  return { ...counts, placement: formatPlacement(placement) };
}

/** Settings by file: what the kernel showed, over which the setup's lines win. */
function kernelSettings(record: KernelRecord, setup: LabSetup): KernelSettings {
  const values: Record<string, string> = { ...record.knobs, ...setup.settings };
  const value = (file: string): string | undefined => values[file];
  const number = (file: string, otherwise: number): number => {
    const text = value(file);
    if (text === undefined) return otherwise;
    if (!/^\d+$/.test(text))
      throw new KernelLabError(
        'LAB_BAD_RECORD',
        `${record.name}: knobs: expected a number in ${file}, got ${JSON.stringify(text)}`,
      );
    return Number(text);
  };
  const balancing = '/sys/kernel/debug/sched/numa_balancing';
  const defaults = DEFAULT_SETTINGS;
  return {
    kernel: kernelVersion(record.kernel),
    numa_balancing: number('/proc/sys/kernel/numa_balancing', defaults.numa_balancing),
    numa_balancing_promote_rate_limit_MBps: number(
      '/proc/sys/kernel/numa_balancing_promote_rate_limit_MBps',
      defaults.numa_balancing_promote_rate_limit_MBps,
    ),
    demotion_enabled: /^(?:1|true)$/.test(value('/sys/kernel/mm/numa/demotion_enabled') ?? 'false'),
    lru_gen_enabled: !/^(?:n|N|0|0x0+)$/.test(value('/sys/kernel/mm/lru_gen/enabled') ?? 'y'),
    hot_threshold_ms: number(`${balancing}/hot_threshold_ms`, defaults.hot_threshold_ms),
    scan_delay_ms: number(`${balancing}/scan_delay_ms`, defaults.scan_delay_ms),
    scan_period_min_ms: number(`${balancing}/scan_period_min_ms`, defaults.scan_period_min_ms),
    scan_period_max_ms: number(`${balancing}/scan_period_max_ms`, defaults.scan_period_max_ms),
    scan_size_mb: number(`${balancing}/scan_size_mb`, defaults.scan_size_mb),
    swappiness: number('/proc/sys/vm/swappiness', defaults.swappiness),
  };
}

/** Of the record's kernel, such as `vmlinuz-6.12.107+deb13-amd64`. */
const kernelVersion = (text: string): KernelVersion =>
  modelledKernel(/\d+\.\d+/.exec(text)?.[0] ?? DEFAULT_SETTINGS.kernel);

/** Source: P. L'Ecuyer, Tables of linear congruential generators, Math. Comp. 68 (1999): modulus 2^31 - 1, 48271. Seeds
 *  that are near each other are first taken apart, or their first draws would all be near 0. */
function seededRandom(seed: number): () => number {
  let state = ((seed * 16_807) % 2_147_483_646) + 1;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}
