import { expect, test } from 'vitest';
import { openTrace } from './open.ts';
import { summariseTrace } from './summary.ts';
import { sourceOf } from './testing.ts';

const summarise = async (text: string, values: Record<string, string>) =>
  summariseTrace(await openTrace(sourceOf(text), { format: 'delimited', values }));

const pageAt = (i: number): number => (i * i + (i >> 7)) % 97;

test('a dozen accesses by hand', async () => {
  // Pages 1 to 4 of a footprint of 4; page 2 has 7 of 10 accesses; times 100 to 109; threads 5 and 9.
  const pages = [1, 2, 2, 3, 2, 2, 4, 2, 2, 2];
  const text = pages.map(
    (page, i) => `${100 + i} ${i % 2 === 0 ? 5 : 9} ${i === 3 ? 'W' : 'R'} ${page}`,
  );
  const summary = await summarise(text.join('\n'), {
    columns: 'time,tid,op,addr',
    'addr-unit': '4096',
  });
  expect(summary).toMatchObject({
    accesses: 10,
    reads: 9,
    writes: 1,
    weight: 10,
    pages: 4,
    footprintBytes: 16_384,
    duration: 9,
    threads: 2,
    skew: { hottest1Percent: 0.7, hottest10Percent: 0.7, hottest25Percent: 0.7 },
  });
  expect(summary.workingSet.map(({ start, pages }) => `${start}:${pages}`)).toEqual(
    Array.from({ length: 10 }, (_, i) => `${100 + i}:1`),
  );
  // Four parts of one page each, in the order of their addresses.
  expect(summary.heat).toMatchObject({ rows: 4, columns: 10 });
  expect(summary.heat.touched.slice(10, 20)).toEqual([0, 1, 1, 0, 1, 1, 0, 1, 1, 1]);
});

test('working sets by window are those of a set for each window', async () => {
  // 3000 accesses without a clock: 64 windows are not enough, so 2^6 accesses become one window.
  const text = Array.from({ length: 3000 }, (_, i) => pageAt(i)).join('\n');
  const { workingSet } = await summarise(text, {
    columns: 'addr',
    'addr-unit': '4096',
    radix: '10',
  });
  expect(workingSet).toHaveLength(Math.ceil(3000 / 64));
  const expected = workingSet.map(({ start, end }) => {
    const seen = new Set<number>();
    for (let i = start; i < Math.min(end, 3000); i++) seen.add(pageAt(i));
    return { start, end, pages: seen.size };
  });
  expect(workingSet).toEqual(expected);
});

test('a record counts as many accesses as it stands for, and none where only the page is known', async () => {
  const summary = await summarise('1 8\n2 0\n3 2\n', {
    columns: 'addr,weight',
    'addr-unit': '4096',
  });
  expect(summary).toMatchObject({ accesses: 3, weight: 10, pages: 3 });
  expect(summary.skew.hottest1Percent).toBe(0.8);
  expect(summary.workingSet.map(({ pages }) => pages)).toEqual([1, 0, 1]);
});

test('a histogram of one long interval has as many windows as any trace', async () => {
  // A snapshot of 3 s in nanoseconds: every access is at its beginning.
  const declaration = {
    format: 'damon-json',
    level: 'cpu',
    addressSpace: 'physical',
    clock: 'nanoseconds',
    pageShift: 12,
    threads: false,
    writes: false,
  } as const;
  const summary = await summariseTrace({
    declaration,
    async *blocks() {
      yield {
        length: 2,
        page: Uint32Array.of(0, 1),
        write: new Uint8Array(2),
        weight: Uint32Array.of(5, 0),
        time: Float64Array.of(7, 7),
        interval: { startTime: 7, endTime: 3e9 + 7 },
        newPageFirst: 0,
        newPageNumber: Float64Array.of(10, 11),
      };
    },
  });
  expect(summary).toMatchObject({ accesses: 2, weight: 5, pages: 2, duration: 3e9 });
  expect(summary.workingSet.length).toBeLessThanOrEqual(64);
  expect(summary.workingSet.map(({ pages }) => pages)).toEqual([
    1,
    ...summary.workingSet.slice(1).map(() => 0),
  ]);
  expect(summary.workingSet.at(-1)?.end).toBeGreaterThan(3e9);
});
