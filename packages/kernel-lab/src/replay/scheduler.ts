import { assert } from '@tierlab/core';

/** Time that a task asks for at once. Source: kernel/sched/fair.c, sysctl_sched_base_slice; one CPU does not scale it. */
const SLICE_NS = 700_000;

/** A task is owed, or owes, at most as much. Source: entity_lag: twice a slice, but no less than a tick of 4 ms. */
export const LAG_LIMIT_NS = 4_000_000;

/**
 * A task as the fair scheduler sees it. All weigh alike, so that virtual time is CPU time.
 * Source: include/linux/sched.h, struct sched_entity.
 */
export interface Entity {
  runtimeNs: number;
  deadlineNs: number;
  /** What it was owed when it went to sleep. */
  lagNs: number;
  /** It is runnable, or it sleeps and still has to make up for what it had too much (`delayed`). */
  queued: boolean;
  delayed: boolean;
  /** Deadline that it was picked with: until then nobody who is no better takes the CPU from it. */
  protectedUntilNs: number;
}

/** The queue of one CPU, and who runs on it. */
export interface RunQueue {
  readonly queued: Entity[];
  current: Entity | undefined;
}

/** A task that sleeps, owed `lagNs`. */
export function createEntity(lagNs = 0): Entity {
  return {
    runtimeNs: 0,
    deadlineNs: 0,
    lagNs,
    queued: false,
    delayed: false,
    protectedUntilNs: -1,
  };
}

/** Source: avg_vruntime. */
function averageNs(queue: RunQueue): number {
  let sum = 0;
  for (const entity of queue.queued) sum += entity.runtimeNs;
  return sum / queue.queued.length;
}

/** A task that had no more than its share so far. Source: entity_eligible. */
function isEligible(queue: RunQueue, entity: Entity): boolean {
  return entity.runtimeNs <= averageNs(queue);
}

/** The current task has run for `ns`. */
export function chargeRuntime(queue: RunQueue, ns: number): void {
  assert(queue.current !== undefined, 'nobody runs');
  queue.current.runtimeNs += ns;
}

/** Notes what the current task has run; whether that was its slice, and others wait. Source: update_curr, update_deadline. */
export function sliceIsOver({ current, queued }: RunQueue): boolean {
  if (current === undefined || current.runtimeNs < current.deadlineNs) return false;
  current.deadlineNs = current.runtimeNs + SLICE_NS;
  return queued.length > 1;
}

/**
 * Puts a task that slept on the queue; whether the CPU is to be given out anew.
 * Source: place_entity, requeue_delayed_entity, check_preempt_wakeup_fair.
 */
export function wakeEntity(queue: RunQueue, entity: Entity): boolean {
  const overdue = sliceIsOver(queue);
  if (entity.delayed) requeue(queue, entity);
  else place(queue, entity);
  return overdue || queue.current === undefined || choose(queue) === entity;
}

function requeue(queue: RunQueue, entity: Entity): void {
  entity.delayed = false;
  if (averageNs(queue) <= entity.runtimeNs) return;
  remove(queue, entity);
  entity.lagNs = 0;
  place(queue, entity);
}

function place(queue: RunQueue, entity: Entity): void {
  const others = queue.queued.length;
  // The task itself moves the average: so that it has its lag when it is there, it is placed further off.
  if (others > 0) entity.runtimeNs = averageNs(queue) - (entity.lagNs * (others + 1)) / others;
  entity.deadlineNs = entity.runtimeNs + SLICE_NS;
  entity.queued = true;
  queue.queued.push(entity);
}

function remove(queue: RunQueue, entity: Entity): void {
  queue.queued.splice(queue.queued.indexOf(entity), 1);
  entity.queued = false;
}

/** The current task goes to sleep; one that had too much stays on the queue until it has made up for it. Source: dequeue_entity. */
export function sleepCurrent(queue: RunQueue): void {
  const { current } = queue;
  assert(current !== undefined, 'nobody runs');
  sliceIsOver(queue);
  queue.current = undefined;
  if (isEligible(queue, current)) dequeue(queue, current);
  else current.delayed = true;
}

function dequeue(queue: RunQueue, entity: Entity): void {
  const lag = averageNs(queue) - entity.runtimeNs;
  // Source: DELAY_ZERO: who made up for too much is owed nothing for having waited longer.
  const most = entity.delayed ? 0 : LAG_LIMIT_NS;
  entity.lagNs = Math.max(-LAG_LIMIT_NS, Math.min(lag, most));
  entity.delayed = false;
  remove(queue, entity);
}

/** Gives the CPU to the task whose turn it is; undefined: all sleep. Source: pick_next_entity. */
export function switchTask(queue: RunQueue): Entity | undefined {
  for (;;) {
    const next = choose(queue);
    if (next?.delayed === true) {
      dequeue(queue, next);
      continue;
    }
    if (next !== undefined && next !== queue.current) next.protectedUntilNs = next.deadlineNs;
    queue.current = next;
    return next;
  }
}

/** Of those that had no more than their share, the one with the earliest deadline. Source: pick_eevdf. */
function choose(queue: RunQueue): Entity | undefined {
  const { queued, current } = queue;
  if (queued.length <= 1) return queued[0];
  const average = averageNs(queue);
  const mayStay = current !== undefined && current.runtimeNs <= average;
  if (mayStay && current.protectedUntilNs === current.deadlineNs) return current;
  let best: Entity | undefined;
  for (const entity of queued)
    if (
      entity !== current &&
      entity.runtimeNs <= average &&
      (best === undefined || entity.deadlineNs < best.deadlineNs)
    )
      best = entity;
  if (best === undefined || (mayStay && current.deadlineNs < best.deadlineNs)) return current;
  return best;
}
