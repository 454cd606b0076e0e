import type { MigrationPolicy, Signal } from '@tierlab/policy';
import type { AccessBlock, AccessTrace } from '@tierlab/trace';
import { BLOCK_ACCESSES } from '@tierlab/trace';
import type { Foresight, TraceColumns } from './run-setup.ts';

/** The signals that take a pass over the trace before the run. */
export const FUTURE_SIGNALS: readonly Signal[] = [
  'runAccesses',
  'futureAccesses',
  'nextUse',
  'wholeTrace',
];

/**
 * Reads `trace` once to know its future, as far as the signals of `policy` ask; undefined where they
 * ask for nothing. What it returns gives the same future to each of any number of runs. Holds 4 bytes a page and epoch for `futureAccesses`, 4 bytes a page for
 * `runAccesses`, 8 bytes an access for `nextUse`, 5 to 11 bytes an access for `wholeTrace`.
 */
export async function lookAhead(
  trace: AccessTrace,
  policy: MigrationPolicy,
  epochAccesses: number,
): Promise<(() => Foresight) | undefined> {
  const { signals } = policy;
  const wantsRun = signals.includes('runAccesses');
  const wantsEpochs = signals.includes('futureAccesses');
  const wantsUses = signals.includes('nextUse');
  const wantsAll = signals.includes('wholeTrace');
  if (!wantsRun && !wantsEpochs && !wantsUses && !wantsAll) return undefined;
  const run = createCounts();
  const epochs: Uint32Array[] = [];
  const uses = createNextUses();
  let current = createCounts();
  let inEpoch = 0;
  const columns = createColumns();
  for await (const block of trace.blocks()) {
    const { page, weight, length } = block;
    if (wantsAll) columns.add(block);
    if (!wantsRun && !wantsEpochs && !wantsUses) continue;
    for (let i = 0; i < length; i++) {
      const stands = weight?.[i] ?? 1;
      if (wantsRun) run.add(page[i], stands);
      if (wantsUses) uses.add(page[i]);
      if (!wantsEpochs) continue;
      current.add(page[i], stands);
      if (++inEpoch < epochAccesses) continue;
      epochs.push(current.column());
      current = createCounts();
      inEpoch = 0;
    }
  }
  if (wantsEpochs) epochs.push(current.column());
  const none = new Uint32Array(0);
  const runAccesses = run.column();
  return () => {
    let next = 0;
    return {
      ...(wantsRun && { runAccesses }),
      ...(wantsEpochs && { nextEpoch: () => epochs[next++] ?? none }),
      ...(wantsUses && { nextUse: (start: number, length: number) => uses.slice(start, length) }),
      ...(wantsAll && { wholeTrace: columns.all() }),
    };
  };
}

interface Counts {
  add(page: number, amount: number): void;
  column(): Uint32Array;
}

function createCounts(): Counts {
  let counts: Uint32Array = new Uint32Array(1024);
  let used = 0;
  return {
    add(page, amount) {
      if (page >= counts.length) counts = grownTo(counts, page + 1);
      if (page >= used) used = page + 1;
      counts[page] += amount;
    },
    column: () => counts.slice(0, used),
  };
}

interface NextUses {
  add(page: number): void;
  slice(start: number, length: number): Float64Array;
}

/** Each access writes its index to the access before it to the same page. */
function createNextUses(): NextUses {
  const none = 0xffff_ffff;
  let lastUse: Uint32Array = new Uint32Array(1024).fill(none);
  let next: Uint32Array = new Uint32Array(65_536).fill(none);
  let count = 0;
  return {
    add(page) {
      if (page >= lastUse.length) {
        const from = lastUse.length;
        lastUse = grownTo(lastUse, page + 1).fill(none, from);
      }
      if (count === next.length) next = grownTo(next, count + 1).fill(none, count);
      if (lastUse[page] !== none) next[lastUse[page]] = count;
      lastUse[page] = count++;
    },
    slice: (start, length) =>
      Float64Array.from(next.subarray(start, start + length), (index) =>
        index === none ? Infinity : index,
      ),
  };
}

interface GrowingColumns {
  add(block: AccessBlock): void;
  all(): TraceColumns;
}

/** The columns of all blocks, one after the other. */
function createColumns(): GrowingColumns {
  let page = new Uint32Array(BLOCK_ACCESSES);
  let write = new Uint8Array(BLOCK_ACCESSES);
  let thread: Uint16Array | undefined;
  let weight: Uint32Array | undefined;
  let length = 0;
  return {
    add(block) {
      const end = length + block.length;
      if (end > page.length) {
        page = grownTo(page, end);
        write = grownTo(write, end);
        thread &&= grownTo(thread, end);
        weight &&= grownTo(weight, end);
      }
      page.set(block.page.subarray(0, block.length), length);
      write.set(block.write.subarray(0, block.length), length);
      if (block.thread !== undefined) {
        thread ??= new Uint16Array(page.length);
        thread.set(block.thread.subarray(0, block.length), length);
      }
      if (block.weight !== undefined) {
        weight ??= new Uint32Array(page.length).fill(1, 0, length);
        weight.set(block.weight.subarray(0, block.length), length);
      } else weight?.fill(1, length, end);
      length = end;
    },
    all: () => ({ length, page, write, ...(thread && { thread }), ...(weight && { weight }) }),
  };
}

function grownTo<T extends Uint8Array | Uint16Array | Uint32Array>(column: T, length: number): T {
  const next = new (column.constructor as new (size: number) => T)(
    Math.max(length, column.length * 2),
  );
  next.set(column);
  return next;
}
