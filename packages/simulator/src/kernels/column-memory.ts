import { SimulatorError } from '../errors.ts';
import { instantiateKernels } from '../kernels.generated.ts';
import type { Kernels } from '../kernels.generated.ts';
import { REGISTERS } from './span.ts';

/** What a column can consist of. */
export type ColumnView = Uint8Array | Uint16Array | Uint32Array | Int32Array | Float64Array;

/** How a column is made of bytes. */
export type ColumnType<T extends ColumnView> = {
  readonly BYTES_PER_ELEMENT: number;
  new (buffer: ArrayBuffer, at: number, length: number): T;
};

/** A column in a column memory. */
export interface Column {
  readonly length: number;
}

/**
 * Columns in one WebAssembly memory, where compiled loops and TypeScript both see them. Columns keep
 * their order and grow in place, by moving those behind them; every view is then made anew, and
 * the old ones are empty.
 */
export interface ColumnMemory {
  readonly kernels: Kernels;
  /** Brings the columns where compiled loops see them, if they are not there yet; see `createLazyColumns`. */
  ready(): void;
  /** A column of `length` zeros. `show` is told its view now, and again whenever it moved. */
  add<T extends ColumnView>(type: ColumnType<T>, length: number, show: (view: T) => void): Column;
  /** Makes these columns longer; what is new is 0. */
  lengthen(columns: readonly Column[], length: number): void;
  /** Numbers that compiled loops and TypeScript share; see `Span`. `show` as in {@link add}. */
  showRegisters(show: (registers: Float64Array) => void): void;
  /** Tells the compiled loops where columns are, from pointer `first` of `assembly/state.ts` on. */
  point(first: number, views: readonly (ColumnView | undefined)[]): void;
  /** Tells the compiled loops how many classes one initiator has. */
  setNodeClasses(count: number): void;
}

interface Place extends Column {
  readonly elementBytes: number;
  length: number;
  at: number;
  readonly show: () => void;
}

const WASM_PAGE_BYTES = 65_536;
const REGISTERS_OFFSET = 128;
const POINTERS = 32;
const NODE_CLASSES_POINTER = 14;
/** Columns start at multiples of this, and so much room is behind each. */
const ALIGNMENT = 64;
/** As much as an operating system gives memory out at least. */
const CHUNK_BYTES = 4096;

/** A column memory without columns. */
export function createColumnMemory(): ColumnMemory {
  const { kernels, memory } = instantiateKernels(1);
  const state = kernels.stateBase();
  const places: Place[] = [];
  let end = kernels.heapBase();
  let showRegisters: (() => void) | undefined;

  const reserve = (bytes: number): boolean => {
    const missing = Math.ceil((bytes - memory.buffer.byteLength) / WASM_PAGE_BYTES);
    if (missing <= 0) return false;
    try {
      memory.grow(missing);
    } catch {
      throw new SimulatorError(
        'SIM_TOO_MANY_PAGES',
        `the columns of a run take ${bytes} bytes: 2^32 is the most; use larger pages, or a window of the trace`,
      );
    }
    return true;
  };

  /** Where each column starts when `lengthOf` says how long they are, and where all end. */
  const layOut = (lengthOf: (place: Place) => number): number[] => {
    let at = kernels.heapBase();
    const starts = places.map((place) => {
      const start = aligned(at);
      at = start + lengthOf(place) * place.elementBytes + ALIGNMENT;
      return start;
    });
    return [...starts, at];
  };

  const lengthen = (columns: readonly Column[], length: number): void => {
    const lengthOf = (place: Place): number =>
      columns.includes(place) ? Math.max(place.length, length) : place.length;
    const starts = layOut(lengthOf);
    reserve(starts[places.length]);
    const bytes = new Uint8Array(memory.buffer);
    // Columns only move up: the last one first, into room that is free.
    for (let i = places.length - 1; i >= 0; i--) {
      const place = places[i];
      const held = place.length * place.elementBytes;
      if (starts[i] !== place.at) moveUp(kernels, bytes, place.at, starts[i], held);
      place.at = starts[i];
      place.length = lengthOf(place);
      // What was never used is 0 already.
      const stale = Math.min(place.at + place.length * place.elementBytes, end);
      clear(kernels, bytes, place.at + held, stale);
    }
    end = starts[places.length];
    showAll();
  };

  const showAll = (): void => {
    showRegisters?.();
    for (const place of places) place.show();
  };

  return {
    kernels,
    ready: () => {},
    add(type, length, show) {
      const place: Place = {
        elementBytes: type.BYTES_PER_ELEMENT,
        length,
        at: aligned(end),
        show: () => show(new type(memory.buffer, place.at, place.length)),
      };
      places.push(place);
      end = place.at + length * place.elementBytes + ALIGNMENT;
      if (reserve(end)) showAll();
      else place.show();
      return place;
    },
    lengthen,
    showRegisters(show) {
      showRegisters = () =>
        show(new Float64Array(memory.buffer, state + REGISTERS_OFFSET, REGISTERS));
      showRegisters();
    },
    point(first, views) {
      const pointers = new Uint32Array(memory.buffer, state, POINTERS);
      views.forEach((view, i) => {
        pointers[first + i] = view === undefined ? 0 : view.byteOffset;
      });
    },
    setNodeClasses(count) {
      new Uint32Array(memory.buffer, state, POINTERS)[NODE_CLASSES_POINTER] = count;
    },
  };
}

/** Moves `length` bytes to a higher place. What is 0 on either side is not written: it takes no memory until it is. */
function moveUp(
  kernels: Kernels,
  bytes: Uint8Array,
  from: number,
  to: number,
  length: number,
): void {
  for (let end = length; end > 0; end -= CHUNK_BYTES) {
    const start = Math.max(0, end - CHUNK_BYTES);
    if (isZero(kernels, from + start, from + end)) clear(kernels, bytes, to + start, to + end);
    else bytes.copyWithin(to + start, from + start, from + end);
  }
}

/** Makes bytes `from` to `to` 0, those that are not. */
function clear(kernels: Kernels, bytes: Uint8Array, from: number, to: number): void {
  for (let start = from; start < to; start += CHUNK_BYTES) {
    const end = Math.min(start + CHUNK_BYTES, to);
    if (!isZero(kernels, start, end)) bytes.fill(0, start, end);
  }
}

/** Whether bytes `from` to `to` are 0; up to three after them, which are behind the column, count. */
function isZero(kernels: Kernels, from: number, to: number): boolean {
  return kernels.largestPage(from, Math.ceil((to - from) / 4)) === 0;
}

function aligned(at: number): number {
  return Math.ceil(at / ALIGNMENT) * ALIGNMENT;
}
