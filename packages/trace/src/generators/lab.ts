import { type AccessTrace, BLOCK_ACCESSES } from '../block.ts';
import { createPendingBlock, type PendingBlock, takeBlock } from '../pack.ts';
import { badGenerator } from './spec.ts';

/**
 * The access stream of the lab's program, bit for bit: what a real kernel was given when its placement was recorded.
 *
 * The words are `PAGES PER_MS SEED PHASE...`, a phase `kind:seconds:first:count:theta:write%` with kind `u` uniform,
 * `z` Zipf, `s` sequential. First every page is written once, in order, at the same pace; then come the phases. Time
 * is in nanoseconds; a page's number is its place in the mapping.
 *
 * Source: packages/kernel-lab/guest/agent.c, main in mode `emit`.
 * @throws TRACE_BAD_GENERATOR
 */
export function labTrace(words: string): AccessTrace {
  const program = parseProgram(words);
  return {
    declaration: {
      format: 'generated lab',
      level: 'cpu',
      addressSpace: 'virtual',
      clock: 'nanoseconds',
      clockHz: 1e9,
      pageShift: 12,
      threads: false,
      writes: true,
    },
    blocks: () => labBlocks(program),
  };
}

interface Phase {
  readonly kind: 'u' | 'z' | 's';
  readonly milliseconds: number;
  readonly first: number;
  readonly count: number;
  readonly theta: number;
  readonly writePercent: number;
}

interface LabProgram {
  readonly pages: number;
  readonly perMs: number;
  readonly seed: readonly [high: number, low: number];
  readonly phases: readonly Phase[];
}

function parseProgram(words: string): LabProgram {
  const spec = `lab:${words}`;
  const [pagesText = '', perMsText = '', seedText = '', ...phaseTexts] = words.trim().split(/\s+/);
  const pages = integer(spec, 'PAGES', pagesText, 2 ** 28);
  const perMs = integer(spec, 'PER_MS', perMsText, 1e6);
  if (!/^\d{1,20}$/.test(seedText) || BigInt(seedText) >= 1n << 64n)
    throw badGenerator(
      spec,
      `SEED: expected an integer below 2^64, got ${JSON.stringify(seedText)}`,
    );
  const seed = BigInt(seedText);
  const phases = phaseTexts.map((text) => parsePhase(spec, text, pages));
  return { pages, perMs, seed: [Number(seed >> 32n), Number(seed & 0xffffffffn)], phases };
}

function integer(spec: string, name: string, text: string, max: number): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < 1 || value > max)
    throw badGenerator(
      spec,
      `${name}: expected an integer from 1 to ${max}, got ${JSON.stringify(text)}`,
    );
  return value;
}

function parsePhase(spec: string, text: string, pages: number): Phase {
  const match = /^([uzs]):(\d+(?:\.\d+)?):(\d+):(\d+):(\d+(?:\.\d+)?):(\d+)$/.exec(text);
  if (match === null)
    throw badGenerator(
      spec,
      `expected a phase kind:seconds:first:count:theta:write% with kind u, z or s, got ${JSON.stringify(text)}`,
    );
  const [seconds, first, count, theta, writePercent] = match.slice(2).map(Number) as [
    number,
    number,
    number,
    number,
    number,
  ];
  if (count < 1 || first + count > pages)
    throw badGenerator(spec, `phase ${text}: its pages are not all among the ${pages}`);
  // The program counts whole milliseconds, and asks whether a phase is over after its first.
  const milliseconds = Math.max(1, Math.trunc(seconds * 1000));
  return { kind: match[1] as Phase['kind'], milliseconds, first, count, theta, writePercent };
}

const MS = 1_000_000;

function* firstTouch(pending: PendingBlock, { pages, perMs }: LabProgram): Generator<Full> {
  const step = Math.trunc(MS / perMs);
  for (let page = 0; page < pages; page++) {
    const time = Math.trunc(page / perMs) * MS + (page % perMs) * step;
    pending.newPageNumbers.push(page);
    if (append(pending, page, 1, 0, time)) yield FULL;
  }
}

const FULL = Symbol('the block is full');
type Full = typeof FULL;

function append(
  pending: PendingBlock,
  page: number,
  write: number,
  line: number,
  time: number,
): boolean {
  const i = pending.length++;
  pending.page[i] = page;
  pending.write[i] = write;
  pending.line![i] = line;
  pending.time![i] = time;
  return pending.length === BLOCK_ACCESSES;
}

async function* labBlocks(program: LabProgram): AsyncGenerator<ReturnType<typeof takeBlock>> {
  const pending = createPendingBlock({ time: true, line: true });
  for (const _ of firstTouch(pending, program)) yield takeBlock(pending);
  const random = splitmix64(program.seed);
  let ms = Math.ceil(program.pages / program.perMs);
  for (const phase of program.phases) {
    for (const _ of playPhase(pending, program, phase, random, ms)) yield takeBlock(pending);
    ms += phase.milliseconds;
  }
  if (pending.length > 0) yield takeBlock(pending);
}

function* playPhase(
  pending: PendingBlock,
  { perMs }: LabProgram,
  phase: Phase,
  random: SplitMix64,
  firstMs: number,
): Generator<Full> {
  const { kind, count, first, writePercent } = phase;
  const step = Math.trunc(MS / perMs);
  const draw = kind === 'z' ? zipfOffset(phase, random) : undefined;
  let sequence = 0;
  for (let ms = firstMs; ms < firstMs + phase.milliseconds; ms++) {
    for (let i = 0; i < perMs; i++) {
      let offset;
      if (kind === 's') offset = sequence++ % count;
      else if (draw) offset = draw();
      else offset = random.remainder(count);
      const write = writePercent > 0 && random.remainder(100) < writePercent ? 1 : 0;
      random.next();
      if (append(pending, first + offset, write, random.low & 63, ms * MS + i * step)) yield FULL;
    }
  }
}

/** Inverse of the continuous approximation; ranks are scattered by a multiplicative permutation. */
function zipfOffset({ count, theta }: Phase, random: SplitMix64): () => number {
  const multiplier = scatterMultiplier(count);
  const exponent = 1 - theta;
  const isLogarithmic = Math.abs(exponent) < 1e-9;
  const logCount = Math.log(count);
  const range = count ** exponent - 1;
  return () => {
    const point = random.unit();
    const x = isLogarithmic ? Math.exp(point * logCount) : (point * range + 1) ** (1 / exponent);
    // As in C: an unsigned 32-bit integer less one.
    const rank = Math.min((Math.trunc(x) - 1) >>> 0, count - 1);
    return multiplyRemainder(rank, multiplier, count);
  };
}

function scatterMultiplier(count: number): number {
  let multiplier = Math.max(1, Math.trunc(count * 0.6180339887));
  while (greatestDivisor(multiplier, count) !== 1) multiplier++;
  return multiplier;
}

function greatestDivisor(a: number, b: number): number {
  while (b !== 0) [a, b] = [b, a % b];
  return a;
}

/** `a * b % count` for u32, in two parts that a double holds. */
const multiplyRemainder = (a: number, b: number, count: number): number =>
  (((a * (b >>> 16)) % count) * 65_536 + a * (b & 0xffff)) % count;

/**
 * splitmix64 in 32-bit halves.
 * Source: Steele, Lea, Flood, "Fast Splittable Pseudorandom Number Generators", OOPSLA 2014.
 */
interface SplitMix64 {
  /** Halves of the latest number, as signed words. */
  high: number;
  low: number;
  next(): void;
  /** The next number modulo `bound`, a u32. */
  remainder(bound: number): number;
  /** The upper 53 bits of the next number, as a double in [0, 1). */
  unit(): number;
}

function splitmix64([seedHigh, seedLow]: readonly [number, number]): SplitMix64 {
  let stateHigh = seedHigh | 0;
  let stateLow = seedLow | 0;
  const random: SplitMix64 = {
    high: 0,
    low: 0,
    next() {
      const sum = (stateLow >>> 0) + 0x7f4a7c15;
      stateLow = sum | 0;
      stateHigh = (stateHigh + 0x9e3779b9 + (sum > 0xffff_ffff ? 1 : 0)) | 0;
      random.high = stateHigh;
      random.low = stateLow;
      mix(random, 30, 0xbf58476d, 0x1ce4e5b9);
      mix(random, 27, 0x94d049bb, 0x133111eb);
      shiftXor(random, 31);
    },
    remainder(bound) {
      random.next();
      let rest = (random.high >>> 0) % bound;
      rest = (rest * 65_536 + (random.low >>> 16)) % bound;
      return (rest * 65_536 + (random.low & 0xffff)) % bound;
    },
    unit() {
      random.next();
      return ((random.high >>> 0) * 2_097_152 + (random.low >>> 11)) / 9_007_199_254_740_992;
    },
  };
  return random;
}

function shiftXor(random: SplitMix64, by: number): void {
  const { high, low } = random;
  random.low = low ^ ((low >>> by) | (high << (32 - by)));
  random.high = high ^ (high >>> by);
}

/** A shift and a 64-bit multiplication by `timesHigh` * 2^32 + `timesLow`. */
function mix(random: SplitMix64, by: number, timesHigh: number, timesLow: number): void {
  shiftXor(random, by);
  const { high, low } = random;
  random.low = Math.imul(low, timesLow);
  random.high =
    (upperProduct(low >>> 0, timesLow) + Math.imul(low, timesHigh) + Math.imul(high, timesLow)) | 0;
}

/** The upper 32 bits of the product of two u32. */
function upperProduct(a: number, b: number): number {
  const lower = (a & 0xffff) * b;
  const upper = (a >>> 16) * b + Math.floor(lower / 65_536);
  return Math.floor(upper / 65_536);
}
