import type { StackDistances } from './stack-distances.ts';

/**
 * Stack distances by a binary indexed tree over the accesses: what the kernel must agree with. Holds
 * 4 bytes an access.
 *
 * Source: Bennett, Kruskal, "LRU Stack Processing", IBM Journal of Research and Development 19 (4), 1975.
 */
export function createPlainStackDistances(accessCount: number): StackDistances {
  const tree = new Int32Array(accessCount + 1);
  const lastOf = new Map<number, number>();
  const histogram: number[] = [];
  let now = 0;
  const add = (position: number, change: number): void => {
    for (let at = position + 1; at <= accessCount; at += at & -at) tree[at] += change;
  };
  const upTo = (position: number): number => {
    let sum = 0;
    for (let at = position + 1; at > 0; at -= at & -at) sum += tree[at];
    return sum;
  };
  return {
    add(page, length) {
      for (let i = 0; i < length; i++, now++) {
        const last = lastOf.get(page[i]);
        if (last !== undefined) {
          const distance = lastOf.size - upTo(last);
          histogram[distance] = (histogram[distance] ?? 0) + 1;
          add(last, -1);
        }
        add(now, 1);
        lastOf.set(page[i], now);
      }
    },
    histogram: () => Float64Array.from({ length: lastOf.size }, (_, d) => histogram[d] ?? 0),
  };
}
