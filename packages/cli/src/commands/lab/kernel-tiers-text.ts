import type { ShownTiers, TierDifference } from '@tierlab/kernel-lab';

import { renderTable } from '../../terminal/table.ts';

/** Tiers that a kernel built of a machine, and those that we say it builds. */
export interface TiersBesideOurs {
  readonly release: string;
  readonly theirs: ShownTiers;
  readonly ours: ShownTiers;
  /** Everything that the two show differently, coordinates and distances too. */
  readonly differences: readonly TierDifference[];
}

/** Version of the form of a line of `tierlab lab tiers --json`. */
const LAB_TIERS_SCHEMA_VERSION = 1;

/** One line of `--json`. */
export function kernelTiersJson(machine: string, answer: TiersBesideOurs): object {
  const { release, theirs, ours, differences } = answer;
  return {
    schemaVersion: LAB_TIERS_SCHEMA_VERSION,
    machine,
    kernel: release,
    theirs: shownPart(theirs),
    ours: shownPart(ours),
    differences,
    same: differences.length === 0,
  };
}

/** What both sides show: a boot tells more, of its states and steps. */
const shownPart = ({ tiers, demotion, access, initiators, distances }: ShownTiers): ShownTiers => ({
  tiers,
  demotion,
  access,
  initiators,
  distances,
});

/** A row a node: its tier and its demotion targets, the kernel's beside ours; then what differs. */
export function kernelTiersText(machine: string, answer: TiersBesideOurs): string {
  const { release, theirs, ours, differences } = answer;
  const tierOfTheirs = tierByNode(theirs);
  const tierOfOurs = tierByNode(ours);
  const nodes = [...new Set([...tierOfTheirs.keys(), ...tierOfOurs.keys()])].toSorted(
    (a, b) => a - b,
  );
  const logsDemotion = Object.keys(theirs.demotion).length > 0;
  const table = renderTable(
    [
      { head: 'node', align: 'right' },
      { head: 'tier' },
      { head: 'ours' },
      { head: 'demotes to' },
      { head: 'ours' },
    ],
    nodes.map((node) => [
      String(node),
      tierOfTheirs.get(node) ?? 'none',
      tierOfOurs.get(node) ?? 'none',
      logsDemotion ? targetsOf(theirs, node) : '',
      targetsOf(ours, node),
    ]),
  );
  return `${machine}, Linux ${release} beside ours\n\n${table}${verdict(differences, logsDemotion)}`;
}

/** Tier by node, of node lists by tier. */
function tierByNode({ tiers }: ShownTiers): ReadonlyMap<number, string> {
  const tierOf = new Map<number, string>();
  for (const [tier, list] of Object.entries(tiers)) {
    for (const range of list.split(',')) {
      const [first = Number.NaN, last = first] = range.split('-').map(Number);
      for (let node = first; node <= last; node++) tierOf.set(node, tier);
    }
  }
  return tierOf;
}

function targetsOf({ demotion }: ShownTiers, node: number): string {
  const { preferred = null, fallback = null } = demotion[node] ?? {};
  if (preferred === null) return 'none';
  return fallback === preferred || fallback === null ? preferred : `${preferred}, then ${fallback}`;
}

function verdict(differences: readonly TierDifference[], logsDemotion: boolean): string {
  const compared = logsDemotion
    ? 'tiers, demotion targets, coordinates, initiators and distances'
    : 'tiers, coordinates, initiators and distances (this kernel does not log its demotion targets)';
  if (differences.length === 0) return `the same ${compared}\n`;
  const lines = differences.map(
    ({ where, ours, theirs }) =>
      `  ${where}: the kernel ${theirs ?? 'has none'}, ours ${ours ?? 'has none'}\n`,
  );
  return `\nwhat differs, of ${compared}:\n${lines.join('')}`;
}
