import type { Plan, PlanAnswer } from '@tierlab/experiment';
import { showBytes, showPercent } from '@tierlab/report';

import { renderTable } from '../../terminal/table.ts';

/** A plan for a person: the answer of each policy, the curve, what moves the answer, and what to know. */
export function planText(plan: Plan, currency: string | undefined): string {
  const { workload, machine, footprintBytes, slowdownTarget, sensitivity, notes } = plan;
  const parts = [
    `${workload} on ${machine}: ${showBytes(footprintBytes)} touched, slowdown at most ${slowdownTarget}\n`,
    answersText(plan, currency),
    curveText(plan),
  ];
  if (sensitivity.length > 0) {
    const rows = sensitivity.map(({ input, change, effect }) => [input, change, effect]);
    parts.push(renderTable([{ head: 'what if' }, { head: 'from and to' }, { head: '' }], rows));
  }
  if (plan.answers.some(({ ruler }) => ruler)) {
    parts.push('* a ruler: a bound, no policy that one could run\n');
  }
  if (notes.length > 0) parts.push(notes.map((note) => `note: ${note}\n`).join(''));
  return parts.join('\n');
}

function answersText({ answers, footprintBytes }: Plan, currency: string | undefined): string {
  const money = currency === undefined ? [] : [`cost, ${currency}`, 'all DRAM', 'breaks even at'];
  return renderTable(
    ['policy', 'least DRAM', 'of footprint', 'between', ...money].map((head, i) => ({
      head,
      align: i === 0 ? 'left' : 'right',
    })),
    answers.map((answer) => {
      const { dramBytes } = answer;
      if (dramBytes === undefined)
        return [nameOf(answer), 'none tried', '', '', ...money.map(() => '')];
      const cells = [
        nameOf(answer),
        showBytes(dramBytes),
        showPercent(dramBytes / footprintBytes),
        `${showBytes(answer.dramBytesLow ?? 0)} .. ${answer.dramBytesHigh === undefined ? '' : showBytes(answer.dramBytesHigh)}`,
      ];
      if (currency === undefined) return cells;
      const { cost, costAllDram, breakEvenPrice = 'no price' } = answer;
      return [...cells, amount(cost), amount(costAllDram), breakEvenPrice];
    }),
  );
}

/** The slowdown of each policy at the sizes that all of them were run at. */
function curveText({ curves }: Plan): string {
  const [first] = curves;
  const shares = (first?.points ?? [])
    .map(({ dramShare }) => dramShare)
    .filter((share) => curves.every(({ points }) => points.some((p) => p.dramShare === share)));
  return renderTable(
    [{ head: 'DRAM of footprint' }, ...curves.map((curve) => ({ head: nameOf(curve) }))].map(
      ({ head }) => ({ head, align: 'right' }),
    ),
    shares.map((share) => [
      showPercent(share),
      ...curves.map(
        ({ points }) => points.find((p) => p.dramShare === share)?.slowdown.toFixed(3) ?? '',
      ),
    ]),
  );
}

const nameOf = ({ policy, ruler }: Pick<PlanAnswer, 'policy' | 'ruler'>): string =>
  ruler ? `${policy} *` : policy;

const amount = (value: number | undefined): string =>
  value === undefined ? '' : String(Number(value.toPrecision(4)));
