import { homedir } from 'node:os';
import { basename, join } from 'node:path';

import { parseQuantity } from '@tierlab/firmware/file';
import { showBytes } from '@tierlab/report';
import { record, recordingCommands, writeTlt } from '@tierlab/trace';

import type { CommandContext } from '../../context.ts';
import { CliError } from '../../errors.ts';
import { writeOutputStream } from '../../files/output-stream.ts';
import { shortCount, startProgress } from '../../terminal/progress.ts';
import { parseCount, parseLevel } from './option-values.ts';

/** Options of `tierlab trace record`, as the command line gives them. */
export interface RecordCommandOptions {
  readonly out?: string;
  readonly with: 'qemu' | 'lackey' | 'perf' | 'damon';
  readonly cache: readonly string[];
  readonly touchInterval?: string;
  readonly maxAccesses?: string;
  readonly maxSeconds?: string;
  readonly maxSize?: string;
}

/** Records a program, or prints how to record it elsewhere. Ctrl-C ends the program; what was recorded is kept. */
export async function recordTrace(
  words: readonly string[],
  options: RecordCommandOptions,
  context: CommandContext,
): Promise<void> {
  const [program = '', ...args] = words;
  const recorder = options.with;
  if (recorder === 'perf' || recorder === 'damon') {
    refuseLimits(options);
    context.stdout(`${recordingCommands(recorder, program, args).join('\n')}\n`);
    return;
  }
  const { cache, touchInterval, maxAccesses, maxSeconds, maxSize } = options;
  const out = options.out ?? `${basename(program)}.tlt`;
  const sizeLimit = maxSize === undefined ? Infinity : parseQuantity('size', maxSize);
  const progress = startProgress(context.stderr, `record ${program}`, 'accesses');
  const recording = await record({
    program,
    args,
    tool: recorder,
    cacheFolder: join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'tierlab'),
    ...(cache.length > 0 && { levels: cache.map(parseLevel) }),
    ...(touchInterval !== undefined && {
      touchInterval: parseCount('--touch-interval', touchInterval),
    }),
    ...(maxAccesses !== undefined && { accessLimit: parseCount('--max-accesses', maxAccesses) }),
    ...(maxSeconds !== undefined && { secondLimit: parseCount('--max-seconds', maxSeconds) }),
    signal: context.signal,
    onProgress: ({ dataAccesses, accesses }) =>
      progress.update(accesses, undefined, `of ${shortCount(dataAccesses)} data accesses`),
  });
  let sizeBytes = 0;
  async function* watched(): AsyncIterable<Uint8Array> {
    for await (const chunk of writeTlt(recording.trace, { about: recording.about })) {
      sizeBytes += chunk.length;
      if (sizeBytes > sizeLimit) recording.stop();
      yield chunk;
    }
  }
  try {
    await writeOutputStream(out, watched());
  } finally {
    recording.stop();
    progress.finish();
  }
  context.stderr.write(`wrote ${out}, ${showBytes(sizeBytes)}\n`);
}

function refuseLimits(options: RecordCommandOptions): void {
  const given = [
    options.cache.length > 0 && '--cache',
    options.out !== undefined && '--out',
    options.touchInterval !== undefined && '--touch-interval',
    options.maxAccesses !== undefined && '--max-accesses',
    options.maxSeconds !== undefined && '--max-seconds',
    options.maxSize !== undefined && '--max-size',
  ].find((name) => name !== false);
  if (given === undefined) return;
  throw new CliError(
    'CLI_OPTION_WITHOUT_EFFECT',
    `${given}: it has no effect with --with ${options.with}, which only prints commands; leave it out`,
  );
}
