import { defineMigrationPolicy, nodeId } from '@tierlab/policy';
import { letterTrace, numberTrace, replay, tinyMemory } from '@tierlab/simulator';
import type { AccessTrace } from '@tierlab/trace';
import { expect, test } from 'vitest';

import { skewedTrace, stayPut, swapHot } from '../test/small-experiment.ts';
import { mapHeat, type HeatMap } from './heat-map.ts';

/** A row of text for each row of the map, from the top; a digit tells 0 from 9 tenths, a dot nothing. */
function draw({ rows, columns, cells }: HeatMap): string[] {
  const bytes = Buffer.from(cells, 'base64');
  return Array.from({ length: rows }, (_, row) =>
    [...bytes.subarray(row * columns, (row + 1) * columns)]
      .map((byte) => (byte === 0 ? '.' : Math.floor((byte - 1) / 25.5)))
      .join(''),
  );
}

test('accesses and placement of a trace worked by hand', async () => {
  // Node 0 holds two pages: a, b. Two accesses a column, pages d to a from the top.
  //              a a | b a | c c | d b
  const trace = letterTrace('aabaccdb', 3);
  const memory = tinyMemory([
    { pages: 2, latencyNs: 100 },
    { pages: 9, latencyNs: 200 },
  ]);
  const { maps } = await mapHeat({
    name: 't',
    trace,
    columns: 4,
    runs: [{ memory, policy: stayPut }],
  });
  const [accesses, hot, placement] = maps;
  // Two accesses are the most, 9; one access is the least, 0.
  expect(draw(accesses)).toEqual(['...0', '..9.', '.0.0', '90..']);
  expect(accesses).toMatchObject({ accessesMax: 2, accesses: 8, pages: 4, rows: 4 });
  // c and d are mapped on node 1, a and b stay on node 0.
  expect(draw(placement)).toEqual(['...0', '..00', '.999', '9999']);
  expect(placement.policy).toBe('stay-put');
  // Two pages are hot in each column: all that are accessed in it.
  expect(draw(hot)).toEqual(['...9', '..9.', '.9.9', '99..']);
  expect(hot.hotPages).toBe(2);
});

test('of the hot set are the most accessed pages of the moment, as many as the fastest tier holds', async () => {
  const memory = tinyMemory([
    { pages: 1, latencyNs: 100 },
    { pages: 9, latencyNs: 200 },
  ]);
  //                          b b a c | c c a b
  const { maps } = await mapHeat({
    name: 't',
    trace: letterTrace('bbacccab'),
    columns: 2,
    runs: [{ memory, policy: stayPut }],
  });
  // Top to bottom: c, b, a. What is accessed and not hot is the least, 0.
  expect(draw(maps[1])).toEqual(['09', '90', '00']);
});

test('a row of several pages shows the share of them that is in the fastest tier', async () => {
  const memory = tinyMemory([
    { pages: 3, latencyNs: 100 },
    { pages: 9, latencyNs: 200 },
  ]);
  const { maps } = await mapHeat({
    name: 't',
    trace: letterTrace('abcdabcd'),
    columns: 1,
    rows: 2,
    runs: [{ memory, policy: stayPut }],
  });
  expect([...Buffer.from(maps[2].cells, 'base64')]).toEqual([1 + 127, 255]);
});

test('looking changes nothing: the runs under the map are the runs without it', async () => {
  const trace = skewedTrace('s', { length: 5000, pages: 60, skew: 4 }).open();
  const memory = tinyMemory([
    { pages: 20, latencyNs: 100 },
    { pages: 90, latencyNs: 300 },
  ]);
  const run = { memory, policy: swapHot, settings: { epochAccesses: 300 }, seed: 3 };
  const alone = await replay({ trace, ...run });
  expect(alone.totals.promotedPages).toBeGreaterThan(10);
  for (const columns of [1, 7, 240]) {
    const { maps, records } = await mapHeat({ name: 's', trace, runs: [run], columns });
    expect(records).toEqual([alone]);
    const [accesses, , placement] = maps;
    const cells = Buffer.from(placement.cells, 'base64');
    // In the last column 20 of 60 pages are near, each a row of its own.
    const last = Array.from({ length: 60 }, (_, row) => cells[row * columns + columns - 1]);
    expect(last.filter((byte) => byte === 255)).toHaveLength(alone.totals.nodes[0].pages);
    expect(accesses.columns).toBe(columns);
  }
});

/** 900 misses to 40 pages, 10 ns apart, in one block; every 70 ns a page of them was touched, and page 40 that never misses. */
function touchedTrace(): AccessTrace {
  const misses = Array.from({ length: 900 }, (_, i) => (i < 40 ? i : (i * i * 7) % 40));
  const time = Float64Array.from(misses, (_, i) => 10 * i);
  const plain = numberTrace(misses, () => false, 900, time);
  const touches = Array.from({ length: 120 }, (_, k) => ({
    startTime: 70 * k + 1,
    endTime: 70 * k + 71,
    page: Uint32Array.from(k < 6 ? [k, 40] : [(k * 11) % 40, 40]),
  }));
  return {
    declaration: { ...plain.declaration, level: 'memory' },
    async *blocks() {
      for await (const block of plain.blocks()) {
        yield { ...block, touches, newPageNumber: Float64Array.of(...block.newPageNumber, 40) };
      }
    },
  };
}

/** Moves what was touched to the other node, a hint fault at a time. */
const moveTouched = defineMigrationPolicy({
  name: 'move-touched',
  doc: 'Protects pages now and then, and moves them at their next touch.',
  signals: ['hintFaults'],
  create({ clock, pages, moves, signals }) {
    let next = 0;
    clock.every(300, () => {
      for (let k = 0; k < 8 && pages.pageCount > 0; k++) {
        signals.hintFaults.protect(next++ % pages.pageCount);
      }
    });
    return {
      hintFault({ page }) {
        moves.request(page, nodeId(1 - pages.nodeOf[page]));
      },
    };
  },
});

test('touches between accesses stay where they are in the columns', async () => {
  const trace = touchedTrace();
  const memory = tinyMemory([
    { pages: 12, latencyNs: 100 },
    { pages: 90, latencyNs: 300 },
  ]);
  const run = { memory, policy: moveTouched, settings: { fault: 5, movePage: 5, shootdown: 0 } };
  const alone = await replay({ trace, ...run });
  expect(alone.totals.promotedPages).toBeGreaterThan(10);
  for (const columns of [1, 13, 90]) {
    const { records } = await mapHeat({ name: 't', trace, runs: [run], columns });
    expect(records).toEqual([alone]);
  }
});

test('a trace of nothing has no map', async () => {
  expect((await mapHeat({ name: 'e', trace: letterTrace(''), runs: [] })).maps).toEqual([]);
});
