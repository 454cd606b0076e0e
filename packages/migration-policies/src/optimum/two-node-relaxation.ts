import type { FramePrices } from './frame-prices.ts';
import type { PlacementProblem } from './placement-problem.ts';
import type { RelaxedProblem, RunsByPage } from './price-bound.ts';

/**
 * The relaxation of `createRelaxedProblem` for two nodes, a `home` with room for all and one that has a price: every page
 * is here (on the node with the price) or at home, and what a gap between two of its runs costs is one of
 *
 *     home > home  nothing                here > home  a move, at the start of the gap
 *     home > here  a move, at its end     here > here  the frame through the gap, or home and back
 */
export function createTwoNodeRelaxation(
  problem: PlacementProblem,
  { first, run, most }: RunsByPage,
  prices: FramePrices,
): RelaxedProblem {
  const { runCount, pageCount, capacity, runNs, moveNs, home } = problem;
  const { windowCount, windowRuns, price } = prices;
  const here = 1 - home;
  const limited = capacity[here] !== Infinity;
  const upNs = moveNs[home * 2 + here];
  const downNs = moveNs[here * 2 + home];
  const excess = new Float64Array(price.length);
  /** Price of a frame in all runs before this one. */
  const paidBefore = new Float64Array(runCount + 1);
  /** By run of the page: whether it was here before, if it is at home then, 1; if it is here, 2; and 4 if it was away meanwhile. */
  const came = new Uint8Array(most + 1);
  /** Frames held from this run on, less those until then. */
  const held = new Int32Array(runCount + 1);

  const sumPrices = (): void => {
    let sum = 0;
    for (let window = 0, i = 0; window < windowCount && i < runCount; window++) {
      const each = price[here * windowCount + window];
      for (const end = Math.min(i + windowRuns, runCount); i < end; i++) {
        paidBefore[i] = sum;
        sum += each;
      }
    }
    paidBefore[runCount] = sum;
  };

  const solvePage = (page: number): number => {
    const from = first[page];
    const count = first[page + 1] - from;
    if (count === 0) return 0;
    let at = run[from];
    let atHome = runNs[2 * at + home];
    let atHere = runNs[2 * at + here] + paidBefore[at + 1] - paidBefore[at];
    for (let slot = 1; slot < count; slot++) {
      const next = run[from + slot];
      const stayNs = paidBefore[next] - paidBefore[at + 1];
      const away = upNs + downNs < stayNs;
      const stay = atHere + (away ? upNs + downNs : stayNs);
      const leave = atHere + downNs;
      const arrive = atHome + upNs;
      const left = leave < atHome;
      const stayed = stay <= arrive;
      came[slot] = (left ? 1 : 0) | (stayed ? 2 : 0) | (away ? 4 : 0);
      at = next;
      atHome = (left ? leave : atHome) + runNs[2 * at + home];
      atHere =
        (stayed ? stay : arrive) + runNs[2 * at + here] + paidBefore[at + 1] - paidBefore[at];
    }
    // After its last run a page is kept where its frame costs nothing, or goes home.
    const tailNs = Math.min(downNs, paidBefore[runCount] - paidBefore[at + 1]);
    const least = Math.min(atHome, atHere + tailNs);
    if (limited) hold(from, count, atHere + tailNs < atHome);
    return least;
  };

  /** Counts the frames that the cheapest way of a page takes, back from its last run. */
  const hold = (from: number, count: number, endsHere: boolean): void => {
    let isHere = endsHere;
    const last = run[from + count - 1];
    if (endsHere && paidBefore[runCount] - paidBefore[last + 1] <= downNs) {
      held[last + 1]++;
      held[runCount]--;
    }
    for (let slot = count - 1; slot >= 0; slot--) {
      const at = run[from + slot];
      if (isHere) {
        held[at]++;
        held[at + 1]--;
      }
      if (slot === 0) return;
      if (!isHere) {
        isHere = (came[slot] & 1) !== 0;
        continue;
      }
      isHere = (came[slot] & 2) !== 0;
      if (isHere && (came[slot] & 4) === 0) {
        held[run[from + slot - 1] + 1]++;
        held[at]--;
      }
    }
  };

  const countHeld = (): void => {
    let frames = 0;
    for (let window = 0, i = 0; window < windowCount && i < runCount; window++) {
      for (const end = Math.min(i + windowRuns, runCount); i < end; i++) {
        frames += held[i];
        excess[here * windowCount + window] += frames;
      }
    }
    held.fill(0);
  };

  return {
    excess,
    solve() {
      prices.update();
      sumPrices();
      let bound = 0;
      excess.fill(0);
      if (limited) {
        for (let window = 0; window < windowCount; window++) {
          const at = here * windowCount + window;
          const runs = Math.max(0, Math.min(windowRuns, runCount - window * windowRuns));
          excess[at] = -capacity[here] * runs;
          bound += price[at] * excess[at];
        }
      }
      for (let page = 0; page < pageCount; page++) bound += solvePage(page);
      if (limited) countHeld();
      return bound;
    },
  };
}
