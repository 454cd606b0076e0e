import { inflateSync } from 'node:zlib';

import { expect, test } from 'vitest';

import { madeRecord, madeSweep } from '../../test/made-records.ts';
import type { HeatMap } from '../heat-map.ts';
import { readResult, RESULT_VERSION, writeResult, type Result } from '../result.ts';
import { niceTicks } from './chart.ts';
import { renderHtml } from './page.ts';

const HOSTILE = [
  '<script>alert(1)</script>',
  '"><img src=x onerror=alert(1)>',
  `' onmouseover='alert(1)`,
  '</script><script>alert(1)</script>',
  '<!--<script>',
  '&lt;b&gt;',
  'javascript:alert(1)',
  '\u202Egpj.exe',
  '${alert(1)}',
];

/** A result in which `name` stands wherever a name can. */
function named(name: string): Result {
  const inJson = JSON.stringify(name).slice(1, -1);
  return JSON.parse(
    JSON.stringify(everything('plain')).replaceAll('plain', () => inJson),
  ) as Result;
}

function everything(name: string): Result {
  const record = madeRecord({
    policy: name,
    trace: name,
    machine: name,
    params: { [name]: name },
    groundTruth: [name],
    relaxes: [name],
  });
  const cells = Buffer.alloc(4, 200).toString('base64');
  const map = { trace: name, policy: name, machine: name, columns: 2, rows: 2, cells };
  const size = { accesses: 10, pages: 2, pageBytes: 4096 };
  const pair = { trace: name, machine: name, capacities: name, policy: name, other: name };
  return {
    schemaVersion: RESULT_VERSION,
    title: name,
    records: [
      { ...record, vmstat: { [name]: 1 }, refusals: { [name]: 2 } },
      madeRecord({ policy: 'all-fast', trace: name, machine: name }),
    ],
    pairs: [
      { ...pair, pairs: 5, timeRatio: 1.1, timeRatioLow: 1, timeRatioHigh: 1.2, verdict: 'slower' },
      { ...pair, capacities: `${name}2`, pairs: 1, timeRatio: 1, verdict: 'undecided' },
    ],
    thresholds: [{ threshold: name, run: name, value: 1, crossed: true }],
    heatMaps: [
      { kind: 'accesses', ...map, ...size },
      { kind: 'hot', ...map, ...size, hotPages: 1 },
      { kind: 'placement', ...map, ...size },
    ],
    machines: [
      {
        machine: name,
        kernel: name,
        tiers: [
          {
            name,
            nodes: [{ id: 0, cpus: name, answeredBy: name, demotion: name, reasons: [name] }],
          },
        ],
        notes: [name],
      },
    ],
    plans: [
      {
        workload: name,
        machine: name,
        slowdownTarget: 1.05,
        footprintBytes: 8192,
        curves: [
          { policy: name, ruler: false, points: [{ dramShare: 1, dramBytes: 1, slowdown: 1 }] },
        ],
        answers: [{ policy: name, ruler: false, cost: 1, breakEvenPrice: name }],
        sensitivity: [{ input: name, change: name, effect: name }],
        notes: [name],
      },
    ],
  };
}

/** The page without the embedded result and without text: its tags. */
function tags(page: string): string[] {
  return page.match(/<[^>]*>/g) ?? [];
}

const skeleton = (page: string): string[] =>
  tags(page).map((tag) => tag.replaceAll(/"[^"]*"/g, '""'));

test.each(HOSTILE)('%j is text wherever a name can stand', (name) => {
  const page = renderHtml(named(name));
  const plain = renderHtml(named('plain'));
  // The same elements with the same attributes: no name has opened, closed or added anything.
  expect(skeleton(page)).toEqual(skeleton(plain));
  expect(readResult('page', page)).toEqual(named(name));
});

test('everything is in the file: nothing is loaded, and only the one script may run', () => {
  const page = renderHtml(named('x'));
  expect(page).not.toMatch(/(?:src|href)="(?!#|data:)/);
  expect(page).not.toMatch(/url\(|@import|https?:/);
  expect(page).toMatch(/default-src 'none'; img-src data:; .*script-src 'sha256-[\w+/=]+'/);
  expect(page).not.toMatch(/ on\w+="/);
  expect(tags(page).filter((tag) => tag.startsWith('<script'))).toEqual([
    '<script type="application/json" id="tierlab-result">',
    '<script>',
  ]);
});

test('every head, image and region has a name; ids are unique and links in the page lead somewhere', () => {
  const page = renderHtml({ ...named('x'), records: madeSweep() });
  const body = page.slice(page.indexOf('<body>'));
  const ids = [...body.matchAll(/ id="([^"]*)"/g)].map((match) => match[1]);
  expect(new Set(ids).size).toBe(ids.length);
  for (const [, target] of body.matchAll(/href="#([^"]*)"/g)) expect(ids).toContain(target);
  for (const [svg] of body.matchAll(/<svg[^>]*>/g)) expect(svg).toMatch(/aria-label="[^"]+"/);
  for (const [image] of body.matchAll(/<img[^>]*>/g)) expect(image).toMatch(/alt="[^"]+"/);
  for (const [head] of body.matchAll(/<th(?: [^>]*)?>/g)) expect(head).toMatch(/scope="(row|col)"/);
});

test('the result comes back from JSON, from HTML, also a long one, and from a record alone', () => {
  const result: Result = { schemaVersion: RESULT_VERSION, title: 't', records: madeSweep() };
  expect(readResult('r', writeResult(result))).toEqual(result);
  const long = { ...result, records: [...Array(10)].flatMap(() => madeSweep()) };
  const page = renderHtml(long);
  expect(page).toContain('<script type="application/gzip" id="tierlab-result">');
  expect(readResult('r', page)).toEqual(long);
  const [record] = result.records;
  expect(readResult('run.json', JSON.stringify(record)).records).toEqual([record]);
});

test('what is no result, or a newer one, says so', () => {
  const newer = { schemaVersion: RESULT_VERSION + 1, records: [] };
  expect(() => readResult('f', JSON.stringify(newer))).toThrow('f: written in version 2');
  for (const text of ['', '{', '[]', 'null', '3', '{"schemaVersion":1}', '<html></html>']) {
    expect(() => readResult('f', text)).toThrow('f: no tierlab result');
  }
  expect(() => renderHtml({ schemaVersion: RESULT_VERSION, title: '', records: [] })).toThrow(
    'there is no run to report',
  );
});

test('a thousand runs stay under five megabytes', () => {
  const records = Array.from({ length: 1000 }, (_, i) =>
    madeRecord({ policy: `policy-${i % 10}`, seed: i, topPages: 100 + (i % 20), intervals: 100 }),
  );
  const page = renderHtml({ schemaVersion: RESULT_VERSION, title: 'big', records });
  expect(page.length).toBeLessThan(5e6);
  expect(readResult('page', page).records).toHaveLength(1000);
});

test('a heat map is a PNG of its cells', () => {
  const cells = Uint8Array.from([0, 1, 128, 255, 7, 9]);
  const map: HeatMap = {
    kind: 'accesses',
    trace: 't',
    columns: 3,
    rows: 2,
    accesses: 5,
    pages: 2,
    pageBytes: 4096,
    cells: Buffer.from(cells).toString('base64'),
  };
  const page = renderHtml({ ...named('x'), heatMaps: [map] });
  const png = Buffer.from(/data:image\/png;base64,([^"]+)/.exec(page)?.[1] ?? '', 'base64');
  expect(png.readUInt32BE(16)).toBe(3);
  expect(png.readUInt32BE(20)).toBe(2);
  const start = png.indexOf('IDAT');
  const pixels = inflateSync(png.subarray(start + 4, start + 4 + png.readUInt32BE(start - 4)));
  expect([...pixels]).toEqual([0, 0, 1, 128, 0, 255, 7, 9]);
});

test('ticks are round and enclose the values', () => {
  expect(niceTicks(0, 1, 4)).toEqual([0, 0.5, 1]);
  expect(niceTicks(0.93, 2.41, 4)).toEqual([0.5, 1, 1.5, 2, 2.5]);
  expect(niceTicks(0, 1300, 4)).toEqual([0, 500, 1000, 1500]);
  expect(niceTicks(0, 0.3, 3)).toEqual([0, 0.1, 0.2, 0.3]);
  expect(niceTicks(5, 5, 4)).toEqual([5]);
});
