import type { FramePrices } from './frame-prices.ts';
import type { PlacementProblem } from './placement-problem.ts';
import type { RelaxedProblem, RunsByPage } from './relaxed-problem.ts';

/**
 * The relaxation of `createRelaxedProblem` for two nodes, a `home` with room for all and one that has a price: every page
 * is here (on the node with the price) or at home, and what a gap between two of its runs costs is one of
 *
 *     home > home  nothing                here > home  a move, at the start of the gap
 *     home > here  a move, at its end     here > here  the frame through the gap, or home and back
 *
 * The runs lie page by page and what is by window is small, so that a step reads memory from front to back.
 */
export function createTwoNodeRelaxation(
  problem: PlacementProblem,
  byPage: RunsByPage,
  prices: FramePrices,
): RelaxedProblem {
  const { runCount, pageCount, capacity, moveNs, home } = problem;
  const { windowCount, windowRuns, price } = prices;
  const { first, run, most } = byPage;
  const here = 1 - home;
  const limited = capacity[here] !== Infinity;
  const upNs = moveNs[home * 2 + here];
  const downNs = moveNs[here * 2 + home];
  const excess = new Float64Array(price.length);
  const { window, homeNs, hereNs } = pageByPage(problem, byPage, windowRuns);
  /** Of a frame here: price in each window, and of all windows before it. */
  const eachNs = new Float64Array(windowCount + 1);
  const beforeNs = new Float64Array(windowCount + 1);
  let paidInAll = 0;
  /** What the cheapest way does before a run of the page: bits of WAS_HERE_AT_HOME, WAS_HERE and AWAY. */
  const came = new Uint8Array(most + 1);
  const frames = createFrameCount(windowCount, windowRuns);

  const paidBefore = (moment: number, at: number): number =>
    beforeNs[at] + (moment - at * windowRuns) * eachNs[at];

  const sumPrices = (): void => {
    for (let at = 0; at < windowCount; at++) {
      eachNs[at] = price[here * windowCount + at];
      beforeNs[at + 1] = beforeNs[at] + windowRuns * eachNs[at];
    }
    // The last window may be cut short.
    paidInAll = paidBefore(runCount, Math.floor(runCount / windowRuns));
  };

  const solvePage = (page: number): number => {
    const from = first[page];
    const end = first[page + 1];
    if (from === end) return 0;
    let at = window[from];
    let paid = paidBefore(run[from], at) + eachNs[at];
    let atHome = homeNs[from];
    let atHere = hereNs[from] + eachNs[at];
    for (let slot = from + 1; slot < end; slot++) {
      at = window[slot];
      const before = paidBefore(run[slot], at);
      const stayNs = before - paid;
      const away = upNs + downNs < stayNs;
      const stay = atHere + (away ? upNs + downNs : stayNs);
      const leave = atHere + downNs;
      const arrive = atHome + upNs;
      const left = leave < atHome;
      const stayed = stay <= arrive;
      came[slot - from] =
        (left ? WAS_HERE_AT_HOME : 0) | (stayed ? WAS_HERE : 0) | (away ? AWAY : 0);
      atHome = (left ? leave : atHome) + homeNs[slot];
      atHere = (stayed ? stay : arrive) + hereNs[slot] + eachNs[at];
      paid = before + eachNs[at];
    }
    // After its last run a page is kept where its frame costs less than a move, or goes home.
    const keepNs = paidInAll - paid;
    const tailNs = Math.min(downNs, keepNs);
    const endsHere = atHere + tailNs < atHome;
    if (limited) hold(from, end, endsHere, keepNs <= downNs);
    return endsHere ? atHere + tailNs : atHome;
  };

  /** Counts the frames that the cheapest way of a page takes, back from its last run. */
  const hold = (from: number, end: number, endsHere: boolean, keeps: boolean): void => {
    let isHere = endsHere;
    /** Until when the page has its frame, where it has one. */
    let until = keeps ? runCount : run[end - 1] + 1;
    for (let slot = end - 1; slot >= from; slot--) {
      const bits = slot === from ? 0 : came[slot - from];
      const before = (bits & (isHere ? WAS_HERE : WAS_HERE_AT_HOME)) !== 0;
      const stays = isHere && before && (bits & AWAY) === 0;
      if (isHere && !stays) frames.hold(run[slot], until);
      if (!stays && slot > from) until = run[slot - 1] + 1;
      isHere = before;
    }
  };

  return {
    excess,
    solve() {
      prices.update();
      sumPrices();
      let bound = 0;
      excess.fill(0);
      if (limited) {
        for (let at = 0; at < windowCount; at++) {
          const runs = Math.max(0, Math.min(windowRuns, runCount - at * windowRuns));
          excess[here * windowCount + at] = -capacity[here] * runs;
          bound -= eachNs[at] * capacity[here] * runs;
        }
      }
      for (let page = 0; page < pageCount; page++) bound += solvePage(page);
      frames.addTo(excess, here * windowCount);
      return bound;
    },
  };
}

/** The page is at home in this run and was here in the one before. */
const WAS_HERE_AT_HOME = 1;
/** The page is here in this run and was here in the one before. */
const WAS_HERE = 2;
/** And between the two it was not. */
const AWAY = 4;

/** Costs of the runs, and the windows that they are in, in the order of `byPage.run`. */
function pageByPage(
  { runCount, runNs, home }: PlacementProblem,
  { run }: RunsByPage,
  windowRuns: number,
): {
  readonly window: Uint32Array;
  readonly homeNs: Float64Array;
  readonly hereNs: Float64Array;
} {
  const window = new Uint32Array(runCount);
  const homeNs = new Float64Array(runCount);
  const hereNs = new Float64Array(runCount);
  for (let slot = 0; slot < runCount; slot++) {
    const at = run[slot];
    window[slot] = Math.floor(at / windowRuns);
    homeNs[slot] = runNs[2 * at + home];
    hereNs[slot] = runNs[2 * at + 1 - home];
  }
  return { window, homeNs, hereNs };
}

/** Frames times runs, by window. */
interface FrameCount {
  /** A frame is held in the runs from a to b - 1. */
  hold(a: number, b: number): void;
  /** Adds the counts to `sums` from index `first` on, and clears them. */
  addTo(sums: Float64Array, first: number): void;
}

/** A frame that is held from a moment on adds what is left of its window to that, and to every later one its length. */
function createFrameCount(windowCount: number, windowRuns: number): FrameCount {
  const rest = new Float64Array(windowCount + 1);
  const whole = new Float64Array(windowCount + 2);
  const from = (moment: number, sign: number): void => {
    const at = Math.floor(moment / windowRuns);
    rest[at] += sign * ((at + 1) * windowRuns - moment);
    whole[at + 1] += sign;
  };
  return {
    hold(a, b) {
      from(a, 1);
      from(b, -1);
    },
    addTo(sums, first) {
      let held = 0;
      for (let at = 0; at < windowCount; at++) {
        held += whole[at];
        sums[first + at] += rest[at] + held * windowRuns;
      }
      rest.fill(0);
      whole.fill(0);
    },
  };
}
