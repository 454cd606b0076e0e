import type { Kernels } from '../kernels.generated.ts';
import type { ColumnMemory } from './column-memory.ts';
import { INCLUDED_NS, OPEN_LOOP, TICK_NS } from './span.ts';
import type { Span } from './span.ts';

/** Replays a span: `replaySpan`, or the same compiled. */
export type ReplaySpan = (span: Span, from: number, to: number, deadlineNs: number) => number;

/**
 * The loops of `assembly/replay.ts`, which do what `replaySpan` does and map pages at their first
 * touch as well, as far as the registers `MAP_*` allow.
 */
export function compiledReplay(columns: ColumnMemory): ReplaySpan {
  let known: Loops | undefined;
  return (span, from, to, deadlineNs) => {
    const { kernels } = columns;
    const { plain, timed, threads } = (known ??= loopsOf(kernels));
    const { time, thread, weight, flags, accesses, writes, classOffsetOf, registers } = span;
    registers[TICK_NS] = span.tickNs;
    registers[INCLUDED_NS] = span.includedNs;
    registers[OPEN_LOOP] = span.openLoop ? 1 : 0;
    const simple =
      weight === undefined &&
      writes === undefined &&
      classOffsetOf === undefined &&
      (thread === undefined || time !== undefined) &&
      (flags === undefined || accesses === undefined);
    if (!simple) return kernels.replayGeneral(from, to, deadlineNs);
    const which = flags !== undefined ? 2 : accesses !== undefined ? 1 : 0;
    const loops = thread !== undefined ? threads : time !== undefined ? timed : plain;
    return loops[which](from, to, deadlineNs);
  };
}

/** The loops of one kind: with neither column, with `accesses`, with `flags`. */
type LoopsOfKind = readonly ((from: number, to: number, deadlineNs: number) => number)[];

interface Loops {
  readonly plain: LoopsOfKind;
  readonly timed: LoopsOfKind;
  readonly threads: LoopsOfKind;
}

function loopsOf(kernels: Kernels): Loops {
  return {
    plain: [kernels.replayPlain, kernels.replayCounting, kernels.replayFlagged],
    timed: [kernels.replayTimed, kernels.replayTimedCounting, kernels.replayTimedFlagged],
    threads: [kernels.replayThreads, kernels.replayThreadsCounting, kernels.replayThreadsFlagged],
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
    threadNsOf(span),
    span.classCostNs,
    span.classCount,
  ]);
  columns.setNodeClasses(nodeClasses);
}

/** Where threads add up the time that they ran: all of them, or the one that is alone in the block. */
function threadNsOf({ thread, soleThread, threadNs }: Span): Float64Array | undefined {
  if (thread !== undefined) return threadNs;
  return soleThread === undefined ? undefined : threadNs?.subarray(soleThread);
}
