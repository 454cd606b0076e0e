import type { MigrationPolicy } from '@tierlab/policy';
import type { AccessTrace } from '@tierlab/trace';
import type { Foresight } from './run.ts';

/**
 * Reads `trace` once to know its future, as far as the signals of `policy` ask; undefined where they
 * ask for nothing. Holds 4 bytes a page and epoch for `futureAccesses`, 4 bytes a page for
 * `runAccesses`, 8 bytes an access for `nextUse`.
 */
export async function lookAhead(
  trace: AccessTrace,
  policy: MigrationPolicy,
  epochAccesses: number,
): Promise<Foresight | undefined> {
  const { signals } = policy;
  const wantsRun = signals.includes('runAccesses');
  const wantsEpochs = signals.includes('futureAccesses');
  const wantsUses = signals.includes('nextUse');
  if (!wantsRun && !wantsEpochs && !wantsUses) return undefined;
  const run = createCounts();
  const epochs: Uint32Array[] = [];
  const uses = createNextUses();
  let current = createCounts();
  let inEpoch = 0;
  for await (const { page, weight, length } of trace.blocks()) {
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
  let next = 0;
  return {
    ...(wantsRun && { runAccesses: run.column() }),
    ...(wantsEpochs && { nextEpoch: () => epochs[next++] ?? none }),
    ...(wantsUses && { nextUse: (start: number, length: number) => uses.slice(start, length) }),
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

function grownTo(column: Uint32Array, length: number): Uint32Array {
  const next = new Uint32Array(Math.max(length, column.length * 2));
  next.set(column);
  return next;
}
