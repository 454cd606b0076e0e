import { expect, test } from 'vitest';

import { shortCount, startProgress } from './progress.ts';

function recorded(isTTY: boolean, updates: readonly [atMs: number, done: number][]): string {
  let out = '';
  let nowMs = 0;
  const stream = { isTTY, write: (text: string) => (out += text) };
  const progress = startProgress(stream, 'replay', 'accesses', () => nowMs);
  for (const [atMs, done] of updates) {
    nowMs = atMs;
    progress.update(done, 1000);
  }
  progress.finish();
  return out;
}

test('a terminal is redrawn at most ten times a second and left clean', () => {
  const clear = '\r\u001B[K';
  expect(
    recorded(true, [
      [50, 1],
      [1000, 100],
      [1050, 105],
    ]),
  ).toBe(`${clear}replay: 100 accesses, 10 %, 9 s left${clear}`);
});

test('a pipe gets a plain line every ten seconds', () => {
  expect(
    recorded(false, [
      [5000, 100],
      [10_000, 200],
    ]),
  ).toBe('replay: 200 accesses, 20 %, 40 s left\n');
});

test('counts keep three figures', () => {
  expect([950, 9999, 12_345, 4_561_234, 1_200_000_000].map(shortCount)).toEqual([
    '950',
    '9999',
    '12.3 k',
    '4.56 M',
    '1.20 G',
  ]);
});
