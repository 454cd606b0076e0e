import type { GivenParam, MigrationPolicy } from '@tierlab/policy';
import { numberTrace, tinyMemory } from '@tierlab/simulator';
import type { GivenSettings, MemorySystem, TinyNode } from '@tierlab/simulator';
import type { AccessTrace } from '@tierlab/trace';

/** Page numbers and which accesses write, before they become a trace of blocks of some size. */
export interface DrawnAccesses {
  readonly numbers: readonly number[];
  readonly isWrite: (i: number) => boolean;
  readonly pageCount: number;
  /** Nanoseconds of each access on the trace's clock; absent: it has none. */
  readonly time?: Float64Array;
}

/** How many pages and accesses a drawn trace has at most. */
export interface DrawSize {
  readonly pagesMax: number;
  readonly accessesMax: number;
}

/**
 * The size of a trace for this policy: small where it solves the whole trace before it runs, which
 * takes more than it takes to replay it.
 */
export function drawSizeFor({ signals }: MigrationPolicy, size: DrawSize): DrawSize {
  if (!signals.includes('wholeTrace')) return size;
  return { pagesMax: Math.min(size.pagesMax, 40), accessesMax: Math.min(size.accessesMax, 600) };
}

/** The most nodes of a machine for this policy: two where it solves the whole trace, one of them roomy. */
export function nodesMaxFor({ signals }: MigrationPolicy): number {
  return signals.includes('wholeTrace') ? 2 : 4;
}

/**
 * A trace with everything that has caught a policy or the engine before: skew, bursts to one page,
 * sequential scans, a hot set that moves, pages that appear late, long pauses. Length, skew and
 * burstiness are drawn here, not left to a generator's defaults.
 */
export function drawAccesses(random: () => number, size: DrawSize): DrawnAccesses {
  const pageCount = 1 + Math.floor(random() * size.pagesMax);
  const length = Math.floor(size.accessesMax * (0.1 + 0.9 * random()));
  const skew = 1 + 4 * random();
  const scanShare = 0.3 * random();
  const burstMean = 1 + 20 * random();
  const shift = random() < 0.5 ? Math.floor(length / (1 + 5 * random())) + 1 : Infinity;
  const numbers: number[] = [];
  let base = 0;
  while (numbers.length < length) {
    if (numbers.length >= shift * (1 + base)) base++;
    const burst = 1 + Math.floor(burstMean * random());
    const start = Math.floor(pageCount * random() ** skew);
    const scanning = random() < scanShare;
    for (let i = 0; i < burst; i++) {
      const step = scanning ? i : 0;
      numbers.push((start + step + base * Math.floor(pageCount / 3)) % pageCount);
    }
  }
  numbers.length = length;
  const writeShare = random() * 0.6;
  const writes = Uint8Array.from(numbers, () => (random() < writeShare ? 1 : 0));
  const time = random() < 0.5 ? undefined : drawTimes(random, length);
  return { numbers, pageCount, isWrite: (i) => writes[i] === 1, ...(time && { time }) };
}

function drawTimes(random: () => number, length: number): Float64Array {
  const gapNs = 10 + 500 * random();
  const time = new Float64Array(length);
  let now = 0;
  for (let i = 0; i < length; i++) {
    now += Math.floor(gapNs * random() * (random() < 0.001 ? 100_000 : 1));
    time[i] = now;
  }
  return time;
}

/** The trace of drawn accesses in blocks of `blockAccesses`. */
export function traceOf(drawn: DrawnAccesses, blockAccesses = 65_536): AccessTrace {
  return numberTrace(drawn.numbers, drawn.isWrite, blockAccesses, drawn.time);
}

/** One to `nodesMax` nodes, of which the last one holds everything, so that a run never runs out. */
export function drawMemory(
  random: () => number,
  pageCount: number,
  huge: boolean,
  nodesMax = 4,
): MemorySystem {
  const unit = huge ? 512 : 1;
  const tierCount = 1 + Math.floor(nodesMax * random());
  const nodes: TinyNode[] = [];
  for (let rank = 0; rank < tierCount; rank++) {
    const share = rank === tierCount - 1 ? 1 : random() * random();
    const pages = unit * Math.max(2, Math.ceil(share * pageCount) + (share === 1 ? 8 : 0));
    const minPages = Math.floor(random() * 0.1 * pages);
    const step = Math.floor(random() * 0.1 * pages);
    const last = rank === tierCount - 1;
    nodes.push({
      pages: last ? pages + 4 * unit + 3 * (minPages + step) : pages,
      latencyNs: Math.floor(80 + 200 * rank * (1 + random())),
      writeLatencyNs: Math.floor(80 + 250 * rank * (1 + random())),
      bandwidthMbps: Math.floor(2000 + 50_000 * random()),
      watermarks: {
        minPages,
        lowPages: minPages + step,
        highPages: minPages + 2 * step,
        promoPages: minPages + 3 * step,
      },
      curve:
        random() < 0.5
          ? { kind: 'flat' }
          : { kind: 'knee', knee: 0.9 * random(), saturation: 1 + 5 * random() },
    });
  }
  return tinyMemory(nodes);
}

/** Settings short enough that a small run has many windows, intervals and epochs. */
export function drawSettings(
  random: () => number,
  hasClock: boolean,
  huge: boolean,
): GivenSettings {
  return {
    loop: hasClock && random() < 0.3 ? 'open' : 'closed',
    memoryParallelism: 1 + Math.floor(8 * random()),
    epochAccesses: 50 + Math.floor(3000 * random() * random()),
    contentionWindow: 1000 + Math.floor(50_000 * random()),
    intervalLength: 5000 + Math.floor(500_000 * random()),
    intervalsMax: 2 + Math.floor(20 * random()),
    idleCores: random() < 0.5 ? 0 : 1,
    queueMax: 1 + Math.floor(100 * random()),
    fault: Math.floor(2000 * random()),
    movePage: Math.floor(5000 * random()),
    hugePages: huge ? 'always' : 'never',
  };
}

/** Values for some numeric parameters, near their defaults and inside their ranges. */
export function drawParams(
  random: () => number,
  policy: MigrationPolicy,
): Record<string, GivenParam> {
  const given: Record<string, GivenParam> = {};
  for (const [name, param] of Object.entries(policy.params)) {
    if (typeof param.default !== 'number' || random() < 0.5) continue;
    const whole = Number.isInteger(param.default) && param.default > 1;
    const value = param.default * (0.25 + 1.5 * random());
    const wanted = whole ? Math.round(value) : value;
    if (param.check(wanted) === undefined) given[name] = wanted;
  }
  return given;
}
