import {
  createMonitor,
  createScheme,
  moveRegion,
  NODE_ABSENT,
  stepMonitor,
  type DamonMachine,
  type DamonMonitor,
  type DamosScheme,
  type Kernel,
} from '@tierlab/linux-mm';
import { endOfTimeout, type KernelThread } from './cpu.ts';
import type { Frames } from './frames.ts';
import type { GuestCosts } from './guest-costs.ts';
import type { DamonArguments } from './setup.ts';

const PAGE_BYTES = 4096;
/** The fast node is monitored from here, as the lab's script says. */
const FAST_START = 1_048_576;
/** Source: the lab's damon script. */
const APPLY_US = 1_000_000;
const RESET_MS = 1000;
const REGIONS = { regionsMin: 10, regionsMax: 1000 };

/** The two monitors that the lab's `damon` script starts, as threads of the guest. */
export function damonThreads(
  kernel: Kernel,
  frames: Frames,
  given: DamonArguments,
  costs: GuestCosts,
  startNs: number,
): KernelThread[] {
  const lastSplit = { regionCount: 0 };
  const frame = (address: number): number => Math.trunc(address / PAGE_BYTES);
  const monitor = (start: number, end: number, scheme: DamosScheme): DamonMonitor =>
    createMonitor(
      frame(start),
      frame(end),
      { sampleUs: given.sampleUs, aggregationUs: given.aggregationUs, ...REGIONS },
      [scheme],
      { lastSplit },
    );
  const quota = {
    pages: Math.trunc(given.quotaBytes / PAGE_BYTES),
    resetMs: RESET_MS,
    weightAccesses: 100,
    weightAge: 100,
  };
  const { limitsFirstWindow } = kernel.rules;
  const hot = createScheme({
    action: 'migrate_hot',
    pattern: { accessesMin: 1, accessesMax: Infinity, ageMin: 0, ageMax: Infinity },
    applyUs: APPLY_US,
    quota,
    limitsFirstWindow,
  });
  const cold = createScheme({
    action: 'migrate_cold',
    pattern: { accessesMin: 0, accessesMax: 0, ageMin: given.coldAge, ageMax: Infinity },
    applyUs: APPLY_US,
    quota,
    limitsFirstWindow,
  });
  return [
    kdamond(kernel, frames, monitor(given.slowStart, given.slowEnd, hot), 0, costs, startNs),
    kdamond(kernel, frames, monitor(FAST_START, given.slowStart, cold), 1, costs, startNs),
  ];
}

/** One monitor's thread; it moves what its scheme finds to `target`. */
function kdamond(
  kernel: Kernel,
  frames: Frames,
  monitor: DamonMonitor,
  target: number,
  costs: GuestCosts,
  startNs: number,
): KernelThread {
  let movedPages = 0;
  let keptPages = 0;
  let sampledPages = 0;
  let sampledFree = 0;
  const { memory, hardware } = kernel;
  const machine: DamonMachine = {
    random: kernel.random,
    nowMs: () => kernel.nowMs,
    freePermille: () => 0,
    clear(at) {
      const page = frames.pageAt(at);
      if (page < 0) {
        sampledFree++;
        return;
      }
      sampledPages++;
      hardware.takeAccessed(page);
    },
    accessed(at) {
      const page = frames.pageAt(at);
      return page >= 0 && hardware.takeAccessed(page);
    },
    apply(_, start, end) {
      const pages: number[] = [];
      for (let at = start; at < end; at++) {
        const page = frames.pageAt(at);
        if (page < 0 || memory.nodeOf[page] === NODE_ABSENT || memory.nodeOf[page] === target)
          continue;
        pages.push(page);
      }
      const move = moveRegion(kernel, pages, target);
      movedPages += move.movedPages;
      keptPages += move.keptPages;
      return move.movedPages;
    },
  };
  let sleeping = false;
  let nextUs = 0;
  return {
    wakeAtNs: startNs,
    owedNs: 0,
    isFirm: false,
    step(nowNs) {
      if (sleeping) {
        sleeping = false;
        this.wakeAtNs = endOfSleep(nowNs, nextUs);
        return undefined;
      }
      movedPages = 0;
      keptPages = 0;
      sampledPages = 0;
      sampledFree = 0;
      nextUs = stepMonitor(monitor, machine);
      sleeping = true;
      return (
        costs.damonWakeNs +
        sampledPages * costs.damonSampleNs +
        sampledFree * costs.damonSampleFreeNs +
        movedPages * costs.demoteNs +
        keptPages * costs.keepNs
      );
    },
  };
}

/** A longer sleep is counted in ticks. Source: mm/damon/core.c, kdamond_usleep. */
const EXACT_SLEEP_MOST_US = 20_000;

function endOfSleep(nowNs: number, us: number): number {
  return us > EXACT_SLEEP_MOST_US ? endOfTimeout(nowNs, us * 1000) : nowNs + us * 1000;
}
