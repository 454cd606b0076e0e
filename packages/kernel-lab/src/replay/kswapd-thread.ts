import {
  advanceTo,
  balanceNode,
  KSWAPD_DOZE_NS,
  mayKswapdSleep,
  type Kernel,
  type KernelWork,
} from '@tierlab/linux-mm';
import { endOfTimeout, jiffiesMsAt, type KernelThread } from './cpu.ts';
import type { GuestCosts } from './guest-costs.ts';

/**
 * A node's kswapd: balances when wanted, again while the node is short and not hopeless, and once more when it has
 * become short in the short sleep that follows. Source: mm/vmscan.c, kswapd, kswapd_try_to_sleep.
 */
export function kswapdThread(kernel: Kernel, node: number, costs: GuestCosts): KernelThread {
  const state = kernel.nodeState[node];
  let run: Generator<KernelWork, void> | undefined;
  let dozing = false;
  return {
    wakeAtNs: Infinity,
    owedNs: 0,
    isFirm: false,
    step(nowNs) {
      advanceTo(kernel, jiffiesMsAt(nowNs));
      if (run === undefined) {
        const woken = state.kswapdWanted || !dozing;
        dozing = false;
        if (!woken && mayKswapdSleep(kernel, node)) {
          this.wakeAtNs = Infinity;
          return undefined;
        }
        state.kswapdWanted = false;
        state.kswapdRunning = true;
        run = balanceNode(kernel, node);
        return costs.wakeNs;
      }
      const work = run.next();
      if (work.done !== true) {
        this.isFirm = work.value.firm;
        return workNs(work.value, costs);
      }
      this.isFirm = false;
      run = undefined;
      state.kswapdRunning = false;
      if (!mayKswapdSleep(kernel, node)) return costs.wakeNs;
      dozing = true;
      this.wakeAtNs = endOfTimeout(nowNs, KSWAPD_DOZE_NS);
      return undefined;
    },
  };
}

/** CPU time of a piece of kswapd's work. */
export function workNs(work: KernelWork, costs: GuestCosts): number {
  return (
    work.entries * costs.walkEntryNs +
    work.leftAlone * (costs.walkOtherNodeNs - costs.walkEntryNs) +
    work.young * (costs.walkYoungestNs - costs.walkEntryNs) +
    work.rejuvenated * (costs.walkYoungNs - costs.walkYoungestNs) +
    work.looks * costs.lookAroundNs +
    work.sorted * costs.sortNs +
    work.scanned * costs.keepNs +
    (work.moved - work.movedHuge) * (costs.demoteNs - costs.keepNs) +
    work.allocatedHuge * costs.hugeAllocateNs +
    work.movedHuge * (costs.hugeDemoteNs - costs.hugeAllocateNs - costs.keepNs)
  );
}
