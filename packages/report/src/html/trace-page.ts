import type { HeatMap } from '../heat-map.ts';
import { showBytes, showCount } from '../terminal.ts';
import { htmlDocument } from './document.ts';
import { heatMapFigure } from './heat-map-section.ts';
import { html, type Markup } from './markup.ts';

/** What a trace holds, to be shown. */
export interface TraceSheet {
  readonly title: string;
  /** Name and value of each fact, in the order to show them. */
  readonly facts: readonly (readonly [name: string, value: string])[];
  /** Pages accessed in each window of the trace. */
  readonly workingSet: readonly WorkingSetWindow[];
  /** Unit of the windows' ends, a plural. */
  readonly clock: string;
  readonly pageBytes: number;
  /** Absent where the trace has no access. */
  readonly heat?: HeatMap;
}

interface WorkingSetWindow {
  readonly start: number;
  readonly end: number;
  readonly pages: number;
}

/** `sheet` as one HTML file that needs nothing else: neither network, nor script, nor another file. */
export function renderTraceHtml(sheet: TraceSheet): string {
  const { title, facts, heat } = sheet;
  return htmlDocument({
    title,
    body: html`<header>
        <div><h1>${title}</h1></div>
      </header>
      <main>
        <section id="summary" aria-labelledby="summary-title">
          <h2 id="summary-title">What the trace holds</h2>
          <table>
            <tbody>
              ${facts.map(
                ([name, value]) =>
                  html`<tr>
                    <th scope="row">${name}</th>
                    <td>${value}</td>
                  </tr>`,
              )}
            </tbody>
          </table>
        </section>
        ${heat && heatSection(heat)} ${workingSetSection(sheet)}
      </main>
      <footer>Made by tierlab from the trace.</footer>`,
  });
}

const heatSection = (heat: HeatMap): Markup =>
  html`<section id="heat" aria-labelledby="heat-title">
    <h2 id="heat-title">Heat</h2>
    <p class="note">
      Time runs to the right in accesses, addresses upward; pages that were never touched take no
      room.
    </p>
    ${heatMapFigure(heat, [])}
  </section>`;

function workingSetSection({ workingSet, clock, pageBytes }: TraceSheet): Markup | undefined {
  if (workingSet.length === 0) return undefined;
  const largest = Math.max(...workingSet.map(({ pages }) => pages));
  return html`<section id="working-set" aria-labelledby="working-set-title">
    <h2 id="working-set-title">Working set</h2>
    <div class="scroll">
      <table>
        <thead>
          <tr>
            <th scope="col" class="n">from, ${clock}</th>
            <th scope="col" class="n">to</th>
            <th scope="col" class="n">pages accessed</th>
            <th scope="col" class="n">bytes</th>
          </tr>
        </thead>
        <tbody>
          ${workingSet.map(
            ({ start, end, pages }) =>
              html`<tr>
                <td class="n">${showCount(start)}</td>
                <td class="n">${showCount(end)}</td>
                <td class="n">
                  ${showCount(pages)}
                  <i
                    class="bar"
                    style="width:${((100 * pages) / Math.max(1, largest)).toFixed(1)}%"
                  ></i>
                </td>
                <td class="n">${showBytes(pages * pageBytes)}</td>
              </tr>`,
          )}
        </tbody>
      </table>
    </div>
  </section>`;
}
