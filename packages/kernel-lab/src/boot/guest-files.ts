import { execFile, execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import type { CpioFile } from '@tierlab/firmware';

import { KernelLabError } from '../errors.ts';
import { findStaticBusybox, findTool } from './host-tools.ts';
import type { KernelImage } from './kernel-image.ts';

const execute = promisify(execFile);

/** Where kernels and the compiled agent are kept between runs: `$XDG_CACHE_HOME/tierlab`. */
export function defaultCacheDirectory(environment: NodeJS.ProcessEnv = process.env): string {
  const cache = environment['XDG_CACHE_HOME'];
  return join(cache === undefined || cache === '' ? join(homedir(), '.cache') : cache, 'tierlab');
}

/** A file of the package's `guest` directory, which stands beside both `src` and `dist`. */
const guestPath = (name: string): string =>
  fileURLToPath(new URL(`../../guest/${name}`, import.meta.url));

const guestFile = (name: string): Uint8Array => readFileSync(guestPath(name));

/**
 * What every guest holds: busybox, the first process, and its task.
 * Throws `LAB_TOOL_MISSING`.
 */
export function guestFiles(task: 'record' | 'tiers'): readonly CpioFile[] {
  return [
    { path: 'bin/busybox', content: readFileSync(findStaticBusybox()), executable: true },
    { path: 'init', content: guestFile('init'), executable: true },
    { path: 'lab/task', content: guestFile(task) },
  ];
}

/** A file of text for the guest. */
export const guestText = (path: string, text: string): CpioFile => ({
  path,
  content: new TextEncoder().encode(`${text}\n`),
});

/** The agent, and the script that sets DAMON up, for a guest that records. */
export async function recordingFiles(cacheDirectory: string): Promise<readonly CpioFile[]> {
  const agent = await compiledProgram('agent', cacheDirectory);
  return [
    { path: 'bin/agent', content: readFileSync(agent), executable: true },
    { path: 'bin/damon', content: guestFile('damon'), executable: true },
  ];
}

/**
 * The drivers that make memory of dax devices. Throws `LAB_KERNEL_NOT_FOUND` for a kernel whose
 * modules are not known, and `LAB_TOOL_MISSING`.
 */
export function daxModules({ release, modules }: KernelImage): readonly CpioFile[] {
  const files =
    modules === undefined || !existsSync(modules)
      ? []
      : (readdirSync(modules, { recursive: true }) as string[]).map((file) => join(modules, file));
  return ['dax_hmem', 'device_dax', 'kmem'].map((name) => {
    const file = files.find((path) => /^(.*)\.ko(\.xz)?$/.exec(basename(path))?.[1] === name);
    if (file === undefined) {
      throw new KernelLabError(
        'LAB_KERNEL_NOT_FOUND',
        `kernel ${release}: expected its module ${name} below ${modules ?? 'no directory'}; name its modules' directory`,
      );
    }
    return { path: `lab/modules/${name}.ko`, content: moduleBytes(file) };
  });
}

/** A module as busybox loads it: not compressed. */
const moduleBytes = (file: string): Uint8Array =>
  file.endsWith('.xz')
    ? execFileSync(findTool('xz'), ['-dc', file], { maxBuffer: 1 << 28 })
    : readFileSync(file);

const compilerOptions = ['-std=gnu11', '-O2', '-static'];

/** Programs of the package's `guest` directory; `calibrate` is compiled together with the agent. */
type GuestProgram = 'agent' | 'calibrate';

/**
 * Path of a guest program, compiled on first use with the system's compiler and kept by what it was
 * made of. Throws `LAB_TOOL_MISSING`.
 */
export async function compiledProgram(
  program: GuestProgram,
  cacheDirectory: string,
): Promise<string> {
  const sources = program === 'agent' ? ['agent.c'] : ['calibrate.c', 'agent.c'];
  const compiler = findTool('gcc');
  const { stdout: version } = await execute(compiler, ['--version']);
  const texts = sources.map((source) => readFileSync(guestPath(source), 'utf8'));
  const key = createHash('sha256')
    .update([...texts, version, ...compilerOptions].join('\0'))
    .digest('hex')
    .slice(0, 16);
  const binary = join(cacheDirectory, 'agents', key);
  if (existsSync(binary)) return binary;
  mkdirSync(join(cacheDirectory, 'agents'), { recursive: true });
  const unfinished = `${binary}.${process.pid}`;
  const [source] = sources.map(guestPath);
  try {
    await execute(compiler, [...compilerOptions, '-o', unfinished, source, '-lm']);
    renameSync(unfinished, binary);
  } finally {
    rmSync(unfinished, { force: true });
  }
  return binary;
}
