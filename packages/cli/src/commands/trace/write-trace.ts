import {
  cutTrace,
  defaultLevels,
  filterTrace,
  generateTrace,
  mergeTraces,
  rebaseTrace,
  sampleTrace,
  summariseTrace,
  windowTrace,
  writeDelimited,
  writeLackey,
  writeTlt,
  type AccessBlock,
  type AccessTrace,
} from '@tierlab/trace';

import type { CommandContext } from '../../context.ts';
import { CliError } from '../../errors.ts';
import { writeOutputStream } from '../../files/output-stream.ts';
import { openTraceFile, type OpenedTrace } from '../../trace/open-trace-file.ts';
import { givenTraceOptions } from '../../trace/trace-options.ts';
import { watchedTrace } from '../../trace/watched-trace.ts';
import { parseCount, parseLevel, parseWindow, type TraceCommandOptions } from './option-values.ts';

/** Options of `tierlab trace merge`, as the command line gives them. */
export interface TraceMergeOptions extends TraceCommandOptions {
  readonly out: string;
  readonly start?: string;
}

/** Writes a trace in another format. Ctrl-C ends it after the block at hand, with a file that can be read. */
export async function convertTrace(
  path: string,
  out: string,
  options: TraceCommandOptions,
  context: CommandContext,
): Promise<void> {
  const opened = await openTraceFile(path, givenTraceOptions(options), context.signal);
  await writeTrace(watchedTrace(opened, path, context, 'convert'), out, options, context);
}

/** Writes a part of a trace, a sample, or what a cache lets through, in this order. */
export async function filterTraceFile(
  path: string,
  out: string,
  options: TraceCommandOptions,
  context: CommandContext,
): Promise<void> {
  const opened = await openTraceFile(path, givenTraceOptions(options), context.signal);
  if (options.sample === undefined && options.seed !== undefined) {
    throw new CliError(
      'CLI_OPTION_WITHOUT_EFFECT',
      '--seed: it has no effect without --sample; leave it out',
    );
  }
  let trace = watchedTrace(opened, path, context, 'filter');
  const { window, cut, sample, hugePages, touchInterval } = options;
  if (window !== undefined) trace = windowTrace(trace, parseWindow(window));
  if (cut !== undefined) trace = cutTrace(trace, parseCount('--cut', cut, 1));
  const selects = [window, cut, sample, hugePages].some((option) => option !== undefined);
  if (options.cache.length > 0 || touchInterval !== undefined || !selects) {
    const levels =
      options.cache.length > 0
        ? options.cache.map(parseLevel)
        : defaultLevels((await summariseTrace(opened.trace)).footprintBytes);
    trace = filterTrace(trace, {
      levels,
      touchInterval:
        touchInterval === undefined ? 0 : parseCount('--touch-interval', touchInterval),
    });
  }
  if (sample !== undefined) {
    trace = sampleTrace(
      trace,
      parseCount('--sample', sample, 1),
      parseCount('--seed', options.seed ?? '1'),
    );
  }
  if (hugePages) trace = rebaseTrace(trace);
  await writeTrace(notEmpty(trace, path, context), out, options, context);
}

/** The trace, which throws where nothing of it is left, but for an interruption. */
function notEmpty(trace: AccessTrace, path: string, { signal }: CommandContext): AccessTrace {
  async function* blocks(): AsyncIterable<AccessBlock> {
    let accesses = 0;
    for await (const block of trace.blocks()) {
      accesses += block.length;
      yield block;
    }
    if (accesses === 0 && !signal.aborted) {
      throw new CliError(
        'CLI_BAD_OPTION',
        `${path}: no access is left of it; --window and --cut count its accesses, \`tierlab trace info\` says how many it has`,
      );
    }
  }
  return { ...trace, blocks };
}

/** Writes the traces of several processes as one. */
export async function mergeTraceFiles(
  paths: readonly string[],
  options: TraceMergeOptions,
  context: CommandContext,
): Promise<void> {
  const starts = options.start?.split(',').map((text) => parseCount('--start', text));
  if (starts !== undefined && starts.length !== paths.length) {
    throw new CliError(
      'CLI_BAD_OPTION',
      `--start ${options.start}: expected ${paths.length} times, one for each trace`,
    );
  }
  const processes: OpenedTrace[] = [];
  for (const path of paths) processes.push(await openTraceFile(path, givenTraceOptions(options)));
  const merged = {
    trace: mergeTraces(processes.map(({ trace }, i) => ({ trace, startTime: starts?.[i] ?? 0 }))),
    shareRead: () => {
      const shares = processes.map(({ shareRead }) => shareRead() ?? NaN);
      const mean = shares.reduce((sum, share) => sum + share, 0) / shares.length;
      return Number.isNaN(mean) ? undefined : mean;
    },
    sha256: () => Promise.resolve(undefined),
  };
  const trace = watchedTrace(merged, `${paths.length} traces`, context, 'merge');
  await writeTrace(trace, options.out, options, context);
}

/** Writes a generated trace. */
export async function generateTraceFile(
  spec: string,
  out: string,
  options: TraceCommandOptions,
  context: CommandContext,
): Promise<void> {
  const opened = {
    trace: generateTrace(spec),
    shareRead: () => undefined,
    sha256: () => Promise.resolve(undefined),
  };
  await writeTrace(watchedTrace(opened, spec, context, 'generate'), out, options, context);
}

async function writeTrace(
  trace: AccessTrace,
  out: string,
  options: TraceCommandOptions,
  context: CommandContext,
): Promise<void> {
  const { to = 'tlt', codec } = options;
  if (to !== 'tlt' && codec !== undefined) {
    throw new CliError(
      'CLI_OPTION_WITHOUT_EFFECT',
      `--codec ${codec}: it has no effect with --to ${to}; leave one of them out`,
    );
  }
  await writeOutputStream(out, bytesOf(trace, to, codec, context));
}

function bytesOf(
  trace: AccessTrace,
  to: 'tlt' | 'lackey' | 'text',
  codec: 'archive' | 'replay' | undefined,
  context: CommandContext,
): AsyncIterable<Uint8Array> {
  if (to === 'lackey') return writeLackey(trace);
  if (to === 'text') return writeDelimited(trace);
  return writeTlt(trace, { ...(codec && { codec }), signal: context.signal });
}
