import { describe, expect, it } from 'vitest';

import { generateTrace, generators } from './generate.ts';
import { randomStream } from '@tierlab/core';
import { zipfRanks } from './zipf-ranks.ts';

const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b);

interface Generated {
  /** Page numbers in order. */
  readonly pages: number[];
  readonly writes: number[];
}

async function generated(spec: string): Promise<Generated> {
  const numbers: number[] = [];
  const pages: number[] = [];
  const writes: number[] = [];
  for await (const block of generateTrace(spec).blocks()) {
    expect(block.newPageFirst).toBe(numbers.length);
    numbers.push(...block.newPageNumber);
    for (let i = 0; i < block.length; i++) {
      pages.push(numbers[block.page[i]]);
      writes.push(block.write[i]);
    }
  }
  return { pages, writes };
}

const countsOf = (pages: readonly number[]): number[] => {
  const counts = new Map<number, number>();
  for (const page of pages) counts.set(page, (counts.get(page) ?? 0) + 1);
  return [...counts.values()].sort((a, b) => b - a);
};

const share = (pages: readonly number[], among: ReadonlySet<number>): number =>
  pages.filter((page) => among.has(page)).length / pages.length;

/** The `count` most frequent pages. */
const hottest = (pages: readonly number[], count: number): ReadonlySet<number> => {
  const counts = new Map<number, number>();
  for (const page of pages) counts.set(page, (counts.get(page) ?? 0) + 1);
  return new Set(
    [...counts]
      .sort((a, b) => b[1] - a[1])
      .slice(0, count)
      .map(([page]) => page),
  );
};

/** How many of the 200 hottest pages of the first half are so in the second. */
async function overlap(spec: string): Promise<number> {
  const { pages } = await generated(`${spec}pages=2000,hot=10%,share=90%,accesses=200k`);
  const halves = [pages.slice(0, 100_000), pages.slice(100_000)] as const;
  expect(share(halves[0], hottest(halves[0], 200))).toBeCloseTo(0.9, 1);
  const later = hottest(halves[1], 200);
  return [...hottest(halves[0], 200)].filter((page) => later.has(page)).length;
}

describe('every generator', () => {
  it.each(generators.map(({ name }) => name))(
    '%s is exact in its count and repeats by its seed',
    async (name) => {
      const first = await generated(`${name}:accesses=70k,seed=5`);
      expect(first.pages.length).toBe(70_000);
      expect(await generated(`${name}:accesses=70k,seed=5`)).toEqual(first);
      const isRandom = !['sequential', 'cyclic'].includes(name);
      const other = await generated(`${name}:accesses=70k,seed=6`);
      expect(other.pages.join() !== first.pages.join()).toBe(isRandom);
    },
  );
});

/** The times of its accesses. */
async function timesOf(spec: string): Promise<number[]> {
  const times: number[] = [];
  for await (const { time, length } of generateTrace(spec).blocks())
    times.push(...(time?.subarray(0, length) ?? []));
  return times;
}

describe('what every generator takes', () => {
  it('spreads its accesses over each millisecond, and is the same trace', async () => {
    expect(await timesOf('uniform:accesses=7,per-ms=3')).toEqual([
      0, 333_333, 666_666, 1_000_000, 1_333_333, 1_666_666, 2_000_000,
    ]);
    expect(await generated('zipf:accesses=70k,per-ms=300')).toEqual(
      await generated('zipf:accesses=70k'),
    );
  });

  it('keeps its clock over blocks', async () => {
    const times = await timesOf('uniform:accesses=200k,per-ms=1000');
    expect(times.every((time, i) => time === i * 1000)).toBe(true);
  });

  it('makes each draw stand for several accesses', async () => {
    for await (const { weight, length } of generateTrace('uniform:accesses=70k,weight=16').blocks())
      expect(weight?.subarray(0, length).every((count) => count === 16)).toBe(true);
  });

  it('loads its pages first', async () => {
    const drawn = await generated('zipf:pages=70k,accesses=1000,seed=3');
    const { pages, writes } = await generated('zipf:pages=70k,accesses=71k,seed=3,load=yes');
    expect(pages.slice(0, 70_000)).toEqual([...Array(70_000).keys()]);
    expect(sum(writes.slice(0, 70_000))).toBe(70_000);
    expect(pages.slice(70_000)).toEqual(drawn.pages);
    expect(writes.slice(70_000)).toEqual(drawn.writes);
  });

  it('says what its accesses are', () => {
    expect(generateTrace('uniform:per-ms=1,level=cpu').declaration).toMatchObject({
      clock: 'nanoseconds',
      clockHz: 1e9,
      level: 'cpu',
    });
    expect(generateTrace('uniform:').declaration).toMatchObject({
      clock: 'accesses',
      level: 'memory',
    });
    expect(() => generateTrace('uniform:level=l2')).toThrow('expected cpu or memory, got "l2"');
  });
});

describe('zipf', () => {
  it('draws ranks by the law, to five standard deviations at every rank', () => {
    const [count, draws, theta] = [50, 500_000, 0.8];
    const random = randomStream(3);
    const draw = zipfRanks(count, theta);
    const seen = new Float64Array(count);
    for (let i = 0; i < draws; i++) seen[draw(random)]++;
    const weights = Array.from({ length: count }, (_, rank) => (rank + 1) ** -theta);
    const total = weights.reduce((a, b) => a + b);
    for (const [rank, weight] of weights.entries()) {
      const expected = (draws * weight) / total;
      expect(Math.abs(seen[rank] - expected)).toBeLessThan(5 * Math.sqrt(expected));
    }
  });

  it('inverts its distribution exactly', () => {
    // theta 1, 4 ranks: weights 12 6 4 3 of 25, so bounds at 12/25, 18/25, 22/25.
    const draw = zipfRanks(4, 1);
    const rankAt = (unit: number): number =>
      draw({ word: () => 0, below: () => 0, unit: () => unit });
    expect(
      [0, 0.479999, 0.480001, 0.719999, 0.720001, 0.879999, 0.880001, 0.999999].map(rankAt),
    ).toEqual([0, 0, 1, 1, 2, 2, 3, 3]);
  });

  it('has the skew of its theta over its pages', async () => {
    const { pages, writes } = await generated(
      'zipf:pages=1000,theta=0.99,accesses=300k,writes=10%',
    );
    const weights = Array.from({ length: 1000 }, (_, rank) => (rank + 1) ** -0.99);
    const expected = sum(weights.slice(0, 100)) / sum(weights);
    const found = sum(countsOf(pages).slice(0, 100)) / pages.length;
    expect(found).toBeCloseTo(expected, 2);
    expect(sum(writes) / writes.length).toBeCloseTo(0.1, 2);
  });
});

describe('hot sets', () => {
  it('stay, move and change as they say', async () => {
    expect(await overlap('hot:')).toBe(200);
    expect(await overlap('moving:period=100k,move=30%,')).toBe(140);
    expect(await overlap('phased:period=100k,')).toBe(0);
  });

  it('of gups are read, then written', async () => {
    const { pages, writes } = await generated('gups:pages=100,accesses=1000,period=10');
    for (let i = 0; i < 1000; i += 2)
      expect([pages[i], writes[i], writes[i + 1]]).toEqual([pages[i + 1], 0, 1]);
  });
});

describe('orders', () => {
  it('sequential, cyclic', async () => {
    expect((await generated('sequential:accesses=7,per-page=2')).pages).toEqual([
      0, 0, 1, 1, 2, 2, 3,
    ]);
    expect((await generated('cyclic:pages=3,accesses=9,per-page=1')).pages).toEqual([
      0, 1, 2, 0, 1, 2, 0, 1, 2,
    ]);
  });

  it('a chase visits every page once a round', async () => {
    const { pages } = await generated('chase:pages=50,share=0,accesses=100');
    expect(new Set(pages.slice(0, 50)).size).toBe(50);
    expect(pages.slice(50)).toEqual(pages.slice(0, 50));
  });
});

describe('YCSB', () => {
  it.each([
    ['ycsb-a', 0.5],
    ['ycsb-b', 0.05],
    ['ycsb-c', 0],
    ['ycsb-d', 0.05],
    // A scan reads 50.5 records on average: 0.05 inserts to 0.95 * 50.5 reads.
    ['ycsb-e', 0.05 / (0.05 + 0.95 * 50.5)],
    // A read-modify-write is two accesses: 0.5 writes in 1.5 accesses.
    ['ycsb-f', 1 / 3],
  ])('%s writes the share of its mix', async (name, expected) => {
    const { writes } = await generated(`${name}:accesses=200k,pages=5000`);
    expect(writes.reduce((a, b) => a + b) / writes.length).toBeCloseTo(
      expected,
      expected < 0.01 ? 3 : 2,
    );
  });

  it('d reads what was inserted last', async () => {
    const { pages } = await generated('ycsb-d:accesses=200k,pages=1000,record=1000');
    // 200k * 5 % inserts of 4 a page: the newest page moves on from 1000 to 3500.
    expect(Math.max(...pages.slice(0, 1000))).toBeLessThan(1030);
    expect(Math.max(...pages.slice(-1000))).toBeGreaterThan(3400);
  });
});

describe('a spec', () => {
  it.each([
    ['zipf:pages=1Mi,theta=x', 'theta'],
    ['zipf:pages=0', 'pages'],
    ['zipf:pages=1.5', 'pages'],
    ['zipf:pages=1,pages=2', 'twice'],
    ['zipf:page=1', 'no parameter "page"'],
    ['zipf:pages', 'expected pages=VALUE'],
    ['hot:share=120%', 'share'],
    ['sequential:accesses=1T', 'accesses'],
    ['sequential:accesses=1e12,per-page=1', 'accesses'],
    ['sequential:accesses=1000G,per-page=1', '2^28'],
    ['zipff:', 'no generator "zipff"; one of uniform, zipf'],
  ])('%j is refused by name', (spec, message) => {
    expect(() => generateTrace(spec)).toThrow(message);
    expect(() => generateTrace(spec)).toThrow(
      expect.objectContaining({ code: 'TRACE_BAD_GENERATOR' }),
    );
  });

  it('takes units', async () => {
    const { pages } = await generated('cyclic:pages=1Ki,accesses=2k,per-page=1');
    expect([pages.length, new Set(pages).size]).toEqual([2000, 1024]);
  });
});
