import { setImmediate } from 'node:timers/promises';

import {
  agreement,
  barOf,
  judge,
  KernelLabError,
  onSharedIntervals,
  parseSetup,
  readRecord,
  replayedRecord,
  startReplay,
  type AccessPlay,
  type KernelRecord,
  type LabReplay,
  type RecordInterval,
} from '@tierlab/kernel-lab';

import { exitCodes, type CommandContext } from '../../context.ts';
import { CliError } from '../../errors.ts';
import { readInputFile } from '../../files/read-file.ts';
import { startProgress } from '../../terminal/progress.ts';
import { givenTraceOptions } from '../../trace/trace-options.ts';
import { version } from '../../version.ts';
import { comparisonMarkdown, comparisonText, type ReplayComparison } from './comparison-text.ts';
import { playTraceFile, type PlayOptions } from './played-trace.ts';

/** Options of `tierlab lab replay`, as the command line gives them. */
export interface LabReplayOptions extends PlayOptions {
  readonly against?: readonly string[];
  readonly json?: boolean;
  readonly markdown?: boolean;
}

/** Version of the form of a line of `--json`. */
const REPLAY_SCHEMA_VERSION = 1;

/** A golden whose replay is ready, with the kernel's other runs of its scenario. */
interface ReadyReplay {
  readonly golden: KernelRecord;
  readonly others: readonly KernelRecord[];
  readonly replay: LabReplay;
}

/** Replays each golden in turn. All are read and checked before the first one runs. */
export async function replayRecords(
  goldens: readonly string[],
  options: LabReplayOptions,
  context: CommandContext,
): Promise<void> {
  if (options.json && options.markdown) {
    throw new CliError('CLI_BAD_OPTION', '--markdown: it has no effect with --json; give one');
  }
  const ready = await readReplays(goldens, options.against ?? [], await chosenPlay(options));
  for (const [i, each] of ready.entries()) {
    const ours = await runReplay(each, context);
    const comparison = compareReplay(ours, each);
    if ((comparison.verdict?.misses.length ?? 0) > 0) context.exitCode = exitCodes.thresholdCrossed;
    if (options.json) context.stdout(replayJson(ours, comparison));
    else {
      const show = options.markdown ? comparisonMarkdown : comparisonText;
      context.stdout(`${i === 0 ? '' : '\n'}${show(comparison)}`);
    }
  }
}

/** The trace that records of a played trace are replayed with. */
async function chosenPlay(options: LabReplayOptions): Promise<AccessPlay | undefined> {
  const { trace, accessesPerMs } = options;
  const ofTraces = givenTraceOptions(options);
  const given = [
    ...(accessesPerMs === undefined ? [] : ['accesses-per-ms']),
    ...(ofTraces.format ? ['format'] : []),
    ...Object.keys(ofTraces.values),
  ];
  if (trace === undefined) {
    if (given.length === 0) return undefined;
    throw new CliError(
      'CLI_OPTION_WITHOUT_EFFECT',
      `--${given[0]}: it says how a --trace is played, and none is given`,
    );
  }
  return playTraceFile(trace, options);
}

async function readReplays(
  goldens: readonly string[],
  against: readonly string[],
  play: AccessPlay | undefined,
): Promise<readonly ReadyReplay[]> {
  const records = await Promise.all(goldens.map(readRecordFile));
  const generated = records.find(({ agent }) => agent !== 'play');
  if (play !== undefined && generated !== undefined) {
    throw new CliError(
      'CLI_OPTION_WITHOUT_EFFECT',
      `--trace: ${generated.name} is not of a played trace: its stream is ${generated.agent}`,
    );
  }
  const ready = records.map((golden, i) => ({
    golden,
    others: [] as KernelRecord[],
    replay: ofRecord(goldens[i] ?? golden.name, () =>
      startReplay({ ...golden, intervals: [] }, { ...stepOf(golden), ...(play && { play }) }),
    ),
  }));
  for (const path of against) {
    const run = await readRecordFile(path);
    const scenarios = ready.filter(({ golden }) => isSameScenario(golden, run));
    if (scenarios.length === 0) {
      throw new CliError(
        'CLI_BAD_OPTION',
        `--against ${path}: expected another run of one of the goldens, with its qemu, setup (but for a pause) and agent; got ${run.agent}`,
      );
    }
    for (const { others } of scenarios) others.push(run);
  }
  return ready;
}

/** What `work` returns; what it finds wrong with the record is told with the record's `path`, one of several. */
function ofRecord<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof KernelLabError)) throw error;
    throw new KernelLabError(error.code, `${path}: ${error.message}`, { cause: error });
  }
}

const readRecordFile = async (path: string): Promise<KernelRecord> =>
  readRecord(await readInputFile(path), path);

/** Intervals are taken as often as the recorder took them. */
const stepOf = ({ intervals }: KernelRecord): { readonly stepMs?: number } => {
  const stepMs = intervals[0]?.ms;
  return stepMs === undefined ? {} : { stepMs };
};

const isSameScenario = (a: KernelRecord, b: KernelRecord): boolean =>
  scenarioKey(a) === scenarioKey(b);

/** The same text for records of one scenario: its runs differ in how long they wait before the first touch. */
const scenarioKey = ({ qemu, tables, agent, played, setup }: KernelRecord): string =>
  JSON.stringify([qemu, tables, agent, played, { ...parseSetup(setup), sleepSeconds: 0 }]);

/** Runs a replay, with its progress shown; Ctrl-C ends it at the next interval. */
async function runReplay(
  { golden, replay }: ReadyReplay,
  context: CommandContext,
): Promise<KernelRecord> {
  const progress = startProgress(context.stderr, `replay ${golden.name}`, 'ms');
  const intervals: RecordInterval[] = [];
  try {
    for (const interval of replay.intervals()) {
      intervals.push(interval);
      progress.update(interval.ms, replay.milliseconds);
      await setImmediate(); // lets the process hear of Ctrl-C
      context.signal.throwIfAborted();
    }
  } finally {
    progress.finish();
  }
  return { ...replayedRecord(golden, intervals, replay), madeWith: { tierlab: version } };
}

function compareReplay(ours: KernelRecord, { golden, others }: ReadyReplay): ReplayComparison {
  const [mine, ...kernels] = onSharedIntervals([ours, golden, ...others]);
  if (mine === undefined || mine.intervals.length === 0) return { ours, kernels: [] };
  const [first] = kernels;
  const withGolden = first && agreement(mine, first);
  if (others.length === 0) return { ours: mine, kernels, ...(withGolden && { withGolden }) };
  const bar = barOf(kernels);
  return {
    ours: mine,
    kernels,
    ...(withGolden && { withGolden }),
    bar,
    verdict: judge(mine, kernels, bar),
  };
}

const replayJson = (ours: KernelRecord, { withGolden, bar, verdict }: ReplayComparison): string =>
  `${JSON.stringify({
    schemaVersion: REPLAY_SCHEMA_VERSION,
    ...ours,
    ...(withGolden && { agreement: withGolden }),
    ...(bar && { bar }),
    ...(verdict && { verdict }),
  })}\n`;
