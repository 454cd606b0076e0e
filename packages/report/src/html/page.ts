import { ReportError } from '../errors.ts';
import { embedResult, type Result } from '../result.ts';
import { compareRuns, isRuler, policyLabel, type ComparedRun } from '../run-set.ts';
import { comparisonSection } from './comparison-section.ts';
import { curveSection } from './curve-section.ts';
import { heatMapSection } from './heat-map-section.ts';
import { machineSection } from './machine-section.ts';
import { manifestSection } from './manifest-section.ts';
import { htmlDocument } from './document.ts';
import { html, type Markup } from './markup.ts';
import { pairSection } from './pair-section.ts';
import { runPanel } from './run-section.ts';
import { capacityText } from './run-names.ts';
import { SCRIPT } from './script.ts';
import { summarySection } from './summary-section.ts';

/** Runs that have a section of their own. */
const PANELS_MAX = 40;
/** Characters of the embedded result, above which the intervals of runs without a section are left out of it. */
const EMBEDDED_MAX = 2_500_000;

/**
 * `result` as one HTML file that needs nothing else: no network, no other file. It reads without its script, and
 * {@link readResult} finds `result` in it again.
 *
 * Where there are many runs, those that differ in their seed alone share the section of the first; the comparison
 * has them all. To stay small, the embedded result may then lack the intervals of the others.
 *
 * @throws {ReportError} `REPORT_NO_RUNS`.
 */
export function renderHtml(result: Result): string {
  if (result.records.length === 0) {
    throw new ReportError(
      'REPORT_NO_RUNS',
      'there is no run to report: run `tierlab compare` first',
    );
  }
  const panels = panelRuns(compareRuns(result.records, result));
  return htmlDocument({
    title: result.title,
    body: body(result, sectionsOf(result, panels)),
    data: embedResult(slim(result, panels)),
    script: SCRIPT,
  });
}

interface Section {
  readonly id: string;
  readonly name: string;
  readonly markup: Markup;
}

function sectionsOf(result: Result, panels: readonly ComparedRun[]): readonly Section[] {
  return [
    ...section('summary', 'Summary', summarySection(result)),
    ...section('comparison', 'Comparison', comparisonSection(result, panelFinder(panels))),
    ...section('capacity', 'Capacity', curveSection(result)),
    ...section('pairs', 'Pairs', pairSection(result)),
    ...section('runs', 'Runs', runsSection(result, panels)),
    ...section('heat', 'Heat', heatMapSection(result)),
    ...section('machines', 'Machines', machineSection(result)),
    ...section('manifest', 'Manifest', manifestSection(result)),
  ];
}

function section(id: string, name: string, markup: Markup | undefined): Section[] {
  return markup === undefined ? [] : [{ id, name, markup }];
}

function body(result: Result, sections: readonly Section[]): Markup {
  return html`<a class="skip" href="#summary">Skip to the summary</a>
    <header>
      <div>
        <h1>${result.title}</h1>
        <nav aria-label="Sections">
          ${sections.map(({ id, name }) => html`<a href="#${id}">${name}</a>`)}
        </nav>
        <button class="theme" type="button">light / dark</button>
      </div>
    </header>
    <main>${sections.map(({ markup }) => markup)}</main>
    <footer>
      Made by tierlab from run records; every figure can be computed again from them.
    </footer>`;
}

function runsSection({ records }: Result, panels: readonly ComparedRun[]): Markup {
  const [opened = panels[0]] = panels
    .filter((run) => !isRuler(run.record))
    .toSorted((a, b) => slowdownOf(a) - slowdownOf(b));
  return html`<section id="runs" aria-labelledby="runs-title">
    <h2 id="runs-title">Runs</h2>
    ${
      panels.length < records.length
        ? html`<p class="note">
            ${String(panels.length)} of ${String(records.length)} runs, one for all seeds; the
            comparison has every run.
          </p>`
        : undefined
    }
    ${panels.map((run) => runPanel(run, run === opened))}
  </section>`;
}

/**
 * The first run of each trace, machine, capacity and policy. Where they are too many, the quickest policies of every trace,
 * machine and capacity in turn, rulers last.
 */
function panelRuns(runs: readonly ComparedRun[]): readonly ComparedRun[] {
  const first = new Map<string, ComparedRun>();
  for (const run of runs) if (!first.has(butSeed(run))) first.set(butSeed(run), run);
  const all = [...first.values()];
  if (all.length <= PANELS_MAX) return all;
  const rankOf = new Map<ComparedRun, number>();
  const taken = new Map<string, number>();
  const byWorth = all.toSorted(
    (a, b) =>
      Number(isRuler(a.record)) - Number(isRuler(b.record)) || slowdownOf(a) - slowdownOf(b),
  );
  for (const run of byWorth) {
    const place = JSON.stringify([run.trace, run.machine, capacityText(run.record)]);
    const rank = taken.get(place) ?? 0;
    taken.set(place, rank + 1);
    rankOf.set(run, rank);
  }
  const chosen = new Set(
    byWorth.toSorted((a, b) => (rankOf.get(a) ?? 0) - (rankOf.get(b) ?? 0)).slice(0, PANELS_MAX),
  );
  return all.filter((run) => chosen.has(run));
}

/** Time over that of all-fast, or the time itself where there is none. */
function slowdownOf({ record, allFast }: ComparedRun): number {
  return record.totals.timeNs / (allFast?.totals.timeNs ?? 1);
}

/** Finds the id of the run whose section stands for a run. */
function panelFinder(panels: readonly ComparedRun[]): (run: ComparedRun) => string | undefined {
  const idOf = new Map(panels.map((panel) => [butSeed(panel), panel.id]));
  return (run) => idOf.get(butSeed(run));
}

/** All that tells runs apart but their seed. */
function butSeed({ trace, machine, record }: ComparedRun): string {
  return JSON.stringify([trace, machine, capacityText(record), policyLabel(record)]);
}

/** `result`, without the intervals of the runs that have no section where it would be too long with them. */
function slim(result: Result, panels: readonly ComparedRun[]): Result {
  if (JSON.stringify(result).length <= EMBEDDED_MAX) return result;
  const shown = new Set(panels.map((run) => run.record));
  const records = result.records.map((record) =>
    shown.has(record) ? record : Object.assign({}, record, { intervals: [] }),
  );
  return { ...result, records };
}
