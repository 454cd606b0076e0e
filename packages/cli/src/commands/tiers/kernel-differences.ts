import {
  holds,
  kernelName,
  nodeList,
  TIER_RULES,
  type KernelRule,
  type KernelVersion,
  type TierState,
} from '@tierlab/core';

import { renderTable } from '../../terminal/table.ts';
import { stateJson, TIERS_SCHEMA_VERSION } from './tiers-json.ts';

/** What one kernel makes of a machine. */
export interface KernelAnswer {
  readonly kernel: KernelVersion;
  readonly state: TierState;
}

/** The rules that hold in some of `kernels` and not in others. */
function differingRules(kernels: readonly KernelVersion[]): readonly KernelRule[] {
  return TIER_RULES.filter((rule) => {
    const holding = kernels.filter((kernel) => holds(rule, kernel));
    return holding.length > 0 && holding.length < kernels.length;
  });
}

export function kernelDifferencesJson(machine: string, answers: readonly KernelAnswer[]): object {
  return {
    schemaVersion: TIERS_SCHEMA_VERSION,
    machine,
    kernels: Object.fromEntries(
      answers.map(({ kernel, state }) => [kernelName(kernel), stateJson(state)]),
    ),
    same: sameTiers(answers),
    rules: differingRules(answers.map(({ kernel }) => kernel)),
  };
}

/** A row a node and a column a kernel, and the rules in which those kernels differ. */
export function kernelDifferencesText(answers: readonly KernelAnswer[]): string {
  const kernels = answers.map(({ kernel }) => kernel);
  const nodes = [...new Set(answers.flatMap(({ state }) => state.nodes.map(({ id }) => id)))];
  const table = renderTable(
    [{ head: 'node', align: 'right' }, ...kernels.map((kernel) => ({ head: kernelName(kernel) }))],
    nodes
      .toSorted((a, b) => a - b)
      .map((id) => [String(id), ...answers.map(({ state }) => nodeText(state, id))]),
  );
  const verdict = sameTiers(answers)
    ? 'the same tiers and demotion targets in all of them\n'
    : `\nwhat differs between them:\n${differingRules(kernels).map(ruleText).join('')}`;
  return table + verdict;
}

function ruleText({ name, since, backports, what, source }: KernelRule): string {
  const also = backports === undefined ? '' : `, and ${backports.join(', ')}`;
  return `  ${name} (since ${since}${also}): ${what}\n    source: ${source}\n`;
}

function nodeText(state: TierState, id: number): string {
  const node = state.nodes.find((candidate) => candidate.id === id);
  if (node?.tier === undefined) return 'no memory';
  const target = nodeList(node.demotion.preferred);
  return `tier ${node.tier}${target === '' ? '' : `, demotes to ${target}`}`;
}

function sameTiers(answers: readonly KernelAnswer[]): boolean {
  const texts = answers.map(({ state }) =>
    state.nodes.map(({ id }) => `${id}: ${nodeText(state, id)}`).join('\n'),
  );
  return texts.every((text) => text === texts[0]);
}
