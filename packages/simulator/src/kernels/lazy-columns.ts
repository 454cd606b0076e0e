import { assert } from '@tierlab/core';
import { createColumnMemory } from './column-memory.ts';
import type { Column, ColumnMemory, ColumnType, ColumnView } from './column-memory.ts';
import { REGISTERS } from './span.ts';

/** A column that lies on its own. */
interface LoneColumn extends Column {
  length: number;
  lengthen(length: number): void;
  /** Adds the column, with what it holds, to a memory. */
  enter(memory: ColumnMemory): Column;
}

/**
 * A column memory that is made when somebody first asks for its kernels: until then each column lies on its own, which
 * costs a run little that never needs a compiled loop. All columns move when it is made.
 */
export function createLazyColumns(): ColumnMemory {
  let memory: ColumnMemory | undefined;
  const lone: LoneColumn[] = [];
  /** Columns that lay on their own, in the memory. */
  const entered = new Map<Column, Column>();
  let registers = new Float64Array(REGISTERS);
  let showRegisters: ((registers: Float64Array) => void) | undefined;

  const make = (): ColumnMemory => {
    if (memory !== undefined) return memory;
    memory = createColumnMemory();
    const held = registers;
    memory.showRegisters((view) => {
      registers = view as Float64Array<ArrayBuffer>;
      showRegisters?.(view);
    });
    registers.set(held);
    for (const column of lone) entered.set(column, column.enter(memory));
    lone.length = 0;
    return memory;
  };

  return {
    get kernels() {
      return make().kernels;
    },
    ready: () => void make(),
    add(type, length, show) {
      if (memory !== undefined) return memory.add(type, length, show);
      const column = createLoneColumn(type, length, show);
      lone.push(column);
      return column;
    },
    lengthen(columns, length) {
      if (memory === undefined) {
        for (const column of columns) (column as LoneColumn).lengthen(length);
      } else {
        memory.lengthen(
          columns.map((column) => entered.get(column) ?? column),
          length,
        );
      }
    },
    showRegisters(show) {
      showRegisters = show;
      show(registers);
    },
    point(first, views) {
      assert(memory !== undefined, 'the columns are not where compiled loops see them');
      memory.point(first, views);
    },
    setNodeClasses: (count) => make().setNodeClasses(count),
  };
}

function createLoneColumn<T extends ColumnView>(
  type: ColumnType<T>,
  length: number,
  show: (view: T) => void,
): LoneColumn {
  const bytesOf = (count: number): ArrayBuffer => new ArrayBuffer(count * type.BYTES_PER_ELEMENT);
  let view = new type(bytesOf(length), 0, length);
  let moved: Column | undefined;
  show(view);
  return {
    get length() {
      return moved?.length ?? view.length;
    },
    lengthen(next) {
      if (next <= view.length) return;
      const old = view;
      view = new type(bytesOf(next), 0, next);
      copyUsed(old, view);
      show(view);
    },
    enter(memory) {
      const held = view;
      let latest = held;
      moved = memory.add(type, held.length, (next) => {
        latest = next;
        show(next);
      });
      copyUsed(held, latest);
      return moved;
    },
  };
}

/** Bytes that are looked at together. */
const CHUNK_BYTES = 4096;

/** Copies what a column holds to one of 0s. What is 0 is not written: it takes no memory until it is. */
function copyUsed(from: ColumnView, into: ColumnView): void {
  const bytes = new Uint8Array(from.buffer, from.byteOffset, from.byteLength);
  const copied = new Uint8Array(into.buffer, into.byteOffset, into.byteLength);
  for (let start = 0; start < bytes.length; start += CHUNK_BYTES) {
    const chunk = bytes.subarray(start, start + CHUNK_BYTES);
    if (isUsed(chunk)) copied.set(chunk, start);
  }
}

/** Looks at four bytes at a time, where they are aligned. */
function isUsed({ buffer, byteOffset, length }: Uint8Array): boolean {
  if (length % 4 !== 0) return true;
  const words = new Int32Array(buffer, byteOffset, length / 4);
  for (let i = 0; i < words.length; i++) if (words[i] !== 0) return true;
  return false;
}
