import { migrationBytes, moveBandwidthShare, moveTrafficBytes, sumNodes } from './run-figures.ts';
import type { ComparedRun } from './run-set.ts';
import { share, type Column } from './table.ts';

/** Columns of what a run moved, what became of it, and what it asked of bandwidth. */
export const moveColumns: readonly Column<ComparedRun>[] = [
  {
    name: 'promotions_pages',
    kind: 'count',
    definition: 'Base pages moved to a faster tier; a page counts each time it moves.',
    value: ({ record }) => record.totals.promotedPages,
  },
  {
    name: 'demotions_pages',
    kind: 'count',
    definition: 'Base pages moved to a slower tier; a page counts each time it moves.',
    value: ({ record }) => record.totals.demotedPages,
  },
  {
    name: 'ping_pong_pages',
    kind: 'count',
    definition:
      'Base pages moved back within the setting pingPongWindow: demoted so soon after their promotion, or promoted so soon after their demotion.',
    value: ({ record: { totals } }) =>
      totals.moveOutcome &&
      totals.moveOutcome.promotedThenDemotedPages + totals.moveOutcome.demotedThenPromotedPages,
  },
  {
    name: 'promoted_then_demoted_pages',
    kind: 'count',
    definition: 'The part of ping_pong_pages that was demoted again.',
    value: ({ record }) => record.totals.moveOutcome?.promotedThenDemotedPages,
  },
  {
    name: 'demoted_then_promoted_pages',
    kind: 'count',
    definition: 'The part of ping_pong_pages that was promoted again.',
    value: ({ record }) => record.totals.moveOutcome?.demotedThenPromotedPages,
  },
  {
    name: 'wasted_promotions_pages',
    kind: 'count',
    definition:
      'Base pages demoted before their accesses since the promotion had saved as much time as it took; free promotions, and those to a node of no lower latency, are not judged.',
    value: ({ record }) => record.totals.moveOutcome?.wastedPromotionPages,
  },
  {
    name: 'unpaid_promotions_pages',
    kind: 'count',
    definition:
      'Base pages that were still promoted at the end of the run, without having saved as much time as that took.',
    value: ({ record }) => record.totals.moveOutcome?.unpaidPromotionPages,
  },
  {
    name: 'migration_bytes',
    kind: 'count',
    definition: 'Bytes of all pages moved, within a tier too; each is read once and written once.',
    value: ({ record }) => migrationBytes(record),
  },
  {
    name: 'migration_traffic_bytes',
    kind: 'count',
    definition:
      'Bytes read and written by moves: twice migration_bytes, but nothing for a move that was free or went back to a copy.',
    value: ({ record }) => moveTrafficBytes(record),
  },
  {
    name: 'migration_traffic_share',
    kind: 'real',
    definition: 'migration_traffic_bytes over all bytes read and written, 0 to 1.',
    value: ({ record }) =>
      share(
        moveTrafficBytes(record),
        sumNodes(record, (node) => node.readBytes + node.writeBytes),
      ),
  },
  {
    name: 'migration_bandwidth_mbps',
    kind: 'real',
    definition: 'migration_traffic_bytes over estimated_time_ns, in MB/s (10^6 bytes).',
    value: ({ record }) => {
      const rate = share(moveTrafficBytes(record), record.totals.timeNs);
      return rate === undefined ? undefined : rate * 1e3;
    },
  },
  {
    name: 'migration_bandwidth_share',
    kind: 'real',
    definition:
      'Share of the bandwidth of a node that moves took, on the node where it is largest, 0 to 1.',
    value: ({ record }) =>
      record.nodes.reduce<number | undefined>((most, node, i) => {
        const meters = record.totals.nodes[i];
        const used = meters && moveBandwidthShare(node, meters, record.totals.timeNs);
        return used === undefined ? most : Math.max(most ?? 0, used);
      }, undefined),
  },
  {
    name: 'move_requests',
    kind: 'count',
    definition: 'Moves that the policy asked for.',
    value: ({ record }) => record.totals.requests,
  },
  {
    name: 'moves_done',
    kind: 'count',
    definition: 'Requests that were carried out.',
    value: ({ record }) => record.totals.movedRequests,
  },
  {
    name: 'moves_refused',
    kind: 'count',
    definition: 'Requests that were refused; move_requests is moves_done plus moves_refused.',
    value: ({ record }) => record.totals.refusedRequests,
  },
  {
    name: 'refusals',
    kind: 'text',
    definition: 'Refused requests by reason as reason=requests, separated by blanks.',
    value: ({ record }) =>
      Object.entries(record.refusals)
        .map(([reason, requests]) => `${reason}=${requests}`)
        .toSorted()
        .join(' '),
  },
];
