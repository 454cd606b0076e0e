import { joinRunIntervals, type RunInterval } from '@tierlab/core';

/** `intervals` with neighbours joined until there are at most `max`: no chart is wide enough for more. */
export function joinIntervals(
  intervals: readonly RunInterval[],
  max: number,
): readonly RunInterval[] {
  const size = Math.ceil(intervals.length / max);
  if (size <= 1) return intervals;
  return Array.from({ length: Math.ceil(intervals.length / size) }, (_, i) =>
    intervals
      .slice(i * size, (i + 1) * size)
      .reduce((earlier, later) => joinRunIntervals(earlier, later)),
  );
}
