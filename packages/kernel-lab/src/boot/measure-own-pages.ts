import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { KernelLabError } from '../errors.ts';
import { bootGuest } from './boot-guest.ts';
import { guestFiles, guestText, recordingFiles } from './guest-files.ts';
import { saidWith } from './guest-log.ts';
import type { MeasureOptions } from './measure-costs.ts';

/** Small mappings of the agent that the hint-fault scanner looks into, by address. */
const SMALL_MAPPINGS = ['bss', 'heap', 'stack'] as const;

/** Its arrays are mapped, as a recording's; long enough for both looks. It reports once, at its fourth second. */
const AGENT = 'run 80000 300 1 u:6:0:20000:0:0';
/** The generations are off, as in a recording on the classic LRU. A shell of its own holds none of the first one's pages. */
const SETUP = `echo n > /sys/kernel/mm/lru_gen/enabled
export STEP=4000 b
$b sh /lab/own-pages &`;

/**
 * Boots the machine with the agent itself and counts its own pages, as facts: `heap_pages`, those of them that it touches
 * all the time, `heap_busy`, and those that it touches when it reports, `heap_reporting`; of `bss` and `stack` the same. And
 * how many threads of the kernel's own start it shares the CPU with at first, `boot_threads`, and how many of the shell's
 * anonymous pages are older than the end of the generations and not written anew since, `active_anonymous_pages`.
 * Throws as `measureGuest`.
 */
export async function measureOwnPages({
  kernel,
  machine,
  cacheDirectory,
  ...run
}: MeasureOptions): Promise<Readonly<Record<string, number>>> {
  const script = fileURLToPath(new URL('../../guest/own-pages', import.meta.url));
  const lines = await bootGuest({
    kernelImage: kernel.image,
    machine,
    files: [
      ...guestFiles('record'),
      ...(await recordingFiles(cacheDirectory)),
      { path: 'lab/own-pages', content: readFileSync(script) },
      guestText('lab/setup', SETUP),
      guestText('lab/agent', AGENT),
    ],
    bootOptions: [],
    exact: true,
    run,
  });
  return readOwnPages(lines);
}

/** Reads the serial log of such a guest. Throws `LAB_BOOT_FAILED`. */
export function readOwnPages(lines: readonly string[]): Readonly<Record<string, number>> {
  const facts: Record<string, number> = {
    boot_threads: Number(saidWith('boot_threads', lines)[0]),
    active_anonymous_pages: counter('nr_active_anon', lines) - counter('nr_shmem', lines),
  };
  const busy = smallMappings(saidWith('busy', lines));
  const reporting = smallMappings(saidWith('reporting', lines));
  for (const name of SMALL_MAPPINGS) {
    const [before, after] = [busy.get(name), reporting.get(name)];
    if (before === undefined || after === undefined)
      throw new KernelLabError(
        'LAB_BOOT_FAILED',
        `the agent's mappings: expected its ${name}, twice, in ${lines.length} lines of the guest's log`,
      );
    facts[`${name}_pages`] = after.anonymous;
    facts[`${name}_busy`] = before.referenced;
    facts[`${name}_reporting`] = after.referenced;
  }
  return facts;
}

/** A counter of /proc/vmstat, in pages. The initramfs's files, all active then, are counted as shared memory. */
function counter(name: string, lines: readonly string[]): number {
  const line = saidWith('counter', lines).find((said) => said.startsWith(`${name} `));
  if (line === undefined)
    throw new KernelLabError(
      'LAB_BOOT_FAILED',
      `the machine's lists: expected ${name} in ${lines.length} lines of the guest's log`,
    );
  return Number(line.slice(name.length));
}

interface MappingPages {
  anonymous: number;
  referenced: number;
}

const KIB_PER_PAGE = 4;

/** Pages of the small mappings in the lines of `/proc/PID/smaps`. The zeroed data is the first mapping without a name. */
function smallMappings(smaps: readonly string[]): ReadonlyMap<string, MappingPages> {
  const mappings = new Map<string, MappingPages>();
  let pages: MappingPages = { anonymous: 0, referenced: 0 };
  for (const line of smaps) {
    const counted = /^(Anonymous|Referenced): +(\d+) kB/.exec(line);
    if (counted === null) {
      const path = line.split(/\s+/)[5] ?? '';
      const name = path === '' && !mappings.has('bss') ? 'bss' : path.replace(/^\[(.*)\]$/, '$1');
      mappings.set(name, (pages = { anonymous: 0, referenced: 0 }));
    } else {
      const key = counted[1] === 'Anonymous' ? 'anonymous' : 'referenced';
      pages[key] = Number(counted[2]) / KIB_PER_PAGE;
    }
  }
  return mappings;
}
