import { cacheHits } from '@tierlab/testkit';
import { expect, test } from 'vitest';
import { migrationPolicies } from '../registry.ts';

// Two frames, and the accesses a b a c b a. What is in the cache after each access, and the hits:
//
//              a    b    a    c      b      a
// lru          a    ba   ab   ca     bc     ab    1: c takes b's frame, b takes a's
// fifo         a    ab   ab   bc     bc     ca    2: a came first and leaves for c, so b stays
// clock        a    ab   Ab   ac     cb     ba    1: the hand clears a's bit and takes b, then a
// sieve        a    ab   Ab   ac     cb     ba    1: the same, and the hand goes on from where it was
// lfu          a1   b1   a2   c1a2   b1a2   b1a3  2: a has been accessed most and stays
// two-q        a    ab   ab   bc     bc     Ac    2: a is a ghost when it comes back: into the main list
// arc          a    ab   Ab   Ac     Bc     AB    1: b, a ghost of recency, takes a's frame, and a c's
// s3-fifo      a    ab   ab   bc     bc     Ac    2: a, hit once only, leaves the small queue as a ghost
// w-tinylfu    a    ab   ab   ac     ab     ab    2: b and c have been seen less often than a and pass by
// belady       a    ab   ab   ab     ab     ab    3: c is never accessed again and is not let in
const hits: readonly (readonly [string, number])[] = [
  ['lru', 1],
  ['fifo', 2],
  ['clock', 1],
  ['sieve', 1],
  ['lfu', 2],
  ['two-q', 2],
  ['arc', 1],
  ['s3-fifo', 2],
  ['w-tinylfu', 2],
  ['belady-exclusive', 3],
];

test.each(hits)('%s hits a trace worked by hand %i times', async (name, expected) => {
  const pages = Array.from('abacba', (letter) => letter.charCodeAt(0));
  expect(await cacheHits(migrationPolicies.get(name)!, pages, 2)).toBe(expected);
});
