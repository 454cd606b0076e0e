import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { madeSweep } from '../test/made-records.ts';
import { tableToCsv } from './csv.ts';
import { intervalsTable } from './intervals.ts';
import { placementTable } from './placement.ts';
import { runId } from './run-set.ts';

// Every figure of the CSV files computed a second time: from the raw records, in SQL.

const records = madeSweep();
const directory = mkdtempSync(join(tmpdir(), 'tierlab-report-'));
let duckdb: DuckDBConnection;

function file(name: string, text: string): string {
  writeFileSync(join(directory, name), text);
  return join(directory, name);
}

beforeAll(async () => {
  const raw = file(
    'raw.json',
    JSON.stringify(records.map((record) => ({ run: runId(record), record }))),
  );
  const placement = file('placement.csv', tableToCsv(placementTable(records)));
  const intervals = file('intervals.csv', tableToCsv(intervalsTable(records)));
  duckdb = await (await DuckDBInstance.create(':memory:')).connect();
  // No option is given: the files must say themselves what they are.
  await duckdb.run(`create table placement as select * from '${placement}'`);
  await duckdb.run(`create table intervals as select * from '${intervals}'`);
  await duckdb.run(`create table raw as select * from '${raw}'`);
  await duckdb.run(`create view node as
    select run, record.manifest.trace.pageBytes as page_bytes, record.totals as totals,
      unnest(record.nodes) as node, unnest(record.totals.nodes) as meters from raw`);
  await duckdb.run(`create view node_interval as
    select run, page_bytes, index, interval, node, meters from (
      select run, page_bytes, index, interval, unnest(nodes) as node, unnest(interval.nodes) as meters
      from (
        select run, record.manifest.trace.pageBytes as page_bytes, record.nodes as nodes,
          unnest(range(len(record.intervals))) as index, unnest(record.intervals) as interval
        from raw))`);
});

afterAll(() => {
  duckdb.closeSync();
  rmSync(directory, { recursive: true });
});

/** Rows where `column` of `table` is not the value of `expression` over `from`; a match on `on`. */
async function differences(
  table: string,
  column: string,
  expression: string,
  from: string,
  on: string,
): Promise<unknown[]> {
  const rows = await duckdb.runAndReadAll(
    `select ${table}.run, ${table}.${column} as reported, ${expression} as recomputed
     from ${table} left join ${from} on ${on}
     where reported is distinct from recomputed
       and not coalesce(abs(reported - recomputed) <= 1e-12 * abs(recomputed), false)`,
  );
  return rows.getRowsJson();
}

const totals = 'raw.record.totals';
const allNodes = (what: string): string =>
  `list_sum(list_transform(${totals}.nodes, lambda n: ${what}))`;
const ofPlacement: Readonly<Record<string, string>> = {
  seed: 'raw.record.manifest.seed',
  accesses: `${totals}.accesses`,
  reads: allNodes('n.reads'),
  writes: allNodes('n.writes'),
  footprint_bytes: `${totals}.pages * raw.record.manifest.trace.pageBytes`,
  estimated_time_ns: `${totals}.timeNs`,
  mean_latency_ns: `${allNodes('n.occupancyNs')} / ${allNodes('n.reads + n.writes')}`,
  top_tier_access_share: `(select sum(meters.reads + meters.writes) filter (node.tierRank = 0)
    / sum(meters.reads + meters.writes) from node where node.run = raw.run)`,
  promotions_pages: `list_sum(list_transform(raw.record.intervals, lambda i: i.promotedPages))`,
  demotions_pages: `list_sum(list_transform(raw.record.intervals, lambda i: i.demotedPages))`,
  migration_bytes: `${allNodes('n.pagesIn')} * 4096`,
  migration_traffic_share: `2 * ${allNodes('n.pagesIn')} * 4096 / ${allNodes('n.readBytes + n.writeBytes')}`,
  move_requests: `${totals}.movedRequests + ${totals}.refusedRequests`,
  moves_done: `${totals}.movedRequests`,
  moves_refused: `coalesce((select sum(try_cast(value as bigint)) from json_each(to_json(raw.record.refusals))), 0)`,
  slowdown: `${totals}.timeNs / (select record.totals.timeNs from raw fast
    where fast.record.manifest.policy.name = 'all-fast'
      and fast.record.manifest.seed = raw.record.manifest.seed limit 1)`,
  gap_to_best_ruler: `${totals}.timeNs / (select min(record.totals.timeNs) from raw ruler
    where ruler.record.manifest.policy.name = 'clairvoyant'
      and ruler.record.manifest.seed = raw.record.manifest.seed
      and ruler.record.nodes = raw.record.nodes) - 1`,
  think_ns: `${totals}.time.thinkNs`,
  memory_wait_ns: `${totals}.time.memoryNs`,
  fault_ns: `${totals}.time.faultNs`,
  move_wait_ns: `${totals}.time.moveNs`,
  sample_ns: `${totals}.time.sampleNs`,
  displaced_ns: `${totals}.time.displacedNs`,
  kernel_thread_ns: `${totals}.kernelThreadNs`,
  vmstat_pgpromote_success: 'raw.record.vmstat.pgpromote_success',
};

const ofNode: Readonly<Record<string, string>> = {
  tier: 'node.node.tierRank',
  capacity_bytes: 'node.node.capacityPages * page_bytes',
  accesses: 'meters.reads + meters.writes',
  access_share: '(meters.reads + meters.writes) / totals.accesses',
  reads: 'meters.reads',
  writes: 'meters.writes',
  mean_latency_ns: 'meters.occupancyNs / (meters.reads + meters.writes)',
  traffic_bytes: 'meters.readBytes + meters.writeBytes',
  held_bytes: 'meters.pages * page_bytes',
};

const ofInterval: Readonly<Record<string, string>> = {
  start_ns: 'n.interval.startNs',
  end_ns: 'n.interval.endNs',
  tier: 'n.node.tierRank',
  reads: 'n.meters.reads',
  writes: 'n.meters.writes',
  access_share: `(n.meters.reads + n.meters.writes) / (select sum(o.meters.reads + o.meters.writes)
    from node_interval o where o.run = n.run and o.index = n.index)`,
  mean_latency_ns: 'n.meters.occupancyNs / (n.meters.reads + n.meters.writes)',
  read_bandwidth_mbps: 'n.meters.readBytes / 1e6 / ((n.interval.endNs - n.interval.startNs) / 1e9)',
  write_bandwidth_mbps:
    'n.meters.writeBytes / 1e6 / ((n.interval.endNs - n.interval.startNs) / 1e9)',
  moved_in_pages: 'n.meters.pagesIn',
  moved_out_pages: 'n.meters.pagesOut',
  held_bytes: 'n.meters.pages * n.page_bytes',
};

describe('placement.csv', () => {
  test.each(Object.entries(ofPlacement))('%s', async (column, expression) => {
    expect(
      await differences('placement', column, expression, 'raw', 'raw.run = placement.run'),
    ).toEqual([]);
  });

  test.each(
    [0, 1, 2].flatMap((id) =>
      Object.entries(ofNode).map(([name, expression]) => [id, name, expression] as const),
    ),
  )('node%i_%s', async (id, column, expression) => {
    expect(
      await differences(
        'placement',
        `node${id}_${column}`,
        expression,
        'node',
        `node.run = placement.run and node.node.id = ${id}`,
      ),
    ).toEqual([]);
  });

  test('every column of numbers is recomputed above', async () => {
    expect(await numericColumns('placement')).toEqual(
      [
        ...Object.keys(ofPlacement),
        ...[0, 1, 2].flatMap((id) => Object.keys(ofNode).map((name) => `node${id}_${name}`)),
      ].toSorted(),
    );
  });
});

describe('intervals.csv', () => {
  test.each(Object.entries(ofInterval))('%s', async (column, expression) => {
    const on =
      'n.run = intervals.run and n.index = intervals.interval and n.node.id = intervals.node';
    expect(await differences('intervals', column, expression, 'node_interval n', on)).toEqual([]);
  });

  test('every column of numbers is recomputed above, but the two that rows are found by', async () => {
    expect(await numericColumns('intervals')).toEqual(
      [...Object.keys(ofInterval), 'interval', 'node'].toSorted(),
    );
  });

  test('adds up to placement.csv', async () => {
    const rows = await duckdb.runAndReadAll(`
      select placement.run from placement join intervals using (run) group by all
      having sum(intervals.reads) <> placement.reads or sum(intervals.writes) <> placement.writes
        or sum(moved_in_pages) * 4096 <> migration_bytes or count(distinct interval) <> 5`);
    expect(rows.getRowsJson()).toEqual([]);
  });
});

async function numericColumns(table: string): Promise<unknown[]> {
  const rows = await duckdb.runAndReadAll(
    `select column_name from (describe ${table})
     where column_type in ('BIGINT', 'DOUBLE', 'INTEGER') order by 1`,
  );
  return rows.getRowsJson().map((row) => row[0]);
}
