import { existsSync } from 'node:fs';
import { join } from 'node:path';

import { migrationPolicies } from '@tierlab/migration-policies';

import type { CommandContext } from '../../context.ts';
import { CliError } from '../../errors.ts';
import { writeOutputFiles } from '../../files/output-files.ts';
import { policyPage, policySource, policyTest, type Language } from './scaffold.ts';

/** Options of `tierlab policy new`, as the command line gives them. */
export interface NewPolicyOptions {
  readonly js?: boolean;
  readonly directory: string;
}

/**
 * Writes a policy that runs at once, its test and its page.
 *
 * Throws `CLI_BAD_OPTION` for a name that no policy may have, `CLI_OUTPUT_UNWRITABLE`, also where one
 * of the files is there already: nothing is overwritten.
 */
export async function newPolicy(
  name: string,
  { js = false, directory }: NewPolicyOptions,
  context: CommandContext,
): Promise<void> {
  if (!/^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/.test(name)) {
    throw new CliError(
      'CLI_BAD_OPTION',
      `${name}: expected lower-case words joined by hyphens, as hot-first`,
    );
  }
  if (migrationPolicies.has(name)) {
    throw new CliError(
      'CLI_BAD_OPTION',
      `${name}: a policy that comes with tierlab has this name; choose another one`,
    );
  }
  const language: Language = js ? 'mjs' : 'ts';
  const files = {
    [`${name}.${language}`]: policySource(name, language),
    [`${name}.test.${language}`]: policyTest(name, language),
    [`${name}.md`]: policyPage(name, language),
  };
  const names = Object.keys(files);
  const there = names.filter((file) => existsSync(join(directory, file)));
  if (there.length > 0) {
    throw new CliError(
      'CLI_OUTPUT_UNWRITABLE',
      `${directory}: ${there.join(', ')} there already, and nothing is overwritten; choose another name or folder`,
    );
  }
  await writeOutputFiles(directory, files);
  const file = join(directory, `${name}.${language}`);
  context.stderr.write(
    [
      `wrote ${names.join(', ')} to ${directory}`,
      `run it:  tierlab run --machine MACHINE --trace TRACE --policy ./${file}`,
      `test it: npm install --save-dev tierlab @tierlab/testkit vitest && npx vitest run ${name}`,
      '',
    ].join('\n'),
  );
}
