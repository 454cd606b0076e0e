import { KernelLabError } from '../errors.ts';

/** What a record's `setup` shell makes of a kernel that has just booted. */
export interface LabSetup {
  /** Values by file; a later line wins. */
  readonly settings: Readonly<Record<string, string>>;
  /** The program asked for huge pages (`export THP=1`). */
  readonly hugePages: boolean;
  /** Arguments of `/bin/damon`, when it was run. */
  readonly damon: DamonArguments | undefined;
  /** Seconds that the shell slept before the program started. */
  readonly sleepSeconds: number;
}

/** Two monitors over physical memory: hot regions of the slow node up, cold regions of the fast node down. */
export interface DamonArguments {
  readonly sampleUs: number;
  readonly aggregationUs: number;
  readonly quotaBytes: number;
  /** Aggregations for which a region must have been cold. */
  readonly coldAge: number;
  /** Physical addresses of the slow node's memory, `S0` and `S1`. */
  readonly slowStart: number;
  readonly slowEnd: number;
}

const KNOWN_FILES: Readonly<Record<string, RegExp>> = {
  '/sys/kernel/mm/numa/demotion_enabled': /^(?:[01]|true|false)$/,
  '/proc/sys/kernel/numa_balancing': /^[0-3]$/,
  '/proc/sys/kernel/numa_balancing_promote_rate_limit_MBps': /^\d+$/,
  '/sys/kernel/mm/lru_gen/enabled': /^(?:[yYnN]|0|7|0x[0-9a-f]+)$/,
  '/sys/kernel/mm/transparent_hugepage/enabled': /^(?:always|madvise|never)$/,
  '/sys/kernel/debug/sched/numa_balancing/hot_threshold_ms': /^\d+$/,
  '/sys/kernel/debug/sched/numa_balancing/scan_delay_ms': /^\d+$/,
  '/sys/kernel/debug/sched/numa_balancing/scan_period_min_ms': /^\d+$/,
  '/sys/kernel/debug/sched/numa_balancing/scan_period_max_ms': /^\d+$/,
  '/sys/kernel/debug/sched/numa_balancing/scan_size_mb': /^\d+$/,
  '/proc/sys/vm/swappiness': /^\d+$/,
  // A monitor of its own, on since 6.17 where a distribution says so: a replay has none.
  '/sys/module/damon_stat/parameters/enabled': /^[nN0]$/,
};

/** Defaults of the lab's `damon` script. */
const DAMON_DEFAULTS = {
  sampleUs: 5000,
  aggregationUs: 100_000,
  quotaBytes: 104_857_600,
  coldAge: 20,
};
const SLOW_START = 268_435_456;
const SLOW_END = 805_306_368;

/**
 * Reads a record's `setup`: `echo VALUE > FILE` lines, `export THP=1`, `/bin/damon [ARGUMENTS]`, `sleep SECONDS`.
 *
 * @throws {KernelLabError} `LAB_BAD_RECORD` for a command, file or value that a replay would not obey.
 */
export function parseSetup(setup: string): LabSetup {
  const settings: Record<string, string> = {};
  let hugePages = false;
  let damon: DamonArguments | undefined;
  let sleepSeconds = 0;
  const variables: Record<string, string> = {};
  for (const command of setup.split(/[;\n]/).map((text) => text.trim())) {
    if (command === '') continue;
    const echo = /^echo\s+(\S+)\s*>\s*(\S+)$/.exec(command);
    const assignment = /^export\s+(THP|S0|S1)=(\d+)$/.exec(command);
    const monitor = /^((?:S[01]=\d+\s+)*)\/bin\/damon((?:\s+\d+)*)$/.exec(command);
    const sleep = /^(?:\/bin\/busybox\s+)?sleep\s+(\d+(?:\.\d+)?)$/.exec(command);
    if (sleep !== null) sleepSeconds += Number(sleep[1]);
    else if (echo !== null) setFile(settings, echo[2] ?? '', echo[1] ?? '');
    else if (assignment?.[1] === 'THP') hugePages = assignment[2] === '1';
    else if (assignment !== null) variables[assignment[1] ?? ''] = assignment[2] ?? '';
    else if (monitor === null) throw unknownSetting(command);
    else {
      for (const [, name = '', value = ''] of (monitor[1] ?? '').matchAll(/(S[01])=(\d+)/g))
        variables[name] = value;
      damon = damonArguments(monitor[2] ?? '', variables);
    }
  }
  return { settings, hugePages, damon, sleepSeconds };
}

function setFile(settings: Record<string, string>, file: string, value: string): void {
  if (!(KNOWN_FILES[file]?.test(value) ?? false)) throw unknownSetting(`echo ${value} > ${file}`);
  settings[file] = value;
}

function unknownSetting(command: string): KernelLabError {
  return new KernelLabError(
    'LAB_BAD_RECORD',
    `setup: a replay cannot obey ${JSON.stringify(command)}; it knows ${Object.keys(KNOWN_FILES).join(', ')}, export THP=1 and /bin/damon`,
  );
}

function damonArguments(text: string, variables: Readonly<Record<string, string>>): DamonArguments {
  const [sampleUs, aggregationUs, quotaBytes, coldAge] =
    text.trim() === '' ? [] : text.trim().split(/\s+/).map(Number);
  return {
    sampleUs: sampleUs ?? DAMON_DEFAULTS.sampleUs,
    aggregationUs: aggregationUs ?? DAMON_DEFAULTS.aggregationUs,
    quotaBytes: quotaBytes ?? DAMON_DEFAULTS.quotaBytes,
    coldAge: coldAge ?? DAMON_DEFAULTS.coldAge,
    slowStart: Number(variables['S0'] ?? SLOW_START),
    slowEnd: Number(variables['S1'] ?? SLOW_END),
  };
}
