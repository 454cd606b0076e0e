/** Period of the scheduler's tick. Source: Debian's kernel configuration, CONFIG_HZ=250. */
export const TICK_NS = 4_000_000;

/** A kernel thread of the guest: runnable, asleep until woken, or asleep until a time. */
export interface KernelThread {
  /** When it wants the CPU: 0 now, Infinity not before it is woken. */
  wakeAtNs: number;
  /** CPU time that the piece of work last begun still needs. */
  owedNs: number;
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

/**
 * The guest's one CPU, shared by the program and kernel threads in turns of one tick; a thread that wakes runs at
 * once. Source: kernel/sched/fair.c, 6.12: with one CPU a slice is 0.75 ms, and the running task is past it when a
 * thread wakes or a tick comes.
 */
export interface Cpu {
  readonly nowNs: number;
  /** CPU time that the program had. */
  readonly programNs: number;
  /** The same as the scheduler last noted it: at a tick, or when the program gave up the CPU. */
  readonly notedProgramNs: number;
  /** Milliseconds of jiffies. */
  readonly jiffiesMs: number;
  /** The program uses the CPU for `ns`. */
  run(ns: number): void;
  /** As {@link run}, inside a system call: what ticks leave to do waits for its end. */
  runInKernel(ns: number): void;
  /** The program sleeps until a kernel thread has made `done` true, and then runs at once. */
  waitUntil(done: () => boolean): void;
  wake(thread: KernelThread): void;
}

export function createCpu(
  startNs: number,
  programNs: number,
  threads: readonly KernelThread[],
  events: CpuEvents,
): Cpu {
  let now = startNs;
  let nextTick = (Math.floor(startNs / TICK_NS) + 1) * TICK_NS;
  let program = programNs;
  let noted = programNs;
  let inKernel = false;
  let preempting = false;

  /** Lets a thread run until `limitNs`, or until it sleeps or `done`. */
  function runThread(thread: KernelThread, limitNs: number, done?: () => boolean): void {
    preempting = true;
    while (now < limitNs && thread.wakeAtNs <= now) {
      if (done?.() === true) break;
      if (thread.owedNs > 0) {
        const spent = Math.min(thread.owedNs, limitNs - now);
        thread.owedNs -= spent;
        now += spent;
        continue;
      }
      const cost = thread.step(now);
      if (cost !== undefined) thread.owedNs = cost;
    }
    preempting = false;
    passTicks();
  }

  function passTicks(): void {
    if (now >= nextTick) nextTick = (Math.floor(now / TICK_NS) + 1) * TICK_NS;
  }

  function takeTurns(): void {
    let ran = false;
    noted = program;
    for (const thread of threads) {
      if (thread.wakeAtNs > now) continue;
      runThread(thread, nextTick);
      ran = true;
    }
    if (ran) events.resumed();
  }

  function earliestWake(): number {
    let earliest = Infinity;
    for (const thread of threads)
      if (thread.wakeAtNs > now && thread.wakeAtNs < earliest) earliest = thread.wakeAtNs;
    return earliest;
  }

  function run(ns: number): void {
    let left = ns;
    while (left > 0) {
      const wake = earliestWake();
      const spent = Math.min(left, Math.min(nextTick, wake) - now);
      now += spent;
      program += spent;
      left -= spent;
      if (now >= nextTick) {
        passTicks();
        noted = program;
        events.tick(now);
        takeTurns();
        if (!inKernel) events.userMode();
      } else if (now >= wake) takeTurns();
    }
  }

  return {
    get nowNs() {
      return now;
    },
    get programNs() {
      return program;
    },
    get notedProgramNs() {
      return noted;
    },
    get jiffiesMs() {
      return Math.floor(now / TICK_NS) * (TICK_NS / 1e6);
    },
    run,
    runInKernel(ns) {
      inKernel = true;
      run(ns);
      inKernel = false;
      events.userMode();
    },
    waitUntil(done) {
      noted = program;
      while (!done()) {
        const ready = threads.filter((thread) => thread.wakeAtNs <= now);
        for (const thread of ready) runThread(thread, nextTick, done);
        if (ready.length > 0) continue;
        now = Math.min(nextTick, earliestWake());
        passTicks();
      }
      events.resumed();
    },
    wake(thread) {
      thread.wakeAtNs = 0;
      if (preempting) return;
      noted = program;
      runThread(thread, nextTick);
      events.resumed();
    },
  };
}
