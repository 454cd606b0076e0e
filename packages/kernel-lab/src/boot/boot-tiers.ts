import { KernelLabError } from '../errors.ts';
import { bootGuest, type RunOptions } from './boot-guest.ts';
import { daxModules, guestFiles } from './guest-files.ts';
import { saidWith, withoutTimestamp } from './guest-log.ts';
import type { KernelImage } from './kernel-image.ts';
import type { GuestMachine } from './scenario.ts';
import type { ShownCoordinate, ShownDemotion, ShownTiers } from './shown-tiers.ts';

/** How a machine is booted for its tiers. */
export interface TierBootOptions extends Omit<RunOptions, 'onLine'> {
  readonly kernel: KernelImage;
  /** Added to the kernel's command line, e.g. `movable_node`. */
  readonly bootOptions?: readonly string[];
  /**
   * What to do after boot, in order: `off4` and `on4` (all memory of node 4), `blkoff5` and
   * `blkon5` (memory block 5), `kmem` (soft-reserved memory becomes memory of its nodes, which
   * needs the kernel's modules), `sleep2` (seconds).
   */
  readonly steps?: readonly string[];
}

/** What a kernel made of a machine: tiers and demotion targets after the last step. */
export interface KernelTiers extends ShownTiers {
  /** What `uname -r` says. */
  readonly kernel: string;
  /** Node lists by state (`has_memory`, `has_cpu`...) after boot. */
  readonly states: Readonly<Record<string, string>>;
  /** `boot`, then each step (`off4`, the second time `off4'`): tiers and states after it. */
  readonly after: Readonly<Record<string, TiersAndStates>>;
  /** What the kernel would not do in a step: memory it holds itself does not go offline. */
  readonly refused: readonly string[];
}

export interface TiersAndStates {
  readonly tiers: Readonly<Record<string, string>>;
  readonly states: Readonly<Record<string, string>>;
}

const TIME_LIMIT_MS = 5 * 60_000;

/**
 * Boots a machine and returns the tiers, demotion targets, access coordinates and distances that
 * the kernel built of it.
 *
 * Throws `LAB_TOOL_MISSING`, `LAB_BAD_SCENARIO`, `LAB_TIMEOUT`, `LAB_BOOT_FAILED`.
 */
export async function bootTiers(
  machine: GuestMachine,
  { kernel, bootOptions = [], steps = [], ...run }: TierBootOptions,
): Promise<KernelTiers> {
  checkSteps(steps);
  const lines = await bootGuest({
    kernelImage: kernel.image,
    machine,
    files: [
      ...guestFiles('tiers'),
      ...(steps.includes('kmem') ? daxModules(kernel) : []),
      { path: 'lab/steps', content: new TextEncoder().encode(labelledSteps(steps)) },
    ],
    bootOptions,
    exact: false,
    run: { timeLimitMs: TIME_LIMIT_MS, ...run },
  });
  return readKernelTiers(lines);
}

/** A line for each step: what to do, and its name in `after`. */
export function labelledSteps(steps: readonly string[]): string {
  const seen = new Map<string, number>();
  const lines = steps.map((step) => {
    const count = seen.get(step) ?? 0;
    seen.set(step, count + 1);
    return `${step} ${step}${"'".repeat(count)}\n`;
  });
  return lines.join('');
}

function checkSteps(steps: readonly string[]): void {
  for (const step of steps) {
    if (/^(kmem|(off|on|blkoff|blkon|sleep)\d+)$/.test(step)) continue;
    throw new KernelLabError(
      'LAB_BAD_SCENARIO',
      `step ${JSON.stringify(step)}: expected off, on (a node), blkoff, blkon (a memory block) or sleep (seconds), each with its number, or kmem`,
    );
  }
}

/** Reads the serial log of the `tiers` task. */
export function readKernelTiers(lines: readonly string[]): KernelTiers {
  const after = readAfter(lines);
  const last = Object.values(after).at(-1);
  return {
    kernel: saidWith('kernel', lines)[0] ?? '',
    tiers: last?.tiers ?? {},
    demotion: readDemotion(saidWith('demotion', lines)),
    access: readAccess(saidWith('access', lines)),
    initiators: readInitiators(saidWith('initiators', lines)),
    distances: Object.fromEntries(
      saidWith('distance', lines).map((line) => {
        const [node, ...row] = line.split(' ');
        return [node, row.map(Number)];
      }),
    ),
    states: after['boot']?.states ?? {},
    after,
    refused: saidWith('refused', lines),
  };
}

function readAfter(lines: readonly string[]): Record<string, TiersAndStates> {
  const after: Record<string, { tiers: Record<string, string>; states: Record<string, string> }> =
    {};
  for (const line of saidWith('state', lines)) {
    const [step, state, nodes] = line.split(' ');
    (after[step] ??= { tiers: {}, states: {} }).states[state] = nodes ?? '';
  }
  for (const line of saidWith('tier', lines)) {
    const [step, tier, nodes] = line.split(' ');
    (after[step] ??= { tiers: {}, states: {} }).tiers[tier] = nodes!;
  }
  return after;
}

/**
 * Source: Linux mm/memory-tiers.c dump_demotion_targets, 6.12: the node masks, or `null` for a node
 * that demotes nowhere. Each rebuild logs every node again, so the last line of a node holds.
 */
function readDemotion(lines: readonly string[]): Record<string, ShownDemotion> {
  const targets: Record<string, ShownDemotion> = {};
  for (const line of lines.map(withoutTimestamp)) {
    const found =
      /^Demotion targets for Node (\d+): (?:null|preferred: (.*), fallback: (.*))$/.exec(line);
    if (found) targets[found[1]] = { preferred: found[2] ?? null, fallback: found[3] ?? null };
  }
  return targets;
}

function readAccess(lines: readonly string[]): Record<string, Record<string, ShownCoordinate>> {
  const access: Record<string, Record<string, Record<string, number>>> = {};
  for (const line of lines) {
    const [node, accessClass, field, value] = line.split(' ');
    ((access[node] ??= {})[accessClass] ??= {})[field] = Number(value);
  }
  return access as unknown as Record<string, Record<string, ShownCoordinate>>;
}

function readInitiators(
  lines: readonly string[],
): Record<string, Record<string, readonly number[]>> {
  const initiators: Record<string, Record<string, readonly number[]>> = {};
  for (const line of lines) {
    const [node, accessClass, ...links] = line.split(' ');
    (initiators[node] ??= {})[accessClass] = links
      .map((link) => Number(link.slice('node'.length)))
      .filter((id) => Number.isInteger(id)) // an unmatched `node[0-9]*` stays as it is
      .sort((a, b) => a - b);
  }
  return initiators;
}
