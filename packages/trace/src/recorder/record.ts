import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, readFile, rename, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import type { AccessBlock, AccessTrace } from '../block.ts';
import { TraceError } from '../errors.ts';
import { filterTrace } from '../filter/cache-filter.ts';
import { type CacheLevel, levelsProblem } from '../filter/hierarchy.ts';
import { cutTrace } from '../filter/select.ts';
import { openTrace } from '../open.ts';
import { recordedTrace, type RecordingProgress } from './records.ts';

/** What to record, and how. This file is the recorder's edge: it runs compilers and programs. */
export interface RecordOptions {
  readonly program: string;
  readonly args: readonly string[];
  /** `qemu` unless told otherwise; `lackey` needs no compiler and is 50 times slower. */
  readonly tool?: 'qemu' | 'lackey';
  /** First and last level in front of memory: {@link RECORDER_LEVELS} unless told otherwise; none records every access. */
  readonly levels?: readonly CacheLevel[];
  /** Instructions of a touch interval, 10^7 unless told otherwise; 0 keeps no touches. */
  readonly touchInterval?: number;
  /** Open file descriptor that the program reads as its input; the terminal's unless told otherwise. */
  readonly input?: number;
  /** Folder in which the built plugin is kept. */
  readonly cacheFolder: string;
  /** Data accesses of the program, before the cache, after which it is ended. */
  readonly accessLimit?: number;
  /** Seconds after which it is ended. */
  readonly secondLimit?: number;
  /** Ends the program; what was recorded is kept. */
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: RecordingProgress) => void;
}

/** The caches of a small core: 32 KiB of 8 ways, then 2 MiB of 16. */
export const RECORDER_LEVELS: readonly CacheLevel[] = [
  { sizeBytes: 32 << 10, ways: 8 },
  { sizeBytes: 2 << 20, ways: 16 },
];
const TOUCH_INTERVAL = 1e7;

/** A running program, and the trace that comes out of it. */
export interface Recording {
  /** Its blocks can be read once; they end with the program, or when it is stopped. */
  readonly trace: AccessTrace;
  /** How it was recorded, for a file's header. */
  readonly about: Readonly<Record<string, unknown>>;
  /** Ends the program. */
  stop(): void;
}

/**
 * Starts `program` under the recorder. It shares the terminal; its trace is read from {@link Recording.trace}.
 * @throws TRACE_NO_RECORDER where QEMU, valgrind or a compiler is missing; TRACE_BAD_OPTION
 */
export async function record(options: RecordOptions): Promise<Recording> {
  const { program, args, tool = 'qemu', levels = RECORDER_LEVELS } = options;
  const touchInterval = options.touchInterval ?? TOUCH_INTERVAL;
  const problem = levels.length === 0 ? undefined : levelsProblem(levels);
  if (problem !== undefined) throw new TraceError('TRACE_BAD_OPTION', `record: ${problem}`);
  const start = tool === 'qemu' ? startQemu : startLackey;
  const started = await start(options, levels, touchInterval);
  const { child, version } = started;
  const trace = toldWhy(started);
  const stop = (): void => void child.kill('SIGKILL');
  const timer =
    options.secondLimit === undefined ? undefined : setTimeout(stop, options.secondLimit * 1000);
  options.signal?.addEventListener('abort', stop, { once: true });
  const forget = async (): Promise<void> => {
    await exited(child);
    clearTimeout(timer);
    options.signal?.removeEventListener('abort', stop);
  };
  void forget();
  return { trace, stop, about: { program, args, recorder: version, levels, touchInterval } };
}

/** The trace, which throws instead of having no access where its recorder has failed. */
function toldWhy({ child, trace, command }: Started): AccessTrace {
  async function* blocks(): AsyncGenerator<AccessBlock> {
    let isEmpty = true;
    for await (const block of trace.blocks()) {
      isEmpty = false;
      yield block;
    }
    const code = await exited(child);
    if (isEmpty && code !== null && code !== 0)
      throw missing(
        `${command} ended with code ${code} before the first access, for the reason that it gave above`,
      );
  }
  return { ...trace, blocks };
}

interface Started {
  readonly command: string;
  readonly child: ChildProcess;
  readonly trace: AccessTrace;
  readonly version: string;
}

async function startQemu(
  options: RecordOptions,
  levels: readonly CacheLevel[],
  touchInterval: number,
): Promise<Started> {
  const qemu = RECORDER_QEMU;
  if (qemu === undefined) throw missing(`no QEMU user mode for ${process.arch} is known`);
  const version = await firstLine(qemu, ['--version']);
  const major = Number(/version (\d+)/.exec(version)?.[1]);
  if (!(major >= 6)) throw missing(`expected QEMU 6 or later, got ${JSON.stringify(version)}`);
  if (!(await output(qemu, ['-h'])).includes('-plugin'))
    throw missing(`${version} was built without plugins, as Debian's of QEMU 10 was`);
  const plugin = await buildPlugin(options.cacheFolder, major >= 9 ? 2 : 1);
  const levelBytes = pluginLevels(levels);
  const settings = { ...levelBytes, interval: touchInterval, limit: options.accessLimit ?? 0 };
  const setting = Object.entries(settings).map(([name, value]) => `${name}=${value}`);
  const child = await launch(options.input, qemu, [
    '-plugin',
    [plugin, ...setting].join(','),
    await whole(options.program),
    ...options.args,
  ]);
  const trace = recordedTrace(() => records(child), {
    name: options.program,
    filtered: levels.length > 0,
    touchInterval,
    ...(options.onProgress && { onProgress: options.onProgress }),
  });
  return { child, trace, version, command: qemu };
}

const QEMU_OF: Readonly<Record<string, string>> = {
  x64: 'qemu-x86_64',
  arm64: 'qemu-aarch64',
  riscv64: 'qemu-riscv64',
  ppc64: 'qemu-ppc64le',
};

/** QEMU's user mode for programs of this machine; undefined where none is known. */
export const RECORDER_QEMU: string | undefined = QEMU_OF[process.arch];

/** The plugin has a first level of 8 ways and a last one of 16, or none. */
function pluginLevels(levels: readonly CacheLevel[]): { l1: number; llc: number } {
  if (levels.length === 0) return { l1: 0, llc: 0 };
  const last = levels.at(-1)!;
  const first = levels.length > 1 ? levels[0] : undefined;
  if (levels.length > 2 || last.ways !== 16 || (first !== undefined && first.ways !== 8))
    throw new TraceError(
      'TRACE_BAD_OPTION',
      'record: the recorder has a first level of 8 ways and a last level of 16; record without levels and filter afterwards for others',
    );
  return { l1: first?.sizeBytes ?? 0, llc: last.sizeBytes };
}

async function startLackey(
  options: RecordOptions,
  levels: readonly CacheLevel[],
  touchInterval: number,
): Promise<Started> {
  const version = await firstLine('valgrind', ['--version']);
  const child = await launch(options.input, 'valgrind', [
    '--tool=lackey',
    '--trace-mem=yes',
    '--child-silent-after-fork=yes',
    '--log-fd=3',
    options.program,
    ...options.args,
  ]);
  const source = { name: options.program, once: true, bytes: () => records(child) };
  const whole = await openTrace(source, { format: 'lackey', lenient: true }).catch(
    (error: unknown) => {
      if (error instanceof TraceError && error.code === 'TRACE_EMPTY')
        throw missing('valgrind ended before the first access, for the reason that it gave above');
      throw error;
    },
  );
  const { accessLimit } = options;
  const limited = accessLimit === undefined ? whole : cutTrace(whole, accessLimit);
  const counted = withProgress(limited, options.onProgress);
  const ended: AccessTrace = {
    ...counted,
    async *blocks() {
      try {
        yield* counted.blocks();
      } finally {
        child.kill('SIGKILL');
      }
    },
  };
  const trace = levels.length === 0 ? ended : filterTrace(ended, { levels, touchInterval });
  return { child, trace, version, command: 'valgrind' };
}

function withProgress(trace: AccessTrace, onProgress: RecordOptions['onProgress']): AccessTrace {
  return {
    ...trace,
    async *blocks() {
      let dataAccesses = 0;
      for await (const block of trace.blocks()) {
        dataAccesses += block.length;
        const instructions = block.time?.[block.length - 1] ?? 0;
        onProgress?.({ dataAccesses, accesses: dataAccesses, instructions });
        yield block;
      }
    },
  };
}

/** Starts a command at the terminal, with a pipe on descriptor 3. */
async function launch(
  input: number | undefined,
  command: string,
  args: readonly string[],
): Promise<ChildProcess> {
  // What the program prints goes to the terminal's error output: the trace may go to its output.
  const child = spawn(command, args, { stdio: [input ?? 'inherit', 2, 2, 'pipe'] });
  await new Promise<void>((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', (error) => reject(missing(`${command} does not start (${error.message})`)));
  });
  return child;
}

/** The exit code of a process when it has one, perhaps already; null where a signal ended it. */
function exited(child: ChildProcess): Promise<number | null> {
  const isOver = child.exitCode !== null || child.signalCode !== null;
  return isOver
    ? Promise.resolve(child.exitCode)
    : new Promise((resolve) => child.once('exit', resolve));
}

async function* records(child: ChildProcess): AsyncGenerator<Uint8Array> {
  // A program that is killed may reset the pipe: what came before counts.
  try {
    for await (const chunk of child.stdio[3] as Readable) yield chunk as Uint8Array;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ECONNRESET') throw error;
  }
}

/** The plugin for a version of the API, built once for each source text. */
async function buildPlugin(cacheFolder: string, apiVersion: number): Promise<string> {
  const source = fileURLToPath(new URL('../../recorder/recorder.c', import.meta.url));
  const hash = createHash('sha256')
    .update(await readFile(source))
    .digest('hex')
    .slice(0, 16);
  const plugin = join(cacheFolder, `recorder-${hash}-api${apiVersion}.so`);
  if (await exists(plugin)) return plugin;
  await mkdir(cacheFolder, { recursive: true });
  const compiler = process.env['CC'] ?? 'cc';
  const fresh = `${plugin}.${process.pid}`;
  try {
    await promisify(execFile)(compiler, [
      '-O3',
      '-fPIC',
      '-shared',
      '-pthread',
      '-fvisibility=hidden',
      `-DPLUGIN_VERSION=${apiVersion}`,
      '-o',
      fresh,
      source,
    ]);
  } catch (error) {
    throw missing(`the plugin does not build with ${compiler}: ${(error as Error).message}`);
  }
  await rename(fresh, plugin);
  return plugin;
}

/** The file that a shell would run: QEMU takes no look at PATH. */
async function whole(program: string): Promise<string> {
  if (program.includes('/')) return program;
  for (const folder of (process.env['PATH'] ?? '').split(':')) {
    const path = join(folder, program);
    if (await exists(path)) return path;
  }
  throw new TraceError('TRACE_BAD_OPTION', `record: no program ${JSON.stringify(program)} in PATH`);
}

const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    (entry) => entry.isFile(),
    () => false,
  );

async function firstLine(command: string, args: readonly string[]): Promise<string> {
  return (await output(command, args)).split('\n')[0];
}

async function output(command: string, args: readonly string[]): Promise<string> {
  try {
    const { stdout } = await promisify(execFile)(command, args);
    return stdout;
  } catch (error) {
    throw missing(`${command} does not run (${(error as Error).message.split('\n')[0]})`);
  }
}

const missing = (what: string): TraceError =>
  new TraceError(
    'TRACE_NO_RECORDER',
    `record: ${what}; install qemu-user and a C compiler, or use --with lackey (valgrind), or --with perf for commands to run elsewhere`,
  );
