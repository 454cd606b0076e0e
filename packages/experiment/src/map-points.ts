import { labelOfPoint, openWindow, requestOfPoint, traceOfPoint } from './executor.ts';
import { mapHeat, type HeatMap } from './heat-map.ts';
import type { Experiment, RunPoint } from './matrix.ts';

/** A heat map of a point of an experiment: with the machine, where it is a placement. */
export interface PointHeatMap extends HeatMap {
  readonly machine?: string;
}

/**
 * The accesses and the hot set of the trace of each of `points`, and the placement of the runs of `points`, over time and
 * address. Each point is replayed once more; points of one trace share the passes.
 */
export async function mapPoints(
  experiment: Experiment,
  points: readonly RunPoint[],
): Promise<readonly PointHeatMap[]> {
  const mapped: PointHeatMap[] = [];
  for (const name of new Set(points.map(labelOfPoint))) {
    const ours = points.filter((point) => labelOfPoint(point) === name);
    const [first] = ours;
    const trace = traceOfPoint(experiment, first);
    const runs = ours.map((point) => requestOfPoint(experiment, trace, point));
    const { maps } = await mapHeat({ name, trace: openWindow(trace), runs });
    const placementFirst = maps.length - ours.length;
    mapped.push(
      ...maps.map((map, i) =>
        i < placementFirst ? map : { ...map, machine: ours[i - placementFirst].machine },
      ),
    );
  }
  return mapped;
}
