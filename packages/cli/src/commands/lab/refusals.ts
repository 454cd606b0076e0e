import type { NodeId, TierHistory } from '@tierlab/core';
import type { KernelTiers } from '@tierlab/kernel-lab';

/** Our side of a boot, told what only the boot can tell. */
export interface ToldHistory {
  readonly ours: TierHistory;
  /** Nodes on which pages of the kernel happened to lie. */
  readonly immovable: ReadonlySet<NodeId>;
}

/**
 * Our history of what `theirs` went through, told where the kernel's own pages happened to lie:
 * boot memory that may hold them goes offline only if each of them can move, which no table tells.
 * So where we had to assume that it does and the kernel refused, it does not for us either. What we
 * do not assume is not excused.
 */
export function toldImmovable(
  theirs: KernelTiers,
  build: (immovableNodes: readonly NodeId[]) => TierHistory,
): ToldHistory {
  const immovable = new Set<NodeId>();
  for (;;) {
    const ours = build([...immovable]);
    const found = ours.steps.findIndex(
      ({ refused, reasons }, i) =>
        refused === undefined &&
        reasons.some(({ rule }) => rule === 'offline') &&
        (theirs.steps[i]?.refused.length ?? 0) > 0,
    );
    const node = ours.steps[found]?.reasons.find(({ rule }) => rule === 'offline')?.node;
    if (node === undefined) return { ours, immovable };
    immovable.add(node);
  }
}
