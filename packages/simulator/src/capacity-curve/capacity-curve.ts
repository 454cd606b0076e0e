import type { AccessTrace } from '@tierlab/trace';
import { SimulatorError } from '../errors.ts';
import { runningSum } from './running-sum.ts';
import { createSampledDistances } from './sampled-distances.ts';
import { createStackDistances } from './stack-distances.ts';

/**
 * How often LRU placement finds a page in the fastest tier, for every size of that tier at once: the
 * policy `lru` hits these shares at each of these capacities.
 */
export interface CapacityCurve {
  readonly accesses: number;
  /** Distinct pages. */
  readonly pages: number;
  /** Share of the accesses that hit with this many page frames; a first access to a page never does. */
  hitShare(frames: number): number;
  /** Present where pages were sampled. */
  readonly sample?: CurveSample;
}

/** What a sampled curve stands on. */
export interface CurveSample {
  /** Share of the pages that was to be taken. */
  readonly rate: number;
  /** Pages and accesses that were taken. */
  readonly pages: number;
  readonly accesses: number;
  /** Two standard errors of the hit share with this many page frames. */
  error(frames: number): number;
}

/** Distinct pages below which a sample is refused: few hot pages make or break it. */
const SAMPLED_PAGES_MIN = 100_000;

/**
 * The capacity curve of LRU placement, from one pass over the trace. Exact without `rate`; with one, from that share
 * of the pages; see `createSampledDistances`.
 *
 * @throws {SimulatorError} `SIM_BAD_TRACE` for a trace whose accesses are not all there in order;
 *   `SIM_SMALL_SAMPLE` for a sample of fewer than 100,000 pages; `SIM_BAD_SETTING`.
 */
export async function capacityCurve(trace: AccessTrace, rate?: number): Promise<CapacityCurve> {
  checkWhole(trace);
  return rate === undefined ? exactCurve(trace) : sampledCurve(trace, rate);
}

function checkWhole({ declaration }: AccessTrace): void {
  const { samplePeriod, countedBy, format } = declaration;
  if (samplePeriod === undefined && countedBy === undefined) return;
  throw new SimulatorError(
    'SIM_BAD_TRACE',
    `${format}: the trace is ${countedBy === undefined ? 'sampled' : 'of counts'}, and stack distances need every access in its order; record the accesses themselves`,
  );
}

async function exactCurve(trace: AccessTrace): Promise<CapacityCurve> {
  const distances = createStackDistances();
  let accesses = 0;
  for await (const { page, length, newPageFirst, newPageNumber } of trace.blocks()) {
    distances.add(page, length, newPageFirst + newPageNumber.length);
    accesses += length;
  }
  const histogram = distances.histogram();
  const hits = runningSum(histogram);
  return {
    accesses,
    pages: histogram.length,
    hitShare: (frames) => shareOf(hits[clampFrames(frames, histogram.length)], accesses),
  };
}

async function sampledCurve(trace: AccessTrace, rate: number): Promise<CapacityCurve> {
  if (!(rate > 0 && rate <= 0.5)) {
    throw new SimulatorError(
      'SIM_BAD_SETTING',
      `sample ${rate}: expected a share of the pages above 0, at most 0.5; without it the curve is exact`,
    );
  }
  const distances = createSampledDistances(rate);
  let accesses = 0;
  let pages = 0;
  for await (const { page, length, newPageFirst, newPageNumber } of trace.blocks()) {
    pages = newPageFirst + newPageNumber.length;
    distances.add(page, length, pages);
    accesses += length;
  }
  if (pages < SAMPLED_PAGES_MIN) {
    throw new SimulatorError(
      'SIM_SMALL_SAMPLE',
      `${pages} pages: a sample says nothing of fewer than ${SAMPLED_PAGES_MIN}; ask for the whole curve, which is quick on so few`,
    );
  }
  const curve = distances.curve();
  return {
    accesses,
    pages,
    hitShare: (frames) => curve.hitShare(frames),
    sample: { rate, ...curve },
  };
}

const clampFrames = (frames: number, most: number): number =>
  Math.max(0, Math.min(most, Math.floor(frames)));

const shareOf = (hits: number, accesses: number): number => (accesses === 0 ? 0 : hits / accesses);
