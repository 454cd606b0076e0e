import {
  canonicalJson,
  gapToBound,
  placementCostNs,
  type RunRecord,
  type WatchedMove,
} from '@tierlab/core';
import { showBytes, showCount, showPercent, showTime } from '@tierlab/report';
import { replay } from '@tierlab/simulator';
import { mergeTraces, type AccessTrace } from '@tierlab/trace';

import type { CommandContext } from '../../context.ts';
import { CliError } from '../../errors.ts';
import { describeMachine } from '../../machine/described-machine.ts';
import {
  choosePolicy,
  parsePolicyChoice,
  type PolicyChoice,
} from '../../plugins/migration-policies.ts';
import { placementNotices } from '../../result/placement-notices.ts';
import { renderTable } from '../../terminal/table.ts';
import { openReplayTrace } from '../../trace/open-replay-trace.ts';
import type { OpenedTrace } from '../../trace/open-trace-file.ts';
import { readPlacements } from '../../trace/read-placements.ts';
import { givenTraceOptions } from '../../trace/trace-options.ts';
import { watchedTrace } from '../../trace/watched-trace.ts';
import { version } from '../../version.ts';
import { parseCapacities } from '../compare/capacities.ts';
import { parseSeeds, parseSettings } from '../compare/run-options.ts';
import type { GivenMachineOptions } from '../../machine/machine-options.ts';

/** Options of `tierlab run`, as the command line gives them; those of the trace's format stand beside them. */
export interface RunOptions extends GivenMachineOptions, Readonly<Record<string, unknown>> {
  readonly machine: string;
  /** One, or one for each process of several. */
  readonly trace: readonly string[];
  readonly placement: readonly string[];
  readonly policy: string;
  readonly capacity: readonly string[];
  readonly setting: readonly string[];
  readonly seed: string;
  readonly explainPage: readonly string[];
  readonly json?: boolean;
}

/** Replays the trace under one policy and prints what came of it. */
export async function runPolicy(options: RunOptions, context: CommandContext): Promise<void> {
  const directory = process.cwd();
  const [capacities = {}, another] = parseCapacities(options.capacity);
  if (another !== undefined) {
    throw new CliError(
      'CLI_BAD_OPTION',
      `--capacity ${options.capacity.join(' ')}: one run has one size a node; tierlab compare takes several`,
    );
  }
  const choice = parsePolicyChoice(options.policy);
  const { policy } = await choosePolicy(choice, directory);
  const described = await describeMachine(options.machine, options, directory);
  const memory = described.machine.memory(capacities);
  const opened: OpenedTrace[] = [];
  for (const path of options.trace) {
    const useCache = options['cache'] !== false;
    opened.push(await openReplayTrace(path, givenTraceOptions(options), useCache, context));
  }
  const placements = await readPlacements(options.placement, options.trace.length);
  const [seed = 1] = parseSeeds(options.seed);
  const record = await replay({
    trace: sideBySide(
      opened.map((trace, process) => watchedTrace(trace, options.trace[process] ?? '', context)),
    ),
    memory,
    policy,
    params: oneValueEach(choice),
    settings: parseSettings(options.setting),
    seed,
    ...(placements.length > 0 && { placement: placements.map(({ ranges }) => ranges) }),
    watchedPages: options.explainPage.map((text) => pageNumber(text, memory.pageBytes)),
    inputs: [
      ...(await Promise.all(
        opened.map(async (trace, process) => {
          const sha256 = await trace.sha256();
          const name = options.trace[process] ?? '';
          return { role: 'trace' as const, name, ...(sha256 !== undefined && { sha256 }) };
        }),
      )),
      { role: 'machine', name: options.machine },
      ...placements.map(({ name, sha256 }) => ({ role: 'placement' as const, name, sha256 })),
    ],
    tool: { name: 'tierlab', version },
  });
  if (options.json) {
    context.stdout(`${canonicalJson(record)}\n`);
    return;
  }
  for (const text of described.assumed) context.stderr.write(`assumed: ${text}\n`);
  for (const text of placementNotices([record])) context.stderr.write(`${text}\n`);
  context.stdout(recordText(record, options.explainPage.length > 0));
}

/** The values of parameters for one run. Throws `CLI_BAD_OPTION` where one has a list. */
function oneValueEach({ name, params }: PolicyChoice): Readonly<Record<string, string>> {
  const values = Object.entries(params).map(([key, [value = '', another]]) => {
    if (another === undefined) return [key, value] as const;
    throw new CliError(
      'CLI_BAD_OPTION',
      `--policy ${name}: one run has one value of ${key}; tierlab compare takes several`,
    );
  });
  return Object.fromEntries(values);
}

/** Several traces are processes that run side by side. */
function sideBySide(traces: readonly AccessTrace[]): AccessTrace {
  const [only] = traces;
  return only !== undefined && traces.length === 1
    ? only
    : mergeTraces(traces.map((trace) => ({ trace })));
}

function pageNumber(text: string, pageBytes: number): number {
  const address = /^(?:0x[0-9a-f]{1,14}|\d{1,16})$/i.test(text) ? Number(text) : Number.NaN;
  if (!Number.isSafeInteger(address)) {
    throw new CliError(
      'CLI_BAD_OPTION',
      `--explain-page ${text}: expected an address, as 0x7f3a12345000`,
    );
  }
  return Math.floor(address / pageBytes);
}

function recordText(record: RunRecord, explained: boolean): string {
  const { totals, manifest } = record;
  const head = [
    `${manifest.policy.name}: ${showCount(totals.accesses)} accesses to ${showCount(totals.pages)} pages in ${showTime(totals.timeNs)}`,
    `promoted ${showCount(totals.promotedPages)} pages, demoted ${showCount(totals.demotedPages)}; ${showCount(totals.requests)} moves asked for, ${showCount(totals.refusedRequests)} refused${reasonsText(record)}`,
    ...placementLines(record),
    ...costLines(record),
    '',
  ];
  const spent = Object.entries(totals.time).map(([name, timeNs]) => [
    name.replace(/Ns$/, ''),
    showTime(timeNs),
    showPercent(totals.timeNs === 0 ? 0 : timeNs / totals.timeNs),
  ]);
  const parts = [
    head.join('\n'),
    nodesText(record),
    renderTable(
      [{ head: 'time spent' }, { head: '', align: 'right' }, { head: 'share', align: 'right' }],
      spent,
    ),
  ];
  const counters = Object.entries(record.vmstat);
  if (counters.length > 0) {
    parts.push(
      renderTable(
        [{ head: 'vmstat' }, { head: '', align: 'right' }],
        counters.map(([name, count]) => [name, String(count)]),
      ),
    );
  }
  if (explained) parts.push(movesText(record.watched ?? [], manifest.trace.pageBytes));
  return parts.join('\n');
}

/** How much of the initial placement the run started from. */
function placementLines({ placement }: RunRecord): readonly string[] {
  if (placement === undefined) return [];
  const { namedPages, placedPages } = placement;
  return [
    `started with ${showCount(placedPages)} of ${showCount(namedPages)} pages where they were`,
  ];
}

/** What the placement cost, and where a ruler ran what it proved of it. */
function costLines(record: RunRecord): readonly string[] {
  const { totals, bound } = record;
  const cost = `placement cost ${showTime(placementCostNs(record))}: ${showTime(totals.time.memoryNs)} waiting for memory, ${showTime(totals.migrationNs)} moving pages`;
  if (bound === undefined) return [cost];
  const gap = gapToBound(record, bound);
  return [
    cost,
    `proved: no placement costs less than ${showTime(bound.placementNs)}${gap === undefined ? '' : `; this run is ${showPercent(gap)} above`}`,
  ];
}

function reasonsText(record: RunRecord): string {
  const reasons = Object.entries(record.refusals).map(([reason, count]) => `${reason} ${count}`);
  return reasons.length === 0 ? '' : ` (${reasons.join(', ')})`;
}

function nodesText(record: RunRecord): string {
  const { totals, manifest } = record;
  return renderTable(
    [
      { head: 'node', align: 'right' },
      { head: 'served', align: 'right' },
      { head: 'mean latency', align: 'right' },
      { head: 'holds', align: 'right' },
      { head: 'of', align: 'right' },
      { head: 'pages in', align: 'right' },
      { head: 'pages out', align: 'right' },
    ],
    record.nodes.map((node, i) => {
      const meters = totals.nodes[i];
      const served = (meters?.reads ?? 0) + (meters?.writes ?? 0);
      return [
        String(node.id),
        showPercent(totals.accesses === 0 ? 0 : served / totals.accesses),
        served === 0 ? '-' : showTime((meters?.occupancyNs ?? 0) / served),
        showBytes((meters?.pages ?? 0) * manifest.trace.pageBytes),
        showBytes(node.capacityPages * manifest.trace.pageBytes),
        showCount(meters?.pagesIn ?? 0),
        showCount(meters?.pagesOut ?? 0),
      ];
    }),
  );
}

function movesText(moves: readonly WatchedMove[], pageBytes: number): string {
  if (moves.length === 0) return 'the pages asked about did not move, or were not touched\n';
  return renderTable(
    [
      { head: 'time', align: 'right' },
      { head: 'access', align: 'right' },
      { head: 'page' },
      { head: 'move' },
      { head: 'why' },
    ],
    moves.map((move) => [
      showTime(move.timeNs),
      showCount(move.access),
      `0x${(move.pageNumber * pageBytes).toString(16)}`,
      `${move.from} > ${move.to}`,
      move.why ?? 'the policy does not say',
    ]),
  );
}
