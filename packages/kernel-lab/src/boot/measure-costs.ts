import { readFileSync } from 'node:fs';

import { KernelLabError } from '../errors.ts';
import { bootGuest, type RunOptions } from './boot-guest.ts';
import { compiledProgram, guestFiles, guestText } from './guest-files.ts';
import { saidWith } from './guest-log.ts';
import type { KernelImage } from './kernel-image.ts';
import type { GuestMachine } from './scenario.ts';
import { largestZone, parseZoneinfo } from '../zoneinfo.ts';

/** What a kind of kernel work took in the guest: nanoseconds, which are instructions, for `count` of it. */
export interface MeasuredCost {
  readonly ns: number;
  readonly count: number;
}

/** Costs of kernel work by name, and facts about the guest where the program starts; see guest/calibrate.c. */
export interface MeasuredGuest {
  readonly kernel: string;
  readonly costs: Readonly<Record<string, MeasuredCost>>;
  readonly facts: Readonly<Record<string, number>>;
}

export interface MeasureOptions extends Omit<RunOptions, 'onLine'> {
  readonly kernel: KernelImage;
  readonly machine: GuestMachine;
  /** Holds the compiled program between runs; see `defaultCacheDirectory`. */
  readonly cacheDirectory: string;
}

/**
 * Boots the machine as for a recording, with the measuring program in the agent's place. It needs two nodes.
 * Throws `LAB_TOOL_MISSING`, `LAB_BAD_SCENARIO`, `LAB_TIMEOUT`, `LAB_BOOT_FAILED`.
 */
export async function measureGuest({
  kernel,
  machine,
  cacheDirectory,
  ...run
}: MeasureOptions): Promise<MeasuredGuest> {
  const program = await compiledProgram('calibrate', cacheDirectory);
  const lines = await bootGuest({
    kernelImage: kernel.image,
    machine,
    files: [
      ...guestFiles('record'),
      guestText('lab/setup', ''),
      guestText('lab/agent', ''),
      { path: 'bin/agent', content: readFileSync(program), executable: true },
    ],
    bootOptions: [],
    exact: true,
    run,
  });
  return readMeasured(lines);
}

/** Reads the serial log of a measuring guest. Throws `LAB_BOOT_FAILED`. */
export function readMeasured(lines: readonly string[]): MeasuredGuest {
  const [exit] = saidWith('exit', lines);
  if (exit !== '0') {
    throw new KernelLabError(
      'LAB_BOOT_FAILED',
      `the measuring program: expected it to end with exit code 0, got ${exit ?? 'none'}. ${lines.filter((line) => line.startsWith('calibrate: ')).join('; ')}`,
    );
  }
  const costs: Record<string, MeasuredCost> = {};
  for (const line of saidWith('cost', lines)) {
    const [name, ns, count] = line.split(' ');
    costs[name] = { ns: Number(ns), count: Number(count) };
  }
  const facts: Record<string, number> = {};
  for (const line of saidWith('fact', lines)) {
    const [name, value] = line.split(' ');
    facts[name] = Number(value);
  }
  const shown = largestZone(parseZoneinfo(saidWith('zone', lines).join('\n')), 0)?.listedPages;
  if (shown !== undefined) facts['per_cpu_before'] = shown;
  return { kernel: saidWith('kernel', lines)[0] ?? '', costs, facts };
}
