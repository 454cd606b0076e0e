import { expect, test } from 'vitest';
import { linuxWatermarks } from './index.ts';

test('a machine of one 4 GiB node, worked by hand', () => {
  // 1,048,576 pages = 4,194,304 KiB; isqrt(16 * 4,194,304) = isqrt(67,108,864) = 8192 KiB = 2048 pages.
  // step = max(2048 / 4, 1,048,576 * 10 / 10,000) = max(512, 1048) = 1048.
  expect(linuxWatermarks([1_048_576], 4096)).toEqual([
    { minPages: 2048, lowPages: 3096, highPages: 4144, promoPages: 5192 },
  ]);
});

test('min is shared out by size, and clamped', () => {
  // 1024 pages = 4096 KiB: isqrt(65,536) = 256 KiB = 64 pages, a quarter of them for the smaller node.
  expect(linuxWatermarks([256, 768], 4096).map((marks) => marks.minPages)).toEqual([16, 48]);
  // 4 pages: isqrt(256) = 16 KiB, clamped to 128 KiB = 32 pages.
  expect(linuxWatermarks([4], 4096)[0].minPages).toBe(32);
});

test('min_free_kbytes ends at 256 MiB, which the nodes share by size', () => {
  // 8 TiB: isqrt(16 * 2^33 KiB) = 370,727 KiB is above 262,144 KiB, which are 65,536 pages.
  const marks = linuxWatermarks([2 ** 30, 2 ** 29, 2 ** 29], 4096);
  expect(marks.map(({ minPages }) => minPages)).toEqual([32_768, 16_384, 16_384]);
});
