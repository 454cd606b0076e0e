import { randomShares } from '@tierlab/core';
import { expect, test } from 'vitest';
import { createSharedCounts } from './counts.ts';
import type { SharedCounts } from './counts.ts';
import { ROW_SERVED, ROWS_OF_RUN } from './run-lines.ts';

const RUNS = [0, 1, 2, 63];
const NODES = 3;
const KINDS = 2 * NODES;
/** Pages that are mapped before the first piece. */
const KNOWN = 400;

/** A run that takes one access after the other. */
interface PlainRun {
  readonly costNs: readonly number[];
  readonly faultNs: number;
  readonly lengthNs: number;
  clockNs: number;
  intervalNs: number;
  mapped: number;
  /** Since the last row: accesses, pages mapped, served by kind. */
  since: number[];
  rows: number[][];
}

function step(run: PlainRun, page: number, kind: number): void {
  for (;;) {
    if (run.clockNs >= run.intervalNs) {
      run.rows.push([run.clockNs, ...run.since]);
      run.since = run.since.map(() => 0);
      run.intervalNs = (Math.floor(run.intervalNs / run.lengthNs) + 1) * run.lengthNs;
    } else if (page >= run.mapped) {
      const pages = page + 1 - run.mapped;
      run.clockNs += pages * run.faultNs;
      run.since[1] += pages;
      run.mapped += pages;
    } else {
      break;
    }
  }
  run.clockNs += run.costNs[kind];
  run.since[0]++;
  run.since[2 + kind]++;
}

function setLines({ lines }: SharedCounts, index: number, run: PlainRun): void {
  lines.clockNs[index] = run.clockNs;
  lines.intervalNs[index] = run.intervalNs;
  lines.othersNs[index] = 2 ** 40;
  lines.untilNs[index] = run.intervalNs;
  lines.lengthNs[index] = run.lengthNs;
  lines.faultNs[index] = run.faultNs;
  lines.maps[index] = 1;
  lines.rowsMax[index] = ROWS_OF_RUN;
  for (let kind = 0; kind < KINDS; kind++) lines.costNs[64 * kind + index] = run.costNs[kind];
}

/** What the lines say of a run: its rows, and what it did since the last one. */
function readLines({ lines }: SharedCounts, index: number): unknown {
  const width = ROW_SERVED + KINDS;
  const rows = Array.from({ length: lines.rowCount[index] }, (_, i) => [
    ...lines.rows.subarray((index * ROWS_OF_RUN + i) * width).subarray(0, width),
  ]);
  const served = Array.from({ length: KINDS }, (_, kind) => lines.served[64 * kind + index]);
  const since = [lines.accesses[index], lines.pages[index], ...served];
  return { rows, since, clockNs: lines.clockNs[index], intervalNs: lines.intervalNs[index] };
}

// Of pages that are drawn evenly, a piece is summed part by part; of few of them, it is counted in chunks.
test.each([
  { name: 'many pages', skew: 1 },
  { name: 'few pages', skew: 12 },
])('runs are past a piece where one access after the other takes them, over $name', ({ skew }) => {
  let rows = 0;
  for (let seed = 1; seed <= 20; seed++) {
    const random = randomShares(seed);
    const length = 9000;
    let mapped = KNOWN;
    const page = Uint32Array.from({ length }, () => {
      const drawn = Math.floor(mapped * random() ** skew);
      return random() < 0.01 ? mapped++ : drawn;
    });
    const write = Uint8Array.from(page, () => (random() < 0.3 ? 1 : 0));
    const counts = createSharedCounts(64, NODES - 1, {
      accesses: true,
      writes: true,
      touches: false,
      steady: true,
    });
    const newPageNumber = new Float64Array(mapped);
    counts.show({ length, page, write, newPageFirst: 0, newPageNumber }, mapped);
    const nodeOf = RUNS.map((run) =>
      Array.from({ length: mapped }, (_, id) => {
        const node = Math.floor(NODES * random());
        counts.place(run, id, node);
        return node;
      }),
    );
    const runs = RUNS.map((): PlainRun => ({
      costNs: Array.from({ length: KINDS }, () => 1 + Math.floor(40 * random()) / 4),
      faultNs: random() < 0.5 ? 0 : 100,
      lengthNs: 4000 + Math.floor(9000 * random()),
      clockNs: 0,
      intervalNs: 1 + Math.floor(9000 * random()),
      mapped: KNOWN,
      since: Array.from({ length: 2 + KINDS }, () => 0),
      rows: [],
    }));
    for (let from = 0; from < length;) {
      const to = Math.min(length, from + 1 + Math.floor(3000 * random()));
      runs.forEach((run, i) => setLines(counts, RUNS[i], run));
      counts.countToAdvance(from, to);
      const [first] = runs;
      const end = Math.max(first.mapped, counts.largestPage(from, to) + 1);
      const { of, reads } = counts.advance(from, to, first.mapped, end);
      let far = 0;
      for (let i = from; i < to; i++) {
        runs.forEach((run, k) => step(run, page[i], 2 * nodeOf[k][page[i]] + write[i]));
        if (nodeOf[3][page[i]] === 2 && write[i] === 1) far++;
      }
      expect(of[64 * 3 + 63]).toBe(far);
      expect(reads).toBe(write.subarray(from, to).filter((w) => w === 0).length);
      runs.forEach((run, i) => {
        const { since, clockNs, intervalNs } = run;
        const found = readLines(counts, RUNS[i]);
        expect(found, `seed ${seed}, access ${to}, run ${RUNS[i]}`).toEqual({
          rows: run.rows,
          since,
          clockNs,
          intervalNs,
        });
        rows += run.rows.length;
        counts.lines.rowCount[RUNS[i]] = 0;
        run.rows = [];
      });
      from = to;
    }
  }
  expect(rows).toBeGreaterThan(200);
});

test('a run with another event, without room for a row, or whose interval is over before the next access is left', () => {
  const counts = createSharedCounts(64, 1, {
    accesses: false,
    writes: false,
    touches: false,
    steady: true,
  });
  const length = 100;
  const page = new Uint32Array(length);
  const numbers = new Float64Array(1);
  counts.show(
    { length, page, write: new Uint8Array(length), newPageFirst: 0, newPageNumber: numbers },
    1,
  );
  const { lines } = counts;
  const set = (run: number, of: { others?: number; rowsMax?: number; lengthNs?: number }): void => {
    lines.costNs[run] = 1;
    lines.intervalNs[run] = 60;
    lines.othersNs[run] = of.others ?? 1e6;
    lines.untilNs[run] = Math.min(60, of.others ?? 1e6);
    lines.lengthNs[run] = of.lengthNs ?? 60;
    lines.rowsMax[run] = of.rowsMax ?? 16;
  };
  set(0, {});
  set(1, { others: 100 });
  set(2, { others: 101 });
  set(3, { rowsMax: 0 });
  set(4, { lengthNs: 0.25 });
  counts.countToAdvance(0, length);
  counts.advance(0, length, 1, 1);
  const left = [0, 1, 2, 3, 4].filter((run) => lines.untilNs[run] === -Infinity);
  expect(left).toEqual([1, 3, 4]);
  expect([...lines.rowCount.subarray(0, 3)]).toEqual([1, 0, 1]);
});
