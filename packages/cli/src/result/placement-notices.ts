import type { RunRecord } from '@tierlab/core';
import { policyLabel } from '@tierlab/report';

/** What became of the initial placement in the runs of `records`, where it was not what was given; a line each. */
export function placementNotices(records: readonly RunRecord[]): readonly string[] {
  const given = records.filter(({ manifest }) =>
    manifest.inputs.some(({ role }) => role === 'placement'),
  );
  const apart = new Set(given.flatMap((record) => (record.placement ? [] : [policyLabel(record)])));
  const full = new Set(
    given.flatMap((record) => {
      const { namedPages = 0, placedPages = 0 } = record.placement ?? {};
      if (namedPages === placedPages) return [];
      return [
        `${policyLabel(record)}: ${namedPages - placedPages} of ${namedPages} pages found their node full and went elsewhere`,
      ];
    }),
  );
  return [
    ...(apart.size === 0
      ? []
      : [
          `not started from by ${[...apart].join(', ')}: says itself where pages go, or touches none of it`,
        ]),
    ...full,
  ].map((text) => `initial placement: ${text}`);
}
