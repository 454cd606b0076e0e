import { deflateSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { writeTlt } from '../native/writer.ts';
import { openTrace } from '../open.ts';
import { intervalsOf, read, show, sourceOf } from '../testing.ts';

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
// 94827419009024 = 0x563ebaa00000. A page without a count is there once, with weight 0. All are told at the start of their
// interval.
const SHOWN =
  'R563ebaa00@539809434100*0 R563ebaa01@539809434100*0 R563ebaa02@539809434100*1020 ' +
  'R563ebaa00@539914032967*3 R563ebaa01@539914032967*3';

test('each page of a region is given the samples of the region', async () => {
  expect(await read(JSON_TEXT)).toBe(SHOWN);
  expect(await read(deflateSync(JSON_TEXT))).toBe(SHOWN);
  expect(await read(JSON_TEXT, {}, 7)).toBe(SHOWN);
});

const intervals = async (text: string): Promise<string[]> =>
  intervalsOf(await openTrace(sourceOf(text)));

test('a snapshot is a histogram of its interval', async () => {
  const first = 'R563ebaa00*0 R563ebaa01*0 R563ebaa02*1020';
  const second = '539914032967-540014032967: R563ebaa00*3 R563ebaa01*3';
  expect(await intervals(JSON_TEXT)).toEqual([`539809434100-539914032967: ${first}`, second]);
  // Without a start, an interval begins where the one before it ended, and the first is as long as the second.
  const endsOnly = JSON_TEXT.replaceAll(/"start_time": "\d+",/g, '');
  expect(await intervals(endsOnly)).toEqual([`539814032967-539914032967: ${first}`, second]);
  // One that begins before the one before it ended is cut; one that ends no later is of the same interval.
  const cut = JSON_TEXT.replace('"start_time": "539914032967"', '"start_time": "539900000000"');
  expect(await intervals(cut)).toEqual([`539809434100-539914032967: ${first}`, second]);
  const again = JSON_TEXT.replace('"540014032967"', '"539914032967"');
  expect(await intervals(again)).toEqual([
    `539809434100-539914032967: ${first} R563ebaa00*3 R563ebaa01*3`,
  ]);
});

test('what is written natively has the same intervals, and no times beside them', async () => {
  const chunks: Uint8Array[] = [];
  for await (const chunk of writeTlt(await openTrace(sourceOf(JSON_TEXT)))) chunks.push(chunk);
  const again = await openTrace(sourceOf(Buffer.concat(chunks)));
  expect(await intervalsOf(again)).toEqual(await intervalsOf(await openTrace(sourceOf(JSON_TEXT))));
  expect(await show(again)).toBe(SHOWN);
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
    'R2b1f5d5@539809434100*0 R2b1f5d5@539809434100*1020 R2b1f5d5@539914032967*3',
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
