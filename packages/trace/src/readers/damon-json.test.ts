import { deflateSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { openTrace } from '../open.ts';
import { read, sourceOf, touchesOf } from '../testing.ts';

// As damo writes: numbers are strings with commas, some null; the target's id is larger than a double holds.
const JSON_TEXT = `[
    {
        "kdamond_idx": null, "context_idx": null, "intervals": null, "scheme_idx": null,
        "target_id": 18446623438842320000,
        "snapshots": [
            {
                "start_time": "539809434100",
                "end_time": "539914032967",
                "regions": [
                    {"start": "94,827,419,009,024", "end": "94,827,419,017,216",
                     "nr_accesses": {"samples": 0, "percent": null}, "age": {"usec": null, "aggr_intervals": null}},
                    {"start": "94,827,419,017,216", "end": "94,827,419,021,312",
                     "nr_accesses": {"samples": "1,020", "percent": null}, "age": {"usec": "0", "aggr_intervals": "0"}}
                ],
                "total_bytes": "12,288"
            },
            {
                "start_time": "539914032967",
                "end_time": "540014032967",
                "regions": [
                    {"start": "94,827,419,009,024", "end": "94,827,419,017,216",
                     "nr_accesses": {"samples": 3, "percent": null}, "age": {"usec": null, "aggr_intervals": null}}
                ],
                "total_bytes": "8,192"
            }
        ]
    }
]
`;
// 94827419009024 = 0x563ebaa00000. A page without a count is there once, with weight 0.
const SHOWN =
  'R563ebaa00@539914032967*0 R563ebaa01@539914032967*0 R563ebaa02@539914032967*1020 ' +
  'R563ebaa00@540014032967*3 R563ebaa01@540014032967*3';

test('each page of a region is given the samples of the region', async () => {
  expect(await read(JSON_TEXT)).toBe(SHOWN);
  expect(await read(deflateSync(JSON_TEXT))).toBe(SHOWN);
  expect(await read(JSON_TEXT, {}, 7)).toBe(SHOWN);
});

test('a snapshot tells the pages that were touched in its interval', async () => {
  const [first, second] = ['539809434100-539914032967: 2', '539914032967-540014032967: 0 1'];
  expect(await touchesOf(await openTrace(sourceOf(JSON_TEXT)))).toEqual([first, second]);
  // Without a start, an interval begins where the one before it ended, and the first is as long as the second.
  const endsOnly = JSON_TEXT.replaceAll(/"start_time": "\d+",/g, '');
  expect(await touchesOf(await openTrace(sourceOf(endsOnly)))).toEqual([
    '539814032967-539914032967: 2',
    second,
  ]);
});

test('older records have bare numbers; records of physical memory have no target', async () => {
  const old = JSON_TEXT.replaceAll(/\{"samples": "?([\d,]+)"?, "percent": null\}/g, '"$1"').replace(
    '18446623438842320000',
    'null',
  );
  expect(await read(old)).toBe(SHOWN);
  expect((await openTrace(sourceOf(old))).declaration).toMatchObject({
    addressSpace: 'physical',
    countedBy: 'region',
  });
});

test('larger pages', async () => {
  expect(await read(JSON_TEXT, { values: { 'page-size': '2MiB' } })).toBe(
    'R2b1f5d5@539914032967*0 R2b1f5d5@539914032967*1020 R2b1f5d5@540014032967*3',
  );
});

test('what is no JSON, and a region larger than may be', async () => {
  await expect(read(JSON_TEXT.slice(0, 900))).rejects.toMatchObject({
    code: 'TRACE_BAD_RECORD',
    message: expect.stringMatching(/^trace\.txt: byte 900: this is no JSON/),
  });
  await expect(
    read(JSON_TEXT.replace('"94,827,419,017,216"', '"999,994,827,419,017,216"')),
  ).rejects.toMatchObject({
    code: 'TRACE_TOO_MANY_PAGES',
  });
  await expect(read(JSON_TEXT.replace('"end_time": "539914032967",', ''))).rejects.toThrow(
    'a snapshot without end_time',
  );
});
