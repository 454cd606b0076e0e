import { migrationPolicies } from '@tierlab/migration-policies';
import { GROUND_TRUTH, type MigrationPolicy } from '@tierlab/policy';

import type { CommandContext } from '../../context.ts';
import { choosePolicy, parsePolicyChoice } from '../../plugins/migration-policies.ts';
import { renderTable } from '../../terminal/table.ts';

/** Options of `tierlab policy`, as the command line gives them. */
export interface PolicyCommandOptions {
  readonly json?: boolean;
}

/** Prints every policy of the registry with what it does; rulers carry a star. */
export function listPolicies(options: PolicyCommandOptions, context: CommandContext): void {
  const policies = [...migrationPolicies.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1));
  if (options.json) {
    for (const policy of policies) {
      context.stdout(`${JSON.stringify({ schemaVersion: 1, ...policyJson(policy) })}\n`);
    }
    return;
  }
  context.stdout(
    renderTable(
      [{ head: 'policy' }, { head: 'what it does' }],
      policies.map((policy) => [`${policy.name}${isRuler(policy) ? ' *' : ''}`, policy.doc]),
    ),
  );
  context.stdout(
    '* a ruler: it sees what no hardware shows, or is exempt from a law of the machine\n',
  );
}

/** Prints one policy's declaration. */
export async function showPolicy(
  name: string,
  options: PolicyCommandOptions,
  context: CommandContext,
): Promise<void> {
  const { policy } = await choosePolicy(parsePolicyChoice(name), process.cwd());
  if (options.json) {
    context.stdout(`${JSON.stringify({ schemaVersion: 1, ...policyJson(policy) })}\n`);
    return;
  }
  const lines = [
    policy.name,
    '',
    policy.doc,
    '',
    `signals: ${policy.signals.map(signalText).join(', ') || 'none'}`,
    ...(policy.relaxes.length > 0 ? [`exempt from: ${policy.relaxes.join(', ')}`] : []),
    '',
  ];
  context.stdout(lines.join('\n'));
  const params = Object.entries(policy.params);
  if (params.length === 0) {
    context.stdout('parameters: none\n');
    return;
  }
  context.stdout(
    `\n${renderTable(
      [{ head: 'parameter' }, { head: 'default' }, { head: 'form' }, { head: 'what it is' }],
      params.map(([key, param]) => [key, param.show(param.default), param.form, param.doc]),
    )}`,
  );
}

function policyJson(policy: MigrationPolicy): object {
  return {
    name: policy.name,
    doc: policy.doc,
    signals: policy.signals,
    relaxes: policy.relaxes,
    ruler: isRuler(policy),
    params: Object.fromEntries(
      Object.entries(policy.params).map(([key, param]) => [
        key,
        { default: param.show(param.default), form: param.form, doc: param.doc },
      ]),
    ),
  };
}

const isGroundTruth = (signal: MigrationPolicy['signals'][number]): boolean =>
  GROUND_TRUTH.includes(signal);

const isRuler = ({ signals, relaxes }: MigrationPolicy): boolean =>
  relaxes.length > 0 || signals.some(isGroundTruth);

const signalText = (signal: MigrationPolicy['signals'][number]): string =>
  isGroundTruth(signal) ? `${signal} (ground truth)` : signal;
