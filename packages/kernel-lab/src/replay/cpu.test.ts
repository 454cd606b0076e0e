import { describe, expect, test } from 'vitest';
import { endOfTimeout, TICK_NS } from './cpu.ts';

const MS = 1e6;

describe('a sleep that is counted in ticks', () => {
  // A trace of Linux 6.12 in the lab: kswapd dozes for a tenth of a second from 6.024784 s; the tick before was at 6.023209,
  // and it is awake again at the tick of 6.127209.
  test('ends at the tick after its last one', () => {
    const tick = 1500 * TICK_NS;
    const now = tick + 1.575 * MS;
    expect(endOfTimeout(now, 100 * MS)).toBe(tick + 26 * TICK_NS + 1);
  });

  test('ends at a coarser tick the longer it is', () => {
    expect(endOfTimeout(0, 62 * TICK_NS)).toBe(63 * TICK_NS + 1);
    expect(endOfTimeout(0, 63 * TICK_NS)).toBe(64 * TICK_NS + 1);
    expect(endOfTimeout(0, 64 * TICK_NS)).toBe(72 * TICK_NS + 1);
    expect(endOfTimeout(0, 504 * TICK_NS)).toBe(512 * TICK_NS + 1);
    expect(endOfTimeout(0, 512 * TICK_NS)).toBe(576 * TICK_NS + 1);
  });
});
