import { LINE_BYTES, type NodeMeters, type RunInterval } from '@tierlab/core';
import type { Engine } from './engine.ts';
import { growColumn } from './pages.ts';
import { nodeTraffic, takeCounts } from './traffic.ts';

/** Reports what happened interval by interval, in at most `intervalsMax` of them. */
export interface Intervals {
  /** End of the running interval. */
  endNs(): number;
  /** How long an interval is now, and how many may end before that changes. */
  lengthNs(): number;
  left(): number;
  /** Ends the running interval at `nowNs`. */
  close(nowNs: number): void;
  all(): readonly RunInterval[];
}

/** Intervals of `settings.intervalLength`, doubled by joining neighbours whenever there are too many. */
export function createIntervals(engine: Engine): Intervals {
  const { intervalsMax } = engine.settings;
  const width = FIRST_NODE + engine.memory.nodes.length * METERS;
  let lengthNs = engine.settings.intervalLength;
  /** One row after the other, of `width` numbers each. */
  let rows = new Float64Array(16 * width);
  let count = 0;
  let startNs = 0;
  let before = new Float64Array(width);
  let now = new Float64Array(width);
  readMeters(engine, before);

  const addRow = (endNs: number): void => {
    if ((count + 1) * width > rows.length) rows = growColumn(rows, 2 * rows.length);
    const row = count++ * width;
    for (let field = 0; field < width; field++) rows[row + field] = now[field] - before[field];
    for (let at = FIRST_NODE; at < width; at += METERS) rows[row + at + PAGES] = now[at + PAGES];
    rows[row] = startNs;
    rows[row + 1] = endNs;
  };

  const rowAt = (i: number): RunInterval => intervalOf(rows, i * width, width);

  const joinPairs = (): void => {
    for (let i = 0; 2 * i < count; i++) {
      const [earlier, later] = [2 * i, 2 * i + 1].map((row) => row * width);
      rows.copyWithin(i * width, earlier, earlier + width);
      if (2 * i + 1 < count) joinRow(rows, i * width, later, width);
    }
    count = Math.ceil(count / 2);
  };

  return {
    endNs: () => (Math.floor(startNs / lengthNs) + 1) * lengthNs,
    lengthNs: () => lengthNs,
    left: () => intervalsMax - count,
    close(nowNs) {
      if (nowNs <= startNs) return;
      readMeters(engine, now);
      addRow(nowNs);
      [before, now] = [now, before];
      startNs = nowNs;
      if (count > intervalsMax) {
        joinPairs();
        lengthNs *= 2;
      }
    },
    all: () => Array.from({ length: count }, (_, i) => rowAt(i)),
  };
}

/** Numbers of a row before those of its nodes: start, end, promoted and demoted pages. */
const FIRST_NODE = 4;
/** Numbers of a node, in the order of `NodeMeters`; the pages that it holds are no sum. */
const METERS = 8;
const PAGES = 2;

/** The meters of the run so far, as a row. */
function readMeters(engine: Engine, row: Float64Array): void {
  const { traffic, memory } = engine;
  takeCounts(traffic);
  row[2] = engine.promotedPages;
  row[3] = engine.demotedPages;
  let at = FIRST_NODE;
  for (const { id } of memory.nodes) {
    const { reads, writes, occupancyNs } = nodeTraffic(traffic, id);
    row[at] = reads;
    row[at + 1] = writes;
    row[at + PAGES] = engine.usedPages[id];
    row[at + 3] = engine.pagesIn[id];
    row[at + 4] = engine.pagesOut[id];
    row[at + 5] = reads * LINE_BYTES + traffic.moveReadBytes[id];
    row[at + 6] = writes * LINE_BYTES + traffic.moveWriteBytes[id];
    row[at + 7] = occupancyNs;
    at += METERS;
  }
}

/** The meters of every node since the start of the run. */
export function nodeMeters(engine: Engine): NodeMeters[] {
  const row = new Float64Array(FIRST_NODE + engine.memory.nodes.length * METERS);
  readMeters(engine, row);
  return [...intervalOf(row, 0, row.length).nodes];
}

function intervalOf(rows: Float64Array, row: number, width: number): RunInterval {
  const nodes: NodeMeters[] = [];
  for (let at = row + FIRST_NODE; at < row + width; at += METERS) {
    nodes.push({
      reads: rows[at],
      writes: rows[at + 1],
      pages: rows[at + PAGES],
      pagesIn: rows[at + 3],
      pagesOut: rows[at + 4],
      readBytes: rows[at + 5],
      writeBytes: rows[at + 6],
      occupancyNs: rows[at + 7],
    });
  }
  return {
    startNs: rows[row],
    endNs: rows[row + 1],
    promotedPages: rows[row + 2],
    demotedPages: rows[row + 3],
    nodes,
  };
}

/** Makes a row that of both intervals, as `joinRunIntervals` does. */
function joinRow(rows: Float64Array, row: number, later: number, width: number): void {
  for (let field = 2; field < width; field++) rows[row + field] += rows[later + field];
  for (let at = FIRST_NODE; at < width; at += METERS) {
    rows[row + at + PAGES] = rows[later + at + PAGES];
  }
  rows[row + 1] = rows[later + 1];
}
