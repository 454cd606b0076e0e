import { assert, describe, expect, it } from 'vitest';

import type { AccessBlock, AccessTrace, SourceDeclaration } from '../block.ts';
import { generateTrace } from '../generators/generate.ts';
import { randomStream } from '@tierlab/core';
import { filterTrace } from './cache-filter.ts';
import { type CacheLevel, defaultLevels } from './hierarchy.ts';
import { mergeThreads, mergeTraces, PROCESS_STRIDE } from './merge.ts';
import { rebaseTrace } from './rebase.ts';
import { cutTrace, sampleTrace, windowTrace } from './select.ts';

const declaration: SourceDeclaration = {
  format: 'test',
  level: 'cpu',
  addressSpace: 'virtual',
  clock: 'instructions',
  pageShift: 12,
  threads: false,
  writes: true,
};

/** An access of a hand-written trace. */
interface Access {
  readonly page: number;
  readonly line?: number;
  readonly write?: number;
  readonly time?: number;
}

/** A trace of `accesses` by page number, in blocks of `blockLength`. */
function traceOf(accesses: readonly Access[], blockLength = 1000): AccessTrace {
  return {
    declaration,
    async *blocks() {
      const ids = new Map<number, number>();
      for (let from = 0; from < accesses.length; from += blockLength) {
        const part = accesses.slice(from, from + blockLength);
        const newPageFirst = ids.size;
        for (const { page } of part) if (!ids.has(page)) ids.set(page, ids.size);
        yield {
          length: part.length,
          page: Uint32Array.from(part, ({ page }) => ids.get(page)!),
          write: Uint8Array.from(part, ({ write }) => write ?? 0),
          line: Uint8Array.from(part, ({ line }) => line ?? 0),
          time: Float64Array.from(part, ({ time }, i) => time ?? from + i),
          newPageFirst,
          newPageNumber: Float64Array.from([...ids.keys()].slice(newPageFirst)),
        };
      }
    },
  };
}

/** e.g. `R5:3@7`: a read of line 3 of page number 5 at time 7, `*2` with weight 2, `#1` in thread 1. */
async function show(trace: AccessTrace): Promise<{ accesses: string[]; touches: string[] }> {
  const numbers: number[] = [];
  const accesses: string[] = [];
  const touches: string[] = [];
  for await (const block of trace.blocks()) {
    assert.equal(block.newPageFirst, numbers.length);
    numbers.push(...block.newPageNumber);
    for (let i = 0; i < block.length; i++) accesses.push(showAccess(block, i, numbers));
    for (const { startTime, endTime, page } of block.touches ?? [])
      touches.push(
        `${startTime}-${endTime}: ${[...page]
          .map((id) => numbers[id])
          .sort((a, b) => a - b)
          .join(' ')}`,
      );
  }
  return { accesses, touches };
}

/** Accesses by page number and intervals of touches, in the order in which a replay sees them. */
async function shown(trace: AccessTrace): Promise<string[]> {
  const numbers: number[] = [];
  const events: string[] = [];
  for await (const block of trace.blocks()) {
    assert.equal(block.newPageFirst, numbers.length);
    numbers.push(...block.newPageNumber);
    const intervals = [...(block.touches ?? [])];
    for (let i = 0; i <= block.length; i++) {
      while (intervals[0] && (i === block.length || block.time![i] >= intervals[0].endTime)) {
        const { startTime, page } = intervals.shift()!;
        const pages = [...page].map((id) => numbers[id]).toSorted((a, b) => a - b);
        events.push(`touched from ${startTime}: ${pages.join(' ')}`);
      }
      if (i < block.length) events.push(showAccess(block, i, numbers));
    }
  }
  return events;
}

const showAccess = (block: AccessBlock, i: number, numbers: readonly number[]): string =>
  `${block.write[i] === 1 ? 'W' : 'R'}${numbers[block.page[i]]}` +
  (block.line ? `:${block.line[i]}` : '') +
  (block.time ? `@${block.time[i]}` : '') +
  (block.thread ? `#${block.thread[i]}` : '') +
  (block.weight ? `*${block.weight[i]}` : '');

/** The same hierarchy, written apart: each set a Map from address to dirty, oldest first. */
function naiveFilter(accesses: readonly Access[], levels: readonly CacheLevel[]): string[] {
  const found: string[] = [];
  const sets = levels.map(() => new Map<number, Map<number, boolean>>());
  let time = 0;
  const use = (level: number, address: number, isWrite: boolean, isWriteBack: boolean): void => {
    if (level === levels.length) {
      found.push(`${isWriteBack ? 'W' : 'R'}${Math.floor(address / 64)}:${address % 64}@${time}`);
      return;
    }
    const { sizeBytes, ways } = levels[level];
    const index = address % (sizeBytes / 64 / ways);
    const set = sets[level].get(index) ?? new Map<number, boolean>();
    sets[level].set(index, set);
    const wasDirty = set.get(address);
    set.delete(address);
    if (wasDirty === undefined && set.size === ways) {
      const [oldest, isDirty] = [...set][0];
      set.delete(oldest);
      if (isDirty) use(level + 1, oldest, true, true);
    }
    if (wasDirty === undefined && !isWriteBack) use(level + 1, address, false, false);
    set.set(address, isWrite || wasDirty === true);
  };
  for (const [i, { page, line = 0, write = 0 }] of accesses.entries()) {
    time = i;
    use(0, page * 64 + line, write === 1, false);
  }
  return found;
}

function randomAccesses(count: number, seed: number): Access[] {
  const random = randomStream(seed);
  return Array.from({ length: count }, () => ({
    page: 1e6 + Math.floor(random.unit() ** 3 * 400),
    line: random.below(64),
    write: random.below(3) === 0 ? 1 : 0,
  }));
}

describe('the cache filter', () => {
  it('writes back what is dirty, and reads what a store misses', async () => {
    // One set of two ways. a and b are stored, c evicts a: write-back of a, read of c; a again: b goes, a is read.
    const [a, b, c] = [1, 2, 3].map((page) => ({ page }));
    const trace = traceOf([{ ...a, write: 1 }, { ...b, write: 1 }, a, b, c, b, a]);
    const filtered = filterTrace(trace, {
      levels: [{ sizeBytes: 128, ways: 2 }],
      touchInterval: 0,
    });
    expect((await show(filtered)).accesses).toEqual([
      'R1:0@0',
      'R2:0@1',
      'W1:0@4',
      'R3:0@4',
      'R1:0@6',
    ]);
    expect(filtered.declaration.level).toBe('memory');
  });

  const KIB = 1024;
  it.each([
    [[{ sizeBytes: 4 * KIB, ways: 1 }]],
    [[{ sizeBytes: 64 * KIB, ways: 16 }]],
    [
      [
        { sizeBytes: 2 * KIB, ways: 2 },
        { sizeBytes: 64 * KIB, ways: 16 },
      ],
    ],
    [
      [
        { sizeBytes: 1 * KIB, ways: 8 },
        { sizeBytes: 8 * KIB, ways: 4 },
        { sizeBytes: 128 * KIB, ways: 16 },
      ],
    ],
  ])('agrees with a filter written apart, levels %j', async (levels) => {
    const accesses = randomAccesses(20_000, levels.length);
    const { accesses: found } = await show(
      filterTrace(traceOf(accesses), { levels, touchInterval: 0 }),
    );
    const expected = naiveFilter(accesses, levels);
    assert.isAbove(expected.filter((access) => access.startsWith('W')).length, 1000);
    assert.isBelow(expected.length, 2 * accesses.length);
    assert.equal(found.join(' '), expected.join(' '));
  });

  it('keeps the pages that every interval touched, hits too', async () => {
    const accesses = [5, 5, 6, 5, 5, 7, 5].map((page) => ({ page }));
    const filtered = filterTrace(traceOf(accesses, 2), {
      levels: [{ sizeBytes: 4096, ways: 8 }],
      touchInterval: 3,
    });
    expect(await show(filtered)).toEqual({
      accesses: ['R5:0@0', 'R6:0@2', 'R7:0@5'],
      touches: ['0-3: 5 6', '3-6: 5 7', '6-9: 5'],
    });
  });

  it('is sized by the footprint, 256 KiB at least', () => {
    expect(defaultLevels(1e6).at(-1)).toEqual({ sizeBytes: 256 * KIB, ways: 16 });
    expect(defaultLevels(100 * 2 ** 20).at(-1)).toEqual({ sizeBytes: 2 ** 21, ways: 16 });
  });

  it.each([
    [[{ sizeBytes: 3000, ways: 2 }], 'power of two'],
    [[], 'one to three'],
  ])('refuses levels %j', (levels, message) => {
    expect(() => filterTrace(traceOf([]), { levels, touchInterval: 0 })).toThrow(message);
  });

  it('refuses what is after a cache already', () => {
    const levels = defaultLevels(0);
    const memory = generateTrace('uniform:');
    expect(() => filterTrace(memory, { levels, touchInterval: 0 })).toThrow('do not filter it');
  });
});

describe('parts of a trace', () => {
  const numbered = traceOf(
    [9, 8, 9, 7, 8, 6].map((page, i) => ({ page, time: i * 10 })),
    4,
  );

  it('by number and by time, pages numbered anew', async () => {
    expect((await show(cutTrace(numbered, 2))).accesses).toEqual(['R9:0@0', 'R8:0@10']);
    expect((await show(windowTrace(numbered, { fromTime: 25, toTime: 50 }))).accesses).toEqual([
      'R7:0@30',
      'R8:0@40',
    ]);
    expect((await show(windowTrace(numbered, { fromAccess: 5 }))).accesses).toEqual(['R6:0@50']);
    expect(() => windowTrace(numbered, { fromTime: 5, toTime: 5 })).toThrow('not after');
  });

  it('windows side by side show every access and every touch once, in the order of the whole', async () => {
    const accesses = randomAccesses(60, 9);
    const filtered = filterTrace(traceOf(accesses, 7), {
      levels: [{ sizeBytes: 512, ways: 2 }],
      touchInterval: 5,
    });
    const whole = await shown(filtered);
    const length = whole.filter((event) => !event.startsWith('touched')).length;
    assert.isAbove(whole.length - length, 8);
    for (let cut = 1; cut < length; cut++) {
      const [before, after] = [{ toAccess: cut }, { fromAccess: cut }];
      const parts = [windowTrace(filtered, before), windowTrace(filtered, after)];
      expect((await Promise.all(parts.map(shown))).flat()).toEqual(whole);
    }
    for (let time = 1; time < 60; time++) {
      const parts = [{ toTime: time }, { fromTime: time }].map((part) =>
        windowTrace(filtered, part),
      );
      expect((await Promise.all(parts.map(shown))).flat()).toEqual(whole);
    }
  });

  it('sampled, with weights that add up to the whole', async () => {
    const sampled = sampleTrace(traceOf(randomAccesses(50_000, 4)), 10, 7);
    const { accesses } = await show(sampled);
    expect(accesses.every((access) => access.endsWith('*10'))).toBe(true);
    // 5 standard deviations of a binomial of 50,000 at 1/10.
    expect(Math.abs(accesses.length - 5000)).toBeLessThan(5 * Math.sqrt(4500));
    expect(sampled.declaration.samplePeriod).toBe(10);
  });

  it('in huge pages', async () => {
    const small = traceOf([0, 511, 512, 1, 1024, 513].map((page) => ({ page })));
    const { accesses } = await show(rebaseTrace(small));
    expect(accesses).toEqual(['R0@0', 'R0@1', 'R1@2', 'R0@3', 'R2@4', 'R1@5']);
    expect(() => rebaseTrace(small, 11)).toThrow('cannot become');
  });

  it('merged by their clocks, pages and threads apart', async () => {
    const one = traceOf(
      [
        { page: 5, time: 0 },
        { page: 5, time: 20 },
      ],
      1,
    );
    const two = traceOf([
      { page: 5, time: 0, write: 1 },
      { page: 6, time: 5 },
    ]);
    const { accesses } = await show(mergeTraces([{ trace: one }, { trace: two, startTime: 10 }]));
    const far = PROCESS_STRIDE + 5;
    expect(accesses).toEqual(['R5:0@0#0', `W${far}:0@10#1`, `R${far + 1}:0@15#1`, 'R5:0@20#0']);
    // Where one has weights, all have.
    const weighted = mergeTraces([{ trace: one }, { trace: sampleTrace(two, 1, 1) }]);
    expect((await show(weighted)).accesses[0]).toBe('R5:0@0#0*1');
    const other = { ...one, declaration: { ...declaration, clock: 'nanoseconds' as const } };
    expect(() => mergeTraces([{ trace: one }, { trace: other }])).toThrow('clock differs');
  });

  it('merged as threads of one process, whose pages are the same', async () => {
    // one: 5@0 5@20    two: W6@5 W5@10
    const one = traceOf(
      [0, 20].map((time) => ({ page: 5, time })),
      1,
    );
    const two = traceOf([
      { page: 6, time: 5, write: 1 },
      { page: 5, time: 10, write: 1 },
    ]);
    const merged = mergeThreads([one, two]);
    expect(merged.declaration.processes).toBeUndefined();
    const { accesses } = await show(merged);
    expect(accesses).toEqual(['R5:0@0#0', 'W6:0@5#1', 'W5:0@10#1', 'R5:0@20#0']);
  });
});
