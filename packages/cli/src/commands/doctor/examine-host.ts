import { accessSync, constants, readdirSync, readFileSync, statSync } from 'node:fs';
import { availableParallelism, totalmem } from 'node:os';
import { delimiter, join } from 'node:path';

import { defaultCacheDirectory, kernelImages } from '@tierlab/kernel-lab';
import { showBytes } from '@tierlab/report';
import { RECORDER_QEMU } from '@tierlab/trace';

import { exitCodes, type CommandContext } from '../../context.ts';
import { memoryText } from '../../machine/machine-text.ts';
import { renderTable } from '../../terminal/table.ts';
import { keptFiles, replayCache } from '../../trace/replay-cache.ts';

/** Options of `tierlab doctor`, as the command line gives them. */
export interface DoctorOptions {
  readonly json?: boolean;
}

/** Version of the form that `--json` prints. */
const DOCTOR_SCHEMA_VERSION = 1;

/** The least Node.js that the manifest's `engines` allow. */
const NODE_MIN = [20, 19] as const;

/** Programs that are used where they are there, and what for. */
const tools: Readonly<Record<string, string>> = {
  'qemu-system-x86_64': 'lab: boots kernels',
  [RECORDER_QEMU ?? 'qemu']: 'trace record: runs the program, if it was built with plugins',
  cc: 'trace record: builds the plugin',
  gcc: 'lab: builds the agent in the guest',
  iasl: 'tests: disassembles the ACPI tables that are written',
  valgrind: 'trace record: lackey',
  perf: 'recordings that `trace` reads',
  chromium: 'tests: opens report.html',
};

interface Finding {
  readonly what: string;
  /** What was found; absent where there is nothing. */
  readonly found?: string;
  readonly use: string;
}

/** Says what is here. Exit code 1 where Node.js is too old. */
export async function examineHost(options: DoctorOptions, context: CommandContext): Promise<void> {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const nodeFits = major > NODE_MIN[0] || (major === NODE_MIN[0] && minor >= NODE_MIN[1]);
  if (!nodeFits) context.exitCode = exitCodes.failure;
  const findings: readonly Finding[] = [
    { what: 'node', found: process.versions.node, use: `needed: ${NODE_MIN.join('.')} or newer` },
    { what: 'cores', found: String(availableParallelism()), use: 'compare --jobs' },
    { what: 'memory', found: memoryText(totalmem()), use: 'large traces: 16 runs share a pass' },
    { what: 'page size', ...pageSize(), use: 'pages of recordings made here' },
    {
      what: 'huge pages',
      ...chosenWord('/sys/kernel/mm/transparent_hugepage/enabled'),
      use: 'never: recordings see each small page; always: set hugePages to replay what this kernel does',
    },
    {
      what: 'NUMA nodes',
      ...firstLine('/sys/devices/system/node/has_memory'),
      use: '`tierlab tiers /sys` reads this machine',
    },
    {
      what: 'memory tiers',
      ...memoryTiers(),
      use: 'what this kernel built, to hold `tierlab tiers /sys` against',
    },
    {
      what: 'NUMA balancing',
      ...firstLine('/proc/sys/kernel/numa_balancing'),
      use: '2: this kernel promotes hot pages between tiers',
    },
    ...Object.entries(tools).map(([what, use]): Finding => ({ what, ...path(what), use })),
    { what: '/dev/kvm', ...usable('/dev/kvm'), use: 'lab: boots in seconds instead of minutes' },
    { what: 'kernel images', ...kernels(), use: 'lab: kernels to boot' },
    {
      what: 'ACPI tables',
      ...usable('/sys/firmware/acpi/tables/SRAT'),
      use: 'tiers of this machine',
    },
    {
      what: 'trace cache',
      found: await cacheText(),
      use: 'run, compare, tune, plan: traces ready for replay (TIERLAB_CACHE, --no-cache)',
    },
  ];
  if (options.json) {
    context.stdout(
      `${JSON.stringify({ schemaVersion: DOCTOR_SCHEMA_VERSION, ok: nodeFits, findings })}\n`,
    );
    return;
  }
  const rows = findings.map(({ what, found = '-', use }) => [what, found, use]);
  context.stdout(renderTable([{ head: 'what' }, { head: 'found' }, { head: 'for' }], rows));
}

/** Where a program is, as a shell would find it. */
function path(program: string): { found?: string } {
  const folders = (process.env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
  const file = folders
    .map((folder) => join(folder, program))
    .find((each) => may(each, constants.X_OK) && statSync(each).isFile());
  return file === undefined ? {} : { found: file };
}

function usable(file: string): { found?: string } {
  return may(file, constants.R_OK) ? { found: file } : {};
}

/** The first line of a file of the system. */
function firstLine(file: string): { found?: string } {
  const [line = ''] = textOf(file).split('\n');
  return line === '' ? {} : { found: line };
}

/** The word in brackets: what is chosen of the words of a file below `/sys`. */
function chosenWord(file: string): { found?: string } {
  const [, word] = /\[(\w+)\]/.exec(textOf(file)) ?? [];
  return word === undefined ? {} : { found: word };
}

/** Of this process's own memory, which is in pages of the smallest size. */
function pageSize(): { found?: string } {
  const [, size] = /^KernelPageSize:\s+(\d+) kB$/m.exec(textOf('/proc/self/smaps')) ?? [];
  return size === undefined ? {} : { found: `${size} KiB` };
}

/** Tiers of the running kernel with their nodes: `4: 0-1, 22: 2`. */
function memoryTiers(): { found?: string } {
  const folder = '/sys/devices/virtual/memory_tiering';
  const tiers = (may(folder, constants.R_OK) ? readdirSync(folder) : []).flatMap((name) => {
    const [, tier] = /^memory_tier(\d+)$/.exec(name) ?? [];
    return tier === undefined
      ? []
      : [`${tier}: ${firstLine(join(folder, name, 'nodelist')).found}`];
  });
  return tiers.length === 0 ? {} : { found: tiers.join(', ') };
}

/** The text of a file that may not be there or may not be read. */
function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

function may(file: string, mode: number): boolean {
  try {
    accessSync(file, mode);
    return true;
  } catch {
    return false;
  }
}

async function cacheText(): Promise<string> {
  const cache = replayCache();
  const files = await keptFiles(cache);
  const sizeBytes = files.reduce((sum, file) => sum + file.sizeBytes, 0);
  const holds = `${files.length} of ${showBytes(sizeBytes)}, at most ${showBytes(cache.limitBytes)}`;
  return `${cache.directory}: ${holds}`;
}

function kernels(): { found?: string } {
  const releases = kernelImages(defaultCacheDirectory()).map(({ release }) => release);
  return releases.length === 0 ? {} : { found: releases.join(', ') };
}
