import { isRefused, type RunOutcome, type RunPoint } from '@tierlab/experiment';
import { isRuler } from '@tierlab/report';

/**
 * The points whose placement is worth a map, at most `count`: of each trace and machine, with the first capacities, window
 * and seed, the quickest policy, then what doing nothing gives, then the next quickest.
 */
export function chooseMapped(
  points: readonly RunPoint[],
  outcomes: readonly RunOutcome[],
  count: number,
): readonly RunPoint[] {
  const groups = new Map<string, { point: RunPoint; timeNs: number }[]>();
  const settingOf = new Map<string, string>();
  for (const [i, point] of points.entries()) {
    const record = outcomes[i];
    if (record === undefined || isRefused(record) || isRuler(record)) continue;
    const place = JSON.stringify([point.trace, point.machine]);
    const setting = JSON.stringify([point.window, point.capacities, point.seed]);
    if (!settingOf.has(place)) settingOf.set(place, setting);
    if (settingOf.get(place) !== setting) continue;
    const group = groups.get(place) ?? [];
    groups.set(place, [...group, { point, timeNs: record.totals.timeNs }]);
  }
  const ranked = [...groups.values()].map((group) => {
    const [quickest, ...others] = group.toSorted((a, b) => a.timeNs - b.timeNs);
    const still = others.filter(({ point }) => point.policy === 'stay-put');
    const rest = others.filter(({ point }) => point.policy !== 'stay-put');
    return [quickest, ...still, ...rest].flatMap((run) => (run === undefined ? [] : [run.point]));
  });
  // The first choice of every trace and machine comes before the second one of any.
  const longest = Math.max(0, ...ranked.map((list) => list.length));
  const inTurn = Array.from({ length: longest }, (_, rank) =>
    ranked.flatMap((list) => list[rank] ?? []),
  ).flat();
  const chosen = new Set(inTurn.slice(0, count));
  return points.filter((point) => chosen.has(point));
}
