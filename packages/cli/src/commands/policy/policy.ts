import { Command } from 'commander';

import type { CommandContext } from '../../context.ts';
import type { NewPolicyOptions } from './new-policy.ts';
import type { PolicyCommandOptions } from './show-policies.ts';

/** `tierlab policy list|show|new`. */
export function policyCommand(context: CommandContext): Command {
  const command = new Command('policy').description(
    'list the migration policies, show one, begin your own',
  );
  command
    .command('list')
    .description('list the migration policies that come with tierlab')
    .option('--json', 'print one JSON object a line')
    .action(async (options: PolicyCommandOptions) => {
      const { listPolicies } = await import('./show-policies.ts');
      listPolicies(options, context);
    });
  command
    .command('show')
    .description('show what a policy does, what it sees, and its parameters')
    .argument('<policy>', 'name, ./file or package')
    .option('--json', 'print one JSON object')
    .action(async (name: string, options: PolicyCommandOptions) => {
      const { showPolicy } = await import('./show-policies.ts');
      await showPolicy(name, options, context);
    });
  command
    .command('new')
    .description('write a policy that runs at once, with its test and its page')
    .argument('<name>', 'lower-case words joined by hyphens')
    .option('--js', 'JavaScript instead of TypeScript')
    .option('--directory <path>', 'where to', '.')
    .addHelpText(
      'after',
      `
Examples:
  tierlab policy new hot-first
  tierlab run --machine vm-hmat --trace app.tlt --policy ./hot-first.ts`,
    )
    .action(async (name: string, options: NewPolicyOptions) => {
      const { newPolicy } = await import('./new-policy.ts');
      await newPolicy(name, options, context);
    });
  return command;
}
