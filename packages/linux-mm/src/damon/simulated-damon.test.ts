import type { MigrationContext } from '@tierlab/policy';
import { expect, test } from 'vitest';
import { migrateTo } from './simulated-damon.ts';

type Moves = Pick<MigrationContext['moves'], 'requestBatch' | 'lastRefusal'>;

/** Moves to a node with room for `room` pages; pages of `busy` are refused for another reason. */
function movesInto(room: number, busy: readonly number[] = []): Moves & { asked: number[][] } {
  const asked: number[][] = [];
  let free = room;
  const moves: Moves & { asked: number[][]; lastRefusal: Moves['lastRefusal'] } = {
    asked,
    lastRefusal: 'same_node',
    requestBatch(pages) {
      asked.push(Array.from(pages));
      let moved = 0;
      for (const page of asked.at(-1) ?? []) {
        if (busy.includes(page)) moves.lastRefusal = 'numa_isolate';
        else if (free === 0) moves.lastRefusal = 'dst_node_full';
        else {
          free--;
          moved++;
        }
      }
      return moved;
    },
  };
  return moves;
}

const ids = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

test('the highest address goes first, in batches of which each is one flush of the TLB', () => {
  const moves = movesInto(2000);
  expect(migrateTo(moves, ids(1200), 1)).toBe(1200);
  expect(moves.asked.map(({ length }) => length)).toEqual([512, 512, 176]);
  expect(moves.asked.flat()).toEqual(ids(1200).toReversed());
});

test('the first page without room ends it: of 1,200 with room for 600 the lowest 176 are not tried', () => {
  const moves = movesInto(600);
  expect(migrateTo(moves, ids(1200), 1)).toBe(600);
  expect(moves.asked.flat()).toHaveLength(1024);
});

test('a page that is being moved already does not', () => {
  const moves = movesInto(2000, [1100]);
  expect(migrateTo(moves, ids(1200), 1)).toBe(1199);
});

test('nothing found asks for nothing', () => {
  const moves = movesInto(1);
  expect(migrateTo(moves, [], 1)).toBe(0);
  expect(moves.asked).toEqual([]);
});
