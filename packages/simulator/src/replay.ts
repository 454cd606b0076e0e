import type { RunInput, RunRecord, RunSetting } from '@tierlab/core';
import { resolveParams } from '@tierlab/policy';
import type { GivenParam, MigrationPolicy } from '@tierlab/policy';
import type { AccessTrace, PlacedRange } from '@tierlab/trace';
import { lookAhead } from './foresight.ts';
import type { MemorySystem } from './memory-system.ts';
import { createRun } from './run.ts';
import type { Run } from './run.ts';
import { resolveSettings } from './settings.ts';
import type { GivenSettings } from './settings.ts';

/** One run that is asked for: a policy on a memory system. */
export interface RunRequest {
  readonly memory: MemorySystem;
  readonly policy: MigrationPolicy;
  /** Values for some of the policy's parameters; the others have their defaults. */
  readonly params?: Readonly<Record<string, GivenParam>>;
  readonly settings?: GivenSettings;
  /** Seed of everything random in the run; 1 if absent. */
  readonly seed?: number;
  /** Index into `memory.initiators` of each thread's CPU; all on the first one if absent. */
  readonly initiatorOf?: readonly number[];
  /**
   * Where the pages of each process of the trace were before the run, ranges by ascending start: a first touch finds them
   * there while the node has room, unless the policy says itself where pages go.
   */
  readonly placement?: readonly (readonly PlacedRange[])[];
  /** Page numbers whose every move is recorded, with the policy's reason. */
  readonly watchedPages?: readonly number[];
  /** Replays with the loop in TypeScript that defines the compiled one: slower, with the same record. */
  readonly interpreted?: boolean;
  /** For the manifest. */
  readonly inputs?: readonly RunInput[];
  readonly tool?: RunRecord['manifest']['tool'];
}

/** A run over a trace. */
export interface ReplayRequest extends RunRequest {
  readonly trace: AccessTrace;
}

/**
 * Replays a trace under one policy.
 *
 * @throws {SimulatorError} `SIM_*` where the run cannot be made or go on.
 * @throws {PolicyError} `POLICY_BAD_PARAM`, `POLICY_UNKNOWN_PARAM`.
 */
export async function replay(request: ReplayRequest): Promise<RunRecord> {
  const [record] = await replayMany(request.trace, [request]);
  return record;
}

/**
 * Replays a trace under many policies in one pass: each block is read once and shown to every run.
 * The records come in the order of the requests, and are those of separate replays.
 *
 * A policy that looks ahead makes one more pass before.
 */
export async function replayMany(
  trace: AccessTrace,
  requests: readonly RunRequest[],
): Promise<RunRecord[]> {
  const runs: Prepared[] = [];
  for (const request of requests) runs.push(await prepare(trace, request));
  for await (const block of trace.blocks()) for (const { run } of runs) run.accept(block);
  return runs.map(({ run, params, settings, request }) =>
    run.finish({
      tool: request.tool ?? { name: '@tierlab/simulator', version: 'unknown' },
      inputs: request.inputs ?? [],
      params,
      settings,
    }),
  );
}

interface Prepared {
  readonly run: Run;
  readonly request: RunRequest;
  readonly params: Readonly<Record<string, RunSetting>>;
  readonly settings: Readonly<Record<string, RunSetting>>;
}

async function prepare(trace: AccessTrace, request: RunRequest): Promise<Prepared> {
  const { policy, memory, seed = 1, initiatorOf, placement, watchedPages, interpreted } = request;
  const params = resolveParams(policy.name, policy.params, request.params);
  const settings = resolveSettings(request.settings);
  const foresight = await lookAhead(trace, policy, settings.values.epochAccesses);
  const run = createRun({
    declaration: trace.declaration,
    memory,
    policy,
    params: params.values,
    settings: settings.values,
    seed,
    ...(initiatorOf && { initiatorOf }),
    ...(placement && { placement }),
    ...(watchedPages && { watchedPages }),
    ...(interpreted && { interpreted }),
    ...(foresight && { foresight }),
  });
  return { run, request, params: params.manifest, settings: settings.manifest };
}
