import type { ColumnMemory } from './column-memory.ts';
import { INCLUDED_NS, OPEN_LOOP, TICK_NS } from './span.ts';
import type { Span } from './span.ts';

/** Replays a span: `replaySpan`, or the same compiled. */
export type ReplaySpan = (span: Span, from: number, to: number, deadlineNs: number) => number;

/**
 * The loops of `assembly/replay.ts`, which do what `replaySpan` does and map pages at their first
 * touch as well, as far as the registers `MAP_*` allow.
 */
export function compiledReplay({ kernels }: ColumnMemory): ReplaySpan {
  return (span, from, to, deadlineNs) => {
    const { time, thread, weight, flags, accesses, writes, registers } = span;
    registers[TICK_NS] = span.tickNs;
    registers[INCLUDED_NS] = span.includedNs;
    registers[OPEN_LOOP] = span.openLoop ? 1 : 0;
    const simple =
      thread === undefined &&
      weight === undefined &&
      writes === undefined &&
      (flags === undefined || accesses === undefined);
    if (!simple) return kernels.replayGeneral(from, to, deadlineNs);
    const timed = time !== undefined;
    if (flags !== undefined) {
      return timed
        ? kernels.replayTimedFlagged(from, to, deadlineNs)
        : kernels.replayFlagged(from, to, deadlineNs);
    }
    if (accesses !== undefined) {
      return timed
        ? kernels.replayTimedCounting(from, to, deadlineNs)
        : kernels.replayCounting(from, to, deadlineNs);
    }
    return timed
      ? kernels.replayTimed(from, to, deadlineNs)
      : kernels.replayPlain(from, to, deadlineNs);
  };
}

/** Tells the compiled loops where the columns of `span` are, in the order of `assembly/state.ts`. */
export function pointTo(columns: ColumnMemory, span: Span, nodeClasses: number): void {
  columns.point(0, [
    span.page,
    span.write,
    span.time,
    span.thread,
    span.weight,
    span.nodeOf,
    span.flags,
    span.accesses,
    span.writes,
    span.touched,
    span.classOffsetOf,
    span.threadNs,
    span.classCostNs,
    span.classCount,
  ]);
  columns.setNodeClasses(nodeClasses);
}
