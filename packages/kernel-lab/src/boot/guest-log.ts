import { KernelLabError } from '../errors.ts';
import type { RecordInterval, RecordStart, VmstatCounters } from '../record.ts';

/** Everything a recording guest said that stands in a record. */
export interface RecordedFacts {
  readonly kernel: string;
  readonly knobs: Readonly<Record<string, string>>;
  readonly tiers: Readonly<Record<string, string>>;
  readonly demotion: readonly string[];
  readonly zoneinfo: string;
  readonly start: RecordStart;
  readonly intervals: readonly RecordInterval[];
  readonly end: string;
}

/**
 * The rest of each line that starts with `@word `, in order; `''` where nothing follows the word.
 * Other lines of a serial log are the kernel's and are left alone.
 */
export function saidWith(word: string, lines: readonly string[]): readonly string[] {
  const start = `@${word}`;
  return lines
    .filter((line) => line === start || line.startsWith(`${start} `))
    .map((line) => line.slice(start.length + 1));
}

/**
 * Reads the serial log of the `record` task.
 *
 * Throws `LAB_BAD_SCENARIO` if the kernel refused a setting, and `LAB_BOOT_FAILED` if the program
 * did not end well or a line was torn by a kernel message: placements that do not add up to
 * `pageCount` are never handed on.
 */
export function readRecordedFacts(lines: readonly string[], pageCount: number): RecordedFacts {
  const complaints = saidWith('complaint', lines);
  if (complaints.length > 0) {
    throw new KernelLabError(
      'LAB_BAD_SCENARIO',
      `the kernel refused a setting: ${complaints.join('; ')}; check the setup against this kernel's version`,
    );
  }
  const [exit] = saidWith('exit', lines);
  const [end] = saidWith('end', lines);
  if (exit !== '0' || end === undefined) {
    const words = lines.filter((line) => line.startsWith('agent: ')).join('; ');
    throw new KernelLabError(
      'LAB_BOOT_FAILED',
      `the agent: expected it to end with exit code 0, got ${exit ?? 'none'}. ${words}`,
    );
  }
  return {
    kernel: saidWith('kernel', lines)[0] ?? '',
    knobs: Object.fromEntries(saidWith('knob', lines).map(splitKnob)),
    tiers: Object.fromEntries(saidWith('tier', lines).map(splitOnce)),
    demotion: saidWith('demotion', lines).map(withoutTimestamp),
    zoneinfo: saidWith('zone', lines).join('\n'),
    ...readSchedule(lines, pageCount),
    end: `E ${end}`,
  };
}

function readSchedule(
  lines: readonly string[],
  pageCount: number,
): Pick<RecordedFacts, 'start' | 'intervals'> {
  // Free pages by node, then the counters: the start. The free pages at the end have none after them.
  const counters = lines.findIndex((line) => line.startsWith('@vmstat '));
  if (counters === -1) {
    throw new KernelLabError(
      'LAB_BOOT_FAILED',
      'the guest: expected its state before the first touch, got none; see its serial log',
    );
  }
  const before = lines.slice(0, counters + 1);
  const after = lines.slice(counters + 1);
  const free = saidWith('free', before).map(splitOnce);
  return {
    start: {
      free: Object.fromEntries(free.map(([node, pages]) => [node, Number(pages)])),
      vmstat: readCounters(saidWith('vmstat', before)[0]),
    },
    intervals: readIntervals(after, pageCount),
  };
}

function readIntervals(lines: readonly string[], pageCount: number): readonly RecordInterval[] {
  const heads = saidWith('interval', lines);
  const placements = saidWith('placement', lines);
  const counters = saidWith('vmstat', lines);
  return heads.map((head, i) => {
    const placement = { placement: placements[i] ?? '', vmstat: readCounters(counters[i] ?? '') };
    const interval = Object.assign(readCounters(head), placement) as unknown as RecordInterval;
    checkPlacement(interval, pageCount);
    return interval;
  });
}

function checkPlacement(interval: RecordInterval, pageCount: number): void {
  const runs = interval.placement.split(' ');
  const placed = runs.reduce((sum, run) => sum + Number.parseInt(run.slice(1), 16), 0);
  const counted = Object.entries(interval)
    .filter(([key]) => /^n[0-9]$/.test(key))
    .reduce((sum, [, pages]) => sum + Number(pages), 0);
  if (placed === pageCount && counted === pageCount) return;
  throw new KernelLabError(
    'LAB_BOOT_FAILED',
    `the guest at ${interval.ms} ms: expected the place of ${pageCount} pages, got ${placed} in runs and ${counted} in sums; a kernel message may have torn the line`,
  );
}

/** `name=number name=number` */
function readCounters(words: string): VmstatCounters {
  return Object.fromEntries(
    words
      .split(' ')
      .filter((word) => word !== '')
      .map((word) => {
        const [name, value] = word.split('=');
        return [name, Number(value)];
      }),
  );
}

/** A line of the kernel's log without the time that stands before it. */
export const withoutTimestamp = (line: string): string => line.replace(/^\[ *[0-9.]+\] /, '');

function splitOnce(line: string): readonly [string, string] {
  const space = line.indexOf(' ');
  return space === -1 ? [line, ''] : [line.slice(0, space), line.slice(space + 1)];
}

function splitKnob(line: string): readonly [string, string] {
  const colon = line.indexOf(':');
  return [line.slice(0, colon), line.slice(colon + 1)];
}
