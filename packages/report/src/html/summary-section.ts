import type { RunRecord } from '@tierlab/core';

import { compareRuns, isRuler, policyLabel, type ComparedRun } from '../run-set.ts';
import type { Result } from '../result.ts';
import { showBytes, showCount } from '../terminal.ts';
import { capacityText } from './run-names.ts';
import { html, type Markup } from './markup.ts';

/** What was run, and what came out best, in sentences. */
export function summarySection(result: Result): Markup {
  const runs = compareRuns(result.records);
  const groups = [...groupRuns(runs).values()];
  return html`<section id="summary" aria-labelledby="summary-title">
    <h2 id="summary-title">Summary</h2>
    <dl class="facts">
      ${fact('runs', showCount(runs.length))} ${fact('traces', names(runs.map((run) => run.trace)))}
      ${fact('machines', names(runs.map((run) => run.machine)))}
      ${fact('policies', names(runs.filter((run) => !isRuler(run.record)).map(nameOf)))}
      ${fact('rulers', names(runs.filter((run) => isRuler(run.record)).map(nameOf)))}
      ${fact(
        'footprint',
        span(
          result.records.map((record) => record.totals.pages * record.manifest.trace.pageBytes),
          showBytes,
        ),
      )}
      ${fact(
        'accesses',
        span(
          result.records.map((record) => record.totals.accesses),
          showCount,
        ),
      )}
    </dl>
    ${
      groups.length <= 12
        ? html`<ul class="findings">
            ${groups.map(finding)}
          </ul>`
        : undefined
    }
    ${thresholds(result)}
  </section>`;
}

const nameOf = ({ record }: ComparedRun): string => policyLabel(record);

function fact(name: string, value: string | Markup): Markup {
  return html`<div>
    <dt>${name}</dt>
    <dd>${value === '' ? 'none' : value}</dd>
  </div>`;
}

function names(all: readonly string[]): string {
  const distinct = [...new Set(all)];
  const shown = distinct.slice(0, 8).join(', ');
  return distinct.length > 8 ? `${shown} and ${distinct.length - 8} more` : shown;
}

function span(values: readonly number[], show: (value: number) => string): string {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  return low === high ? show(low) : `${show(low)} to ${show(high)}`;
}

/** The quickest policy of one trace, machine and capacity, in words that claim no more than was seen. */
function finding(runs: readonly ComparedRun[]): Markup {
  const [first] = runs;
  const real = runs.filter(({ record }) => !isRuler(record));
  const [best] = real.toSorted((a, b) => a.record.totals.timeNs - b.record.totals.timeNs);
  if (first === undefined || best === undefined) return html``;
  const slowdown = best.allFast && best.record.totals.timeNs / best.allFast.totals.timeNs;
  const stay = real.find(({ record }) => record.manifest.policy.name === 'stay-put');
  const against = stay && stay !== best ? change(stay.record, best.record) : undefined;
  const size = capacityText(first.record);
  return html`<li>
    <b>${first.trace}</b> on <b>${first.machine}</b>, ${size}: least time of ${String(real.length)}
    ${real.length === 1 ? 'run' : 'runs'} by <b>${nameOf(best)}</b>${
      slowdown === undefined ? '' : `, ${slowdown.toFixed(3)} times all-fast`
    }${against === undefined ? '' : `, ${against} than stay-put`}.
  </li>`;
}

function change(from: RunRecord, to: RunRecord): string {
  const ratio = to.totals.timeNs / from.totals.timeNs;
  const percent = Math.abs(1 - ratio) * 100;
  return `${percent.toFixed(1)} % ${ratio <= 1 ? 'less' : 'more'} time`;
}

function thresholds({ thresholds = [] }: Result): Markup | undefined {
  if (thresholds.length === 0) return undefined;
  return html`<table class="thresholds">
    <caption>
      Thresholds
    </caption>
    <thead>
      <tr>
        <th scope="col">fails if</th>
        <th scope="col">run</th>
        <th scope="col" class="n">value</th>
        <th scope="col">outcome</th>
      </tr>
    </thead>
    <tbody>
      ${thresholds.map(
        ({ threshold, run, value, crossed }) =>
          html`<tr>
            <td><code>${threshold}</code></td>
            <td>${run}</td>
            <td class="n">${value === undefined ? '' : String(Number(value.toPrecision(6)))}</td>
            <td class="${crossed ? 'bad' : 'good'}">${crossed ? '✗ crossed' : '✓ held'}</td>
          </tr>`,
      )}
    </tbody>
  </table>`;
}

function groupRuns(runs: readonly ComparedRun[]): Map<string, ComparedRun[]> {
  const groups = new Map<string, ComparedRun[]>();
  for (const run of runs) {
    const key = JSON.stringify([run.trace, run.machine, capacityText(run.record)]);
    groups.set(key, [...(groups.get(key) ?? []), run]);
  }
  return groups;
}
