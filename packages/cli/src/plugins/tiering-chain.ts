import type { TieringPolicy } from '@tierlab/core';
import { defineTieringPolicy } from '@tierlab/policy/tiering';
import { defaultDram } from '@tierlab/policy-default-dram';
import { cxlRegion, hmat } from '@tierlab/policy-hmat';

import { CliError } from '../errors.ts';
import { isPluginName, loadPlugin } from './load-plugin.ts';

/** The tiering policies that Linux has, in the order in which they register. */
export const linuxTieringPolicies: readonly TieringPolicy[] = [hmat, cxlRegion, defaultDram];

/**
 * The chain of tiering policies that `names` choose: built-in names, files and packages, in the order
 * given; Linux's own where none is given. `default-dram` always answers last.
 *
 * Throws `CLI_UNKNOWN_POLICY` and `CLI_BAD_PLUGIN`.
 */
export async function tieringChain(
  names: readonly string[],
  directory: string,
): Promise<readonly TieringPolicy[]> {
  if (names.length === 0) return linuxTieringPolicies;
  const chain: TieringPolicy[] = [];
  for (const name of names) chain.push(await tieringPolicy(name, directory));
  return chain.includes(defaultDram) ? chain : [...chain, defaultDram];
}

async function tieringPolicy(name: string, directory: string): Promise<TieringPolicy> {
  const builtIn = linuxTieringPolicies.find((policy) => policy.name === name);
  if (builtIn !== undefined) return builtIn;
  if (isPluginName(name) || /^tierlab-|\//.test(name)) {
    return defineTieringPolicy((await loadPlugin(name, directory)) as TieringPolicy);
  }
  const known = linuxTieringPolicies.map((policy) => policy.name).join(', ');
  throw new CliError(
    'CLI_UNKNOWN_POLICY',
    `--tiering ${name}: no such tiering policy; there are ${known}, and your own as ./file.js or a package named tierlab-... or @scope/...`,
  );
}
