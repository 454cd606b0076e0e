import { capacityCurves, type CapacityCurve } from '../capacity-curve.ts';
import type { PlanSheet } from '../plan-sheet.ts';
import type { Result } from '../result.ts';
import { showBytes, showPercent } from '../terminal.ts';
import { drawChart, type Series } from './chart.ts';
import { html, type Markup } from './markup.ts';

/** Slowdown over the size of the fastest tier, with what a plan made of it. */
export function curveSection({ records, plans = [] }: Result): Markup | undefined {
  const curves = plans.length > 0 ? [] : capacityCurves(records);
  if (plans.length + curves.length === 0) return undefined;
  return html`<section id="capacity" aria-labelledby="capacity-title">
    <h2 id="capacity-title">Capacity</h2>
    <p class="note">
      How much slower each policy is when the fastest tier has room for a part of the pages the
      trace touches. Dashed lines are bounds; bands are intervals.
    </p>
    ${plans.map(planPanel)} ${curves.map(curvePanel)}
  </section>`;
}

function curvePanel(curve: CapacityCurve): Markup {
  const lines = curve.lines.map((line) => ({
    policy: line.policy,
    ruler: line.ruler,
    points: line.points.map((point) => ({ dramShare: point.topTierShare, ...point })),
  }));
  return slowdownChart(`${curve.trace} on ${curve.machine}`, lines, curve.footprintBytes);
}

interface Line {
  readonly policy: string;
  readonly ruler: boolean;
  readonly points: readonly {
    readonly dramShare: number;
    readonly slowdown: number;
    readonly slowdownLow?: number;
    readonly slowdownHigh?: number;
    readonly cost?: number;
  }[];
}

function slowdownChart(
  title: string,
  lines: readonly Line[],
  footprintBytes: number,
  target?: number,
): Markup {
  const x = abscissa(lines);
  const series = lines.map((line, i): Series => {
    const at = pointAt(line);
    return {
      name: line.policy + (line.ruler ? ' *' : ''),
      colour: i,
      dashed: line.ruler,
      marked: !line.ruler,
      value: x.map((share) => at(share)?.slowdown),
      low: x.map((share) => at(share)?.slowdownLow),
      high: x.map((share) => at(share)?.slowdownHigh),
    };
  });
  return drawChart({
    title,
    description: `Slowdown over the share of ${showBytes(footprintBytes)} that fits the fastest tier; the table of runs has the figures.`,
    xLabel: `fastest tier over the footprint of ${showBytes(footprintBytes)}`,
    yLabel: 'slowdown',
    x,
    series,
    showX: (share) => `${Math.round(share * 1000) / 10} %`,
    showY: (slowdown) => slowdown.toFixed(2),
    width: 1120,
    height: 320,
    ...(target !== undefined && { rule: { y: target, label: `target ${target}` } }),
  });
}

function abscissa(lines: readonly Line[]): number[] {
  const shares = lines.flatMap((line) => line.points.map((point) => point.dramShare));
  return [...new Set(shares)].toSorted((a, b) => a - b);
}

function pointAt(line: Line): (share: number) => Line['points'][number] | undefined {
  const points = new Map(line.points.map((point) => [point.dramShare, point]));
  return (share) => points.get(share);
}

function planPanel(plan: PlanSheet): Markup {
  const { workload, machine, slowdownTarget, footprintBytes, curves } = plan;
  const costs = curves.filter(
    (curve) => !curve.ruler && curve.points.some((point) => point.cost !== undefined),
  );
  const x = abscissa(costs);
  return html`<h3>
      ${workload} on ${machine}: least DRAM for a slowdown of ${String(slowdownTarget)}
    </h3>
    ${answerTable(plan)} ${slowdownChart('Slowdown', curves, footprintBytes, slowdownTarget)}
    ${
      costs.length > 0
        ? drawChart({
            title: 'Cost',
            description: 'Cost of the memory over the share of the footprint that fits DRAM.',
            xLabel: 'DRAM over the footprint',
            yLabel: 'cost',
            x,
            series: costs.map((curve, i): Series => {
              const at = pointAt(curve);
              return { name: curve.policy, colour: i, value: x.map((share) => at(share)?.cost) };
            }),
            showX: (share) => `${Math.round(share * 1000) / 10} %`,
            showY: showCost,
            width: 1120,
            height: 220,
          })
        : undefined
    }
    ${sensitivityTable(plan)}
    ${
      plan.notes.length > 0
        ? html`<ul class="findings">
            ${plan.notes.map((note) => html`<li>${note}</li>`)}
          </ul>`
        : undefined
    }`;
}

function answerTable({ answers, footprintBytes }: PlanSheet): Markup {
  const share = (bytes: number | undefined): string =>
    bytes === undefined ? '' : `${showBytes(bytes)} (${showPercent(bytes / footprintBytes)})`;
  const priced = answers.some((answer) => answer.cost !== undefined);
  return html`<table>
    <caption>
      Answer
    </caption>
    <thead>
      <tr>
        <th scope="col">policy</th>
        <th scope="col" class="n">least DRAM</th>
        <th scope="col" class="n">interval</th>
        ${
          priced
            ? html`<th scope="col" class="n">cost</th>
                <th scope="col" class="n">all DRAM</th>
                <th scope="col" class="n">saves</th>
                <th scope="col" class="n">pays up to</th>`
            : undefined
        }
      </tr>
    </thead>
    <tbody>
      ${answers.map(
        (answer) =>
          html`<tr class="${answer.ruler ? 'ruler' : ''}">
            <th scope="row">${answer.policy}${answer.ruler ? ' *' : ''}</th>
            <td class="n">
              ${answer.dramBytes === undefined ? 'no size meets it' : share(answer.dramBytes)}
            </td>
            <td class="n">
              ${
                answer.dramBytesLow === undefined || answer.dramBytesHigh === undefined
                  ? ''
                  : `${showBytes(answer.dramBytesLow)} to ${showBytes(answer.dramBytesHigh)}`
              }
            </td>
            ${
              priced
                ? html`<td class="n">${showCost(answer.cost)}</td>
                    <td class="n">${showCost(answer.costAllDram)}</td>
                    <td class="n">
                      ${
                        answer.cost === undefined || answer.costAllDram === undefined
                          ? ''
                          : showPercent(1 - answer.cost / answer.costAllDram)
                      }
                    </td>
                    <td class="n">${answer.breakEvenPrice}</td>`
                : undefined
            }
          </tr>`,
      )}
    </tbody>
  </table>`;
}

function sensitivityTable({ sensitivity }: PlanSheet): Markup | undefined {
  if (sensitivity.length === 0) return undefined;
  return html`<table>
    <caption>
      What moves the answer
    </caption>
    <thead>
      <tr>
        <th scope="col">input</th>
        <th scope="col">change</th>
        <th scope="col">effect</th>
      </tr>
    </thead>
    <tbody>
      ${sensitivity.map(
        ({ input, change, effect }) =>
          html`<tr>
            <th scope="row">${input}</th>
            <td>${change}</td>
            <td>${effect}</td>
          </tr>`,
      )}
    </tbody>
  </table>`;
}

function showCost(cost: number | undefined): string {
  return cost === undefined ? '' : String(Number(cost.toPrecision(4)));
}
