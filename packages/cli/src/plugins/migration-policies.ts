import { migrationPolicies } from '@tierlab/migration-policies';
import { defineMigrationPolicy, type MigrationPolicy } from '@tierlab/policy';

import { CliError } from '../errors.ts';
import { isPluginName, loadPlugin } from './load-plugin.ts';

/** A policy with the values given for its parameters. */
export interface ChosenPolicy {
  readonly policy: MigrationPolicy;
  readonly params: Readonly<Record<string, string>>;
  /** Of this tierlab: it does the same in every run of this version. */
  readonly builtIn: boolean;
}

/**
 * The policy that `text` names, with parameters: `kleio-history`, `kleio-history:fill=0.5,budget=64 MiB`,
 * `./mine.ts:hotAccesses=8`, or a package.
 *
 * Throws `CLI_UNKNOWN_POLICY`, `CLI_BAD_OPTION` and `CLI_BAD_PLUGIN`.
 */
export async function choosePolicy(text: string, directory: string): Promise<ChosenPolicy> {
  const colon = text.indexOf(':');
  const name = colon === -1 ? text : text.slice(0, colon);
  const params: Record<string, string> = {};
  for (const setting of colon === -1 ? [] : text.slice(colon + 1).split(',')) {
    const [, key, value] = /^\s*([^=\s]+)\s*=(.*)$/.exec(setting) ?? [];
    if (key === undefined || value === undefined) {
      throw new CliError(
        'CLI_BAD_OPTION',
        `--policy ${text}: expected NAME:PARAMETER=VALUE,..., got ${JSON.stringify(setting)}`,
      );
    }
    params[key] = value.trim();
  }
  return {
    policy: await findPolicy(name, directory),
    params,
    builtIn: migrationPolicies.has(name),
  };
}

async function findPolicy(name: string, directory: string): Promise<MigrationPolicy> {
  const builtIn = migrationPolicies.get(name);
  if (builtIn !== undefined) return builtIn;
  if (isPluginName(name) || name.startsWith('tierlab-')) {
    return defineMigrationPolicy((await loadPlugin(name, directory)) as MigrationPolicy);
  }
  throw new CliError(
    'CLI_UNKNOWN_POLICY',
    `--policy ${name}: no such migration policy; there are ${[...migrationPolicies.keys()].join(', ')}, and your own as ./file.js or a package named tierlab-... or @scope/...`,
  );
}
