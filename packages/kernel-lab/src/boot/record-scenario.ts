import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';

import type { CpioFile } from '@tierlab/firmware';

import type { KernelRecord, PlayedStream } from '../record.ts';
import type { AccessPlay } from './access-play.ts';
import { bootGuest, type RunOptions } from './boot-guest.ts';
import { guestFiles, guestText, recordingFiles } from './guest-files.ts';
import { readRecordedFacts } from './guest-log.ts';
import { qemuVersion } from './host-tools.ts';
import type { KernelImage } from './kernel-image.ts';
import { checkStreamFits, recordedSetup, type Scenario, streamPageCount } from './scenario.ts';

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
 * nothing in the guest is drawn at random. `madeWith` names what else decides it.
 * Throws `LAB_TOOL_MISSING`, `LAB_BAD_SCENARIO`, `LAB_TIMEOUT`, `LAB_BOOT_FAILED`.
 */
export async function recordScenario(
  scenario: Scenario,
  { kernel, cacheDirectory, onProgress, ...run }: RecordOptions,
): Promise<KernelRecord> {
  const pageCount = streamPageCount(scenario.stream);
  checkStreamFits(pageCount, scenario.machine);
  const agentFiles = await recordingFiles(cacheDirectory);
  const guest = [...guestFiles('record'), ...agentFiles];
  const lines = await bootGuest({
    kernelImage: kernel.image,
    machine: scenario.machine,
    files: [...guest, ...scenarioFiles(scenario)],
    bootOptions: [],
    exact: true,
    ...(typeof scenario.stream === 'string' ? {} : { stream: scenario.stream.bytes }),
    run: { ...run, onLine: progressOf(onProgress) },
  });
  const facts = readRecordedFacts(lines, pageCount);
  return {
    name: scenario.name,
    kernel: facts.kernel,
    ...describeScenario(scenario),
    madeWith: await makers(kernel, guest),
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

/** What the `record` task reads: the settings, and the words that the agent is started with. */
function scenarioFiles(scenario: Scenario): readonly CpioFile[] {
  const { stepMs, stream } = scenario;
  const step = stepMs === undefined ? '' : `export STEP=${stepMs}\n`;
  return [
    guestText('lab/setup', `${step}${recordedSetup(scenario)}`),
    guestText('lab/agent', typeof stream === 'string' ? `run ${stream}` : 'play'),
  ];
}

function describeScenario(
  scenario: Scenario,
): Pick<KernelRecord, 'qemu' | 'tables' | 'setup' | 'agent' | 'played'> {
  const { stream } = scenario;
  const { qemu, tables } = scenario.machine;
  return {
    qemu,
    ...(tables === undefined ? {} : { tables: tables.map(base64) }),
    setup: recordedSetup(scenario),
    ...(typeof stream === 'string'
      ? { agent: stream }
      : { agent: 'play', played: describePlay(stream) }),
  };
}

const describePlay = ({ bytes, pageCount, accessCount }: AccessPlay): PlayedStream => ({
  sha256: sha256(bytes),
  pageCount,
  accessCount,
});

async function makers(
  kernel: KernelImage,
  guest: readonly CpioFile[],
): Promise<Readonly<Record<string, string>>> {
  return {
    qemu: await qemuVersion(),
    [basename(kernel.image)]: sha256(readFileSync(kernel.image)),
    ...Object.fromEntries(guest.map(({ path, content }) => [path, sha256(content)])),
  };
}

const progressOf =
  (onProgress: RecordOptions['onProgress']) =>
  (line: string): void => {
    const ms = /^@interval ms=(\d+)/.exec(line)?.[1];
    if (ms !== undefined) onProgress?.(Number(ms));
  };

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');
