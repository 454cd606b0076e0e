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

/** Period of the scheduler's tick. Source: Debian's kernel configuration, CONFIG_HZ=250. */
export const TICK_NS = 4_000_000;

/** Ticks that the timer wheel's first level spans, and how many times coarser each further one is.
 *  Source: kernel/time/timer.c, LVL_START and LVL_CLK_DIV. */
const WHEEL_TICKS = 63;
const WHEEL_COARSER = 8;

/**
 * When a sleep of `ns` ends that the kernel counts in ticks: at the tick after the last one of it, or further apart the
 * longer it is, and after that tick's own accounting. Source: kernel/time/timer.c, schedule_timeout, calc_index.
 */
export function endOfTimeout(nowNs: number, ns: number): number {
  const ticks = Math.ceil(ns / TICK_NS);
  let granule = 1;
  while (ticks >= WHEEL_TICKS * granule) granule *= WHEEL_COARSER;
  const last = Math.floor(nowNs / TICK_NS) + ticks;
  return (Math.floor(last / granule) + 1) * granule * TICK_NS + 1;
}

/** Milliseconds of jiffies at a time since boot. */
export function jiffiesMsAt(ns: number): number {
  return Math.floor(ns / TICK_NS) * (TICK_NS / 1e6);
}

/** A kernel thread of the guest: runnable, asleep until woken, or asleep until a time. */
export interface KernelThread {
  /** When it wants the CPU: 0 from the start, Infinity not before it is woken. */
  wakeAtNs: number;
  /** CPU time that the piece of work last begun still needs. */
  owedNs: number;
  /** Nobody takes the CPU from the thread before that work is done. */
  isFirm: boolean;
  /** Does the next piece of work; its CPU time, or undefined when the thread went to sleep and set `wakeAtNs`. */
  step(nowNs: number): number | undefined;
}

/** What the CPU tells whoever models the program. */
export interface CpuEvents {
  /** A tick found the program running. */
  tick(nowNs: number): void;
  /** The program runs again after a kernel thread did. */
  resumed(): void;
  /** The program is back from the kernel and may do work that a tick left it. */
  userMode(): void;
}

/** The guest's one CPU, shared by the program and kernel threads as the kernel's fair scheduler does. */
export interface Cpu {
  readonly nowNs: number;
  /** CPU time that the program had. */
  readonly programNs: number;
  /** The same as the scheduler last noted it: at a tick, or when somebody woke or took the CPU. */
  readonly notedProgramNs: number;
  /** Milliseconds of jiffies. */
  readonly jiffiesMs: number;
  /** The program uses the CPU for `ns`. */
  run(ns: number): void;
  /** As {@link run}, inside a system call: what ticks leave to do waits for its end. */
  runInKernel(ns: number): void;
  /** As {@link run}, in the kernel where nobody takes the CPU from it. */
  runFirmly(ns: number): void;
  /** The program sleeps until a kernel thread has made `done` true. */
  waitUntil(done: () => boolean): void;
  wake(thread: KernelThread): void;
}

interface Task {
  readonly thread: KernelThread;
  readonly entity: Entity;
}

export function createCpu(
  startNs: number,
  programNs: number,
  threads: readonly KernelThread[],
  events: CpuEvents,
): Cpu {
  let now = startNs;
  let nextTick = (Math.floor(startNs / TICK_NS) + 1) * TICK_NS;
  let programTime = programNs;
  let noted = programNs;
  let inKernel = false;
  let stepping = false;
  /** Somebody whom a thread woke is to have the CPU after the thread's step. */
  let preempted = false;
  /** Nobody may take the CPU now; somebody is to have it once that ends. */
  let firm = false;
  let deferred = false;
  let waiting: (() => boolean) | undefined;
  const program = createEntity();
  const tasks = threads.map((thread): Task => ({ thread, entity: threadEntity(thread, startNs) }));
  const queue: RunQueue = { queued: [], current: undefined };
  wakeEntity(queue, program);
  for (const { thread, entity } of tasks) if (thread.wakeAtNs <= now) wakeEntity(queue, entity);
  queue.current = program;

  function earliestWake(): number {
    let earliest = Infinity;
    for (const { thread, entity } of tasks)
      if (isAsleep(entity) && thread.wakeAtNs < earliest) earliest = thread.wakeAtNs;
    return earliest;
  }

  /** Lets the current task use up to `ns`, less where something else happens before; returns what it had. */
  function spend(ns: number): number {
    const spent = Math.max(0, Math.min(ns, Math.min(nextTick, earliestWake()) - now));
    now += spent;
    chargeRuntime(queue, spent);
    return spent;
  }

  /** Ticks and timers that are due; whether a tick found the program running. */
  function passEvents(): boolean {
    let reschedule = false;
    let ticked = false;
    if (now >= nextTick) {
      nextTick = (Math.floor(now / TICK_NS) + 1) * TICK_NS;
      noted = programTime;
      reschedule = sliceIsOver(queue);
      ticked = queue.current === program;
      if (ticked) events.tick(now);
    }
    for (const { thread, entity } of tasks)
      if (isAsleep(entity) && thread.wakeAtNs <= now) {
        noted = programTime;
        if (wakeEntity(queue, entity)) reschedule = true;
      }
    if (reschedule && firm) deferred = true;
    else if (reschedule) switchTask(queue);
    return ticked;
  }

  function endFirmness(): void {
    firm = false;
    if (!deferred) return;
    deferred = false;
    switchTask(queue);
  }

  /** Runs kernel threads until it is the program's turn. */
  function serveThreads(): void {
    if (queue.current === program) return;
    noted = programTime;
    while (queue.current !== program) {
      const task = tasks.find(({ entity }) => entity === queue.current);
      if (task === undefined) {
        now = Math.max(now, Math.min(nextTick, earliestWake()));
        passEvents();
        continue;
      }
      const { thread } = task;
      if (thread.owedNs > 0) {
        firm = thread.isFirm;
        thread.owedNs -= spend(thread.owedNs);
        passEvents();
        if (thread.owedNs === 0) endFirmness();
        continue;
      }
      step(thread);
    }
    events.resumed();
  }

  /** The current thread's next piece of work, and what it led to. */
  function step(thread: KernelThread): void {
    preempted = false;
    stepping = true;
    const cost = thread.step(now);
    stepping = false;
    if (waiting?.() === true) {
      waiting = undefined;
      if (wakeEntity(queue, program)) preempted = true;
    }
    if (cost === undefined) sleepCurrent(queue);
    else thread.owedNs = cost;
    if (preempted || cost === undefined) switchTask(queue);
  }

  function run(ns: number): void {
    let left = ns;
    while (left > 0) {
      const spent = spend(left);
      programTime += spent;
      left -= spent;
      const ticked = passEvents();
      serveThreads();
      if (ticked && !inKernel) events.userMode();
    }
  }

  return {
    get nowNs() {
      return now;
    },
    get programNs() {
      return programTime;
    },
    get notedProgramNs() {
      return noted;
    },
    get jiffiesMs() {
      return jiffiesMsAt(now);
    },
    run,
    runInKernel(ns) {
      inKernel = true;
      run(ns);
      inKernel = false;
      events.userMode();
    },
    runFirmly(ns) {
      firm = true;
      run(ns);
      endFirmness();
      serveThreads();
    },
    waitUntil(done) {
      if (done()) return;
      waiting = done;
      sleepCurrent(queue);
      switchTask(queue);
      serveThreads();
    },
    wake(thread) {
      const task = tasks.find((other) => other.thread === thread);
      if (task === undefined || !isAsleep(task.entity)) return;
      thread.wakeAtNs = Infinity;
      noted = programTime;
      if (!wakeEntity(queue, task.entity)) return;
      if (stepping) {
        preempted = true;
        return;
      }
      switchTask(queue);
      serveThreads();
    },
  };
}

/**
 * A thread that sleeps since boot had to wait for boot's busy start, did next to nothing and slept: it is owed the most,
 * as the first turn of kswapd in a trace shows (`scheduler.test.ts`). One that has work from the start is owed nothing.
 */
function threadEntity(thread: KernelThread, startNs: number): Entity {
  return createEntity(thread.wakeAtNs <= startNs ? 0 : LAG_LIMIT_NS);
}

function isAsleep({ queued, delayed }: Entity): boolean {
  return !queued || delayed;
}
