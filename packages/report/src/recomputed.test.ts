import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { madeBeside, madeSweep } from '../test/made-records.ts';
import { tableToCsv } from './csv.ts';
import { intervalsTable } from './intervals.ts';
import { placementTable } from './placement.ts';
import { runId } from './run-set.ts';

// Every figure of the CSV files computed a second time: from the raw records, in SQL.

const records = madeSweep();
const beside = madeBeside(records);
const directory = mkdtempSync(join(tmpdir(), 'tierlab-report-'));
let duckdb: DuckDBConnection;

function file(name: string, text: string): string {
  writeFileSync(join(directory, name), text);
  return join(directory, name);
}

beforeAll(async () => {
  const raw = file(
    'raw.json',
    JSON.stringify(
      records.map((record) => {
        const run = runId(record);
        const slowdown = beside.slowdowns.find(({ runs }) => runs.includes(run));
        return { run, record, slowdown, cost: beside.costs.cost[run] };
      }),
    ),
  );
  const placement = file('placement.csv', tableToCsv(placementTable(records, beside)));
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
const moveShare = `((meters.readBytes - 64 * meters.reads) / (node.readBandwidthMbps * 1e6)
  + (meters.writeBytes - 64 * meters.writes) / (node.writeBandwidthMbps * 1e6)) / (totals.timeNs / 1e9)`;
const gapTo = (which: string): string => `(${totals}.time.memoryNs + ${totals}.migrationNs)
  / (select max(ruler.record.bound.placementNs) from raw ruler
    where ruler.record.nodes = raw.record.nodes and ${which}) - 1`;
const policyCpu = `${totals}.kernelThreadNs + ${totals}.time.moveNs + ${totals}.time.sampleNs
  + ${totals}.time.faultNs - ${totals}.firstTouchNs`;
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
  migration_traffic_bytes: `2 * ${allNodes('n.pagesIn')} * 4096`,
  migration_traffic_share: `2 * ${allNodes('n.pagesIn')} * 4096 / ${allNodes('n.readBytes + n.writeBytes')}`,
  migration_bandwidth_mbps: `(${allNodes('n.readBytes + n.writeBytes')} - 64 * ${totals}.accesses) / 1e6 / (${totals}.timeNs / 1e9)`,
  migration_bandwidth_share: `(select max(${moveShare}) from node where node.run = raw.run)`,
  ping_pong_pages: `${totals}.moveOutcome.promotedThenDemotedPages + ${totals}.moveOutcome.demotedThenPromotedPages`,
  promoted_then_demoted_pages: `${totals}.moveOutcome.promotedThenDemotedPages`,
  demoted_then_promoted_pages: `${totals}.moveOutcome.demotedThenPromotedPages`,
  wasted_promotions_pages: `${totals}.moveOutcome.wastedPromotionPages`,
  unpaid_promotions_pages: `${totals}.moveOutcome.unpaidPromotionPages`,
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
  slowdown_mean: 'raw.slowdown.mean',
  slowdown_low: 'raw.slowdown.low',
  slowdown_high: 'raw.slowdown.high',
  cost_usd: 'raw.cost',
  unloaded_latency_ns: `(select sum(meters.reads * node.readLatencyNs + meters.writes * node.writeLatencyNs)
    / sum(meters.reads + meters.writes) from node where node.run = raw.run)`,
  placement_cost_ns: `${totals}.time.memoryNs + ${totals}.migrationNs`,
  gap_to_bound: gapTo('true'),
  gap_to_optimum: gapTo('ruler.record.bound.attained'),
  policy_cpu_ns: policyCpu,
  policy_cpu_share: `(${policyCpu}) / ${totals}.timeNs`,
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
  migration_bandwidth_share: moveShare,
  held_bytes: 'meters.pages * page_bytes',
};

/** In a tier, of all nodes in it. */
const ofTier = (rank: number): Readonly<Record<string, string>> => {
  const inTier = `(select sum(meters.reads + meters.writes) filter (node.tierRank = ${rank})
    / sum(meters.reads + meters.writes) from node where node.run = raw.run)`;
  return {
    access_share: inTier,
    miss_share: `case raw.record.manifest.trace.level when 'memory' then ${inTier} end`,
    mean_latency_ns: `(select sum(meters.occupancyNs) / sum(meters.reads + meters.writes) from node
      where node.run = raw.run and node.tierRank = ${rank})`,
  };
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

  test.each(
    [0, 1].flatMap((rank) =>
      Object.entries(ofTier(rank)).map(([name, expression]) => [rank, name, expression] as const),
    ),
  )('tier%i_%s', async (rank, column, expression) => {
    const on = 'raw.run = placement.run';
    expect(await differences('placement', `tier${rank}_${column}`, expression, 'raw', on)).toEqual(
      [],
    );
  });

  test('every column of numbers is recomputed above', async () => {
    expect(await numericColumns('placement')).toEqual(
      [
        ...Object.keys(ofPlacement),
        ...[0, 1].flatMap((rank) => Object.keys(ofTier(rank)).map((name) => `tier${rank}_${name}`)),
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
