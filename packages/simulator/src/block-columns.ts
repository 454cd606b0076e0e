import type { Column, ColumnMemory } from './kernels/column-memory.ts';
import type { Span } from './kernels/span.ts';

/** The columns of a block in the column memory, as long as the longest block so far. */
export interface BlockColumns {
  readonly page: Column;
  readonly write: Column;
  readonly time: Column;
  readonly thread: Column;
  readonly weight: Column;
  readonly threadNs: Column;
  readonly classOffsetOf: Column;
  readonly views: BlockViews;
}

interface BlockViews {
  page: Uint32Array;
  write: Uint8Array;
  time: Float64Array;
  thread: Uint16Array;
  weight: Uint32Array;
  classOffsetOf: Uint32Array;
}

/** Columns for blocks of no length yet. */
export function createBlockColumns(
  memory: ColumnMemory,
  span: Span,
  initiators: number,
): BlockColumns {
  const views: BlockViews = {
    page: new Uint32Array(0),
    write: new Uint8Array(0),
    time: new Float64Array(0),
    thread: new Uint16Array(0),
    weight: new Uint32Array(0),
    classOffsetOf: new Uint32Array(0),
  };
  return {
    views,
    page: memory.add(Uint32Array, 0, (view) => (views.page = view)),
    write: memory.add(Uint8Array, 0, (view) => (views.write = view)),
    time: memory.add(Float64Array, 0, (view) => (views.time = view)),
    thread: memory.add(Uint16Array, 0, (view) => (views.thread = view)),
    weight: memory.add(Uint32Array, 0, (view) => (views.weight = view)),
    threadNs: memory.add(Float64Array, 0, (view) => {
      span.threadNs = view.length > 0 ? view : undefined;
    }),
    classOffsetOf: memory.add(Uint32Array, 0, (view) => {
      views.classOffsetOf = view;
      span.classOffsetOf = view.length > 0 && initiators > 1 ? view : undefined;
    }),
  };
}

/** The views of the column memory that change only with the run. */
export function createSpan(
  columns: ColumnMemory,
  { tickNs, includedNs, openLoop }: Pick<Span, 'tickNs' | 'includedNs' | 'openLoop'>,
): Span {
  const span: Span = {
    tickNs,
    includedNs,
    openLoop,
    page: new Uint32Array(0),
    write: new Uint8Array(0),
    time: undefined,
    thread: undefined,
    soleThread: undefined,
    weight: undefined,
    nodeOf: new Uint8Array(0),
    flags: undefined,
    accesses: undefined,
    writes: undefined,
    touched: undefined,
    classOffsetOf: undefined,
    threadNs: undefined,
    classCostNs: new Float64Array(0),
    classCount: new Uint32Array(0),
    registers: new Float64Array(0),
  };
  columns.showRegisters((registers) => (span.registers = registers));
  return span;
}
