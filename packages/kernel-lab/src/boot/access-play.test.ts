import { expect, test } from 'vitest';

import type { AccessBlock } from '@tierlab/trace';

import { encodePlay } from './access-play.ts';

/** `0R 1W`: page 0 is read, page 1 written; one block a string. */
async function* trace(...blocks: readonly string[]): AsyncIterable<AccessBlock> {
  for (const block of blocks) {
    const words = block.split(' ').filter((word) => word !== '');
    yield {
      length: words.length,
      page: Uint32Array.from(words, (word) => Number.parseInt(word, 10)),
      write: Uint8Array.from(words, (word) => (word.endsWith('W') ? 1 : 0)),
      newPageFirst: 0,
      newPageNumber: new Float64Array(0),
    };
  }
}

const words = (bytes: Uint8Array): number[] => [...new Uint32Array(bytes.buffer)];

test('milliseconds are filled across blocks, the last one holds what is left, a first touch writes', async () => {
  const play = await encodePlay(trace('0R 1W', '1R', '2W 0R'), { accessesPerMs: 2 });
  // pages, milliseconds, most accesses of one | 0W 1W | 1R 2W | 0R
  expect(words(play.bytes)).toEqual([3, 3, 2, 2, 1, 3, 2, 2, 5, 1, 0]);
  expect(play).toMatchObject({ pageCount: 3, milliseconds: 3, accessCount: 5 });
});

test('a trace that ends with a full millisecond has no empty one after it', async () => {
  const play = await encodePlay(trace('0R 1W'), { accessesPerMs: 2 });
  expect(words(play.bytes)).toEqual([2, 1, 2, 2, 1, 3]);
});

test('more accesses than one buffer holds are all there', async () => {
  const many = trace(...Array.from({ length: 70 }, () => '5W '.repeat(1000)));
  const play = await encodePlay(many, { accessesPerMs: 300 });
  const played = words(play.bytes).slice(3);
  const counts = played.filter((_, i) => i % 301 === 0);
  expect(counts.reduce((sum, count) => sum + count, 0)).toBe(70_000);
  expect(played.length).toBe(70_000 + counts.length);
});

test('no accesses and no pace are bad input', async () => {
  await expect(encodePlay(trace(), { accessesPerMs: 2 })).rejects.toThrow(/got none/);
  await expect(encodePlay(trace('0R'), { accessesPerMs: 0.5 })).rejects.toThrow(/got 0.5/);
});
