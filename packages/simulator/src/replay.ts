import { InputError } from '@tierlab/core';
import type { RunRecord } from '@tierlab/core';
import { resolveParams } from '@tierlab/policy';
import type { MigrationPolicy } from '@tierlab/policy';
import type { AccessTrace } from '@tierlab/trace';
import { FUTURE_SIGNALS, lookAhead } from './foresight.ts';
import { createRefusableRun } from './refusable-run.ts';
import { createRun } from './run.ts';
import type { Run } from './run.ts';
import type { Prepared, RunRequest } from './run-request.ts';
import type { Foresight } from './run-setup.ts';
import { resolveSettings } from './settings.ts';
import { planSharing } from './shared/plan-sharing.ts';
import { createSharedPass } from './shared/pass.ts';
import { groupRecencies } from './shared/recency-group.ts';
import type { SharedRun } from './shared/shared-run.ts';

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
 * The records come in the order of the requests, and are those of separate replays. Runs that may count
 * together do; see `createSharedPass`.
 *
 * Policies that look ahead make one more pass before, the same for all that look alike.
 */
export async function replayMany(
  trace: AccessTrace,
  requests: readonly RunRequest[],
): Promise<RunRecord[]> {
  const outcomes = await replayEach(trace, requests);
  return outcomes.map((outcome) => {
    if (outcome instanceof InputError) throw outcome;
    return outcome;
  });
}

/**
 * As {@link replayMany}, but what the model or the policy refuses takes only its own run with it: its place has the
 * error that says why. Errors of the trace, the machine and the parameters are thrown.
 */
export async function replayEach(
  trace: AccessTrace,
  requests: readonly RunRequest[],
): Promise<(RunRecord | InputError)[]> {
  const futures = createFutures(trace);
  const prepared: Prepared[] = [];
  for (const request of requests) prepared.push(await prepare(request, futures));
  const { groups, alone } = planSharing(trace.declaration, prepared);
  const runs: (Prepared & { readonly run: Run })[] = [];
  const make = (index: number, shared?: SharedRun): Run => {
    const run = createRefusableRun(() => createRunOf(trace, prepared[index], shared));
    runs[index] = { ...prepared[index], run };
    return run;
  };
  const { groups: caches, others } = groupRecencies(alone.map((index) => make(index)));
  const shared = groups.map(({ members, counts, epochAccesses }) =>
    createSharedPass(
      (share) => members.map((index, i) => make(index, share(i))),
      counts,
      epochAccesses,
      trace.declaration.clock !== 'accesses',
    ),
  );
  const passes = [...caches, ...shared];
  for await (const block of trace.blocks()) {
    for (const pass of [...others, ...passes]) pass.accept(block);
  }
  for (const pass of passes) pass.end();
  return runs.map(({ run, params, settings, request }) => {
    const given = {
      tool: request.tool ?? { name: '@tierlab/simulator', version: 'unknown' },
      inputs: request.inputs ?? [],
      params,
      settings,
    };
    return outcomeOf(() => run.finish(given));
  });
}

async function prepare(request: RunRequest, futures: Futures): Promise<Prepared> {
  const { policy } = request;
  const params = resolveParams(policy.name, policy.params, request.params);
  const settings = resolveSettings(request.settings);
  return {
    request,
    paramValues: params.values,
    settingValues: settings.values,
    foresight: await futures.of(policy, settings.values.epochAccesses),
    params: params.manifest,
    settings: settings.manifest,
  };
}

/** What passes over the trace before the run have told. */
interface Futures {
  of(policy: MigrationPolicy, epochAccesses: number): Promise<Foresight | undefined>;
}

/** Each future is looked at once, however many runs want to know it. */
function createFutures(trace: AccessTrace): Futures {
  const known = new Map<string, Promise<(() => Foresight) | undefined>>();
  return {
    async of(policy, epochAccesses) {
      const wanted = FUTURE_SIGNALS.filter((signal) => policy.signals.includes(signal));
      const key = [epochAccesses, ...wanted].join(' ');
      let future = known.get(key);
      if (future === undefined) known.set(key, (future = lookAhead(trace, policy, epochAccesses)));
      return (await future)?.();
    },
  };
}

function createRunOf(trace: AccessTrace, prepared: Prepared, shared: SharedRun | undefined): Run {
  const { request, paramValues, settingValues, foresight } = prepared;
  const { memory, policy, seed = 1, initiatorOf, placement, watchedPages, interpreted } = request;
  return createRun({
    declaration: trace.declaration,
    memory,
    policy,
    params: paramValues,
    settings: settingValues,
    seed,
    ...(initiatorOf && { initiatorOf }),
    ...(placement && { placement }),
    ...(watchedPages && { watchedPages }),
    ...(interpreted && { interpreted }),
    ...(foresight && { foresight }),
    ...(shared && { shared }),
  });
}

function outcomeOf(finish: () => RunRecord): RunRecord | InputError {
  try {
    return finish();
  } catch (error) {
    if (error instanceof InputError) return error;
    throw error;
  }
}
