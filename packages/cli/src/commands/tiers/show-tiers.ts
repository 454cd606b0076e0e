import {
  buildTiers,
  DEFAULT_KERNEL,
  InputError,
  kernelName,
  parseHotplugSteps,
  parseKernelVersion,
  type HotplugStep,
  type KernelVersion,
  type TierHistory,
  type TieringPolicy,
} from '@tierlab/core';

import { exitCodes, type CommandContext } from '../../context.ts';
import { CliError } from '../../errors.ts';
import { noteText } from '../../machine/machine-text.ts';
import { openMachine, type OpenedMachine } from '../../machine/read-machine.ts';
import { tieringChain } from '../../plugins/tiering-chain.ts';
import { kernelDifferencesJson, kernelDifferencesText } from './kernel-differences.ts';
import { tiersJson, TIERS_SCHEMA_VERSION } from './tiers-json.ts';
import { reasonsText, tiersText } from './tiers-text.ts';
import type { GivenMachineOptions } from '../../machine/machine-options.ts';

/** Options of `tierlab tiers`, as the command line gives them. */
export interface TiersOptions extends GivenMachineOptions {
  readonly json?: boolean;
  readonly explain?: boolean;
  readonly diffKernels?: string;
}

/** What holds for every machine of one call. */
interface Question {
  readonly options: TiersOptions;
  readonly kernels: readonly KernelVersion[];
  readonly chain: readonly TieringPolicy[];
  readonly steps: readonly HotplugStep[];
}

/**
 * Answers for each machine in turn. A machine that cannot be read gets an error in its place, the
 * others their answers, and the exit code is 2.
 */
export async function showTiers(
  machines: readonly string[],
  options: TiersOptions,
  context: CommandContext,
): Promise<void> {
  const question = await readQuestion(options);
  for (const [i, path] of machines.entries()) {
    if (context.signal.aborted) return;
    try {
      const answer = await answerFor(path, question);
      context.stdout(options.json || i === 0 ? answer : `\n${answer}`);
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      context.exitCode = exitCodes.badInput;
      const { code, message } = error;
      if (options.json) {
        const line = {
          schemaVersion: TIERS_SCHEMA_VERSION,
          machine: path,
          error: { code, message },
        };
        context.stdout(jsonLine(line));
      } else context.stderr.write(`tierlab: ${code}: ${message}\n`);
    }
  }
}

async function readQuestion(options: TiersOptions): Promise<Question> {
  const { diffKernels, kernel, explain, hotplug } = options;
  if (diffKernels !== undefined) {
    const other = [
      kernel !== undefined && '--kernel',
      explain && '--explain',
      hotplug !== undefined && '--hotplug',
    ].find((name) => name !== false && name !== undefined);
    if (other !== undefined) {
      throw new CliError(
        'CLI_OPTION_WITHOUT_EFFECT',
        `${other}: it has no effect with --diff-kernels, which compares what several kernels build at boot; leave one of them out`,
      );
    }
  }
  const kernels = diffKernels?.split(',').map(parseKernelVersion) ?? [
    kernel === undefined ? DEFAULT_KERNEL : parseKernelVersion(kernel),
  ];
  if (diffKernels !== undefined && kernels.length < 2) {
    throw new CliError(
      'CLI_BAD_OPTION',
      `--diff-kernels ${diffKernels}: expected two kernels or more, as in --diff-kernels 6.8,6.12`,
    );
  }
  return {
    options,
    kernels,
    chain: await tieringChain(options.tiering, process.cwd()),
    steps: parseHotplugSteps(hotplug ?? ''),
  };
}

/** What answers for one machine: text, or with `--json` a line. */
async function answerFor(path: string, question: Question): Promise<string> {
  const { options, kernels, chain, steps } = question;
  const { read, drivers, observed } = await openMachine(path, {
    bootOptions: options.bootOption,
    settings: options.set,
  });
  const [kernel = DEFAULT_KERNEL] = kernels;
  if (options.diffKernels !== undefined) {
    const answers = [];
    for (const each of kernels) {
      const history = buildTiers(read(each), {
        kernel: each,
        tieringPolicies: chain,
        steps: drivers,
      });
      answers.push({ kernel: each, state: history.final });
    }
    return options.json
      ? jsonLine(kernelDifferencesJson(path, answers))
      : `${path}\n\n${kernelDifferencesText(answers)}`;
  }
  const machine = read(kernel);
  const history = settled(
    buildTiers(machine, { kernel, tieringPolicies: chain, steps: [...drivers, ...steps] }),
    drivers.length,
  );
  const notes = machine.notes.map(noteText);
  if (observed) notes.push(observedText(observed));
  if (options.json) return jsonLine(tiersJson(path, kernel, history, notes));
  const head = `${path}, Linux ${kernelName(kernel)}\n\n`;
  const why = options.explain ? `\n${reasonsText(notes, history)}` : '';
  return head + tiersText(machine, history) + why;
}

/** The history of a machine on which drivers had already done the first `stepCount` steps when it was seen. */
function settled(history: TierHistory, stepCount: number): TierHistory {
  const before = history.steps.slice(0, stepCount);
  return {
    ...history,
    boot: before.at(-1)?.state ?? history.boot,
    reasons: [...history.reasons, ...before.flatMap(({ reasons }) => reasons)],
    steps: history.steps.slice(stepCount),
  };
}

function observedText({ release, tiers }: NonNullable<OpenedMachine['observed']>): string {
  const list = Object.entries(tiers).map(([tier, nodes]) => `tier ${tier}: ${nodes}`);
  return `the kernel that was running there${release === undefined ? '' : ` (${release})`} had built ${list.join('; ') || 'no tiers'}`;
}

const jsonLine = (value: object): string => `${JSON.stringify(value)}\n`;
