import { KernelLabError } from '../errors.ts';

/** One phase of the lab's program: `kind:seconds:first:count:theta:write%`. */
export interface AccessPhase {
  /** `u` uniform, `z` Zipf, `s` sequential. */
  readonly kind: 'u' | 'z' | 's';
  readonly milliseconds: number;
  readonly firstPage: number;
  readonly pageCount: number;
  readonly theta: number;
  readonly writePercent: number;
}

/** The access stream of a record: every page written once in order, then the phases. */
export interface AccessProgram {
  readonly pageCount: number;
  readonly accessesPerMs: number;
  readonly seed: bigint;
  readonly phases: readonly AccessPhase[];
}

/**
 * Reads `PAGES PER_MS SEED PHASE...`.
 *
 * @throws {KernelLabError} `LAB_BAD_RECORD`.
 */
export function parseAccessProgram(text: string): AccessProgram {
  const [pages = '', perMs = '', seed = '', ...phases] = text.trim().split(/\s+/);
  if (![pages, perMs, seed].every((word) => /^\d+$/.test(word)) || phases.length === 0)
    throw new KernelLabError(
      'LAB_BAD_RECORD',
      `agent: expected PAGES PER_MS SEED PHASE..., got ${JSON.stringify(text)}`,
    );
  const pageCount = Number(pages);
  if (pageCount < 1 || Number(perMs) < 1)
    throw new KernelLabError(
      'LAB_BAD_RECORD',
      `agent: expected at least one page and one access per millisecond, got ${pages} and ${perMs}`,
    );
  return {
    pageCount,
    accessesPerMs: Number(perMs),
    seed: BigInt(seed),
    phases: phases.map((phase) => parsePhase(phase, pageCount)),
  };
}

function parsePhase(text: string, pageCount: number): AccessPhase {
  const [kind = '', ...rest] = text.split(':');
  const [seconds = NaN, first = NaN, count = NaN, theta = NaN, writes = NaN] = rest.map(Number);
  const known = kind === 'u' || kind === 'z' || kind === 's';
  if (
    !known ||
    rest.length !== 5 ||
    !(seconds >= 0 && theta >= 0 && writes >= 0 && count > 0 && first + count <= pageCount)
  )
    throw new KernelLabError(
      'LAB_BAD_RECORD',
      `agent: expected kind:seconds:first:count:theta:write% within ${pageCount} pages, got ${JSON.stringify(text)}`,
    );
  return {
    kind,
    milliseconds: Math.trunc(seconds * 1000),
    firstPage: first,
    pageCount: count,
    theta,
    writePercent: writes,
  };
}

/** Milliseconds of the program's schedule, and the accesses in it. */
export function programLength({ pageCount, accessesPerMs, phases }: AccessProgram): {
  readonly milliseconds: number;
  readonly accesses: number;
} {
  const phasesMs = phases.reduce((sum, phase) => sum + phase.milliseconds, 0);
  return {
    milliseconds: Math.ceil(pageCount / accessesPerMs) + phasesMs,
    accesses: pageCount + phasesMs * accessesPerMs,
  };
}

/** A millisecond of the program's schedule: the pages it touches, and the kind of phase they are drawn from. */
export interface ProgramMillisecond {
  readonly pages: Uint32Array;
  readonly kind: AccessPhase['kind'];
}

/**
 * The program's accesses a millisecond of its schedule at a time; what is yielded is borrowed until the next step.
 * Source: the lab's agent, whose generator is SplitMix64.
 */
export function* accessesByMs(program: AccessProgram): Generator<ProgramMillisecond, void> {
  const { pageCount, accessesPerMs } = program;
  const random = splitMix64(program.seed);
  const buffer = new Uint32Array(accessesPerMs);
  for (let touched = 0; touched < pageCount;) {
    const count = Math.min(accessesPerMs, pageCount - touched);
    for (let i = 0; i < count; i++) buffer[i] = touched++;
    yield { pages: buffer.subarray(0, count), kind: 's' };
  }
  for (const phase of program.phases) {
    const draw = pageSource(phase, random);
    const drawn = { pages: buffer, kind: phase.kind };
    for (let ms = 0; ms < phase.milliseconds; ms++) {
      for (let i = 0; i < accessesPerMs; i++) {
        buffer[i] = phase.firstPage + draw();
        if (phase.writePercent > 0) random.next(); // read or write
        random.next(); // which line of the page
      }
      yield drawn;
    }
  }
}

function pageSource(phase: AccessPhase, random: SplitMix64): () => number {
  const { pageCount: n, theta } = phase;
  if (phase.kind === 's') {
    let position = 0;
    return () => position++ % n;
  }
  if (phase.kind === 'u') return () => random.below(n);
  const exponent = 1 - theta;
  const logarithmic = Math.abs(exponent) < 1e-9;
  const range = n ** exponent - 1;
  const factor = scatterFactor(n);
  return () => {
    const u = random.unit();
    const x = logarithmic ? Math.exp(u * Math.log(n)) : (u * range + 1) ** (1 / exponent);
    const rank = Math.min(Math.trunc(x) - 1, n - 1);
    return (rank * factor) % n;
  };
}

/** Ranks are scattered over the range by a multiplication that permutes it. */
function scatterFactor(n: number): number {
  let factor = Math.max(1, Math.trunc(n * 0.618_033_988_7));
  while (greatestCommonDivisor(factor, n) !== 1) factor++;
  return factor;
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}

interface SplitMix64 {
  next(): void;
  /** The next number modulo `n`. */
  below(n: number): number;
  /** The next number's upper 53 bits as a fraction of 1. */
  unit(): number;
}

/** Source: G. Steele, D. Lea, C. Flood, Fast Splittable Pseudorandom Number Generators, OOPSLA 2014; in 32-bit halves. */
function splitMix64(seed: bigint): SplitMix64 {
  let stateHigh = Number(BigInt.asUintN(64, seed) >> 32n);
  let stateLow = Number(BigInt.asUintN(32, seed));
  let high = 0;
  let low = 0;
  const multiply = (byHigh: number, byLow: number): void => {
    const lowLow = low & 0xffff;
    const lowHigh = low >>> 16;
    const otherLow = byLow & 0xffff;
    const otherHigh = byLow >>> 16;
    const middle = lowHigh * otherLow + ((lowLow * otherLow) >>> 16);
    const carry = (middle & 0xffff) + lowLow * otherHigh;
    const top = lowHigh * otherHigh + Math.floor(middle / 65_536) + Math.floor(carry / 65_536);
    high = (top + Math.imul(high, byLow) + Math.imul(low, byHigh)) >>> 0;
    low = Math.imul(low, byLow) >>> 0;
  };
  const shiftXor = (by: number): void => {
    low = (low ^ ((low >>> by) | (high << (32 - by)))) >>> 0;
    high = (high ^ (high >>> by)) >>> 0;
  };
  const next = (): void => {
    const sum = stateLow + 0x7f4a7c15;
    stateLow = sum >>> 0;
    stateHigh = (stateHigh + 0x9e3779b9 + (sum > 0xffff_ffff ? 1 : 0)) >>> 0;
    high = stateHigh;
    low = stateLow;
    shiftXor(30);
    multiply(0xbf58476d, 0x1ce4e5b9);
    shiftXor(27);
    multiply(0x94d049bb, 0x133111eb);
    shiftXor(31);
  };
  return {
    next,
    below(n) {
      next();
      const upper = ((high % n) * 65_536 + (low >>> 16)) % n;
      return (upper * 65_536 + (low & 0xffff)) % n;
    },
    unit() {
      next();
      return (high * 2_097_152 + (low >>> 11)) * 2 ** -53;
    },
  };
}
