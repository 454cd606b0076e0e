import { accessSync, constants } from 'node:fs';
import { basename, dirname } from 'node:path';
import { gzipSync } from 'node:zlib';

import { parseKernelVersion } from '@tierlab/core';
import {
  defaultCacheDirectory,
  machineOfRecord,
  parseAccessProgram,
  programLength,
  readPartialRecord,
  recordScenario,
  scaledMachine,
  upstreamVersion,
  type AccessPlay,
  type GuestMachine,
  type KernelImage,
  type KernelRecord,
  type Scenario,
} from '@tierlab/kernel-lab';

import type { CommandContext } from '../../context.ts';
import { CliError } from '../../errors.ts';
import { writeOutputFile } from '../../files/output-files.ts';
import { fileError, readInputFile } from '../../files/read-file.ts';
import { openMachine } from '../../machine/read-machine.ts';
import { startProgress } from '../../terminal/progress.ts';
import { givenTraceOptions } from '../../trace/trace-options.ts';
import { chosenKernels, type KernelOptions } from './kernels.ts';
import { playTraceFile } from './played-trace.ts';

/** Options of `tierlab lab record`, as the command line gives them; those of a trace's format stand beside them. */
export interface LabRecordOptions extends KernelOptions, Readonly<Record<string, unknown>> {
  readonly scenario?: string;
  readonly machine?: string;
  readonly nodeMemory?: string;
  readonly setup?: string;
  readonly stream?: string;
  readonly trace?: string;
  readonly accessesPerMs?: string;
  readonly name?: string;
  readonly startDelay?: string;
  readonly out: string;
}

/** Records one scenario on one kernel and writes the record, whole or not at all. */
export async function recordRun(options: LabRecordOptions, context: CommandContext): Promise<void> {
  checkOptions(options);
  checkPlace(options.out);
  const given =
    options.scenario === undefined
      ? {}
      : readPartialRecord(await readInputFile(options.scenario), options.scenario);
  const stream = await chosenStream(options, given);
  const [kernel] = await chosenKernels(options, context);
  if (kernel === undefined) return;
  const scenario: Scenario = {
    name: options.name ?? basename(options.out).replace(/\.json(\.gz)?$/, ''),
    machine: await chosenMachine(options, given, kernel),
    setup: options.setup ?? given.setup ?? '',
    stream,
    ...(options.startDelay !== undefined && { startDelaySeconds: Number(options.startDelay) }),
  };
  const totalMs = typeof stream === 'string' ? streamMs(stream) : stream.milliseconds;
  const progress = startProgress(context.stderr, `record ${scenario.name}`, 'ms');
  let record: KernelRecord;
  try {
    record = await recordScenario(scenario, {
      kernel,
      cacheDirectory: defaultCacheDirectory(),
      signal: context.signal,
      onProgress: (ms) => progress.update(ms, totalMs),
    });
  } finally {
    progress.finish();
  }
  const text = `${JSON.stringify(record)}\n`;
  await writeOutputFile(options.out, options.out.endsWith('.gz') ? gzipSync(text) : text);
  context.stderr.write(`wrote ${record.intervals.length} intervals to ${options.out}\n`);
}

function checkOptions(options: LabRecordOptions): void {
  const { kernel, kernelImage, stream, trace, accessesPerMs, startDelay } = options;
  if (kernel.length + kernelImage.length > 1) {
    throw new CliError('CLI_BAD_OPTION', '--kernel: a record is of one kernel; give one');
  }
  if (stream !== undefined && trace !== undefined) {
    throw new CliError('CLI_BAD_OPTION', `--trace ${trace}: --stream is given too; give one`);
  }
  if (options.nodeMemory !== undefined && options.machine === undefined) {
    throw new CliError(
      'CLI_OPTION_WITHOUT_EFFECT',
      `--node-memory ${options.nodeMemory}: it says how small a --machine is made, and none is given`,
    );
  }
  if (options.nodeMemory !== undefined) parseMib(options.nodeMemory);
  if (accessesPerMs !== undefined && trace === undefined) {
    throw new CliError(
      'CLI_OPTION_WITHOUT_EFFECT',
      `--accesses-per-ms ${accessesPerMs}: it is the pace of a --trace; a stream has its own, its second word`,
    );
  }
  const ofTraces = givenTraceOptions(options);
  const [traceOption] = [...(ofTraces.format ? ['format'] : []), ...Object.keys(ofTraces.values)];
  if (traceOption !== undefined && trace === undefined) {
    throw new CliError(
      'CLI_OPTION_WITHOUT_EFFECT',
      `--${traceOption}: it says how a --trace is read, and none is given`,
    );
  }
  if (startDelay !== undefined && !/^\d+(\.\d+)?$/.test(startDelay)) {
    throw new CliError('CLI_BAD_OPTION', `--start-delay ${startDelay}: expected seconds, as 0.37`);
  }
}

/** A recording takes minutes: whether it can be written is asked before it is made. */
function checkPlace(out: string): void {
  const directory = dirname(out);
  try {
    accessSync(directory, constants.W_OK);
  } catch (error) {
    throw fileError(directory, error);
  }
}

async function chosenStream(
  options: LabRecordOptions,
  given: Partial<KernelRecord>,
): Promise<string | AccessPlay> {
  if (options.trace !== undefined) {
    return playTraceFile(options.trace, options);
  }
  const stream = options.stream ?? given.agent;
  if (stream === undefined) {
    throw new CliError('CLI_USAGE', 'expected what to run: --stream, --trace or --scenario');
  }
  streamMs(stream); // what is no stream is said before anything is fetched or booted
  return stream;
}

const streamMs = (stream: string): number => programLength(parseAccessProgram(stream)).milliseconds;

async function chosenMachine(
  { machine, nodeMemory }: LabRecordOptions,
  given: Partial<KernelRecord>,
  kernel: KernelImage,
): Promise<GuestMachine> {
  if (machine === undefined) {
    if (given.qemu === undefined) {
      throw new CliError('CLI_USAGE', 'expected a machine: --machine or --scenario');
    }
    return machineOfRecord({ ...given, qemu: given.qemu });
  }
  const { read } = await openMachine(machine);
  const { guest, bootOptions } = scaledMachine(
    read(parseKernelVersion(upstreamVersion(kernel))),
    nodeMemory === undefined ? {} : { rangeMib: parseMib(nodeMemory) },
  );
  if (bootOptions.length > 0) {
    throw new CliError(
      'CLI_BAD_OPTION',
      `--machine ${machine}: a record is made with memory that is RAM at boot, and this machine needs ${bootOptions.join(' ')}; describe its nodes as RAM`,
    );
  }
  return guest;
}

function parseMib(text: string): number {
  const [, size, unit] = /^(\d+) ?([MG])iB$/.exec(text) ?? [];
  if (size !== undefined) return Number(size) * (unit === 'G' ? 1024 : 1);
  throw new CliError('CLI_BAD_OPTION', `--node-memory ${text}: expected MiB or GiB, as 512MiB`);
}
