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

/** For each workload the machines side by side: what the policy that needs least costs there, the cheapest machine first. */
export function machinesText(plans: readonly Plan[], currency: string | undefined): string {
  const workloads = [...new Set(plans.map(({ workload }) => workload))];
  const rows = workloads.flatMap((workload) =>
    plans
      .filter((plan) => plan.workload === workload)
      .map((plan) => ({ plan, best: leastOf(plan) }))
      .toSorted((a, b) => rankOf(a.best) - rankOf(b.best))
      .map(({ plan: { machine, footprintBytes }, best }) => [
        workload,
        machine,
        best?.policy ?? 'none meets the target',
        best?.dramBytes === undefined ? '' : showBytes(best.dramBytes),
        best?.dramBytes === undefined ? '' : showPercent(best.dramBytes / footprintBytes),
        ...(currency === undefined ? [] : [amount(best?.cost)]),
      ]),
  );
  const money = currency === undefined ? [] : [`cost, ${currency}`];
  return renderTable(
    ['workload', 'machine', 'policy', 'least DRAM', 'of footprint', ...money].map((head, i) => ({
      head,
      align: i < 3 ? 'left' : 'right',
    })),
    rows,
  );
}

/** The policy, no ruler, that costs least, or where nobody gives prices needs least DRAM. */
const leastOf = ({ answers }: Plan): PlanAnswer | undefined =>
  answers
    .filter(({ ruler, dramBytes }) => !ruler && dramBytes !== undefined)
    .toSorted((a, b) => rankOf(a) - rankOf(b))[0];

const rankOf = (answer: PlanAnswer | undefined): number =>
  answer?.cost ?? answer?.dramBytes ?? Infinity;

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
