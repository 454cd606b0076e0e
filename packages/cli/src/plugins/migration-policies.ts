import { migrationPolicies } from '@tierlab/migration-policies';
import { defineMigrationPolicy, type MigrationPolicy } from '@tierlab/policy';

import { CliError } from '../errors.ts';
import { isPluginName, loadPlugin } from './load-plugin.ts';
import { tellingFailures } from './policy-failure.ts';

/** A policy that somebody asks for, with values to try of its parameters. */
export interface PolicyChoice {
  /** Name, `./file` or package. */
  readonly name: string;
  readonly params: Readonly<Record<string, readonly string[]>>;
}

/** A policy with the values given for its parameters. */
export interface ChosenPolicy {
  readonly policy: MigrationPolicy;
  readonly params: PolicyChoice['params'];
  /** Of this tierlab: it does the same in every run of this version. */
  readonly builtIn: boolean;
}

/**
 * What `text` asks for: `kleio-history`, `kleio-history:fill=0.5,budget=64 MiB`, `./mine.ts:hotAccesses=8`, or a package;
 * `|` separates the values of a list, as in `kleio-history:fill=0.5|0.75|1`.
 *
 * Throws `CLI_BAD_OPTION`.
 */
export function parsePolicyChoice(text: string): PolicyChoice {
  const colon = text.indexOf(':');
  const params: Record<string, readonly string[]> = {};
  for (const setting of colon === -1 ? [] : text.slice(colon + 1).split(',')) {
    const [, key, values] = /^\s*([^=\s]+)\s*=(.*)$/.exec(setting) ?? [];
    if (key === undefined || values === undefined) {
      throw new CliError(
        'CLI_BAD_OPTION',
        `--policy ${text}: expected NAME:PARAMETER=VALUE,..., got ${JSON.stringify(setting)}; a value that has commas goes into an experiment file`,
      );
    }
    params[key] = values.split('|').map((value) => value.trim());
  }
  return { name: colon === -1 ? text : text.slice(0, colon), params };
}

/** Every policy and ruler of this tierlab. */
export const ALL_POLICIES = 'all';

/** What each of `given` asks for, in their order: {@link ALL_POLICIES} for all. Throws `CLI_BAD_OPTION`. */
export function policyChoices(given: readonly (string | PolicyChoice)[]): readonly PolicyChoice[] {
  return given.flatMap((each) => {
    const choice = typeof each === 'string' ? parsePolicyChoice(each) : each;
    if (choice.name !== ALL_POLICIES) return [choice];
    if (Object.keys(choice.params).length > 0) {
      throw new CliError(
        'CLI_BAD_OPTION',
        `--policy ${ALL_POLICIES}: it has no parameters; give those of a policy with its name`,
      );
    }
    return [...migrationPolicies.keys()].map((name) => ({ name, params: {} }));
  });
}

/** The policy of a choice. Throws `CLI_UNKNOWN_POLICY` and `CLI_BAD_PLUGIN`. */
export async function choosePolicy(
  { name, params }: PolicyChoice,
  directory: string,
): Promise<ChosenPolicy> {
  const policy = await findPolicy(name, directory);
  return { policy, params, builtIn: migrationPolicies.has(name) };
}

async function findPolicy(name: string, directory: string): Promise<MigrationPolicy> {
  const builtIn = migrationPolicies.get(name);
  if (builtIn !== undefined) return builtIn;
  if (isPluginName(name) || name.startsWith('tierlab-')) {
    const loaded = (await loadPlugin(name, directory)) as MigrationPolicy;
    return tellingFailures(defineMigrationPolicy(loaded));
  }
  const { nearestName } = await import('@tierlab/firmware/file');
  const meant = nearestName(name, migrationPolicies.keys());
  throw new CliError(
    'CLI_UNKNOWN_POLICY',
    `--policy ${name}: no such migration policy;${meant === undefined ? '' : ` did you mean ${meant}?`} There are ${[...migrationPolicies.keys()].join(', ')}, and your own as ./file.js or a package named tierlab-... or @scope/...`,
  );
}
