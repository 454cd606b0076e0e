import { type Generator, pagesParameter } from './generator.ts';
import { permutation, type RandomStream } from '@tierlab/core';
import type { ParameterValues } from './spec.ts';
import { zipfRanks } from './zipf-ranks.ts';

/**
 * The core workloads of YCSB over records that lie one behind another in key order, in pages.
 *
 * An operation touches the pages of its records: a read reads them, an update writes, a read-modify-write reads and
 * then writes, an insert writes a record past the last, a scan reads up to 100 records on from a key. Keys are drawn
 * by an exact Zipf law of 0.99 over the records of the beginning, scattered; in D over the latest.
 * Source: Cooper et al., "Benchmarking Cloud Serving Systems with YCSB", SoCC 2010, table 2; YCSB 0.17 workloads/.
 */
interface Mix {
  readonly name: string;
  readonly summary: string;
  /** Shares of the operations; the rest reads one record. */
  readonly update?: number;
  readonly insert?: number;
  readonly scan?: number;
  readonly readModifyWrite?: number;
  /** Keys count back from the newest record. */
  readonly latest?: boolean;
}

const mixes: readonly Mix[] = [
  { name: 'ycsb-a', summary: 'YCSB A: half reads, half updates', update: 0.5 },
  { name: 'ycsb-b', summary: 'YCSB B: 95 % reads, 5 % updates', update: 0.05 },
  { name: 'ycsb-c', summary: 'YCSB C: reads only' },
  {
    name: 'ycsb-d',
    summary: 'YCSB D: 95 % reads of the latest, 5 % inserts',
    insert: 0.05,
    latest: true,
  },
  { name: 'ycsb-e', summary: 'YCSB E: 95 % scans, 5 % inserts', insert: 0.05, scan: 0.95 },
  { name: 'ycsb-f', summary: 'YCSB F: half reads, half read-modify-writes', readModifyWrite: 0.5 },
];

const SCAN_RECORDS_MAX = 100;
const THETA = 0.99;

export const ycsb: readonly Generator[] = mixes.map((mix) => ({
  name: mix.name,
  summary: mix.summary,
  parameters: [
    pagesParameter,
    {
      name: 'record',
      summary: 'the bytes of a record',
      kind: 'count',
      min: 1,
      max: 4096,
      value: 1000,
    },
  ],
  // An insert is at least one access, so the inserted records are at most as many.
  pageLimit: ({ pages, record, accesses }) =>
    pages + (mix.insert ? Math.ceil(accesses / recordsPerPage(record)) : 0) + 1,
  create: (values, random) => operations(mix, values, random),
}));

/** Whole records: none crosses a page. */
const recordsPerPage = (record: number): number => Math.floor(4096 / record);

function operations(
  mix: Mix,
  { pages, record }: ParameterValues,
  random: RandomStream,
): () => number {
  const perPage = recordsPerPage(record);
  let records = pages * perPage;
  const drawRank = zipfRanks(records, THETA);
  const keyOfRank = mix.latest ? undefined : permutation(records, random);
  const drawKey = (): number => keyOfRank?.[drawRank(random)] ?? records - 1 - drawRank(random);
  const pageOf = (key: number): number => Math.floor(key / perPage);
  const { insert = 0, update = 0, scan = 0, readModifyWrite = 0 } = mix;
  // Accesses of the operation at hand that are still to come, last first.
  const queue: number[] = [];
  return () => {
    const queued = queue.pop();
    if (queued !== undefined) return queued;
    let kind = random.unit();
    if ((kind -= insert) < 0) return pageOf(records++) * 2 + 1;
    if ((kind -= update) < 0) return pageOf(drawKey()) * 2 + 1;
    if ((kind -= readModifyWrite) < 0) {
      const page = pageOf(drawKey());
      queue.push(page * 2 + 1);
      return page * 2;
    }
    if ((kind -= scan) < 0) {
      const first = drawKey();
      const last = Math.min(records, first + 1 + random.below(SCAN_RECORDS_MAX)) - 1;
      for (let key = last; key > first; key--) queue.push(pageOf(key) * 2);
      return pageOf(first) * 2;
    }
    return pageOf(drawKey()) * 2;
  };
}
