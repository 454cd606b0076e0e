import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

import { CliError } from '../errors.ts';

/** Whether a name on the command line is a plug-in, a file or a package, rather than a built-in policy. */
export function isPluginName(name: string): boolean {
  return /^(?:\.{0,2}\/|@)|\.[cm]?[jt]s$/.test(name);
}

/**
 * The named export `policy` of a plug-in: a file (`./mine.js`, `./mine.ts`) or a package that is
 * installed where the command runs.
 *
 * Throws `CLI_BAD_PLUGIN`, whatever the module itself throws while it loads included.
 */
export async function loadPlugin(name: string, directory: string): Promise<unknown> {
  const file = /^\.{0,2}\/|\.[cm]?[jt]s$/.test(name)
    ? resolve(directory, name)
    : packageEntry(name, directory);
  if (!existsSync(file)) {
    throw new CliError('CLI_BAD_PLUGIN', `${name}: no such file; it is looked for at ${file}`);
  }
  let exported: Readonly<Record<string, unknown>>;
  try {
    exported = await importFile(file);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new CliError('CLI_BAD_PLUGIN', `${name}: it does not load: ${reason}`, { cause });
  }
  if (exported['policy'] === undefined) {
    const names = Object.keys(exported).join(', ') || 'nothing';
    throw new CliError(
      'CLI_BAD_PLUGIN',
      `${name}: expected a named export "policy", got ${names}; write: export const policy = ...`,
    );
  }
  return exported['policy'];
}

/**
 * A module by its file. TypeScript goes through jiti, which every supported Node runs; so does what
 * imports the contract where it is not installed, and gets tierlab's own.
 */
async function importFile(file: string): Promise<Readonly<Record<string, unknown>>> {
  if (!/\.[cm]?ts$/.test(file)) {
    try {
      return (await import(pathToFileURL(file).href)) as Readonly<Record<string, unknown>>;
    } catch (error) {
      if (!lacksContract(error)) throw error;
    }
  }
  const { createJiti } = await import('jiti');
  const contract = createRequire(import.meta.url).resolve(CONTRACT);
  // In the repository before its first build it is not there yet.
  const alias = existsSync(contract) ? { [CONTRACT]: contract } : {};
  return createJiti(import.meta.url, { alias }).import(file);
}

const CONTRACT = '@tierlab/policy';

function lacksContract(error: unknown): boolean {
  return (
    error instanceof Error &&
    'code' in error &&
    error.code === 'ERR_MODULE_NOT_FOUND' &&
    error.message.includes(`'${CONTRACT}'`)
  );
}

/**
 * The module that a package's manifest names, for a package with any kind of `exports`: Node's own
 * resolver for CommonJS refuses one that only has the condition `import`.
 */
function packageEntry(name: string, directory: string): string {
  let at = resolve(directory);
  for (;;) {
    const folder = join(at, 'node_modules', name);
    const manifest = join(folder, 'package.json');
    if (existsSync(manifest)) {
      const { exports, main } = JSON.parse(readFileSync(manifest, 'utf8')) as {
        readonly exports?: unknown;
        readonly main?: string;
      };
      return join(folder, exportTarget(exports) ?? main ?? 'index.js');
    }
    if (dirname(at) === at) {
      throw new CliError(
        'CLI_BAD_PLUGIN',
        `${name}: no such policy and no such package here; install it (npm install ${name}), or give a file as ./${name}.js`,
      );
    }
    at = dirname(at);
  }
}

/** Source: Node.js documentation, Packages, "Conditional exports". */
function exportTarget(exports: unknown): string | undefined {
  if (typeof exports === 'string') return exports;
  if (typeof exports !== 'object' || exports === null) return undefined;
  const conditions = exports as Readonly<Record<string, unknown>>;
  const key = ['.', 'node', 'import', 'default'].find((name) => name in conditions);
  return key === undefined ? undefined : exportTarget(conditions[key]);
}
