import { letterTrace, replay, tinyMemory } from '@tierlab/simulator';
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
  const [accesses, placement] = maps;
  // Two accesses are the most, 9; one access is the least, 0.
  expect(draw(accesses)).toEqual(['...0', '..9.', '.0.0', '90..']);
  expect(accesses).toMatchObject({ accessesMax: 2, accesses: 8, pages: 4, rows: 4 });
  // c and d are mapped on node 1, a and b stay on node 0.
  expect(draw(placement)).toEqual(['...0', '..00', '.999', '9999']);
  expect(placement.policy).toBe('stay-put');
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
  expect([...Buffer.from(maps[1].cells, 'base64')]).toEqual([1 + 127, 255]);
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
    const [accesses, placement] = maps;
    const cells = Buffer.from(placement.cells, 'base64');
    // In the last column 20 of 60 pages are near, each a row of its own.
    const last = Array.from({ length: 60 }, (_, row) => cells[row * columns + columns - 1]);
    expect(last.filter((byte) => byte === 255)).toHaveLength(alone.totals.nodes[0].pages);
    expect(accesses.columns).toBe(columns);
  }
});

test('a trace of nothing has no map', async () => {
  expect((await mapHeat({ name: 'e', trace: letterTrace(''), runs: [] })).maps).toEqual([]);
});
