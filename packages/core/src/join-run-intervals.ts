import type { NodeMeters, RunInterval } from './runrecord.ts';

/** Two intervals of a run, the later right after the earlier, as one. */
export function joinRunIntervals(earlier: RunInterval, later: RunInterval): RunInterval {
  return {
    startNs: earlier.startNs,
    endNs: later.endNs,
    promotedPages: earlier.promotedPages + later.promotedPages,
    demotedPages: earlier.demotedPages + later.demotedPages,
    nodes: later.nodes.map((meters, i) => addMeters(earlier.nodes[i], meters)),
  };
}

/** Sums, but of the pages held, which are those at the end. */
function addMeters(earlier: NodeMeters | undefined, later: NodeMeters): NodeMeters {
  if (earlier === undefined) return later;
  return {
    reads: earlier.reads + later.reads,
    writes: earlier.writes + later.writes,
    pages: later.pages,
    pagesIn: earlier.pagesIn + later.pagesIn,
    pagesOut: earlier.pagesOut + later.pagesOut,
    readBytes: earlier.readBytes + later.readBytes,
    writeBytes: earlier.writeBytes + later.writeBytes,
    occupancyNs: earlier.occupancyNs + later.occupancyNs,
  };
}
