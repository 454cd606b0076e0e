import type { KernelRecord } from '../record.ts';
import { bootGuest, type RunOptions } from './boot-guest.ts';
import { guestFiles, guestText, recordingFiles } from './guest-files.ts';
import { readRecordedFacts } from './guest-log.ts';
import type { KernelImage } from './kernel-image.ts';
import {
  machineArguments,
  machineTables,
  recordedSetup,
  type Scenario,
  streamPageCount,
} from './scenario.ts';

/** How a scenario is recorded. */
export interface RecordOptions extends Omit<RunOptions, 'onLine'> {
  readonly kernel: KernelImage;
  /** Holds the compiled agent between runs; see `defaultCacheDirectory`. */
  readonly cacheDirectory: string;
  /** Called with the schedule's milliseconds done so far, at every interval. */
  readonly onProgress?: (ms: number) => void;
}

/**
 * Boots `scenario.machine`, performs the access stream in it and returns what the kernel did.
 *
 * A second call with the same arguments returns an equal record: time is counted in instructions and
 * nothing in the guest is drawn at random. What decides a record beside the scenario is the kernel
 * image, QEMU's version, the guest's busybox and the compiler of its agent.
 * Throws `LAB_TOOL_MISSING`, `LAB_BAD_SCENARIO`, `LAB_TIMEOUT`, `LAB_BOOT_FAILED`.
 */
export async function recordScenario(
  scenario: Scenario,
  { kernel, cacheDirectory, onProgress, ...run }: RecordOptions,
): Promise<KernelRecord> {
  const setup = recordedSetup(scenario);
  const pageCount = streamPageCount(scenario.stream);
  const machine = machineArguments(scenario.machine);
  const played = typeof scenario.stream !== 'string';
  const agent = played ? 'play' : `run ${scenario.stream}`;
  const step = scenario.stepMs === undefined ? '' : `export STEP=${scenario.stepMs}\n`;
  const lines = await bootGuest({
    kernelImage: kernel.image,
    machine,
    tables: machineTables(scenario.machine),
    files: [
      ...guestFiles('record'),
      ...(await recordingFiles(cacheDirectory)),
      guestText('lab/setup', `${step}${setup}`),
      guestText('lab/agent', agent),
    ],
    bootOptions: [],
    exact: true,
    ...(typeof scenario.stream === 'string' ? {} : { stream: scenario.stream.bytes }),
    run: {
      ...run,
      onLine: (line) => {
        const ms = /^@interval ms=(\d+)/.exec(line)?.[1];
        if (ms !== undefined) onProgress?.(Number(ms));
      },
    },
  });
  const facts = readRecordedFacts(lines, pageCount);
  return {
    name: scenario.name,
    kernel: facts.kernel,
    qemu: machine,
    setup,
    agent: played ? 'play' : scenario.stream,
    exact: true,
    knobs: facts.knobs,
    tiers: facts.tiers,
    demotion: facts.demotion,
    zoneinfo: facts.zoneinfo,
    start: facts.start,
    intervals: facts.intervals,
    end: facts.end,
  };
}
