import { NO_NODE } from '@tierlab/policy';
import { CLOCK_NS, THINK_NS, TOUCHED_COUNT, TRACE_TIME } from './span.ts';
import type { Span } from './span.ts';

const ACCESSED = 1;
const WRITE_DIRTY_SHIFT = 1;
const PROTECTED = 4;
const WRITE_WATCHED_SHIFT = 3;

/**
 * Replays accesses `from` to `to` of a block until something needs the engine: an access that comes
 * at or after `deadlineNs`, a page that is not mapped, a protected page or a write to a watched one.
 * Returns the index of the first access that was not replayed.
 */
export function replaySpan(span: Span, from: number, to: number, deadlineNs: number): number {
  const plain =
    span.time === undefined &&
    span.thread === undefined &&
    span.soleThread === undefined &&
    span.weight === undefined &&
    span.flags === undefined &&
    span.writes === undefined;
  return plain
    ? replayPlain(span, from, to, deadlineNs)
    : replayGeneral(span, from, to, deadlineNs);
}

/** The loop for what most runs need: no clock in the trace, no signals of page tables. */
function replayPlain(span: Span, from: number, to: number, deadlineNs: number): number {
  const { page, write, nodeOf, accesses, touched, classCostNs, classCount, registers } = span;
  let clockNs = registers[CLOCK_NS];
  let i = from;
  if (accesses === undefined || touched === undefined) {
    for (; i < to; i++) {
      const node = nodeOf[page[i]];
      if (clockNs >= deadlineNs || node === NO_NODE) break;
      const kind = 2 * node + write[i];
      classCount[kind]++;
      clockNs += classCostNs[kind];
    }
  } else {
    let touchedCount = registers[TOUCHED_COUNT];
    for (; i < to; i++) {
      const p = page[i];
      const node = nodeOf[p];
      if (clockNs >= deadlineNs || node === NO_NODE) break;
      const kind = 2 * node + write[i];
      classCount[kind]++;
      clockNs += classCostNs[kind];
      const before = accesses[p];
      accesses[p] = before + 1;
      if (before === 0) touched[touchedCount++] = p;
    }
    registers[TOUCHED_COUNT] = touchedCount;
  }
  registers[CLOCK_NS] = clockNs;
  return i;
}

/** The loop with every column; it defines what the other ones must do. */
function replayGeneral(span: Span, from: number, to: number, deadlineNs: number): number {
  const { page, write, time, thread, weight, nodeOf, flags, accesses, writes, touched } = span;
  const { soleThread, classOffsetOf, threadNs, classCostNs, classCount, registers } = span;
  const { tickNs, includedNs, openLoop } = span;
  let clockNs = registers[CLOCK_NS];
  let traceTime = registers[TRACE_TIME];
  let thinkNs = 0;
  let touchedCount = registers[TOUCHED_COUNT];
  let i = from;
  for (; i < to; i++) {
    const p = page[i];
    const w = write[i];
    const node = nodeOf[p];
    let pauseNs = 0;
    if (time !== undefined) {
      pauseNs = pauseOf((time[i] - traceTime) * tickNs - includedNs);
    }
    const arrivalNs = clockNs + pauseNs;
    if (arrivalNs >= deadlineNs || node === NO_NODE) break;
    const stands = weight === undefined ? 1 : weight[i];
    // A record of no access says that the page is there, and touches nothing.
    if (flags !== undefined && stands > 0) {
      const bits = flags[p];
      if (bits & (PROTECTED | (w << WRITE_WATCHED_SHIFT))) break;
      flags[p] = bits | ACCESSED | (w << WRITE_DIRTY_SHIFT);
    }
    if (time !== undefined) traceTime = time[i];
    let kind = 2 * node + w;
    if (classOffsetOf !== undefined && thread !== undefined) kind += classOffsetOf[thread[i]];
    classCount[kind] += stands;
    const costNs = classCostNs[kind] * stands;
    thinkNs += pauseNs;
    clockNs = openLoop ? arrivalNs : arrivalNs + costNs;
    const own = thread === undefined ? soleThread : thread[i];
    if (threadNs !== undefined && own !== undefined) threadNs[own] += pauseNs + costNs;
    if (touched !== undefined) {
      const seen = (accesses?.[p] ?? 0) + (writes?.[p] ?? 0);
      if (accesses !== undefined) accesses[p] += stands;
      if (writes !== undefined) writes[p] += w * stands;
      if (seen === 0 && stands > 0 && (accesses !== undefined || w === 1)) {
        touched[touchedCount++] = p;
      }
    }
  }
  registers[CLOCK_NS] = clockNs;
  registers[TRACE_TIME] = traceTime;
  registers[THINK_NS] += thinkNs;
  registers[TOUCHED_COUNT] = touchedCount;
  return i;
}

/** A pause between two accesses, in time steps; never negative. */
export function pauseOf(ns: number): number {
  return ns > 0 ? Math.floor(ns * 256) / 256 : 0;
}
