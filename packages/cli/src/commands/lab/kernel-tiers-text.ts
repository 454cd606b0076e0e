import type { ShownTiers, TierDifference } from '@tierlab/kernel-lab';

import { renderTable } from '../../terminal/table.ts';

/** What a kernel shows at one moment, and what we say it shows. */
export interface MomentBesideOurs {
  readonly theirs: ShownTiers;
  readonly ours: ShownTiers;
  /** Everything that the two show differently, coordinates and distances too. */
  readonly differences: readonly TierDifference[];
}

/** The moment after a step. */
export interface StepBesideOurs extends MomentBesideOurs {
  readonly step: string;
  /** What the kernel would not do. */
  readonly refused: readonly string[];
}

/** Tiers that a kernel built of a machine at boot, and those that we say it builds; then step by step. */
export interface TiersBesideOurs extends MomentBesideOurs {
  readonly release: string;
  readonly steps: readonly StepBesideOurs[];
}

/** Version of the form of a line of `tierlab lab tiers --json`. */
const LAB_TIERS_SCHEMA_VERSION = 1;

/** One line of `--json`. */
export function kernelTiersJson(machine: string, answer: TiersBesideOurs): object {
  const { release, steps } = answer;
  return {
    schemaVersion: LAB_TIERS_SCHEMA_VERSION,
    machine,
    kernel: release,
    ...momentJson(answer),
    steps: steps.map((each) => ({
      step: each.step,
      refused: each.refused,
      ...momentJson(each),
    })),
    same: [answer, ...steps].every(({ differences }) => differences.length === 0),
  };
}

const momentJson = ({ theirs, ours, differences }: MomentBesideOurs): object => ({
  theirs: shownPart(theirs),
  ours: shownPart(ours),
  differences,
});

/** What both sides show: a boot tells more, of its states and steps. */
const shownPart = ({ tiers, demotion, access, initiators, distances }: ShownTiers): ShownTiers => ({
  tiers,
  demotion,
  access,
  initiators,
  distances,
});

/** The kernel's answer beside ours at boot, then after each step; each with what differs. */
export function kernelTiersText(machine: string, answer: TiersBesideOurs): string {
  const parts = [`${machine}, Linux ${answer.release} beside ours\n\n${momentText(answer)}`];
  for (const step of answer.steps) {
    const refused = step.refused.map((what) => `the kernel refused: ${what}\n`).join('');
    parts.push(`after ${step.step}:\n${refused}\n${momentText(step)}`);
  }
  return parts.join('\n');
}

/** A row a node: its tier and its demotion targets, the kernel's beside ours; then what differs. */
function momentText({ theirs, ours, differences }: MomentBesideOurs): string {
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
  return table + verdict(differences, logsDemotion);
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
