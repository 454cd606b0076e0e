import { compareRuns } from '../run-set.ts';
import type { Result } from '../result.ts';
import { showBytes, showTime } from '../terminal.ts';
import { sheetOfRecord, type SheetNode, type TierSheet } from '../tier-sheet.ts';
import { html, type Markup } from './markup.ts';

/** Each machine as its tiers, fastest on top, with the reasons why a node is where it is. */
export function machineSection(result: Result): Markup {
  return html`<section id="machines" aria-labelledby="machines-title">
    <h2 id="machines-title">Machines</h2>
    ${sheetsOf(result).map(machinePanel)}
  </section>`;
}

/** The sheets that the result has, and for other machines what the records know. */
function sheetsOf({ machines = [], records }: Result): readonly TierSheet[] {
  const known = new Set(machines.map((sheet) => sheet.machine));
  const others = new Map(
    compareRuns(records)
      .filter(({ machine }) => !known.has(machine))
      .map(({ machine, record }) => [machine, sheetOfRecord(record, machine)]),
  );
  return [...machines, ...others.values()];
}

function machinePanel({ machine, kernel, tiers, notes }: TierSheet): Markup {
  const reasons = tiers.flatMap((tier) =>
    tier.nodes.flatMap((node) => node.reasons.map((reason) => ({ node, reason }))),
  );
  return html`<h3>${machine}${kernel === undefined ? '' : `, Linux ${kernel}`}</h3>
    <ol class="tiers">
      ${tiers.map(
        (tier) =>
          html`<li>
            <h4>${tier.name}</h4>
            <div class="nodes">${tier.nodes.map(nodeBox)}</div>
          </li>`,
      )}
    </ol>
    ${
      reasons.length + notes.length > 0
        ? html`<details>
            <summary>Why (${String(reasons.length + notes.length)})</summary>
            <ul class="findings">
              ${reasons.map(({ node, reason }) => html`<li><b>node ${node.id}</b>: ${reason}</li>`)}
              ${notes.map((note) => html`<li>${note}</li>`)}
            </ul>
          </details>`
        : undefined
    }`;
}

function nodeBox(node: SheetNode): Markup {
  const lines: (string | undefined)[] = [
    node.memoryBytes === undefined ? undefined : showBytes(node.memoryBytes),
    node.cpus === undefined || node.cpus === '' ? undefined : `CPUs ${node.cpus}`,
    node.readLatencyNs === undefined ? undefined : showTime(node.readLatencyNs),
    node.readBandwidthMbps === undefined ? undefined : `${showGbps(node.readBandwidthMbps)} GB/s`,
    node.adistance === undefined
      ? undefined
      : `distance ${node.adistance}${node.answeredBy === undefined ? '' : ` by ${node.answeredBy}`}`,
    node.demotion === undefined || node.demotion === '' ? undefined : `demotes to ${node.demotion}`,
  ];
  return html`<div class="node">
    <b>node ${node.id}</b>
    ${lines.flatMap((line) => (line === undefined ? [] : [html`<span>${line}</span>`]))}
  </div>`;
}

const showGbps = (bandwidthMbps: number): string =>
  String(Number((bandwidthMbps / 1e3).toPrecision(3)));
