import { placementTable } from '../placement.ts';
import { compareRuns, isRuler, policyLabel, type ComparedRun } from '../run-set.ts';
import type { Result } from '../result.ts';
import type { Cell, Table } from '../table.ts';
import { showAmount, showBytes, showCount, showPercent, showTime } from '../terminal.ts';
import { html, type Markup } from './markup.ts';

/**
 * A row for each run, sortable, with what tells the runs apart and what they came to. `panelOf` names the run whose
 * section on the page is that of a run.
 */
export function comparisonSection(
  result: Result,
  panelOf: (run: ComparedRun) => string | undefined,
): Markup {
  const { records } = result;
  const table = placementTable(records, result);
  const columns = shownColumns(table);
  const runs = compareRuns(records, result);
  const worst = Math.max(1, ...numbers(table, 'slowdown'));
  return html`<section id="comparison" aria-labelledby="comparison-title">
    <h2 id="comparison-title">Comparison</h2>
    <p class="note">
      Slowdown is the time over that of <em>all-fast</em>, which has every page in the fastest tier.
      Rulers (*) are bounds, not policies one could run. Click a head to sort.
    </p>
    <div class="scroll" tabindex="0" role="region" aria-label="Comparison of all runs">
      <table class="sortable">
        <thead>
          <tr>
            ${columns.map(
              ({ head, text, definition }) =>
                html`<th scope="col" class="${text ? 't' : 'n'}" title="${definition}">
                  <button>${head}</button>
                </th>`,
            )}
          </tr>
        </thead>
        <tbody>
          ${runs.map((run, row) => runRow(run, columns, table.rows[row] ?? [], worst, panelOf(run)))}
          ${table.rows.slice(runs.length).map((cells) => refusedRow(columns, cells))}
        </tbody>
      </table>
    </div>
  </section>`;
}

function runRow(
  { record }: ComparedRun,
  columns: readonly ShownColumn[],
  cells: readonly Cell[],
  worst: number,
  panel: string | undefined,
): Markup {
  const mark = isRuler(record) ? ' *' : '';
  const label = policyLabel(record);
  return html`<tr class="${isRuler(record) ? 'ruler' : ''}">
    <th scope="row" data-v="${label}">
      ${panel === undefined ? label : html`<a href="#run-${panel}">${label}</a>`}${mark}
    </th>
    ${columns.slice(1).map((column) => {
      const cell = cells[column.index];
      return html`<td class="${column.text ? 't' : 'n'}" data-v="${String(cell ?? '')}">
        ${column.name === 'slowdown' ? bar(cell, worst) : undefined}${column.show(cell)}
      </td>`;
    })}
  </tr>`;
}

/** A run that there is not: what tells it from others, and why. */
function refusedRow(columns: readonly ShownColumn[], cells: readonly Cell[]): Markup {
  return html`<tr class="refused">
    ${columns.map((column, i) => {
      const cell = cells[column.index];
      const value = String(cell ?? '');
      return i === 0
        ? html`<th scope="row" data-v="${value}">${value}</th>`
        : html`<td class="${column.text ? 't' : 'n'}" data-v="${value}">${column.show(cell)}</td>`;
    })}
  </tr>`;
}

/** A line as long as the time lost against all-fast, over the most that any run loses. */
function bar(cell: Cell, worst: number): Markup | undefined {
  if (typeof cell !== 'number' || worst === 1) return undefined;
  return html`<i
    class="bar"
    style="width:${Math.round((Math.max(0, cell - 1) / (worst - 1)) * 100)}%"
  ></i>`;
}

interface ShownColumn {
  readonly index: number;
  readonly name: string;
  readonly head: string;
  readonly text: boolean;
  readonly definition: string;
  readonly show: (cell: Cell) => string | Markup;
}

/** Columns that only matter where they tell runs apart. */
const IDENTITY = new Map([
  ['trace', 'trace'],
  ['machine', 'machine'],
  ['seed', 'seed'],
]);

const percent = (value: number): string => `${(value * 100).toFixed(1)} %`;

const OUTCOME = new Map<string, readonly [string, (value: number) => string]>([
  ['slowdown', ['slowdown', (value) => value.toFixed(3)]],
  ['slowdown_low', ['from', (value) => value.toFixed(3)]],
  ['slowdown_high', ['to', (value) => value.toFixed(3)]],
  ['estimated_time_ns', ['time', showTime]],
  ['gap_to_optimum', ['over optimum', percent]],
  ['gap_to_bound', ['over bound', percent]],
  ['gap_to_best_ruler', ['over best ruler', percent]],
]);

const AFTER_TIERS = new Map<string, readonly [string, (value: number) => string]>([
  ['mean_latency_ns', ['mean latency', showTime]],
  ['unloaded_latency_ns', ['unloaded', showTime]],
  ['promotions_pages', ['promotions', showCount]],
  ['demotions_pages', ['demotions', showCount]],
  ['ping_pong_pages', ['ping-pong', showCount]],
  ['wasted_promotions_pages', ['wasted', showCount]],
  ['migration_bytes', ['moved', showBytes]],
  ['migration_traffic_share', ['of traffic', showPercent]],
  ['migration_bandwidth_share', ['of bandwidth', showPercent]],
  ['moves_refused', ['refused', showCount]],
  ['policy_cpu_ns', ['policy CPU', showTime]],
]);

function shownColumns(table: Table): ShownColumn[] {
  const make = (name: string, head: string, show: (value: number) => string): ShownColumn[] => {
    const index = table.columns.findIndex((column) => column.name === name);
    const column = table.columns[index];
    if (column === undefined || table.rows.every((row) => row[index] === undefined)) return [];
    return [
      {
        index,
        name,
        head,
        text: column.kind === 'text',
        definition: column.definition,
        show: (cell) => (typeof cell === 'number' ? show(cell) : String(cell ?? '')),
      },
    ];
  };
  const names = table.columns.map((column) => column.name);
  const found = (pattern: RegExp): string[] =>
    names.flatMap((name) => pattern.exec(name)?.[1] ?? []);
  const all = (columns: typeof OUTCOME): ShownColumn[] =>
    [...columns].flatMap(([name, [head, show]]) => make(name, head, show));
  const misses = names.some((name) => /^tier\d+_miss_share$/.test(name) && someValue(table, name));
  return [
    ...make('policy', 'policy', String),
    ...[...IDENTITY].flatMap(([name, head]) =>
      differs(table, name) ? make(name, head, String) : [],
    ),
    ...found(/^node(\d+)_tier$/)
      .filter((id) => isResized(table, `node${id}_capacity_bytes`))
      .flatMap((id) => make(`node${id}_capacity_bytes`, `node ${id} size`, showBytes)),
    ...all(OUTCOME),
    ...found(/^tier(\d+)_access_share$/).flatMap((rank) =>
      make(
        `tier${rank}_access_share`,
        `${misses ? 'misses' : 'accesses'} on tier ${rank}`,
        showPercent,
      ),
    ),
    ...all(AFTER_TIERS),
    ...make('refusal_code', 'no run', String),
    ...make('refusal_reason', 'because', String),
    ...found(/^cost_(\w+)$/).flatMap((currency) =>
      make(`cost_${currency}`, currency.toUpperCase(), showAmount),
    ),
  ];
}

function someValue(table: Table, name: string): boolean {
  const index = table.columns.findIndex((column) => column.name === name);
  return table.rows.some((row) => row[index] !== undefined);
}

/** Whether a size differs between runs on one machine, which the name of the machine does not tell. */
function isResized(table: Table, name: string): boolean {
  const at = table.columns.findIndex((column) => column.name === name);
  const machine = table.columns.findIndex((column) => column.name === 'machine');
  const pairs = new Set(
    table.rows
      .filter((row) => row[at] !== undefined)
      .map((row) => JSON.stringify([row[machine], row[at]])),
  );
  const machines = new Set(
    table.rows.filter((row) => row[at] !== undefined).map((row) => row[machine]),
  );
  return pairs.size > machines.size;
}

function differs(table: Table, name: string): boolean {
  const index = table.columns.findIndex((column) => column.name === name);
  return new Set(table.rows.map((row) => row[index])).size > 1;
}

function numbers(table: Table, name: string): number[] {
  const index = table.columns.findIndex((column) => column.name === name);
  return table.rows.flatMap((row) => {
    const cell = row[index];
    return typeof cell === 'number' ? [cell] : [];
  });
}
