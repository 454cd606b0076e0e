import { describe, expect, test } from 'vitest';
import {
  chargeRuntime,
  createEntity,
  LAG_LIMIT_NS,
  sleepCurrent,
  sliceIsOver,
  switchTask,
  wakeEntity,
  type Entity,
  type RunQueue,
} from './scheduler.ts';

const MS = 1e6;

/** A queue on which `program` has been alone for long. */
function busyQueue(program: Entity): RunQueue {
  const queue: RunQueue = { queued: [], current: undefined };
  wakeEntity(queue, program);
  switchTask(queue);
  for (let tick = 0; tick < 10; tick++) runMs(queue, 4);
  return queue;
}

/** The current task runs, up to a tick. */
function runMs(queue: RunQueue, ms: number): void {
  chargeRuntime(queue, ms * MS);
  if (sliceIsOver(queue)) switchTask(queue);
}

/** Who runs in each of the stretches between ticks. */
function turns(queue: RunQueue, names: Map<Entity, string>, stretches: readonly number[]): string {
  return stretches
    .map((ms) => {
      const name = queue.current === undefined ? '-' : names.get(queue.current);
      runMs(queue, ms);
      return name;
    })
    .join(' ');
}

describe('the fair scheduler, among tasks of one weight', () => {
  // A trace of sched_switch of Linux 6.12 in the lab, zipf of huge pages: the first page that misses wakes kswapd, 0.9 ms
  // after a tick. It had last slept at boot, owed the most. Ticks at 4.475169 s and every 4 ms; it has the CPU from
  // 4.476078 to 4.488259, which is the tick of 4.487 and the end of a page, then the program to 4.495171, the second tick.
  test('a thread that is owed much runs for three ticks, then the program for two', () => {
    const program = createEntity();
    const kswapd = createEntity(LAG_LIMIT_NS);
    const queue = busyQueue(program);
    chargeRuntime(queue, 0.909 * MS);
    expect(wakeEntity(queue, kswapd)).toBe(true);
    switchTask(queue);
    const names = new Map([
      [program, 'program'],
      [kswapd, 'kswapd'],
    ]);
    expect(turns(queue, names, [3.091, 4, 5.09, 2.91, 4, 4])).toBe(
      'kswapd kswapd kswapd program program kswapd',
    );
  });

  // v: virtual time in ms. The program runs alone to v=40 and its slice was renewed there, so its deadline is 40.7; a thread
  // owed nothing is placed at v=40.2 with deadline 40.9: eligible neither sooner nor owed more, it waits for the tick.
  test('a thread that is owed nothing waits for the tick, and then they take turns', () => {
    const program = createEntity();
    const thread = createEntity();
    const queue = busyQueue(program);
    chargeRuntime(queue, 0.2 * MS);
    expect(wakeEntity(queue, thread)).toBe(false);
    const names = new Map([
      [program, 'program'],
      [thread, 'thread'],
    ]);
    expect(turns(queue, names, [3.8, 4, 4, 4])).toBe('program thread program thread');
  });

  // The thread is placed at 40 - 2 = 38 and runs to 43; the average is (40 + 43) / 2: it had 1.5 too much, and stays queued
  // until the program's 43; woken before that, it still owes.
  test('a thread that had too much makes up for it before its sleep counts', () => {
    const program = createEntity();
    const thread = createEntity(1 * MS);
    const queue = busyQueue(program);
    wakeEntity(queue, thread);
    switchTask(queue);
    chargeRuntime(queue, 5 * MS);
    sleepCurrent(queue);
    expect(switchTask(queue)).toBe(program);
    expect(thread).toMatchObject({ queued: true, delayed: true });
    chargeRuntime(queue, 0.3 * MS);
    expect(wakeEntity(queue, thread)).toBe(false);
    expect(thread).toMatchObject({ delayed: false, runtimeNs: 43 * MS });
  });

  test('once it has made up, it is owed nothing however long it waited', () => {
    const program = createEntity();
    const thread = createEntity();
    const queue = busyQueue(program);
    wakeEntity(queue, thread);
    queue.current = thread;
    chargeRuntime(queue, 2 * MS);
    sleepCurrent(queue);
    switchTask(queue);
    runMs(queue, 4);
    expect(thread).toMatchObject({ queued: false, delayed: false, lagNs: 0 });
  });

  test('what a sleeper is owed is kept, and no more than a tick of it', () => {
    const program = createEntity();
    const thread = createEntity();
    const queue = busyQueue(program);
    wakeEntity(queue, thread);
    chargeRuntime(queue, 20 * MS);
    queue.current = thread;
    sleepCurrent(queue);
    expect(thread.lagNs).toBe(LAG_LIMIT_NS);
  });

  test('nobody runs when all sleep', () => {
    const program = createEntity();
    const queue = busyQueue(program);
    sleepCurrent(queue);
    expect(switchTask(queue)).toBeUndefined();
  });
});
