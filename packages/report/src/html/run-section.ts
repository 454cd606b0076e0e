import type { NodeMeters, RunInterval, RunRecord, RunSetting, RunTime } from '@tierlab/core';

import { joinIntervals } from '../join-intervals.ts';
import { isRuler, policyLabel, type ComparedRun } from '../run-set.ts';
import { showBytes, showCount, showPercent, showTime } from '../terminal.ts';
import { drawChart, type Chart, type Series } from './chart.ts';
import { html, type Markup } from './markup.ts';
import { capacityText } from './run-names.ts';

/** Points of a chart over time. */
const POINTS_MAX = 96;

/** One run: where its accesses went over time, what it moved, what that cost, and with which parameters. */
export function runPanel(run: ComparedRun, open: boolean): Markup {
  const { record } = run;
  const drawn = { ...record, intervals: joinIntervals(record.intervals, POINTS_MAX) };
  const slowdown = run.allFast && record.totals.timeNs / run.allFast.totals.timeNs;
  return html`<details class="run" id="run-${run.id}" ${open ? html`open` : undefined}>
    <summary>
      <h3>${policyLabel(record)}${isRuler(record) ? ' *' : ''}</h3>
      <span class="quiet"
        >${run.trace} on ${run.machine}, ${capacityText(record)}, seed ${record.manifest.seed}</span
      >
      <span class="figure">${slowdown === undefined ? '' : `${slowdown.toFixed(3)}×`}</span>
    </summary>
    ${isRuler(record) ? rulerNote(record) : undefined}
    ${
      record.intervals.length > 1
        ? html`<div class="grid">
            ${drawChart(shareChart(drawn))} ${drawChart(moveChart(drawn))}
            ${drawChart(bandwidthChart(drawn))} ${drawChart(latencyChart(drawn))}
          </div>`
        : html`<p class="note">The run has no intervals in this file; its record has.</p>`
    }
    ${timeBar(record)}
    <div class="grid">
      ${figures(record)} ${settings('Parameters', record.manifest.policy.params)}
    </div>
  </details>`;
}

function rulerNote(record: RunRecord): Markup {
  const { groundTruth, relaxes } = record.manifest.policy;
  return html`<p class="note">
    * A bound, not a policy one could
    run${groundTruth.length > 0 ? `; it sees ${groundTruth.join(', ')}, which no hardware shows` : ''}${
      relaxes.length > 0 ? `; it is exempt from ${relaxes.join(', ')}` : ''
    }.
  </p>`;
}

function shareChart(record: RunRecord): Chart {
  return overTime(record, {
    title: 'Accesses by tier',
    description: 'Share of the accesses of each interval that the nodes of each tier served.',
    yLabel: 'share',
    stacked: true,
    yMin: 0,
    yMax: 1,
    showY: (share) => `${Math.round(share * 1000) / 10} %`,
    series: tiersOf(record).map((rank) => ({
      name: `tier ${rank}`,
      colour: rank,
      value: record.intervals.map(({ nodes }) => {
        const served = (of: (i: number) => boolean): number =>
          nodes.reduce((sum, each, i) => sum + (of(i) ? each.reads + each.writes : 0), 0);
        const all = served(() => true);
        return all === 0 ? undefined : served((i) => record.nodes[i]?.tierRank === rank) / all;
      }),
    })),
  });
}

const tiersOf = (record: RunRecord): number[] =>
  [...new Set(record.nodes.map((node) => node.tierRank))].toSorted((a, b) => a - b);

function moveChart(record: RunRecord): Chart {
  const pageBytes = record.manifest.trace.pageBytes;
  const rate = (pages: number, { startNs, endNs }: RunInterval): number | undefined =>
    endNs > startNs ? ((pages * pageBytes) / (endNs - startNs)) * 1e9 : undefined;
  return overTime(record, {
    title: 'Migration',
    description: 'Bytes of pages moved to a faster and to a slower tier, over time.',
    yLabel: 'moved',
    stepped: true,
    yMin: 0,
    showY: (value) => `${showBytes(value)}/s`,
    series: [
      {
        name: 'promotion',
        colour: 0,
        value: record.intervals.map((interval) => rate(interval.promotedPages, interval)),
      },
      {
        name: 'demotion',
        colour: 1,
        value: record.intervals.map((interval) => rate(interval.demotedPages, interval)),
      },
    ],
  });
}

function bandwidthChart(record: RunRecord): Chart {
  return overTime(record, {
    title: 'Bandwidth by node',
    description: 'Bytes read and written by accesses and moves, over time.',
    yLabel: 'GB/s',
    stepped: true,
    yMin: 0,
    showY: (value) => String(Number(value.toPrecision(3))),
    series: nodeSeries(record, (node, { startNs, endNs }) =>
      endNs > startNs ? (node.readBytes + node.writeBytes) / (endNs - startNs) : undefined,
    ),
  });
}

function latencyChart(record: RunRecord): Chart {
  return overTime(record, {
    title: 'Loaded latency by node',
    description: 'Mean latency of the accesses that each node served, over time.',
    yLabel: 'ns',
    stepped: true,
    showY: (value) => String(Number(value.toPrecision(3))),
    series: nodeSeries(record, (node) =>
      node.reads + node.writes > 0 ? node.occupancyNs / (node.reads + node.writes) : undefined,
    ),
  });
}

function overTime(record: RunRecord, chart: Omit<Chart, 'x' | 'xLabel' | 'showX'>): Chart {
  return {
    ...chart,
    x: record.intervals.map((interval) => interval.startNs),
    xLabel: 'simulated time',
    showX: showTime,
  };
}

function nodeSeries(
  record: RunRecord,
  value: (node: NodeMeters, interval: RunInterval) => number | undefined,
): Series[] {
  // A node that nothing ever used has no line.
  const used = record.nodes.flatMap((node, i) => {
    const meters = record.totals.nodes[i];
    return meters !== undefined && meters.readBytes + meters.writeBytes > 0 ? [{ node, i }] : [];
  });
  return used.map(({ node, i }) => ({
    name: `node ${node.id}, tier ${node.tierRank}`,
    colour: i,
    value: record.intervals.map((interval) => {
      const meters = interval.nodes[i];
      return meters && value(meters, interval);
    }),
  }));
}

const PARTS: readonly (readonly [keyof RunTime, string])[] = [
  ['thinkNs', 'between accesses'],
  ['memoryNs', 'waiting for memory'],
  ['faultNs', 'faults'],
  ['moveNs', 'waiting for moves'],
  ['sampleNs', 'sampling'],
  ['displacedNs', 'displaced by kernel threads'],
];

/** What the time was spent on, as one bar. */
function timeBar(record: RunRecord): Markup {
  const { time } = record.totals;
  const whole = PARTS.reduce((sum, [part]) => sum + time[part], 0) || 1;
  const parts = PARTS.filter(([part]) => time[part] > 0);
  return html`<figure class="chart">
    <figcaption>Time: ${showTime(record.totals.timeNs)}</figcaption>
    <div
      class="stack"
      role="img"
      aria-label="${parts.map(([part, name]) => `${name} ${showPercent(time[part] / whole)}`).join(', ')}"
    >
      ${parts.map(
        ([part]) =>
          html`<i
            class="c${PARTS.findIndex(([each]) => each === part)}"
            style="width:${((time[part] / whole) * 100).toFixed(3)}%"
          ></i>`,
      )}
    </div>
    <ul class="legend">
      ${parts.map(
        ([part, name]) =>
          html`<li>
            <i class="c${PARTS.findIndex(([each]) => each === part)}"></i>${name}
            ${showTime(time[part])} (${showPercent(time[part] / whole)})
          </li>`,
      )}
    </ul>
  </figure>`;
}

function figures(record: RunRecord): Markup {
  const { totals, refusals, vmstat } = record;
  const lines: [string, string][] = [
    ['accesses', showCount(totals.accesses)],
    ['moves asked for', showCount(totals.requests)],
    ['moves done', showCount(totals.movedRequests)],
    ...Object.entries(refusals).map(([reason, count]): [string, string] => [
      `refused: ${reason}`,
      showCount(count),
    ]),
    ['CPU of kernel threads', showTime(totals.kernelThreadNs)],
    ...Object.entries(vmstat).map(([name, count]): [string, string] => [name, showCount(count)]),
  ];
  return html`<table class="small">
    <caption>
      Counters
    </caption>
    <tbody>
      ${lines.map(
        ([name, value]) =>
          html`<tr>
            <th scope="row">${name}</th>
            <td class="n">${value}</td>
          </tr>`,
      )}
    </tbody>
  </table>`;
}

/** Settings with their values and where those came from. */
export function settings(title: string, all: Readonly<Record<string, RunSetting>>): Markup {
  const entries = Object.entries(all);
  if (entries.length === 0) return html`<p class="note">${title}: none.</p>`;
  return html`<table class="small">
    <caption>
      ${title}
    </caption>
    <thead>
      <tr>
        <th scope="col">name</th>
        <th scope="col">value</th>
        <th scope="col">from</th>
      </tr>
    </thead>
    <tbody>
      ${entries.map(
        ([name, { value, source }]) =>
          html`<tr>
            <th scope="row">${name}</th>
            <td>${value}</td>
            <td class="quiet">${source}</td>
          </tr>`,
      )}
    </tbody>
  </table>`;
}
