import type { RunTrace } from '@tierlab/core';

import { placementColumns } from '../placement.ts';
import type { Result } from '../result.ts';
import { html, type Markup } from './markup.ts';
import { settings } from './run-section.ts';

/** What the records of a trace are. */
function heldText({ level, countedBy }: RunTrace): string {
  if (countedBy !== undefined) return `counts of ${countedBy}s by interval`;
  return level === 'cpu' ? 'every load and store' : 'what missed the last-level cache';
}

/** Everything that determines the runs, and what the words of this page mean. */
export function manifestSection(result: Result): Markup {
  const { records } = result;
  const tools = distinct(records.map(({ manifest: { tool } }) => `${tool.name} ${tool.version}`));
  const inputs = new Map(
    records
      .flatMap(({ manifest }) => manifest.inputs)
      .map((input) => [JSON.stringify(input), input]),
  );
  const traces = distinct(
    records.map(({ manifest: { trace } }) =>
      [
        `${trace.format}: ${heldText(trace)}`,
        `${trace.addressSpace ?? 'virtual'} addresses`,
        `clock of ${trace.clock}`,
        `pages of ${trace.pageBytes} bytes`,
        ...(trace.samplePeriod === undefined ? [] : [`one in ${trace.samplePeriod} sampled`]),
      ].join(', '),
    ),
  );
  const manifests = new Map(
    records.map(({ manifest }) => [JSON.stringify(manifest.settings), manifest.settings]),
  );
  return html`<section id="manifest" aria-labelledby="manifest-title">
    <h2 id="manifest-title">Manifest</h2>
    <p class="note">
      The same inputs, settings and seeds give the same bytes. Made with ${tools.join(', ')}. The
      results are embedded in this file: <code>tierlab report</code> reads it again.
    </p>
    <ul class="findings">
      ${traces.map((trace) => html`<li>${trace}</li>`)}
    </ul>
    <div class="scroll">
      <table class="small">
        <caption>
          Inputs
        </caption>
        <thead>
          <tr>
            <th scope="col">role</th>
            <th scope="col">name</th>
            <th scope="col">SHA-256</th>
          </tr>
        </thead>
        <tbody>
          ${[...inputs.values()].map(
            ({ role, name, sha256 }) =>
              html`<tr>
                <td>${role}</td>
                <th scope="row">${name}</th>
                <td><code>${sha256}</code></td>
              </tr>`,
          )}
        </tbody>
      </table>
    </div>
    ${[...manifests.values()].map((each, i) => settings(i === 0 ? 'Settings' : `Settings, set ${i + 1}`, each))}
    <details>
      <summary>What the columns mean</summary>
      <dl class="glossary">
        ${placementColumns(records.slice(0, 1), result).map(
          ({ name, definition }) =>
            html`<dt><code>${name}</code></dt>
              <dd>${definition}</dd>`,
        )}
      </dl>
    </details>
  </section>`;
}

function distinct(texts: readonly string[]): string[] {
  return [...new Set(texts)];
}
