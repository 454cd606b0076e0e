import { isTiering, type Kernel } from './kernel.ts';
import { anyZoneAbove } from './memory.ts';

/** Runs without progress after which kswapd gives a node up. Source: mm/internal.h, MAX_RECLAIM_RETRIES. */
const HOPELESS_FAILURES = 16;

/** After this short sleep kswapd looks again before it sleeps until woken. Source: mm/vmscan.c, kswapd_try_to_sleep, HZ/10. */
export const KSWAPD_DOZE_NS = 100_000_000;

/** Whether a zone of the node is above the mark that kswapd works for. Source: mm/vmscan.c, pgdat_balanced. */
export function isBalanced(kernel: Kernel, node: number, order = 0): boolean {
  return anyZoneAbove(kernel.memory, node, isTiering(kernel) ? 'promo' : 'high', 0, order);
}

/**
 * Whether kswapd may sleep after its last run, or runs again at once: a node that is hopeless, or balanced for the
 * order that counts now. Source: mm/vmscan.c, kswapd, prepare_kswapd_sleep.
 */
export function mayKswapdSleep(kernel: Kernel, node: number): boolean {
  const { kswapdFailures, kswapdSleepOrder } = kernel.nodeState[node];
  return kswapdFailures >= HOPELESS_FAILURES || isBalanced(kernel, node, kswapdSleepOrder);
}

/** Wakes the node's kswapd when there is something to do. Source: wakeup_kswapd. */
export function wakeKswapd(kernel: Kernel, node: number, order = 0): void {
  const state = kernel.nodeState[node];
  state.kswapdOrder = Math.max(state.kswapdOrder, order);
  if (state.kswapdRunning || state.kswapdWanted) return;
  if (state.kswapdFailures >= HOPELESS_FAILURES || isBalanced(kernel, node, order)) return;
  state.kswapdWanted = true;
  kernel.onKswapdWake?.(node);
}
