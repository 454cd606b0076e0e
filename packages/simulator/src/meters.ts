import { joinRunIntervals, LINE_BYTES, type NodeMeters, type RunInterval } from '@tierlab/core';
import type { Engine } from './engine.ts';
import { nodeTraffic, takeCounts } from './traffic.ts';

/** Reports what happened interval by interval, in at most `intervalsMax` of them. */
export interface Intervals {
  /** End of the running interval. */
  endNs(): number;
  /** Ends the running interval at `nowNs`. */
  close(nowNs: number): void;
  all(): readonly RunInterval[];
}

/** Intervals of `settings.intervalLength`, doubled by joining neighbours whenever there are too many. */
export function createIntervals(engine: Engine): Intervals {
  const { intervalsMax } = engine.settings;
  let lengthNs = engine.settings.intervalLength;
  let intervals: RunInterval[] = [];
  let startNs = 0;
  let before = snapshot(engine);
  return {
    endNs: () => (Math.floor(startNs / lengthNs) + 1) * lengthNs,
    close(nowNs) {
      if (nowNs <= startNs) return;
      const now = snapshot(engine);
      intervals.push({
        startNs,
        endNs: nowNs,
        promotedPages: now.promotedPages - before.promotedPages,
        demotedPages: now.demotedPages - before.demotedPages,
        nodes: now.nodes.map((meters, i) => subtract(meters, before.nodes[i])),
      });
      before = now;
      startNs = nowNs;
      if (intervals.length > intervalsMax) {
        intervals = joinPairs(intervals);
        lengthNs *= 2;
      }
    },
    all: () => intervals,
  };
}

/** The meters of every node since the start of the run. */
export function nodeMeters(engine: Engine): NodeMeters[] {
  const { traffic, memory } = engine;
  takeCounts(traffic);
  return memory.nodes.map(({ id }) => {
    const { reads, writes, occupancyNs } = nodeTraffic(traffic, id);
    return {
      reads,
      writes,
      pages: engine.usedPages[id],
      pagesIn: engine.pagesIn[id],
      pagesOut: engine.pagesOut[id],
      readBytes: reads * LINE_BYTES + traffic.moveReadBytes[id],
      writeBytes: writes * LINE_BYTES + traffic.moveWriteBytes[id],
      occupancyNs,
    };
  });
}

interface Snapshot {
  readonly promotedPages: number;
  readonly demotedPages: number;
  readonly nodes: readonly NodeMeters[];
}

function snapshot(engine: Engine): Snapshot {
  const { promotedPages, demotedPages } = engine;
  return { promotedPages, demotedPages, nodes: nodeMeters(engine) };
}

function subtract(now: NodeMeters, before: NodeMeters): NodeMeters {
  return {
    reads: now.reads - before.reads,
    writes: now.writes - before.writes,
    pages: now.pages,
    pagesIn: now.pagesIn - before.pagesIn,
    pagesOut: now.pagesOut - before.pagesOut,
    readBytes: now.readBytes - before.readBytes,
    writeBytes: now.writeBytes - before.writeBytes,
    occupancyNs: now.occupancyNs - before.occupancyNs,
  };
}

function joinPairs(intervals: readonly RunInterval[]): RunInterval[] {
  const joined: RunInterval[] = [];
  for (let i = 0; i < intervals.length; i += 2) {
    const earlier = intervals[i];
    const later = intervals.at(i + 1);
    joined.push(later === undefined ? earlier : joinRunIntervals(earlier, later));
  }
  return joined;
}
