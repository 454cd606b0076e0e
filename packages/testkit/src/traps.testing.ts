import {
  buildTiers,
  nodeList,
  parseHotplugSteps,
  type BuildTiersOptions,
  type Machine,
  type TierHistory,
  type TieringPolicy,
  type TierState,
} from '@tierlab/core';
import { decodeAcpi, type AcpiOptions, type AcpiTables } from '@tierlab/firmware';
import { defaultDram } from '@tierlab/policy-default-dram';
import { cxlRegion, hmat as hmatPolicy } from '@tierlab/policy-hmat';
import { cpu, hmat, matrix, memory, srat, type MemoryOptions } from './table-builder.ts';

// The tiny machines of the traps, and their answers as text.

/** The tiering policies of Linux, in the order in which it asks them. */
const tieringPolicies: readonly TieringPolicy[] = [hmatPolicy, cxlRegion, defaultDram];

/** A kernel to build tiers, and what happens after boot. */
export interface Run extends Partial<BuildTiersOptions> {
  readonly after?: string;
}

/** The tiers of `machine`, at boot and after each step. */
export function run(machine: Machine, { after, ...options }: Run = {}): TierHistory {
  const steps = after === undefined ? [] : parseHotplugSteps(after);
  return buildTiers(machine, { tieringPolicies, ...options, steps });
}

/** Fastest first: `4: 0 | 27: 1`. */
export const tiersText = ({ tiers }: TierState): string =>
  tiers.map((tier) => `${tier.id}: ${nodeList(tier.nodes)}`).join(' | ');

/** The tiers at boot of the machine that `tables` tell. */
export const bootTiers = (tables: AcpiTables, options?: AcpiOptions): string =>
  tiersText(run(decodeAcpi(tables, options)).boot);

/** `0>1 (1-2)`: node 0 prefers 1 and falls back to 1-2. */
export const demotionText = ({ nodes }: TierState): string =>
  nodes
    .filter((node) => node.hasMemory)
    .map(({ id, demotion }) =>
      demotion.preferred.length === 0
        ? `${id}>-`
        : `${id}>${nodeList(demotion.preferred)} (${nodeList(demotion.fallback)})`,
    )
    .join(', ');

/** `rl/wl rb/wb` of a node, as sysfs shows it; `-` where it shows none. */
export function accessText(state: TierState, node: number, accessClass: 0 | 1): string {
  const coordinate = state.nodes.find(({ id }) => id === node)?.access?.[accessClass].coordinate;
  if (!coordinate) return '-';
  const { readLatency, writeLatency, readBandwidth, writeBandwidth } = coordinate;
  return `${readLatency}/${writeLatency} ${readBandwidth}/${writeBandwidth}`;
}

/** One CPU; domain 0 has 512 MiB and the CPU, each further domain 128 MiB. */
export const plainSrat = (domains: number, options: MemoryOptions = {}): Uint8Array =>
  srat([
    cpu(0, 0),
    memory(0, 0, 512),
    ...Array.from({ length: domains - 1 }, (_, i) => memory(i + 1, 512 + 128 * i, 128, options)),
  ]);

/** One initiator, domain 0; per target a latency and a bandwidth. */
export const plainHmat = (
  latencies: readonly number[],
  bandwidths: readonly number[],
  extra: readonly Uint8Array[] = [],
): Uint8Array => {
  const targets = latencies.map((_, i) => i);
  return hmat([
    matrix('accessLatency', [0], targets, [latencies]),
    matrix('accessBandwidth', [0], targets, [bandwidths]),
    ...extra,
  ]);
};

/** DRAM 100 ns, 100,000 MB/s; node 1 300 ns, 50,000 MB/s: 576 * 600/200 * 200000/100000 = 3456, tier 27. */
export const farHmat: Uint8Array = plainHmat([100, 300], [1000, 500]);
export const far: AcpiTables = { SRAT: plainSrat(2), HMAT: farHmat };
